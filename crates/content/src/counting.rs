//! Which entries count (DESIGN 6): those of a log without an end, those before its end, and those
//! that a counting entry builds on.

use std::collections::BTreeMap;

use ledger::{DeviceId, SpaceId, charter_items::End};
use store::{Direction, Store, StoreError, Table};

use crate::{place::Loc, tables};

/// For each log that has an end, how many of its entries count.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ends(BTreeMap<DeviceId, u64>);

impl Ends {
    /// Whether the entry at this place counts.
    pub fn counts(&self, device: &DeviceId, seq: u64) -> bool {
        self.0.get(device).is_none_or(|end| seq < *end)
    }

    /// Whether a log has an end.
    pub fn has(&self, device: &DeviceId) -> bool {
        self.0.contains_key(device)
    }

    /// The smallest set closed under "a counting entry builds on it or on a later one of its
    /// log", begun with what the roll's ends leave.
    pub(crate) fn closed(
        store: &impl Store,
        space: SpaceId,
        pinned: &BTreeMap<DeviceId, End>,
    ) -> Result<Self, StoreError> {
        let mut ends = Self(pinned.iter().map(|(log, end)| (*log, end.length)).collect());
        let logs: Vec<_> = pinned.keys().copied().collect();
        loop {
            let before = ends.clone();
            for log in &logs {
                ends.extend(store, space, log)?;
            }
            if ends == before {
                return Ok(ends);
            }
        }
    }

    /// Moves one log's end behind all that counting entries of other logs build on.
    fn extend(
        &mut self,
        store: &impl Store,
        space: SpaceId,
        log: &DeviceId,
    ) -> Result<(), StoreError> {
        let group = tables::edges(space, log);
        let all = 0..=u64::MAX;
        for (_, bytes) in
            store.scan(Table::Reading, &group, all, Direction::Ascending, usize::MAX)?
        {
            let (target, source) = read_edge(&bytes)?;
            if !self.counts(log, target) && self.counts(&source.device, source.seq) {
                self.0.insert(*log, target + 1);
            }
        }
        Ok(())
    }

    /// Logs whose end differs between `self` and `other`, with the entries in question.
    pub(crate) fn changes(&self, other: &Self) -> Vec<(DeviceId, std::ops::Range<u64>)> {
        let end = |ends: &Self, log: &DeviceId| ends.0.get(log).copied().unwrap_or(u64::MAX);
        let mut logs: Vec<_> = self.0.keys().chain(other.0.keys()).copied().collect();
        logs.sort_unstable();
        logs.dedup();
        logs.into_iter()
            .map(|log| (log, end(self, &log), end(other, &log)))
            .filter(|(_, one, two)| one != two)
            .map(|(log, one, two)| (log, one.min(two)..one.max(two)))
            .collect()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        ledger::encode(&self.0.iter().map(|(log, end)| (*log, *end)).collect::<Vec<_>>())
    }

    /// The ends in stored bytes; none if they are not there.
    pub(crate) fn decode(bytes: Option<Vec<u8>>) -> Self {
        let ends: Vec<(DeviceId, u64)> =
            bytes.and_then(|bytes| ledger::decode(&bytes).ok()).unwrap_or_default();
        Self(ends.into_iter().collect())
    }
}

/// An edge: the entry at `target` of some log is built on by the item at `source`.
pub(crate) fn write_edge(target: u64, source: Loc) -> Vec<u8> {
    ledger::encode(&(target, source))
}

fn read_edge(bytes: &[u8]) -> Result<(u64, Loc), StoreError> {
    ledger::decode(bytes)
        .map_err(|_| StoreError::Damaged { what: "what builds on what".to_owned() })
}
