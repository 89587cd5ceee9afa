//! The index: sled, one tree. Never the truth, so whatever is wrong with it, it is built again.
//!
//! A key is a table, a keyed hash of table and group, and a number, so that a group is a range.
//! Rows stand many in a page (`pages.rs`), which is encrypted and bound to its key. Greater values
//! of index tables stand in chunks, in a range of their own.

mod base;
mod build;
mod damage;
mod fault;
pub(crate) mod pages;
mod tree;
mod value;
mod waiting;

use std::{
    fs,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use store::{Batch, Group, Table};

use base::{Base, Puts};
pub(crate) use build::{BuildError, Built, Known, build};
pub(crate) use fault::IndexFault;
use fault::guarded;
use tree::Changes;
use value::CHUNK_BYTES;
pub(crate) use value::Value;
use waiting::{ROWS_AT_ONCE, Waiting};

use crate::{
    error::OpenError,
    home,
    key::Keys,
    position::{Mark, Position},
};

/// Bytes of a key: table, group, number.
const KEY_BYTES: usize = 25;

/// Set in the table's byte where a key is that of a chunk.
const CHUNK: u8 = 0x80;

/// Where the index says how far of the entry file it has seen. No table has the number 0. An index
/// without pages has it by another name.
const MARK: &[u8] = b"\0read";

/// Where it says of which version the rows of index tables are.
const ROWS: &[u8] = b"\0rows";

/// Where it says up to where it had seen the entry file before it began to catch up, until it has:
/// what damage it passes on the way is not known before its end.
const SINCE: &[u8] = b"\0since";

/// A file in the directory that asks for the index to be built anew.
const REBUILD: &str = "rebuild";

/// A table, the hash of a group, and a number: what sled orders by.
pub(crate) type IndexKey = [u8; KEY_BYTES];

/// What a batch leaves at each key that it touches, with which put of its record that was.
type Last<'a> = std::collections::BTreeMap<IndexKey, (Table, u32, Option<&'a [u8]>)>;

/// The index: sled, and the keys under which its names are hashed and its values encrypted.
#[derive(Clone)]
pub(crate) struct Index {
    base: Arc<Base>,
    keys: Arc<Keys>,
    waiting: Arc<Mutex<Waiting>>,
    /// Held while rows are put down.
    sinking: Arc<Mutex<()>>,
    /// Tables that have a value in chunks, as bits.
    chunked: Arc<AtomicU32>,
}

impl Index {
    /// Opens sled and nothing more. It may panic or hang: `build` is how to call it.
    fn open_sled(path: &Path, keys: Arc<Keys>) -> Result<Self, IndexFault> {
        if path.join(REBUILD).exists() {
            return Err(IndexFault::Asked);
        }
        let (waiting, sinking, chunked) = Default::default();
        let base = Arc::new(Base::open(path)?);
        let index = Self { base, keys, waiting, sinking, chunked };
        index.find_chunked()?;
        Ok(index)
    }

    /// The key of a number in a group.
    pub(crate) fn key(&self, table: Table, group: &Group, number: u64) -> IndexKey {
        let mut key = [0; KEY_BYTES];
        key[0] = table as u8;
        key[1..17].copy_from_slice(&self.keys.group(table as u8, group.as_bytes()));
        key[17..].copy_from_slice(&number.to_be_bytes());
        key
    }

    /// What stands at a key.
    pub(crate) fn value(&self, key: &IndexKey) -> Result<Option<Value>, IndexFault> {
        if let Some(row) = self.waiting().get(key) {
            return Ok(row.clone());
        }
        self.value_in_sled(key)
    }

    fn value_in_sled(&self, key: &IndexKey) -> Result<Option<Value>, IndexFault> {
        let Some((_, page)) = self.page_of(key)? else { return Ok(None) };
        let value = page.get(key).map(|value| Value::decode(value).ok_or(IndexFault::Closed));
        value.transpose()
    }

