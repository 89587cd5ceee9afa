//! A store in memory that crashes, loses its index and fails when it is told to.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet, VecDeque},
};

use crate::{Batch, Direction, Group, Key, Looked, Put, Store, StoreError, Table, WriteId};

/// What is to go wrong in a [`MemoryStore`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Faults {
    /// The write after so many more fails with this.
    pub write: Option<(u64, StoreError)>,
    /// The next flush fails with this, and from then on all writes do.
    pub flush: Option<StoreError>,
    /// All writes fail with [`StoreError::Full`] for as long as this is set.
    pub full: bool,
    /// Reading this fails as of a damaged disk, as long as nothing is written there.
    pub damaged: BTreeSet<Key>,
    /// Whether what was damaged is said to be.
    pub lost: bool,
    /// Whether it is not known what was lost.
    pub blind: bool,
    /// Whether what is kept twice is among that.
    pub blind_twice: bool,
    /// What was written since.
    pub since_blind: BTreeSet<Key>,
}

/// What a store was made to do: rows and the bytes of their values. Exact, and the same in each
/// run, so that a test can say what something costs without looking at a clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counted {
    /// Rows that were read, and those that were looked for and are not there.
    pub rows_read: u64,
    /// Bytes of them.
    pub bytes_read: u64,
    /// Rows that were put or removed.
    pub rows_written: u64,
    /// Bytes that were put.
    pub bytes_written: u64,
}

/// Flushed writes that the index can be behind by.
const BEHIND_MAX: usize = 64;

/// A store in memory. What a `write` changes is seen at once; a [`MemoryStore::crash`] takes back
/// what was not flushed.
#[derive(Clone, Default)]
pub struct MemoryStore {
    visible: BTreeMap<Key, Vec<u8>>,
    /// Unflushed writes in order, each with what stood before it.
    unflushed: VecDeque<(WriteId, Vec<Put>)>,
    /// The last flushed writes in order: what stood before them in index tables.
    indexed: VecDeque<Vec<Put>>,
    written: WriteId,
    flushed: WriteId,
    read_only: bool,
    /// What goes wrong next, as a test wants it; nothing unless it is set.
    pub faults: Faults,
    counted: Cell<Counted>,
}

/// How much is in it: a value may be a key.
impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemoryStore({} values, {:?} written)", self.visible.len(), self.written)
    }
}

impl MemoryStore {
    /// Makes all writes up to `write` durable.
    pub fn flush(&mut self, write: WriteId) -> Result<(), StoreError> {
        if let Some(error) = self.faults.flush.take() {
            self.read_only = true;
            return Err(error);
        }
        while self.unflushed.front().is_some_and(|(unflushed, _)| *unflushed <= write) {
            if let Some((_, before)) = self.unflushed.pop_front() {
                self.remember(before);
            }
        }
        self.flushed = self.flushed.max(write.min(self.written));
        Ok(())
    }

    /// What this store was made to do since it was made.
    pub fn counted(&self) -> Counted {
        self.counted.get()
    }

    /// The keys of all that is kept.
    pub fn kept(&self) -> Vec<Key> {
        self.visible.keys().filter(|key| key.table.is_kept()).cloned().collect()
    }

    /// All rows of index tables.
    pub fn rows(&self) -> impl Iterator<Item = (&Key, &Vec<u8>)> {
        self.visible.iter().filter(|(key, _)| !key.table.is_kept())
    }

    /// Loses what stands at a key, as where neither the entry file nor the index has it any more.
    pub fn lose(&mut self, key: &Key) {
        self.visible.remove(key);
    }

    /// Whether any value in it is such a one.
    pub fn holds(&self, is_it: impl Fn(&[u8]) -> bool) -> bool {
        self.visible.values().any(|value| is_it(value))
    }

    /// Bytes of all values that are in it.
    pub fn bytes(&self) -> u64 {
        self.visible.values().map(|value| value.len() as u64).sum()
    }

    fn count_read(&self, bytes: usize) {
        let mut counted = self.counted.get();
        counted.rows_read += 1;
        counted.bytes_read += bytes as u64;
        self.counted.set(counted);
    }

