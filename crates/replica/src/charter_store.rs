//! The charter in the store: its entries in their order of arrival, in which each comes after its
//! past, under one number after the other.

use std::collections::BTreeMap;

use ledger::{DeviceId, Entry, EntryId, JournalId, Run, Timestamp};
use store::{Batch, Group, Key, Store, StoreError, Table};

use crate::{
    logs::damaged,
    stored::{self, Stored},
};

/// A charter entry that is taken, as far as it is known without reading it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrival {
    /// The hash of its header, by which pasts and heads name it.
    pub id: EntryId,
    /// Whose log it is in.
    pub device: DeviceId,
    /// Its place in that log, from 0 on.
    pub seq: u64,
}

/// Which charter entries are in the store, in order of arrival.
#[derive(Debug)]
pub(crate) struct CharterStore {
    journal: JournalId,
    arrivals: Vec<Arrival>,
    by_id: BTreeMap<EntryId, usize>,
}

impl CharterStore {
    /// Reads all entries.
    pub(crate) fn open(
        store: &impl Store,
        journal: JournalId,
    ) -> Result<(Self, Vec<Entry>), StoreError> {
        let stored = store.all(Table::Charter, &group(journal))?;
        let mut opened = Self { journal, arrivals: Vec::new(), by_id: BTreeMap::new() };
        let mut entries = Vec::new();
        for ((number, bytes), wanted) in stored.iter().zip(0..) {
            if *number != wanted {
                return Err(damaged("the order of a charter"));
            }
            let entry = stored::decode(bytes)?.entry;
            opened.wrote(&entry);
            entries.push(entry);
        }
        Ok((opened, entries))
    }

    /// Whether there may have been more than anything knows of.
    pub(crate) fn may_lack(&self, store: &impl Store, since: &Key) -> Result<bool, StoreError> {
        store.may_lack(Table::Charter, &group(self.journal), since)
    }

    pub(crate) fn arrivals(&self) -> &[Arrival] {
        &self.arrivals
    }

    /// Where an entry is in the order of arrival.
    pub(crate) fn place(&self, id: &EntryId) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The `n`th entry.
    pub(crate) fn entry(&self, store: &impl Store, n: usize) -> Result<Option<Entry>, StoreError> {
        Ok(self.stored(store, n)?.map(|stored| stored.entry))
    }

    /// As [`entry`](Self::entry), and when it came.
    fn stored(&self, store: &impl Store, n: usize) -> Result<Option<Stored>, StoreError> {
        if n >= self.arrivals.len() {
            return Ok(None);
        }
        let bytes = store.get(&self.key(n))?.ok_or_else(|| damaged("a charter entry"))?;
        stored::decode(&bytes).map(Some)
    }

    /// An entry by its id; none that is not taken.
    pub(crate) fn by_id(
        &self,
        store: &impl Store,
        id: &EntryId,
    ) -> Result<Option<Entry>, StoreError> {
        self.place(id).map_or(Ok(None), |n| self.entry(store, n))
    }

    /// The `n`th entry as it travels: each charter entry is an anchor, so a run has one.
    pub(crate) fn run(&self, store: &impl Store, n: usize) -> Result<Option<Run>, StoreError> {
        let entry = self.entry(store, n)?;
        let unsigned = |_| damaged("the signature of a charter entry");
        entry.map(|entry| Run::of(std::slice::from_ref(&entry)).map_err(unsigned)).transpose()
    }

    /// To `batch`: what stores this entry as the one that comes `ahead` after the next.
    pub(crate) fn put(&self, entry: &Entry, came: Timestamp, ahead: usize, batch: &mut Batch) {
        batch.put(self.key(self.arrivals.len() + ahead), stored::encode(entry, came));
    }

    /// An entry has been written behind the others.
    pub(crate) fn wrote(&mut self, entry: &Entry) {
        self.by_id.insert(entry.id, self.arrivals.len());
        let (id, device, seq) = (entry.id, entry.device(), entry.seq());
        self.arrivals.push(Arrival { id, device, seq });
    }

    /// To `batch`: what moves the entries that stay into the place of those that go. What this is
    /// going to be once that is written, and the entries that went.
    pub(crate) fn without(
        &self,
        store: &impl Store,
        gone: &[EntryId],
        batch: &mut Batch,
    ) -> Result<(Self, Vec<Entry>), StoreError> {
        let mut left = Self { journal: self.journal, arrivals: Vec::new(), by_id: BTreeMap::new() };
        let mut went = Vec::new();
        for (n, arrival) in self.arrivals.iter().enumerate() {
            let is_gone = gone.contains(&arrival.id);
            let stays_there = !is_gone && left.arrivals.len() == n;
            if stays_there {
                left.by_id.insert(arrival.id, n);
                left.arrivals.push(*arrival);
                continue;
            }
            let stored = self.stored(store, n)?.ok_or_else(|| damaged("a charter entry"))?;
            let Stored { entry, came } = stored;
            if is_gone {
                went.push(entry);
            } else {
                left.put(&entry, came, 0, batch);
                left.wrote(&entry);
            }
        }
        for n in left.arrivals.len()..self.arrivals.len() {
            batch.remove(self.key(n));
        }
        Ok((left, went))
    }

    fn key(&self, n: usize) -> Key {
        Key::new(Table::Charter, group(self.journal), n as u64)
    }
}

pub(crate) fn group(journal: JournalId) -> Group {
    Group::of(&[journal.as_bytes()])
}