    /// Calls `each` with what stands between two keys, in or against their order, until it says
    /// that this is enough.
    pub(crate) fn range(
        &self,
        keys: std::ops::RangeInclusive<IndexKey>,
        backwards: bool,
        mut each: impl FnMut(IndexKey, Value) -> Result<bool, IndexFault>,
    ) -> Result<(), IndexFault> {
        let waiting = self.waiting();
        let mut waiting = waiting.range(&keys, backwards).peekable();
        let mut rows = self.rows(keys.clone(), backwards);
        let mut in_sled = rows.next()?;
        loop {
            let is_before = |key: &IndexKey, other: &IndexKey| match backwards {
                true => key > other,
                false => key < other,
            };
            let sled_first = match (&in_sled, waiting.peek()) {
                (Some((key, _)), Some((other, _))) => is_before(key, other),
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => return Ok(()),
            };
            let found = if sled_first {
                let Some((key, value)) = in_sled.take() else { return Ok(()) };
                in_sled = rows.next()?;
                Some((key, Value::decode(&value).ok_or(IndexFault::Closed)?))
            } else {
                let Some((key, row)) = waiting.next() else { return Ok(()) };
                if in_sled.as_ref().is_some_and(|(other, _)| *other == key) {
                    in_sled = rows.next()?;
                }
                row.clone().map(|value| (key, value))
            };
            if let Some((key, value)) = found
                && !each(key, value)?
            {
                return Ok(());
            }
        }
    }

    /// A value of an index table that stands in chunks.
    pub(crate) fn chunks(&self, key: &IndexKey, count: u32) -> Result<Vec<u8>, IndexFault> {
        let mut value = Vec::new();
        for n in 0..count {
            value.extend(self.plain(&chunk_key(key, n))?.ok_or(IndexFault::Closed)?);
        }
        Ok(value)
    }

    /// Writes a batch, of which the kept puts stand in the record at `at`, as one. It is seen at
    /// once, and put down later.
    pub(crate) fn write(&self, batch: &Batch, at: Position, mark: Mark) {
        let (mut last, mut kept) = (Last::new(), 0);
        for (key, value) in batch.puts() {
            let place = self.key(key.table, &key.group, key.number);
            last.insert(place, (key.table, kept, value.as_deref()));
            kept += u32::from(key.table.is_kept());
        }
        let rows = last.into_iter().map(|(key, (table, put, value))| match table.is_kept() {
            true => (key, Some(Value::of_put(at, put, value))),
            false => (key, value.map(|value| Value::Whole(value.to_vec()))),
        });
        self.waiting().add(rows, mark);
    }

    /// Whether as many rows wait as may: a flush is to come first.
    pub(crate) fn is_crowded(&self) -> bool {
        self.waiting().is_crowded()
    }

    /// A flush of the entry file begins, and all that was written so far is durable if it succeeds.
    pub(crate) fn flush_begins(&self) {
        self.waiting().flush_begins();
    }

    /// It succeeded: what is durable by now is put down if there is enough of it.
    pub(crate) fn flushed(&self) -> Result<(), IndexFault> {
        self.waiting().flushed();
        self.put_down(ROWS_AT_ONCE)
    }

    /// Puts down all that is durable.
    pub(crate) fn rest(&self) -> Result<(), IndexFault> {
        self.put_down(0)
    }

    /// It agrees with the entry file: all that sled was given is handed to the operating system.
    fn is_built(&self) -> Result<(), IndexFault> {
        self.flush()?;
        let mark = self.plain(MARK)?.and_then(|plain| Mark::decode(&plain)).unwrap_or_default();
        self.waiting().has_sunk(mark);
        Ok(())
    }

    /// Whether there is room on the disk.
    pub(crate) fn has_room(&self) -> bool {
        self.base.has_room()
    }

    /// The disk was full, and has room: sled is opened again, and gets what it did not take.
    pub(crate) fn open_again(&self) -> Result<(), IndexFault> {
        let _one = self.sinking.lock().unwrap_or_else(PoisonError::into_inner);
        self.base.open_again()?;
        let has = self.plain(MARK)?.and_then(|plain| Mark::decode(&plain)).unwrap_or_default();
        let sunk = self.waiting().sunk_up_to();
        if has.end < sunk.end { Err(IndexFault::Stale) } else { Ok(()) }
    }

    /// Whoever reads goes on meanwhile, but for the moment in which sled takes them.
    fn put_down(&self, at_least: usize) -> Result<(), IndexFault> {
        let _one = self.sinking.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.base.has_room() {
            return Ok(());
        }
        let Some(due) = self.waiting().sink(at_least) else { return Ok(()) };
        let (mut changes, mut rows) = (Puts::default(), Changes::new());
        for (key, row) in &due.rows {
            let value = match row {
                Some(value) if value.at().is_some() => Some(value.encode()),
                Some(Value::Whole(value)) => self.put(&mut changes, key, Some(value))?,
                _ => self.put(&mut changes, key, None)?,
            };
            rows.push((*key, value));
        }
        self.change(&rows, &mut changes)?;
        self.apply(changes, due.mark.unwrap_or_default())?;
        // Sled keeps what was not written out, whatever its cache may hold; and what could not be
        // is put down once more.
        self.flush()?;
        self.waiting().sunk();
        if at_least > 0 {
            // Where it never rests its room is given back beside the writing.
            self.base.give_back(Some(due.rows.len()))?;
        }
        Ok(())
    }

