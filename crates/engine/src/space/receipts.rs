//! What other nodes said that they have of a space on their disks.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{DeviceId, Hash, Journal, PeerId, SpaceId};
use replica::Replica;
use store::{Batch, Direction, Group, Key, Store, StoreError, Table};

/// Entries that other nodes have on their disks: per node and log, how many.
#[derive(Debug, Default)]
pub(crate) struct Receipts(BTreeMap<PeerId, BTreeMap<(Journal, DeviceId), u64>>);

impl Receipts {
    /// Reads what the store keeps; a row that cannot be read is a receipt that is given again.
    pub(super) fn open(store: &impl Store, space: SpaceId) -> Result<Self, StoreError> {
        let mut receipts = Self::default();
        let (all, group) = (0..=u64::MAX, group(space));
        let direction = Direction::Ascending;
        for (_, bytes) in store.scan(Table::Receipts, &group, all, direction, usize::MAX)? {
            let read = ledger::decode::<(PeerId, Journal, DeviceId, u64)>(&bytes);
            if let Ok((peer, journal, device, length)) = read {
                receipts.0.entry(peer).or_default().insert((journal, device), length);
            }
        }
        Ok(receipts)
    }

    /// A node of somebody who is in has `length` entries of a log on its disk, as far as the log
    /// is here; to `batch` what keeps that.
    pub(crate) fn receipted(
        &mut self,
        replica: &Replica,
        peer: &PeerId,
        log: (Journal, DeviceId),
        length: u64,
        batch: &mut Batch,
    ) {
        let (journal, device) = log;
        let length = length.min(replica.frontier(journal).length(&device));
        if length == 0 {
            return;
        }
        let known = self.0.entry(peer.clone()).or_default().entry(log).or_default();
        if length > *known {
            *known = length;
            let number = number(peer, journal, &device);
            let key = Key::new(Table::Receipts, group(replica.space()), number);
            batch.put(key, ledger::encode(&(peer, journal, device, length)));
        }
    }

    /// How many nodes of others who are in have the entry on their disks, as far as they said so.
    pub(crate) fn stored_on(&self, replica: &Replica, log: (Journal, DeviceId), seq: u64) -> u64 {
        let peers: BTreeSet<_> = replica.roll().peers_in().collect();
        let has = |(peer, logs): &(&PeerId, &BTreeMap<_, u64>)| {
            peers.contains(peer) && logs.get(&log).is_some_and(|n| *n > seq)
        };
        self.0.iter().filter(has).count() as u64
    }
}

fn group(space: SpaceId) -> Group {
    Group::of(&[b"receipts", space.as_bytes()])
}

fn number(peer: &PeerId, journal: Journal, device: &DeviceId) -> u64 {
    let mut start = [0; 8];
    let hash = Hash::of(&[&[journal as u8], &device.as_bytes()[..], peer.as_bytes()].concat());
    start.copy_from_slice(&hash.as_bytes()[..8]);
    u64::from_be_bytes(start)
}
