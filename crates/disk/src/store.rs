//! The store on disk.

use std::{
    cell::RefCell,
    sync::{Arc, atomic::Ordering},
};

use rustix::fs::fstatvfs;
use store::{Batch, Direction, Group, Key, Looked, Put, Store, StoreError, Table, WriteId};

use crate::{
    copies::Copied,
    entries::{Entries, Reader, Record},
    error::{OpenError, failed},
    index::{self, IndexKey, Value},
    position::{Mark, Position},
    record,
    shared::Shared,
};

/// Bytes that stay free on the disk: sled makes its files longer by itself and does not take a
/// full disk well.
const RESERVE_BYTES: u64 = 32 * 1024 * 1024;

/// A home on disk.
pub struct DiskStore {
    entries: Entries,
    /// Where the last record ends: what a batch of index tables alone leaves as it was.
    last: Mark,
    written: WriteId,
    /// The record that was read last: the next value is often in it too.
    read: RefCell<Option<(Position, Vec<Put>)>>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) loss: Loss,
    /// The second copies, for what is damaged; where each stands is looked for at the first that
    /// is.
    pub(crate) copies: Reader,
    copied: RefCell<Option<Copied>>,
    /// Tests: bytes to stay free in place of the usual ones.
    #[cfg(test)]
    pub(crate) reserve: Option<u64>,
}

/// What damage may have taken.
#[derive(Clone, Copy, Default)]
pub(crate) struct Loss {
    /// Whether there is damage that was not there when the home was opened before.
    pub(crate) has_lost: bool,
    /// The last damage of which the index does not know what stood there.
    pub(crate) blind: Position,
    /// Whether second copies are damaged, too.
    pub(crate) copies_too: bool,
}

impl std::fmt::Debug for DiskStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DiskStore({})", self.shared.home.display())
    }
}

impl DiskStore {
    pub(crate) fn new(entries: Entries, copies: Reader, last: Mark, shared: Arc<Shared>) -> Self {
        Self {
            entries,
            last,
            written: WriteId::default(),
            read: RefCell::new(None),
            shared,
            loss: Loss::default(),
            copies,
            copied: RefCell::default(),
            #[cfg(test)]
            reserve: None,
        }
    }

    /// Makes everything durable and lets go of the home.
    pub fn close(self) -> Result<(), StoreError> {
        self.shared.flush()
    }

    #[cfg(test)]
    pub(crate) fn entries(&mut self) -> &mut Entries {
        &mut self.entries
    }

    /// The record at a place of the entry file; none where it cannot be read.
    pub(crate) fn record(&self, at: Position) -> std::io::Result<Option<Record>> {
        self.entries.reader.record(at)
    }

    /// From here on of nothing that stands before the end of the entry file it is known whether it
    /// is all that there was.
    pub(crate) fn blind_so_far(&self) -> Result<Position, OpenError> {
        let end = self.entries.end();
        let set = self.shared.index.set_blind(end);
        set.map_err(|fault| OpenError::Index(fault.to_string()))?;
        Ok(end)
    }

    /// Which record a kept value is from, as far as the index knows.
    pub(crate) fn stands_since(&self, key: &Key) -> Option<Position> {
        let index = &self.shared.index;
        let place = index.key(key.table, &key.group, key.number);
        index.value(&place).ok().flatten().and_then(|value| value.at())
    }

    /// What a value in the index stands for.
    fn resolve(&self, key: &IndexKey, value: Value) -> Result<Option<Vec<u8>>, StoreError> {
        match value {
            Value::Whole(value) | Value::Inline { value, .. } => Ok(Some(value)),
            Value::Removed { .. } => Ok(None),
            Value::Elsewhere { at, put } => self.elsewhere(key, at, put as usize).map(Some),
            Value::Chunks(count) => {
                let value = self.shared.index.chunks(key, count);
                value.map(Some).map_err(|fault| self.shared.broken(&fault))
            }
        }
    }

    /// The value of a put in a record.
    fn elsewhere(&self, key: &IndexKey, at: Position, put: usize) -> Result<Vec<u8>, StoreError> {
        let damaged = || StoreError::Damaged {
            what: format!("a record of segment {} at {}", at.segment, at.offset),
        };
        let failed = |error| failed("reading an entry", &error);
        let mut read = self.read.borrow_mut();
        if read.as_ref().is_none_or(|(last, _)| *last != at) {
            *read = None;
            let Some(record) = self.entries.reader.record(at).map_err(failed)? else {
                // The next opening looks at everything.
                self.shared.is_whole.store(false, Ordering::Release);
                return self.copy_of(key, at).map_err(failed)?.ok_or_else(damaged);
            };
            *read = Some((at, record.payload.puts));
        }
        let puts = read.as_ref().map(|(_, puts)| puts.as_slice()).unwrap_or_default();
        puts.get(put).and_then(|(_, value)| value.clone()).ok_or_else(damaged)
    }

    /// The value of a put in a record that cannot be read, from its copy.
    fn copy_of(&self, key: &IndexKey, at: Position) -> std::io::Result<Option<Vec<u8>>> {
        let mut copied = self.copied.borrow_mut();
        if copied.is_none() {
            *copied = Some(Copied::look(&self.copies)?.0);
        }
        let puts = copied.as_ref().map(|copied| copied.puts(&self.copies, at)).transpose()?;
        let index = &self.shared.index;
        let is_it = |(of, _): &Put| index.key(of.table, &of.group, of.number) == *key;
        Ok(puts.into_iter().flatten().rfind(is_it).and_then(|(_, value)| value))
    }