    /// A panic of another thread leaves nothing half done behind it.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to stand at a key of an index table. To `changes`: the chunks of its value, and no
    /// more of those of the one before.
    fn put(
        &self,
        changes: &mut Puts,
        key: &IndexKey,
        value: Option<&[u8]>,
    ) -> Result<Option<Vec<u8>>, IndexFault> {
        let chunked = self.chunked.load(Ordering::Relaxed) & table_bit(key[0]) != 0;
        let before = match chunked.then(|| self.value_in_sled(key)).transpose()?.flatten() {
            Some(Value::Chunks(count)) => count,
            _ => 0,
        };
        let mut chunks = 0;
        let row = match value {
            None => None,
            Some(value) if value.len() <= CHUNK_BYTES => {
                Some(Value::Whole(value.to_vec()).encode())
            }
            Some(value) => {
                self.chunked.fetch_or(table_bit(key[0]), Ordering::Relaxed);
                for chunk in value.chunks(CHUNK_BYTES) {
                    let place = chunk_key(key, chunks);
                    changes.insert(&place, self.seal(&place, chunk)?);
                    chunks += 1;
                }
                Some(Value::Chunks(chunks).encode())
            }
        };
        for n in chunks..before {
            changes.remove(&chunk_key(key, n));
        }
        Ok(row)
    }

    /// Which tables have a value in chunks: in others no old ones are to be removed.
    fn find_chunked(&self) -> Result<(), IndexFault> {
        for table in Table::ALL.iter().filter(|table| !table.is_kept()) {
            let first = [CHUNK | *table as u8];
            let db = self.base.db()?;
            let mut rows = db.range(first.as_slice()..);
            let found = guarded(|| Ok(rows.next().transpose()?))?;
            if found.is_some_and(|(key, _)| key.first() == first.first()) {
                self.chunked.fetch_or(table_bit(*table as u8), Ordering::Relaxed);
            }
        }
        Ok(())
    }

    /// Applies changes with how far of the entry file they bring the index.
    fn apply(&self, mut changes: Puts, mark: Mark) -> Result<(), IndexFault> {
        changes.insert(MARK, self.seal(MARK, &mark.encode())?);
        self.base.write(&changes)
    }

    /// Puts rows by which it catches up from `since`.
    fn catch_up(&self, rows: &Changes, since: Position, mark: Mark) -> Result<(), IndexFault> {
        let mut changes = Puts::default();
        self.change(rows, &mut changes)?;
        changes.insert(SINCE, self.seal(SINCE, &since.encode())?);
        self.apply(changes, mark)
    }

    /// It has caught up, having passed damage at `blind`.
    fn has_caught_up(&self, blind: Option<Position>) -> Result<(), IndexFault> {
        let mut changes = Puts::default();
        changes.remove(SINCE);
        if let Some(at) = blind {
            changes.insert(damage::BLIND, self.seal(damage::BLIND, &at.encode())?);
        }
        self.base.write(&changes)
    }

    /// Hands all that sled has in memory to the operating system.
    pub(crate) fn flush(&self) -> Result<(), IndexFault> {
        guarded(|| self.base.db()?.flush().map(|_| ()).map_err(IndexFault::from))
    }

    /// Does some of what there is to do about the room that it takes. Whether there is more.
    pub(crate) fn give_back(&self) -> Result<bool, IndexFault> {
        self.base.give_back(None)
    }

    /// Tests: whether it writes however full the disk is.
    #[cfg(test)]
    pub(crate) fn set_heedless(&self, is_heedless: bool) {
        self.base.set_heedless(is_heedless);
    }

