//! The store on disk, and the flusher that makes its writes durable on another thread.

use std::{
    cell::RefCell,
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use store::{Batch, Group, Key, Order, Put, Store, StoreError, Table, WriteId};

use crate::{
    entries::{Damage, Entries, Position},
    error::OpenError,
    home::{self, Lock},
    index::{self, Index, Kept},
    key::Keys,
    record,
};

/// How a home is opened.
#[derive(Clone, Copy, Debug)]
pub struct OpenOptions {
    /// How long to wait for whoever has the home open.
    pub wait: Duration,
    /// Called now and then while the index is built, with the records read so far.
    pub progress: fn(u64),
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { wait: Duration::from_secs(5), progress: |_| {} }
    }
}

/// A home that was opened.
pub struct Opened {
    /// The store, for the engine.
    pub store: DiskStore,
    /// What makes its writes durable, for a thread of its own.
    pub flusher: Flusher,
    /// Records that cannot be read.
    pub damage: Vec<Damage>,
    /// Whether the index was built anew.
    pub rebuilt: bool,
}

/// A home on disk.
pub struct DiskStore {
    home: PathBuf,
    keys: Keys,
    entries: Entries,
    index: Index,
    written: WriteId,
    shared: Arc<Shared>,
    /// The record that was read last: the next value is often in it too.
    last: RefCell<Option<(Position, Vec<Put>)>>,
    _lock: Lock,
}

/// Segments that have been written to since they were last made durable.
#[derive(Default)]
struct Shared {
    dirty: Mutex<Vec<Arc<File>>>,
    failed: AtomicBool,
}

/// Makes writes durable.
#[derive(Clone)]
pub struct Flusher {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for DiskStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DiskStore({})", self.home.display())
    }
}

/// Records between two reports of progress.
const PROGRESS_EVERY: u64 = 1_000;

impl DiskStore {
    /// Opens a home, making it where there is none.
    pub fn open(home: &Path, options: OpenOptions) -> Result<Opened, OpenError> {
        home::check_format(home)?;
        home::create(home)?;
        let lock = Lock::take(home, options.wait)?;
        // Whoever had the lock before may have been a newer program.
        home::check_format(home)?;
        let keys = Keys::open(home, Entries::exist(home))?;
        home::write_format(home)?;
        let mut entries = Entries::open(home)?;
        let opened = Index::open(home).and_then(|index| Some((index.mark()?, index)));
        let usable = opened.filter(|(mark, _)| *mark <= entries.end());
        let (mark, index, rebuilt) = match usable {
            Some((mark, index)) => (mark, index, false),
            None => {
                let rebuilt = Entries::exist(home);
                Index::set_aside(home)?;
                let index = Index::open(home);
                let index = index.ok_or_else(|| OpenError::Index("sled does not open".into()))?;
                (Position::default(), index, rebuilt)
            }
        };
        let mut records = 0;
        let damage = entries.replay(&keys.entries, mark, |at, payload| {
            records += 1;
            if records % PROGRESS_EVERY == 0 {
                (options.progress)(records);
            }
            let puts = record::decode(&payload).unwrap_or_default();
            let batch = kept_batch(&keys, at, &puts).map_err(OpenError::io("cannot index", home))?;
            index.apply(batch, at).map_err(|error| OpenError::Index(error.to_string()))
        })?;
        let caught_up = index.apply(sled::Batch::default(), entries.end());
        caught_up.map_err(|error| OpenError::Index(error.to_string()))?;
        let shared = Arc::new(Shared::default());
        let store = Self {
            home: home.to_owned(),
            keys,
            entries,
            index,
            written: WriteId::default(),
            shared: shared.clone(),
            last: RefCell::new(None),
            _lock: lock,
        };
        Ok(Opened { store, flusher: Flusher { shared }, damage, rebuilt })
    }

    /// The value that the index knows of.
    fn kept(&self, bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
        match Kept::decode(bytes) {
            Some(Kept::Inline(value)) => Ok(value),
            Some(Kept::Elsewhere { at, put }) => self.elsewhere(at, put),
            None => Err(self.broken_index("a place that is none")),
        }
    }

    fn elsewhere(&self, at: Position, put: u32) -> Result<Vec<u8>, StoreError> {
        let value = |puts: &[Put]| puts.get(put as usize).and_then(|(_, value)| value.clone());
        if let Some((last, puts)) = &*self.last.borrow()
            && *last == at
        {
            return value(puts).ok_or_else(|| self.broken_index("a place that is empty"));
        }
        let read = self.entries.get(&self.keys.entries, at);
        let read = read.map_err(|error| failed("reading an entry", &error))?;
        let damaged = || StoreError::Damaged {
            what: format!("a record of segment {} at {}", at.segment, at.offset),
        };
        let puts = read.and_then(|payload| record::decode(&payload)).ok_or_else(damaged)?;
        let found = value(&puts);
        *self.last.borrow_mut() = Some((at, puts));
        found.ok_or_else(|| self.broken_index("a place that is empty"))
    }