    /// Says that the disk is full while there is still room for sled.
    fn must_have_room(&self) -> Result<(), StoreError> {
        let reserve = RESERVE_BYTES;
        #[cfg(test)]
        let reserve = self.reserve.unwrap_or(reserve);
        let file = self.entries.current().map_err(|error| failed("writing an entry", &error))?;
        // Where a file system does not say, its own refusal has to do.
        match fstatvfs(file) {
            Ok(disk) if disk.f_bavail.saturating_mul(disk.f_frsize) < reserve => {
                Err(StoreError::Full)
            }
            _ => Ok(()),
        }
    }

    /// Appends the kept puts of a batch; where they stand, and the record's end. Where there are
    /// none no file is touched.
    fn append(&mut self, batch: &Batch) -> Result<(Position, Mark), StoreError> {
        let failed = |error| failed("writing an entry", &error);
        let Some(mut payload) = record::encode(batch, self.shared.durable()) else {
            return Ok((self.entries.end(), self.last));
        };
        if self.entries.is_full_for(&payload) {
            self.shared.sync()?;
            self.entries.begin_segment().map_err(failed)?;
            let file = self.entries.current().map_err(failed)?.clone();
            self.shared.begin_segment(file, self.entries.end());
            payload = record::encode(batch, self.shared.durable()).unwrap_or(payload);
        }
        self.entries.append(&payload).map_err(failed)
    }
}

impl Store for DiskStore {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let index = &self.shared.index;
        let place = index.key(key.table, &key.group, key.number);
        match index.value(&place).map_err(|fault| self.shared.broken(&fault))? {
            Some(value) => self.resolve(&place, value).map_err(|error| match error {
                StoreError::Damaged { .. } if key.table.is_kept() => {
                    StoreError::Damaged { what: key.table.called().to_owned() }
                }
                error => error,
            }),
            None => Ok(None),
        }
    }

    fn look(
        &self,
        table: Table,
        group: &Group,
        numbers: std::ops::RangeInclusive<u64>,
        order: Direction,
        limit: usize,
    ) -> Result<Vec<Looked>, StoreError> {
        let mut rows = Vec::new();
        if numbers.is_empty() || limit == 0 {
            return Ok(rows);
        }
        let index = &self.shared.index;
        let first = index.key(table, group, *numbers.start());
        let last = index.key(table, group, *numbers.end());
        let mut wrong = None;
        let walked = index.range(first..=last, order == Direction::Descending, |key, value| {
            match self.resolve(&key, value) {
                Ok(Some(value)) => rows.push((index::number(&key), Some(value))),
                Ok(None) => {}
                Err(StoreError::Damaged { .. }) if table.is_kept() => {
                    rows.push((index::number(&key), None));
                }
                Err(error) => wrong = Some(error),
            }
            Ok(wrong.is_none() && rows.len() < limit)
        });
        walked.map_err(|fault| self.shared.broken(&fault))?;
        wrong.map_or(Ok(rows), Err)
    }

    fn write(&mut self, batch: Batch) -> Result<WriteId, StoreError> {
        match self.shared.is_read_only() {
            true if batch.has_kept() => return Err(StoreError::ReadOnlyDisk),
            true => {}
            false => self.may_write()?,
        }
        let (at, mark) = self.append(&batch)?;
        self.last = mark;
        // In this order: a flush that begins now makes durable what the index is about to get.
        self.shared.set_written(self.entries.end());
        self.shared.copy(at, record::twice(batch.puts()));
        self.shared.index.write(&batch, at, mark);
        if !batch.has_kept() && self.shared.is_durable() {
            self.shared.index.flush_begins();
            // It was written, and what is wrong with the index the next write says.
            if let Err(fault) = self.shared.index.flushed() {
                self.shared.broken(&fault);
            }
        }
        if self.shared.index.is_crowded() {
            // What is wrong with it the next flush says, which somebody waits for.
            _ = self.shared.sync();
        }
        self.written = WriteId(self.written.0 + 1);
        Ok(self.written)
    }

    fn may_write(&self) -> Result<(), StoreError> {
        if self.shared.is_read_only() {
            return Err(StoreError::ReadOnlyDisk);
        }
        if self.shared.has_failed.load(Ordering::Acquire) {
            return Err(StoreError::ReadOnly);
        }
        self.must_have_room()?;
        self.shared.go_on()?;
        // Rows that sled cannot get are not kept in memory without bound.
        if self.shared.index.is_crowded() { Err(StoreError::Full) } else { Ok(()) }
    }

    fn last_write(&self) -> WriteId {
        self.written
    }

    fn has_lost(&self) -> bool {
        self.loss.has_lost
    }

    fn may_lack(&self, table: Table, group: &Group, since: &Key) -> Result<bool, StoreError> {
        if self.loss.blind == Position::default() || table.is_kept_twice() && !self.loss.copies_too
        {
            return Ok(false);
        }
        let index = &self.shared.index;
        let keys = index.key(table, group, 0)..=index.key(table, group, u64::MAX);
        let mut last = self.stands_since(since).unwrap_or_default();
        let walked = index.range(keys, true, |_, value| {
            last = last.max(value.at().unwrap_or_default());
            Ok(false)
        });
        walked.map_err(|fault| self.shared.broken(&fault))?;
        Ok(last < self.loss.blind)
    }
}
