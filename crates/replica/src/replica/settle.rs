//! Settling a charter: what is taken of all that was heard, written before it counts; and what is
//! known of forks.

use charter::Settled;
use ledger::{DeviceId, Entry, EntryId, ForkProof, Journal};
use store::{Batch, Store, StoreError, WriteId};

use super::{Replica, read_charter};
use crate::{logs::damaged, proofs};

/// What settling a charter changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Changes {
    /// The write to wait for before saying so; none where nothing was written.
    pub write: Option<WriteId>,
    /// Entries that are taken from now on.
    pub taken: usize,
    /// The logs in which something was taken, with what is to be said of them: how long each is.
    pub lengths: Vec<(DeviceId, u64)>,
    /// Entries that this home let go of.
    pub gone: usize,
}

impl Replica {
    /// Whether something that is taken would be lost by what came, so that this home is to name it
    /// first, or let go of it: [`Replica::settle`].
    pub fn is_unsettled(&self) -> bool {
        self.charter.is_unsettled()
    }

    /// Whether a device's log is known to fork: it writes nothing more in that journal.
    pub fn is_forked(&self, journal: Journal, device: &DeviceId) -> bool {
        match journal {
            Journal::Charter => self.proofs.get(device).is_some(),
            Journal::Content => self.content.stem(*device).is_some(),
        }
    }

    /// Another entry at a place that is taken proves a fork, whoever shows it and whether or not it
    /// is taken itself.
    pub(super) fn learn_from(
        &mut self,
        store: &mut impl Store,
        entry: &Entry,
    ) -> Result<Option<WriteId>, StoreError> {
        let (device, seq) = (entry.device(), entry.seq());
        if self.charter.stem(&device) <= seq {
            return Ok(None);
        }
        let Some(other) = self.charter.taken_at(&device, seq).next() else { return Ok(None) };
        let other = self.entries.by_id(store, &other)?;
        match other.map(|other| ForkProof::of(&other, entry)) {
            Some(Ok(proof)) => self.write_proof(store, proof),
            _ => Ok(None),
        }
    }

    /// Learns from two signed headers that a log forks, or at a lower place than was known: only
    /// of a log of which something is here. The write that keeps it, if it is news.
    pub fn learn(
        &mut self,
        store: &mut impl Store,
        proof: ForkProof,
    ) -> Result<Option<WriteId>, StoreError> {
        let is_here = self.charter.frontier().log(&proof.device()).is_some();
        let write = if is_here { self.write_proof(store, proof)? } else { None };
        if write.is_some() {
            self.settle(store, false)?;
        }
        Ok(write)
    }

    fn write_proof(
        &mut self,
        store: &mut impl Store,
        proof: ForkProof,
    ) -> Result<Option<WriteId>, StoreError> {
        if !self.proofs.is_news(self.space, &proof) {
            return Ok(None);
        }
        let mut batch = Batch::default();
        proofs::keep(self.space, &proof, &mut batch);
        let write = store.write(batch)?;
        self.written = self.written.max(Some(write));
        self.charter.learn_stem(proof.device(), proof.stem());
        self.proofs.kept(proof);
        Ok(Some(write))
    }

    /// Takes what can be taken of what was heard. What would be lost by that blocks it, unless this
    /// home lets go: it is not in, or its own log forks, so that it cannot name what it had.
    pub fn settle(&mut self, store: &mut impl Store, lets_go: bool) -> Result<Changes, StoreError> {
        self.settle_with(store, lets_go, Batch::default())
    }

