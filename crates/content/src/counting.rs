//! Which entries count (DESIGN 6): those of a log without an end, those before its end, and those
//! that a counting entry builds on. A log that forks ends with its stem, and of a branch only that
//! counts on which somebody builds.

use std::{collections::BTreeMap, ops::RangeInclusive};

use ledger::SpaceId;
use replica::{Log, Replica};
use store::{Batch, Store, StoreError};

use crate::{logs::Logs, place::Loc, table::ALL, tables};

/// For each log that has an end, before which place its entries count.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ends {
    ends: BTreeMap<Log, u64>,
    /// For each branch the log that it parts from, and at which place.
    parents: BTreeMap<Log, (Log, u64)>,
}

impl Ends {
    /// Whether the entry at this place counts.
    pub fn counts(&self, log: &Log, seq: u64) -> bool {
        self.ends.get(log).is_none_or(|end| seq < *end)
    }

    /// The numbers of the items of a log that count; none where none does.
    pub(crate) fn numbers(&self, log: &Log) -> Option<RangeInclusive<u64>> {
        match self.ends.get(log) {
            None => Some(ALL),
            Some(0) => None,
            Some(end) => Some(Loc::numbers(0..*end)),
        }
    }

    /// Whether a log has an end.
    pub fn has(&self, log: &Log) -> bool {
        self.ends.contains_key(log)
    }

    /// The branches of which these know.
    pub(crate) fn branches(&self) -> usize {
        self.parents.len()
    }

    /// The smallest set closed under "a counting entry builds on it or on a later one of its
    /// log", begun with what the roll's ends and the stems of logs that fork leave.
    pub(crate) fn closed(
        store: &impl Store,
        space: SpaceId,
        read: &Logs,
        replica: &Replica,
    ) -> Result<Self, StoreError> {
        let parents = replica.content_branches();
        let parents = parents.map(|branch| (branch.log, (branch.parent(), branch.begins)));
        let mut ends = Self { ends: pinned(replica), parents: parents.collect() };
        let logs: Vec<_> = ends.ends.keys().copied().collect();
        for log in logs {
            for (target, source) in tables::edges(space, &log).all(store)? {
                let source = read.loc(source)?;
                if ends.counts(&source.log(), source.seq) {
                    ends.reach(store, space, read, (log, target))?;
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
        read: &Logs,
        entry: (Log, u64),
    ) -> Result<(), StoreError> {
        let mut reached = vec![entry];
        while let Some((log, seq)) = reached.pop() {
            let Some(end) = self.ends.get_mut(&log).filter(|end| **end <= seq) else { continue };
            let before = self.parents.get(&log).filter(|(_, begins)| *begins > 0);
            reached.extend(before.map(|(parent, begins)| (*parent, begins - 1)));
            let new = std::mem::replace(end, seq + 1)..seq + 1;
            let targets = tables::builds_on(space, &log).between(store, Loc::numbers(new))?;
            for target in targets.into_iter().flatten() {
                let target = read.loc(target)?;
                reached.push((target.log(), target.seq));
            }
        }
        Ok(())
    }

    /// Logs whose end differs between `self` and `other`, with the entries in question.
    pub(crate) fn changes(&self, other: &Self) -> Vec<(Log, std::ops::Range<u64>)> {
        let end = |ends: &Self, log: &Log| ends.ends.get(log).copied().unwrap_or(u64::MAX);
        let mut logs: Vec<_> = self.ends.keys().chain(other.ends.keys()).copied().collect();
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
        Ok(Self { ends: ends.into_iter().collect(), parents: BTreeMap::new() })
    }

    /// To `batch`: that the rows are counted by these ends.
    pub(crate) fn note(&self, space: SpaceId, batch: &mut Batch) {
        let ends = self.ends.iter().map(|(log, end)| (*log, *end)).collect();
        tables::ends(space).put(&ends, batch);
    }
}

/// Before which place all entries of a log count, of each that has an end: the lowest of several.
pub(crate) fn pinned(replica: &Replica) -> BTreeMap<Log, u64> {
    let mut pinned = BTreeMap::new();
    for (log, end) in replica.content_ends() {
        let lowest = pinned.entry(log).or_insert(end);
        *lowest = end.min(*lowest);
    }
    pinned
}
