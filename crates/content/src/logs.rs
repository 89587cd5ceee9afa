//! The logs that were read, by the numbers that they have in rows.
//!
//! A log gets the next number with the first of its items that is read, in the same batch.

use std::collections::BTreeMap;

use charter::Roll;
use ledger::MemberId;
use replica::Log;
use store::{Batch, Store, StoreError};

use crate::{
    place::{Loc, Spot},
    table,
    tables::{self, RowsOf},
};

/// Logs and their numbers, which are those of this home's rows and of nothing else.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    all: Vec<Log>,
    numbers: BTreeMap<Log, u32>,
    /// Whose each was, by the roll of when it was first read.
    authors: BTreeMap<Log, Option<MemberId>>,
}

impl Logs {
    pub(crate) fn open(store: &impl Store, rows: RowsOf) -> Result<Self, StoreError> {
        let mut logs = Self::default();
        for (number, (log, author)) in tables::logs(rows).numbered(store)? {
            if number != logs.all.len() as u64 {
                return Err(table::damaged());
            }
            logs.add(log, author);
        }
        Ok(logs)
    }

    /// To `batch`: the number of a log that has none yet, and whose it is. [`add`](Self::add) is
    /// to follow once it is written.
    pub(crate) fn note(
        &self,
        rows: RowsOf,
        log: &Log,
        author: Option<MemberId>,
        batch: &mut Batch,
    ) {
        if !self.numbers.contains_key(log) {
            let row = tables::logs(rows).at(u64::from(self.number(log)));
            row.put(&(*log, author), batch);
        }
    }

    pub(crate) fn add(&mut self, log: Log, author: Option<MemberId>) {
        let next = self.number(&log);
        if let std::collections::btree_map::Entry::Vacant(number) = self.numbers.entry(log) {
            number.insert(next);
            self.all.push(log);
            self.authors.insert(log, author);
        }
    }

    /// Whether none is another's by now than it was when it was first read. Of a part of the
    /// charter that is lost nothing is known, and nothing changes.
    pub(crate) fn are_of(&self, roll: &Roll) -> bool {
        let is_same = |(log, author): (&Log, &Option<MemberId>)| {
            roll.member_of(&log.device).is_none_or(|now| *author == Some(now))
        };
        self.authors.iter().all(is_same)
    }

    /// The number of a log; where it has none, the one that it gets next.
    pub(crate) fn number(&self, log: &Log) -> u32 {
        self.numbers.get(log).copied().unwrap_or(self.all.len() as u32)
    }

    /// A place by its log's number.
    pub(crate) fn spot(&self, loc: &Loc) -> Spot {
        Spot { log: self.number(&loc.log()), number: loc.number() }
    }

    /// The log that has a number.
    pub(crate) fn log(&self, number: u64) -> Result<Log, StoreError> {
        let number = usize::try_from(number).map_err(|_| table::damaged())?;
        self.all.get(number).copied().ok_or_else(table::damaged)
    }

    /// The place that this is.
    pub(crate) fn loc(&self, spot: Spot) -> Result<Loc, StoreError> {
        Ok(Loc::of(self.log(u64::from(spot.log))?, spot.number))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Log> {
        self.all.iter()
    }
}
