//! Proofs that a charter log forks: of each log the one that shows the shortest stem (DESIGN 5).

use std::collections::BTreeMap;

use ledger::{DeviceId, ForkProof, Journal, SignedHeader, SpaceId};
use store::{Batch, Group, Key, Store, StoreError, Table};

use crate::{limits::PROOFS_MAX, logs::damaged};

/// The proofs of a space, one for each log, and how many were found.
#[derive(Debug, Default)]
pub(crate) struct Proofs(BTreeMap<DeviceId, ForkProof>, u64);

impl Proofs {
    pub(crate) fn open(store: &impl Store, space: SpaceId) -> Result<Self, StoreError> {
        let mut proofs = Self::default();
        for (_, bytes) in store.all(Table::Forks, &group(space))? {
            let wrong = || damaged("the proof of a fork");
            let [one, other]: [SignedHeader; 2] = ledger::decode(&bytes).map_err(|_| wrong())?;
            let proof = ForkProof::open(one, other).map_err(|_| wrong())?;
            proofs.kept(proof);
        }
        Ok(proofs)
    }

    pub(crate) fn get(&self, device: &DeviceId) -> Option<&ForkProof> {
        self.0.get(device)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &ForkProof> {
        self.0.values()
    }

    /// How many were found, shorter ones of a log among them.
    pub(crate) fn found(&self) -> u64 {
        self.1
    }

    /// Whether a proof says something that is not known: it is of this charter, shows a shorter
    /// stem than any, and is not one more than are kept.
    pub(crate) fn is_news(&self, space: SpaceId, proof: &ForkProof) -> bool {
        let ours = |id| Journal::of(id, space) == Some(Journal::Charter);
        let known = self.get(&proof.device());
        let shorter = known.is_none_or(|known| proof.stem() < known.stem());
        let has_room = known.is_some() || self.0.len() < PROOFS_MAX;
        proof.journals().into_iter().all(ours) && shorter && has_room
    }

    /// A proof was written.
    pub(crate) fn kept(&mut self, proof: ForkProof) {
        self.0.insert(proof.device(), proof);
        self.1 += 1;
    }
}

/// To `batch`: what keeps a proof in the place of the one of its log.
pub(crate) fn keep(space: SpaceId, proof: &ForkProof, batch: &mut Batch) {
    let mut number = [0; 8];
    number.copy_from_slice(&proof.device().as_bytes()[..8]);
    let key = Key::new(Table::Forks, group(space), u64::from_be_bytes(number));
    batch.put(key, ledger::encode(proof.headers()));
}

fn group(space: SpaceId) -> Group {
    Group::of(&[space.as_bytes()])
}