    pub(super) fn settle_with(
        &mut self,
        store: &mut impl Store,
        lets_go: bool,
        extra: Batch,
    ) -> Result<Changes, StoreError> {
        let settled = self.charter.settle(lets_go);
        let mut batch = extra;
        let (left, went) = match settled.gone.is_empty() {
            true => (None, Vec::new()),
            false => {
                let (left, went) = self.entries.without(store, &settled.gone, &mut batch)?;
                (Some(left), went)
            }
        };
        let taken = self.entries_of(store, &settled.taken)?;
        let behind = left.as_ref().unwrap_or(&self.entries);
        taken.iter().enumerate().for_each(|(n, entry)| behind.put(entry, self.now, n, &mut batch));
        let let_in: Vec<_> =
            settled.taken.iter().filter(|id| self.guests.get(id).is_some()).copied().collect();
        let gone = let_in.iter().filter_map(|knock| self.guests.get(knock));
        gone.for_each(|guest| guest.forget(self.space, &mut batch));
        let proofs = self.proofs_of(store, &settled)?;
        proofs.iter().for_each(|proof| proofs::keep(self.space, proof, &mut batch));
        let write = if batch.is_empty() { None } else { Some(store.write(batch)?) };
        self.written = self.written.max(write);
        // From here on nothing fails.
        self.charter.commit(&settled);
        if let Some(left) = left {
            self.entries = left;
            self.let_go += 1;
        }
        for entry in &taken {
            self.entries.wrote(entry);
            self.heard.remove(&entry.id);
        }
        let cards = let_in.iter().filter_map(|knock| self.guests.remove(knock)?.card);
        let left = cards.filter(|card| !self.charter.has_entry(&card.id)).collect::<Vec<_>>();
        went.into_iter().chain(left).for_each(|entry| self.heard.add(entry));
        proofs.into_iter().for_each(|proof| self.proofs.kept(proof));
        self.charter_changed();
        let devices: std::collections::BTreeSet<_> = taken.iter().map(Entry::device).collect();
        let frontier = self.charter.frontier();
        let lengths = devices.iter().map(|device| (*device, frontier.length(device))).collect();
        let gone = settled.gone.len();
        Ok(Changes { write, taken: taken.len(), lengths, gone })
    }

    /// Takes again by itself what a log has that was held back, and what is to come of it.
    pub fn let_on(
        &mut self,
        store: &mut impl Store,
        device: DeviceId,
    ) -> Result<Changes, StoreError> {
        self.charter.hold_back(device, None);
        self.settle(store, false)
    }

    /// What the charter says may be something else.
    pub(super) fn charter_changed(&mut self) {
        self.roll = self.charter.now(&self.held);
        self.guests.need(self.charter.vouches_needed());
    }

    /// Entries that were heard, guests' among them.
    fn entries_of(&self, store: &impl Store, ids: &[EntryId]) -> Result<Vec<Entry>, StoreError> {
        let found = ids.iter().map(|id| {
            let heard = self.heard.get(id).cloned();
            let guest = || {
                let guest = self.guests.of_entry(id)?;
                [Some(&guest.knock), guest.card.as_ref()]
                    .into_iter()
                    .flatten()
                    .find(|e| e.id == *id)
            };
            match heard.or_else(|| guest().cloned()) {
                Some(entry) => Ok(Some(entry)),
                None => self.entries.by_id(store, id),
            }
        });
        // What is taken without being here could not be read again.
        let found = found.map(|one| one?.ok_or_else(|| damaged("a charter entry that was heard")));
        found.collect()
    }

    /// What proves the forks that settling found, if they are news.
    fn proofs_of(&self, store: &impl Store, found: &Settled) -> Result<Vec<ForkProof>, StoreError> {
        let mut proofs = Vec::new();
        for pair in &found.forks {
            if let [one, other] = self.entries_of(store, pair)?.as_slice() {
                proofs.extend(ForkProof::of(one, other));
            }
        }
        proofs.retain(|proof| self.proofs.is_news(self.space, proof));
        Ok(proofs)
    }

    /// Forgets what was heard of the largest log, where that is more than is kept.
    pub(super) fn forget_flood(&mut self, store: &impl Store) -> Result<(), StoreError> {
        if self.heard.is_full() {
            let left = self.heard.without_the_largest();
            self.read_again(store, left)?;
        }
        Ok(())
    }

    /// Forgets all that was heard and is not taken, but for these.
    pub(super) fn read_again(
        &mut self,
        store: &impl Store,
        heard: Vec<Entry>,
    ) -> Result<(), StoreError> {
        let read = read_charter(store, self.space, &self.proofs);
        if read.is_err() {
            // What the charter knows must be found here.
            heard.iter().cloned().for_each(|entry| self.heard.add(entry));
        }
        let held_back = self.charter.held_back().clone();
        (self.charter, self.entries, self.guests) = read?;
        held_back.into_iter().for_each(|(log, n)| self.charter.hold_back(log, Some(n)));
        self.heard = Default::default();
        self.charter_changed();
        // In what order they come after each other is not known: as long as one more is heard.
        let mut left = heard;
        loop {
            let before = left.len();
            left = left
                .into_iter()
                .filter_map(|entry| match self.hear(&entry) {
                    Ok(()) => {
                        self.heard.add(entry);
                        None
                    }
                    Err(_) => Some(entry),
                })
                .collect();
            if left.len() == before {
                return Ok(());
            }
        }
    }
}
