//! The logs that were read, by the numbers that they have in rows.
//!
//! A log gets the next number with the first of its items that is read, in the same batch.

use std::collections::BTreeMap;

use ledger::SpaceId;
use replica::Log;
use store::{Batch, Direction, Store, StoreError};

use crate::{
    place::{Loc, Spot},
    table::{self, ALL},
    tables,
};

/// Logs and their numbers, which are those of this home's rows and of nothing else.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    all: Vec<Log>,
    numbers: BTreeMap<Log, u32>,
}

impl Logs {
    pub(crate) fn open(store: &impl Store, space: SpaceId) -> Result<Self, StoreError> {
        let mut logs = Self::default();
        let found = tables::logs(space).scan(store, ALL, Direction::Ascending, usize::MAX)?;
        for (number, log) in found {
            if number != logs.all.len() as u64 {
                return Err(table::damaged());
            }
            logs.add(log);
        }
        Ok(logs)
    }

    /// To `batch`: the number of a log that has none yet. [`add`](Self::add) is to follow once it
    /// is written.
    pub(crate) fn note(&self, space: SpaceId, log: &Log, batch: &mut Batch) {
        if !self.numbers.contains_key(log) {
            tables::logs(space).at(u64::from(self.number(log))).put(log, batch);
        }
    }

    pub(crate) fn add(&mut self, log: Log) {
        let next = self.number(&log);
        if let std::collections::btree_map::Entry::Vacant(number) = self.numbers.entry(log) {
            number.insert(next);
            self.all.push(log);
        }
    }

    /// The number of a log; where it has none, the one that it gets next.
    fn number(&self, log: &Log) -> u32 {
        self.numbers.get(log).copied().unwrap_or(self.all.len() as u32)
    }

    /// A place by its log's number.
    pub(crate) fn spot(&self, loc: &Loc) -> Spot {
        Spot { log: self.number(&loc.log()), number: loc.number() }
    }

    /// The place that this is.
    pub(crate) fn loc(&self, spot: Spot) -> Result<Loc, StoreError> {
        let log = self.all.get(spot.log as usize).ok_or_else(table::damaged)?;
        Ok(Loc::of(*log, spot.number))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Log> {
        self.all.iter()
    }
}