    fn count_written(&self, batch: &Batch) {
        let mut counted = self.counted.get();
        for (_, value) in batch.puts() {
            counted.rows_written += 1;
            counted.bytes_written += value.as_ref().map_or(0, |value| value.len() as u64);
        }
        self.counted.set(counted);
    }

    /// Loses all unflushed writes but the first `keep`, as a power cut does, and opens again.
    pub fn crash(&mut self, keep: usize) {
        while self.unflushed.len() > keep {
            if let Some((_, before)) = self.unflushed.pop_back() {
                for (key, value) in before.into_iter().rev() {
                    self.set(key, value);
                }
            }
        }
        self.reopen();
    }

    /// As `crash`, and of what is left the index lacks the last `behind` writes, as when a power
    /// cut took the end of its file. Kept tables lack none of them.
    pub fn crash_with_index_behind(&mut self, keep: usize, behind: usize) {
        self.crash(keep);
        for _ in 0..behind {
            for (key, value) in self.indexed.pop_back().into_iter().flatten().rev() {
                self.set(key, value);
            }
        }
    }

    /// Loses every index table, as when its directory is deleted, and opens again.
    pub fn lose_index(&mut self) {
        self.reopen();
        self.visible.retain(|key, _| key.table.is_kept());
        self.indexed.clear();
    }

    /// Opens again after a failed flush: what is visible is what is there.
    pub fn reopen(&mut self) {
        for (_, before) in std::mem::take(&mut self.unflushed) {
            self.remember(before);
        }
        self.flushed = self.written;
        self.read_only = false;
    }

    /// The last write that is durable.
    pub fn flushed(&self) -> WriteId {
        self.flushed
    }

    /// The last write, durable or not.
    pub fn written(&self) -> WriteId {
        self.written
    }

    /// How many writes are not durable.
    pub fn unflushed(&self) -> usize {
        self.unflushed.len()
    }

    /// Keeps what is needed to take a durable write out of the index.
    fn remember(&mut self, mut before: Vec<Put>) {
        before.retain(|(key, _)| !key.table.is_kept());
        self.indexed.push_back(before);
        if self.indexed.len() > BEHIND_MAX {
            self.indexed.pop_front();
        }
    }

    fn set(&mut self, key: Key, value: Option<Vec<u8>>) -> Option<Vec<u8>> {
        match value {
            Some(value) => self.visible.insert(key, value),
            None => self.visible.remove(&key),
        }
    }

