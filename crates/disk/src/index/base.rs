//! Sled under the index, and how its room is given back.
//!
//! What sled writes over it takes its time to use again, and its file never shrinks by much: after
//! a busy hour it is ten times as long as what is in it. So when the file is over three times that,
//! all is copied into another sled beside it, some values at a time, while what is written goes to
//! both; then that takes the place of the old one. What is copied stays as it was encrypted.

use std::{
    fs,
    ops::Bound::{Excluded, Unbounded},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError, RwLock},
    time::{Duration, Instant},
};

use rustix::fs::statvfs;

use super::fault::{IndexFault, guarded};

/// Bytes that sled keeps of its pages in memory.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// How often sled writes by itself, and goes about its room.
const FLUSH_EVERY: Duration = Duration::from_millis(500);

/// How long a sled that was closed in this process may still hold its files.
const CLOSING: Duration = Duration::from_secs(5);

/// Values that are looked at, or copied, at a time.
const SLICE: usize = 256;

/// A file that is shorter is let be.
const LET_BE_BYTES: u64 = 8 * 1024 * 1024;

/// How many times as long as what is in it a file may be.
const TIMES_MAX: u64 = 3;

/// How long copying is let be after it failed.
const PAUSE: Duration = Duration::from_secs(60);

/// The other sled, and the old one while the two change places, beside the index.
const NEW: &str = "index.new";
pub(super) const OLD: &str = "index.old";

/// Changes of sled's values, in order.
#[derive(Default)]
pub(super) struct Puts(Vec<(Vec<u8>, Option<Vec<u8>>)>);

impl Puts {
    pub(super) fn insert(&mut self, key: &[u8], value: Vec<u8>) {
        self.0.push((key.to_vec(), Some(value)));
    }

    pub(super) fn remove(&mut self, key: &[u8]) {
        self.0.push((key.to_vec(), None));
    }

    /// Those of the keys that `is_it` says, as sled takes them.
    fn batch(&self, is_it: impl Fn(&[u8]) -> bool) -> sled::Batch {
        let mut batch = sled::Batch::default();
        for (key, value) in self.0.iter().filter(|(key, _)| is_it(key)) {
            match value {
                Some(value) => batch.insert(key.as_slice(), value.as_slice()),
                None => batch.remove(key.as_slice()),
            }
        }
        batch
    }
}

/// Sled, and what is being done about its room.
pub(super) struct Base {
    path: PathBuf,
    db: RwLock<sled::Db>,
    room: Mutex<Room>,
}

/// What is being done about the room that sled takes.
struct Room {
    work: Work,
    /// The length of the file for which it was last found that there is nothing to do.
    fine_at: u64,
    not_before: Option<Instant>,
}

enum Work {
    None,
    /// What is in it is counted: its bytes up to a key.
    Counting {
        bytes: u64,
        up_to: Vec<u8>,
    },
    /// It is copied: all up to a key is in the other one.
    Copying {
        other: sled::Db,
        up_to: Vec<u8>,
    },
}

impl Base {
    /// Opens sled and nothing more. It may panic or hang.
    pub(super) fn open(path: &Path) -> Result<Self, IndexFault> {
        // A process ended while two changed places, or while one was made.
        let (new, old) = (path.with_file_name(NEW), path.with_file_name(OLD));
        if !path.exists() && old.exists() {
            fs::rename(&old, path).map_err(IndexFault::Room)?;
        }
        for left in [new, old].iter().filter(|left| left.exists()) {
            fs::remove_dir_all(left).map_err(IndexFault::Room)?;
        }
        let room = Room { work: Work::None, fine_at: 0, not_before: None };
        Ok(Self { path: path.to_owned(), db: RwLock::new(open_sled(path)?), room: room.into() })
    }

