//! Which entries count (DESIGN 6): those of a log without an end, those before its end, and those
//! that a counting entry builds on. A log that forks ends with its stem, and of a branch only that
//! counts on which somebody builds.

use std::{collections::BTreeMap, ops::RangeInclusive};

use replica::{Log, Replica};
use store::{Batch, Direction, Store, StoreError};

use crate::{
    limits::ROWS_OF_UNIT,
    logs::Logs,
    place::Loc,
    table::ALL,
    tables::{self, RowsOf},
};

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

    /// Whether any log has an end.
    pub(crate) fn has_any(&self) -> bool {
        !self.ends.is_empty()
    }

    /// Whether a log has an end.
    pub fn has(&self, log: &Log) -> bool {
        self.ends.contains_key(log)
    }

    /// The branches of which these know.
    pub(crate) fn branches(&self) -> usize {
        self.parents.len()
    }

    /// A counting entry builds on this one: it counts, and all before it of its log, and what any
    /// of these builds on.
    pub(crate) fn reach(
        &mut self,
        store: &impl Store,
        rows: RowsOf,
        read: &Logs,
        entry: (Log, u64),
    ) -> Result<(), StoreError> {
        let mut reached = vec![entry];
        while !reached.is_empty() {
            self.reach_some(store, rows, read, &mut reached, ROWS_OF_UNIT)?;
        }
        Ok(())
    }

    /// As [`reach`](Self::reach), of about `limit` entries: what is left is in `reached`. Each
    /// entry is gone through once, when it begins to count.
    fn reach_some(
        &mut self,
        store: &impl Store,
        rows: RowsOf,
        read: &Logs,
        reached: &mut Vec<(Log, u64)>,
        limit: usize,
    ) -> Result<(), StoreError> {
        let mut left = limit as u64;
        while left > 0
            && let Some((log, seq)) = reached.pop()
        {
            left -= 1;
            let Some(end) = self.ends.get_mut(&log).filter(|end| **end <= seq) else { continue };
            let new = *end..(seq + 1).min(end.saturating_add(left + 1));
            *end = new.end;
            left = left.saturating_sub(new.end - new.start);
            if new.end <= seq {
                reached.push((log, seq));
            }
            let before = self.parents.get(&log).filter(|(_, begins)| *begins > 0);
            reached.extend(before.map(|(parent, begins)| (*parent, begins - 1)));
            let targets = tables::builds_on(rows, &log).between(store, Loc::numbers(new))?;
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

    /// What the roll's ends and the stems of logs that fork leave.
    pub(crate) fn begun(replica: &Replica) -> Self {
        let parents = replica.content_branches();
        let parents = parents.map(|branch| (branch.log, (branch.parent(), branch.begins)));
        Self { ends: pinned(replica), parents: parents.collect() }
    }

    /// The ends that were noted last; none if none were.
    pub(crate) fn noted(store: &impl Store, rows: RowsOf) -> Result<Self, StoreError> {
        let ends = tables::ends(rows).get(store)?.unwrap_or_default();
        Ok(Self { ends: ends.into_iter().collect(), parents: BTreeMap::new() })
    }

    /// To `batch`: that the rows are counted by these ends.
    pub(crate) fn note(&self, rows: RowsOf, batch: &mut Batch) {
        let ends = self.ends.iter().map(|(log, end)| (*log, *end)).collect();
        tables::ends(rows).put(&ends, batch);
    }
}

/// Ends that are being worked out: the smallest set closed under "a counting entry builds on it or
/// on a later one of its log", begun with what the roll's ends and the stems of logs that fork
/// leave.
#[derive(Debug)]
pub(crate) struct Closing {
    ends: Ends,
    /// Logs with an end whose entries it is yet to be looked who builds on; the last of them from
    /// this edge on.
    logs: Vec<Log>,
    edge: u64,
    /// Entries that count, and what they build on is yet to.
    reached: Vec<(Log, u64)>,
}

impl Closing {
    pub(crate) fn of(replica: &Replica) -> Self {
        let ends = Ends::begun(replica);
        let logs = ends.ends.keys().copied().collect();
        Self { ends, logs, edge: 0, reached: Vec::new() }
    }

    /// The ends as far as they are worked out.
    pub(crate) fn ends(&self) -> &Ends {
        &self.ends
    }

    pub(crate) fn into_ends(self) -> Ends {
        self.ends
    }

    /// Goes over about `limit` rows; whether that was all.
    pub(crate) fn is_done_after(
        &mut self,
        store: &impl Store,
        rows: RowsOf,
        read: &Logs,
        limit: usize,
    ) -> Result<bool, StoreError> {
        if !self.reached.is_empty() {
            self.ends.reach_some(store, rows, read, &mut self.reached, limit)?;
            return Ok(false);
        }
        let Some(log) = self.logs.last().copied() else { return Ok(true) };
        let edges = tables::edges(rows, &log);
        let edges = edges.scan(store, self.edge..=u64::MAX, Direction::Ascending, limit)?;
        match edges.last() {
            Some((last, _)) => self.edge = last + 1,
            None => {
                self.logs.pop();
                self.edge = 0;
            }
        }
        for (_, (target, source)) in edges {
            let source = read.loc(source)?;
            if self.ends.counts(&source.log(), source.seq) {
                self.reached.push((log, target));
            }
        }
        Ok(false)
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