    /// Tests: how many rows there are, and chunks.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.rest().unwrap();
        let (mut rows, mut count) = (self.rows(pages::FIRST..=[CHUNK; KEY_BYTES], false), 0);
        while rows.next().unwrap().is_some() {
            count += 1;
        }
        count + self.base.db().unwrap().range([CHUNK].as_slice()..).count()
    }

    /// Whether nothing was ever written to it, but its version.
    fn is_empty(&self) -> Result<bool, IndexFault> {
        let mut keys = self.base.db()?.iter().keys();
        loop {
            match guarded(|| Ok(keys.next().transpose()?))? {
                Some(key) if key == ROWS => {}
                other => return Ok(other.is_none()),
            }
        }
    }

    /// How far of the entry file it has seen, as far as that is durable.
    pub(crate) fn mark(&self) -> Result<Option<Mark>, IndexFault> {
        if let Some(mark) = self.waiting().mark() {
            return Ok(Some(mark));
        }
        let Some(plain) = self.plain(MARK)? else { return Ok(None) };
        Mark::decode(&plain).map(Some).ok_or(IndexFault::Closed)
    }

    /// Of which version the rows of index tables are; none where nothing was ever written.
    fn rows_version(&self) -> Result<Option<Vec<u8>>, IndexFault> {
        self.plain(ROWS)
    }

    fn set_rows_version(&self, version: u8) -> Result<(), IndexFault> {
        let mut changes = Puts::default();
        changes.insert(ROWS, self.seal(ROWS, &[version])?);
        self.base.write(&changes)
    }

    /// Up to where it had seen the entry file, if it began to catch up and was not done.
    fn catching_up_since(&self) -> Result<Option<Position>, IndexFault> {
        self.position(SINCE)
    }

    fn position(&self, key: &[u8]) -> Result<Option<Position>, IndexFault> {
        let Some(plain) = self.plain(key)? else { return Ok(None) };
        Position::decode(&plain).map(Some).ok_or(IndexFault::Closed)
    }

    fn plain(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexFault> {
        let Some(sealed) = guarded(|| Ok(self.base.db()?.get(key)?))? else { return Ok(None) };
        self.keys.index.open(key, &sealed).map(Some).ok_or(IndexFault::Closed)
    }

    fn seal(&self, key: &[u8], plain: &[u8]) -> Result<Vec<u8>, IndexFault> {
        self.keys.index.seal(key, plain).map_err(IndexFault::Seal)
    }
}

/// The number in a key.
pub(crate) fn number(key: &IndexKey) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&key[17..]);
    u64::from_be_bytes(number)
}

/// No index table has a number above 31.
fn table_bit(table: u8) -> u32 {
    1 << (table & 31)
}

fn chunk_key(key: &IndexKey, n: u32) -> [u8; KEY_BYTES + 4] {
    let mut chunk = [0; KEY_BYTES + 4];
    chunk[..KEY_BYTES].copy_from_slice(key);
    chunk[0] |= CHUNK;
    chunk[KEY_BYTES..].copy_from_slice(&n.to_be_bytes());
    chunk
}

/// Whether a home has an index.
pub(crate) fn is_there(home: &Path) -> bool {
    home.join("index").exists() || home.join(base::OLD).exists()
}

/// Removes an index of which nothing is of use.
pub(crate) fn remove(home: &Path) -> Result<(), OpenError> {
    let path = home.join("index");
    fs::remove_dir_all(&path).map_err(OpenError::io("cannot remove", path))
}

/// Sets a broken index aside, in place of those that were set aside before.
pub(crate) fn set_aside(home: &Path) -> Result<(), OpenError> {
    let path = home.join("index");
    if !path.exists() {
        return Ok(());
    }
    let prefix = "index.set-aside-";
    let mut newest = 0;
    for entry in fs::read_dir(home).map_err(OpenError::io("cannot read", home))? {
        let entry = entry.map_err(OpenError::io("cannot read", home))?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(prefix)?.parse::<u64>().ok());
        if let Some(number) = number {
            newest = newest.max(number);
            let old = entry.path();
            fs::remove_dir_all(&old).map_err(OpenError::io("cannot remove", old))?;
        }
    }
    let aside = home.join(format!("{prefix}{}", newest.saturating_add(1)));
    fs::rename(&path, aside).map_err(OpenError::io("cannot set aside", path))?;
    home::sync_directory(home).map_err(OpenError::io("cannot sync", home))
}

/// Asks for the index to be built anew at the next start.
pub(crate) fn ask_for_rebuild(home: &Path) {
    // If even this fails, the damage shows again at the next reading.
    _ = fs::write(home.join("index").join(REBUILD), b"");
}