    fn fault(&mut self) -> Result<(), StoreError> {
        self.may_write()?;
        match &mut self.faults.write {
            Some((0, error)) => {
                let error = error.clone();
                self.faults.write = None;
                Err(error)
            }
            Some((left, _)) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Store for MemoryStore {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        if self.faults.damaged.contains(key) {
            return Err(StoreError::Damaged { what: "a row".to_owned() });
        }
        let value = self.visible.get(key).cloned();
        self.count_read(value.as_ref().map_or(0, Vec::len));
        Ok(value)
    }

    fn look(
        &self,
        table: Table,
        group: &Group,
        numbers: std::ops::RangeInclusive<u64>,
        order: Direction,
        limit: usize,
    ) -> Result<Vec<Looked>, StoreError> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let key = |number| Key::new(table, group.clone(), number);
        let range = self.visible.range(key(*numbers.start())..=key(*numbers.end()));
        let row = |(key, value): (&Key, &Vec<u8>)| {
            self.count_read(value.len());
            let is_sound = !self.faults.damaged.contains(key);
            (key.number, is_sound.then(|| value.clone()))
        };
        Ok(match order {
            Direction::Ascending => range.take(limit).map(row).collect(),
            Direction::Descending => range.rev().take(limit).map(row).collect(),
        })
    }

    fn write(&mut self, batch: Batch) -> Result<WriteId, StoreError> {
        self.fault()?;
        self.count_written(&batch);
        let before = batch.puts().iter().map(|(key, value)| {
            let before = self.visible.get(key).cloned();
            match value {
                Some(value) => self.visible.insert(key.clone(), value.clone()),
                None => self.visible.remove(key),
            };
            self.faults.damaged.remove(key);
            if self.faults.blind {
                self.faults.since_blind.insert(key.clone());
            }
            (key.clone(), before)
        });
        let before = before.collect();
        self.written = WriteId(self.written.0 + 1);
        self.unflushed.push_back((self.written, before));
        Ok(self.written)
    }

    fn may_write(&self) -> Result<(), StoreError> {
        match () {
            () if self.faults.full => Err(StoreError::Full),
            () if self.read_only => Err(StoreError::ReadOnly),
            () => Ok(()),
        }
    }

    fn last_write(&self) -> WriteId {
        self.written
    }

    fn has_lost(&self) -> bool {
        self.faults.lost
    }

    fn may_lack(&self, table: Table, group: &Group, since: &Key) -> Result<bool, StoreError> {
        let key = |number| Key::new(table, group.clone(), number);
        let last = self.visible.range(key(0)..=key(u64::MAX)).next_back();
        let mut known = last.map(|(key, _)| key).into_iter().chain([since]);
        let is_later = known.any(|key| self.faults.since_blind.contains(key));
        let is_blind = self.faults.blind && (self.faults.blind_twice || !table.is_kept_twice());
        Ok(is_blind && !is_later)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{self, Harness};

    impl Harness for MemoryStore {
        fn store(&mut self) -> &mut dyn Store {
            self
        }

        fn flush(&mut self, write: WriteId) -> Result<(), StoreError> {
            Self::flush(self, write)
        }

        fn crash(&mut self) {
            Self::crash(self, self.unflushed.len() / 2);
        }

        fn lose_index(&mut self) {
            Self::lose_index(self);
        }

        fn reopen(&mut self) {
            Self::reopen(self);
        }
    }

    #[test]
    fn it_keeps_the_contract() {
        conformance::run(MemoryStore::default);
    }

    #[test]
    fn it_fails_as_it_is_told() {
        let mut store = MemoryStore::default();
        let batch = || {
            let mut batch = Batch::default();
            batch.put(Key::new(Table::Facts, Group::of(&[b"g"]), 0), vec![1]);
            batch
        };
        store.faults.write = Some((1, StoreError::Full));
        assert!(store.write(batch()).is_ok());
        assert_eq!(store.write(batch()), Err(StoreError::Full));
        let write = store.write(batch()).unwrap();
        store.faults.flush = Some(StoreError::ReadOnly);
        assert!(store.flush(write).is_err());
        assert_eq!(store.write(batch()), Err(StoreError::ReadOnly));
        store.reopen();
        assert!(store.write(batch()).is_ok());
    }

    #[test]
    fn an_index_can_be_behind_and_kept_tables_are_not() {
        let (kept, row) = (Table::Facts, Table::Rows);
        let key = |table, number| Key::new(table, Group::of(&[b"g"]), number);
        for (flushed, keep, behind) in [(0, 6, 2), (3, 2, 4), (6, 0, 6), (6, 0, 0), (2, 4, 99)] {
            let mut store = MemoryStore::default();
            for number in 0..6u64 {
                let mut batch = Batch::default();
                batch.put(key(kept, number), vec![1]);
                batch.put(key(row, number), vec![1]);
                // One row that every write changes goes back in time with the rest.
                batch.put(key(row, 99), number.to_be_bytes().to_vec());
                let write = store.write(batch).unwrap();
                if number + 1 == flushed {
                    store.flush(write).unwrap();
                }
            }
            store.crash_with_index_behind(keep, behind);
            let left = flushed + keep as u64;
            let indexed = left.saturating_sub(behind as u64);
            for number in 0..6 {
                assert_eq!(store.get(&key(kept, number)).unwrap().is_some(), number < left);
                assert_eq!(store.get(&key(row, number)).unwrap().is_some(), number < indexed);
            }
            let last = indexed.checked_sub(1).map(|last| last.to_be_bytes().to_vec());
            assert_eq!(store.get(&key(row, 99)).unwrap(), last);
        }
    }
}