    /// Sled as it is now.
    pub(super) fn db(&self) -> sled::Db {
        self.db.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes changes, all or none.
    pub(super) fn write(&self, puts: &Puts) -> Result<(), IndexFault> {
        let mut room = self.room();
        guarded(|| Ok(self.db().apply_batch(puts.batch(|_| true))?))?;
        if let Work::Copying { other, up_to } = &room.work {
            let copied = puts.batch(|key| key <= up_to.as_slice());
            if let Err(fault) = guarded(|| Ok(other.apply_batch(copied)?)) {
                self.give_up(&mut room, &fault);
            }
        }
        Ok(())
    }

    /// Does some of what there is to do about its room: where much is written it is looked at
    /// rarely. Whether there is more.
    pub(super) fn give_back(&self, is_busy: bool) -> Result<bool, IndexFault> {
        let mut room = self.room();
        let length = fs::metadata(self.path.join("db")).map_or(0, |file| file.len());
        match std::mem::replace(&mut room.work, Work::None) {
            Work::None => {
                let is_due = room.not_before.is_none_or(|at| Instant::now() >= at);
                let looked = if is_busy { room.fine_at / 2 * 3 } else { room.fine_at };
                if is_due && length > LET_BE_BYTES.max(looked) {
                    room.work = Work::Counting { bytes: 0, up_to: Vec::new() };
                }
            }
            Work::Counting { bytes, up_to } => {
                let (mut bytes, mut up_to) = (bytes, up_to);
                let mut add = |key: &[u8], value: &[u8]| bytes += (key.len() + value.len()) as u64;
                room.work = match self.some(&mut up_to, &mut add)? {
                    true => Work::Counting { bytes, up_to },
                    false if length > TIMES_MAX * bytes => self.begin(&mut room, bytes),
                    false => {
                        room.fine_at = length;
                        Work::None
                    }
                };
            }
            Work::Copying { other, up_to } => self.copy(&mut room, other, up_to)?,
        }
        Ok(!matches!(room.work, Work::None))
    }

    /// Calls `each` with the next values behind a key, which is then that of the last. Whether
    /// there are more.
    fn some(
        &self,
        up_to: &mut Vec<u8>,
        each: &mut impl FnMut(&[u8], &[u8]),
    ) -> Result<bool, IndexFault> {
        let db = self.db();
        let behind = (Excluded(std::mem::take(up_to)), Unbounded);
        let mut values = db.range::<Vec<u8>, _>(behind);
        for _ in 0..SLICE {
            let value = guarded(|| Ok(values.next().transpose()?))?;
            let Some((key, value)) = value else { return Ok(false) };
            each(&key, &value);
            *up_to = key.to_vec();
        }
        Ok(true)
    }

    /// Begins to copy, if there is room for another one.
    fn begin(&self, room: &mut Room, bytes: u64) -> Work {
        let free = statvfs(&self.path).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        let has_room = free.is_ok_and(|free| free > (TIMES_MAX + 1) * bytes + LET_BE_BYTES);
        let opened = has_room.then(|| {
            let new = self.path.with_file_name(NEW);
            _ = fs::remove_dir_all(&new);
            guarded(|| open_sled(&new))
        });
        match opened {
            Some(Ok(other)) => return Work::Copying { other, up_to: Vec::new() },
            Some(Err(fault)) => self.give_up(room, &fault),
            None => room.not_before = Some(Instant::now() + PAUSE),
        }
        Work::None
    }

    fn copy(&self, room: &mut Room, other: sled::Db, mut up_to: Vec<u8>) -> Result<(), IndexFault> {
        let mut batch = sled::Batch::default();
        let more = self.some(&mut up_to, &mut |key, value| batch.insert(key, value))?;
        let copied = guarded(|| Ok(other.apply_batch(batch)?));
        room.work = Work::Copying { other, up_to };
        let done = copied.and_then(|()| if more { Ok(()) } else { self.change_places(room) });
        if let Err(fault) = done {
            self.give_up(room, &fault);
        }
        Ok(())
    }

    /// The copy takes the place of the index: whoever is reading the old one goes on with that.
    fn change_places(&self, room: &mut Room) -> Result<(), IndexFault> {
        let Work::Copying { other, .. } = &room.work else { return Ok(()) };
        let (new, old) = (self.path.with_file_name(NEW), self.path.with_file_name(OLD));
        guarded(|| other.flush().map(|_| ()).map_err(IndexFault::from))?;
        fs::rename(&self.path, &old).map_err(IndexFault::Room)?;
        if let Err(error) = fs::rename(&new, &self.path) {
            fs::rename(&old, &self.path).map_err(IndexFault::Room)?;
            return Err(IndexFault::Room(error));
        }
        let Work::Copying { other, .. } = std::mem::replace(&mut room.work, Work::None) else {
            return Ok(());
        };
        let mut db = self.db.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *db, other);
        drop(db);
        room.fine_at = fs::metadata(self.path.join("db")).map_or(0, |file| file.len());
        guarded(|| {
            drop(before);
            fs::remove_dir_all(&old).map_err(IndexFault::Room)
        })
    }

    /// The old one goes on as it is; it is tried again later.
    fn give_up(&self, room: &mut Room, fault: &IndexFault) {
        tracing::debug!(%fault, "the room of the index is not given back for now");
        room.work = Work::None;
        room.not_before = Some(Instant::now() + PAUSE);
        _ = fs::remove_dir_all(self.path.with_file_name(NEW));
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open_sled(path: &Path) -> Result<sled::Db, IndexFault> {
    let since = Instant::now();
    let every = FLUSH_EVERY.as_millis() as u64;
    loop {
        let config = sled::Config::new().path(path).cache_capacity(CACHE_BYTES);
        match config.flush_every_ms(Some(every)).mode(sled::Mode::LowSpace).open() {
            // The home's lock is ours, so whoever has these files is about to let go.
            Err(sled::Error::Io(error))
                if error.to_string().contains("acquire lock") && since.elapsed() < CLOSING =>
            {
                std::thread::sleep(Duration::from_millis(20));
            }
            opened => return Ok(opened?),
        }
    }
}