    /// The index is wrong: it is built anew at the next start.
    fn broken_index(&self, what: &str) -> StoreError {
        index::ask_for_rebuild(&self.home);
        StoreError::Damaged { what: format!("the index ({what}); start again to mend it") }
    }

    fn sled(&self, error: sled::Error) -> StoreError {
        self.broken_index(&error.to_string())
    }
}

impl Store for DiskStore {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let at = index::key(&self.keys, key.table, &key.group, key.number);
        let found = self.index.get(&self.keys.index, &at).map_err(|error| self.sled(error))?;
        match found {
            Some(bytes) if key.table.is_kept() => self.kept(&bytes).map(Some),
            found => Ok(found),
        }
    }

    fn scan(
        &self,
        table: Table,
        group: &Group,
        numbers: std::ops::RangeInclusive<u64>,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let key = |number| index::key(&self.keys, table, group, number);
        let range = key(*numbers.start())..=key(*numbers.end());
        let backwards = order == Order::Descending;
        let found = self.index.scan(&self.keys.index, range, backwards, limit);
        let found = found.map_err(|error| self.sled(error))?;
        if !table.is_kept() {
            return Ok(found);
        }
        found.into_iter().map(|(number, bytes)| Ok((number, self.kept(&bytes)?))).collect()
    }

    fn write(&mut self, batch: Batch) -> Result<WriteId, StoreError> {
        if self.shared.failed.load(Ordering::Acquire) {
            return Err(StoreError::ReadOnly);
        }
        let mut indexed = sled::Batch::default();
        if let Some(payload) = record::encode(&batch) {
            let before = self.entries.current();
            let at = self.entries.append(&self.keys.entries, &payload);
            let at = at.map_err(|error| failed("writing an entry", &error))?;
            self.mark_dirty(before);
            self.mark_dirty(self.entries.current());
            let puts: Vec<_> =
                batch.puts().iter().filter(|(key, _)| key.table.is_kept()).cloned().collect();
            let kept = kept_batch(&self.keys, at, &puts);
            indexed = kept.map_err(|error| failed("writing the index", &error))?;
        }
        for (key, value) in batch.puts().iter().filter(|(key, _)| !key.table.is_kept()) {
            let at = index::key(&self.keys, key.table, &key.group, key.number);
            match value {
                Some(value) => {
                    let sealed = self.keys.index.seal(&at, value);
                    let sealed = sealed.map_err(|error| failed("writing the index", &error))?;
                    indexed.insert(at, sealed);
                }
                None => indexed.remove(at),
            }
        }
        let applied = self.index.apply(indexed, self.entries.end());
        applied.map_err(|error| match error {
            sled::Error::Io(error) => failed("writing the index", &error),
            error => self.sled(error),
        })?;
        self.written = WriteId(self.written.0 + 1);
        Ok(self.written)
    }
}

impl DiskStore {
    fn mark_dirty(&self, file: Option<Arc<File>>) {
        let Some(file) = file else { return };
        let mut dirty = self.shared.dirty.lock().unwrap_or_else(PoisonError::into_inner);
        if !dirty.iter().any(|other| Arc::ptr_eq(other, &file)) {
            dirty.push(file);
        }
    }
}

impl Flusher {
    /// Makes all writes so far durable. One that failed is never tried again: the system may have
    /// dropped what it could not write.
    pub fn flush(&self) -> Result<(), StoreError> {
        if self.shared.failed.load(Ordering::Acquire) {
            return Err(StoreError::ReadOnly);
        }
        let dirty = {
            let mut dirty = self.shared.dirty.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *dirty)
        };
        for file in dirty {
            if let Err(error) = file.sync_data() {
                self.shared.failed.store(true, Ordering::Release);
                return Err(failed("making entries durable", &error));
            }
        }
        Ok(())
    }
}

/// What the index gets of the kept puts of one record. Later puts of a key stand after earlier
/// ones, as in the batch.
fn kept_batch(keys: &Keys, at: Position, puts: &[Put]) -> std::io::Result<sled::Batch> {
    let mut batch = sled::Batch::default();
    for (n, (key, value)) in puts.iter().enumerate() {
        let place = index::key(keys, key.table, &key.group, key.number);
        match value {
            Some(value) => {
                let sealed = keys.index.seal(&place, &Kept::encode(at, n as u32, value))?;
                batch.insert(place, sealed);
            }
            None => batch.remove(place),
        }
    }
    Ok(batch)
}

fn failed(doing: &'static str, error: &std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Failed { doing, cause: error.to_string() },
    }
}
