//! Which entries count (DESIGN 6): those of a log without an end, those before its end, and those
//! that a counting entry builds on.

use std::{collections::BTreeMap, ops::RangeInclusive};

use ledger::{DeviceId, SpaceId, charter_items::End};
use store::{Batch, Store, StoreError};

use crate::{place::Loc, table::ALL, tables};

/// For each log that has an end, how many of its entries count.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ends(BTreeMap<DeviceId, u64>);

impl Ends {
    /// Whether the entry at this place counts.
    pub fn counts(&self, device: &DeviceId, seq: u64) -> bool {
        self.0.get(device).is_none_or(|end| seq < *end)
    }

    /// The numbers of the items of a log that count; none where none does.
    pub(crate) fn numbers(&self, device: &DeviceId) -> Option<RangeInclusive<u64>> {
        match self.0.get(device) {
            None => Some(ALL),
            Some(0) => None,
            Some(end) => Some(Loc::numbers(0..*end)),
        }
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
        for log in pinned.keys() {
            for (target, source) in tables::edges(space, log).all(store)? {
                if ends.counts(&source.device, source.seq) {
                    ends.reach(store, space, *log, target)?;
                }
            }
        }
        Ok(ends)
    }

    /// A counting entry builds on this one: it counts, and all before it of its log, and what any
    /// of these builds on. Each entry is gone through once, when it begins to count.
    pub(crate) fn reach(
        &mut self,
        store: &impl Store,
        space: SpaceId,
        log: DeviceId,
        seq: u64,
    ) -> Result<(), StoreError> {
        let mut reached = vec![(log, seq)];
        while let Some((log, seq)) = reached.pop() {
            let Some(end) = self.0.get_mut(&log).filter(|end| **end <= seq) else { continue };
            let new = std::mem::replace(end, seq + 1)..seq + 1;
            let targets = tables::builds_on(space, &log).between(store, Loc::numbers(new))?;
            reached.extend(targets.into_iter().flatten());
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

    /// The ends that were noted last; none if none were.
    pub(crate) fn noted(store: &impl Store, space: SpaceId) -> Result<Self, StoreError> {
        let ends = tables::ends(space).get(store)?.unwrap_or_default();
        Ok(Self(ends.into_iter().collect()))
    }

    /// To `batch`: that the rows are counted by these ends.
    pub(crate) fn note(&self, space: SpaceId, batch: &mut Batch) {
        let ends = self.0.iter().map(|(log, end)| (*log, *end)).collect();
        tables::ends(space).put(&ends, batch);
    }
}
