//! Sled under the index, and how its room is given back.
//!
//! What sled writes over it takes its time to use again, and its file never shrinks by much: after
//! a busy hour it is ten times as long as what is in it. So when the file is over three times that,
//! all is copied into another sled beside it, some values at a time, while what is written goes to
//! both; then that takes the place of the old one. What is copied stays as it was encrypted.

use std::{
    fs, io,
    ops::Bound::{Excluded, Unbounded},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError, RwLock, mpsc::channel},
    time::{Duration, Instant},
};

use rustix::fs::statvfs;

use super::{
    MARK,
    fault::{IndexFault, guarded},
};
use crate::home;

/// Bytes that sled keeps of its pages in memory.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// How often sled writes by itself, and goes about its room.
const FLUSH_EVERY: Duration = Duration::from_millis(500);

/// How long a sled that was closed in this process may still hold its files.
const CLOSING: Duration = Duration::from_secs(5);

/// How long sled may take to open while the home is used.
const OPENING: Duration = Duration::from_secs(20);

/// Values that are looked at, or copied, at a time.
const SLICE: usize = 256;

/// A file that is shorter is let be.
const LET_BE_BYTES: u64 = if cfg!(test) { 2 } else { 8 } * 1024 * 1024;

/// Bytes that are to be free before anything is written.
const ROOM_BYTES: u64 = 8 * 1024 * 1024;

/// How many times as long as what is in it a file may be, at rest and while much is written: then
/// sled uses most of it again by itself.
const TIMES_MAX: [u64; 2] = if cfg!(test) { [3, 3] } else { [3, 6] };

/// Rows of which so many are written for each value that is copied beside them: a value has many.
const ROWS_OF_VALUE: usize = 8;

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
    /// None where it could not be opened again.
    db: RwLock<Option<sled::Db>>,
    room: Mutex<Room>,
    /// Tests: writes however full the disk is, as where it fills in that moment.
    #[cfg(test)]
    is_heedless: std::sync::atomic::AtomicBool,
}

/// What is being done about the room that sled takes.
struct Room {
    work: Work,
    /// The length of the file for which it was last found that there is nothing to do: at rest,
    /// and while much was written.
    fine: [u64; 2],
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
        [new, old].iter().for_each(|left| remove(left));
        let room = Room { work: Work::None, fine: [0; 2], not_before: None };
        let db = RwLock::new(Some(open_sled(path)?));
        Ok(Self {
            path: path.to_owned(),
            db,
            room: room.into(),
            #[cfg(test)]
            is_heedless: false.into(),
        })
    }

    /// Sled as it is now.
    pub(super) fn db(&self) -> Result<sled::Db, IndexFault> {
        let db = self.db.read().unwrap_or_else(PoisonError::into_inner);
        db.clone().ok_or(IndexFault::NoRoom)
    }

    /// Whether there is room to write more: a sled that meets the end of a disk never writes again,
    /// and does not read all either.
    pub(super) fn has_room(&self) -> bool {
        #[cfg(test)]
        if self.is_heedless.load(std::sync::atomic::Ordering::Acquire) {
            return true;
        }
        // Where a file system does not say, its own refusal has to do.
        self.free().is_none_or(|free| free > ROOM_BYTES)
    }

    #[cfg(test)]
    pub(super) fn set_heedless(&self, is_heedless: bool) {
        self.is_heedless.store(is_heedless, std::sync::atomic::Ordering::Release);
    }

    fn free(&self) -> Option<u64> {
        let disk = statvfs(&self.path).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Lets go of it, until it is opened again.
    fn shut(&self) {
        let mut db = self.db.write().unwrap_or_else(PoisonError::into_inner);
        db.take().into_iter().for_each(close);
    }

    /// Opens it again. One whose disk was full never writes anything more.
    pub(super) fn open_again(&self) -> Result<(), IndexFault> {
        let mut room = self.room();
        if let Work::Copying { other, .. } = std::mem::replace(&mut room.work, Work::None) {
            close(other);
            remove(&self.path.with_file_name(NEW));
        }
        let mut db = self.db.write().unwrap_or_else(PoisonError::into_inner);
        db.take().into_iter().for_each(close);
        let (path, (done, opened)) = (self.path.clone(), channel());
        std::thread::spawn(move || _ = done.send(guarded(|| open_sled(&path))));
        *db = Some(opened.recv_timeout(OPENING).unwrap_or(Err(IndexFault::Stalled))?);
        Ok(())
    }

    /// Writes changes, all or none.
    pub(super) fn write(&self, puts: &Puts) -> Result<(), IndexFault> {
        let mut room = self.room();
        let db = self.db()?;
        if let Err(fault) = guarded(|| Ok(db.apply_batch(puts.batch(|_| true))?)) {
            drop(db);
            if fault.is_full() {
                // It shows some of the changes and not others, until it is opened again.
                self.shut();
            }
            return Err(fault);
        }
        if let Work::Copying { other, up_to } = &room.work {
            let copied = puts.batch(|key| key <= up_to.as_slice() && key != MARK);
            if let Err(fault) = guarded(|| Ok(other.apply_batch(copied)?)) {
                self.give_up(&mut room, &fault);
            }
        }
        Ok(())
    }

    /// Does some of what there is to do about its room; where so many rows were just written, in
    /// proportion. Whether there is more.
    pub(super) fn give_back(&self, written: Option<usize>) -> Result<bool, IndexFault> {
        let slice = (written.unwrap_or_default() / ROWS_OF_VALUE).max(SLICE);
        let busy = usize::from(written.is_some());
        let mut room = self.room();
        let length = fs::metadata(self.path.join("db")).map_or(0, |file| file.len());
        match std::mem::replace(&mut room.work, Work::None) {
            Work::None => {
                let is_due = room.not_before.is_none_or(|at| Instant::now() >= at);
                // Looked at again once it is longer by a quarter.
                let looked = room.fine[busy];
                if is_due && length > LET_BE_BYTES.max(looked + looked / 4) {
                    room.work = Work::Counting { bytes: 0, up_to: Vec::new() };
                }
            }
            Work::Counting { bytes, up_to } => {
                let (mut bytes, mut up_to) = (bytes, up_to);
                let mut add = |key: &[u8], value: &[u8]| bytes += (key.len() + value.len()) as u64;
                room.work = match self.some(slice, &mut up_to, &mut add)? {
                    true => Work::Counting { bytes, up_to },
                    false if length > TIMES_MAX[busy] * bytes => self.begin(&mut room, bytes),
                    false => {
                        room.fine[busy] = length;
                        Work::None
                    }
                };
            }
            Work::Copying { other, up_to } if !self.has_room() => {
                room.work = Work::Copying { other, up_to };
                self.give_up(&mut room, &IndexFault::NoRoom);
            }
            Work::Copying { other, up_to } => self.copy(&mut room, slice, other, up_to)?,
        }
        Ok(!matches!(room.work, Work::None))
    }

    /// Calls `each` with the next values behind a key, which is then that of the last. Whether
    /// there are more.
    fn some(
        &self,
        slice: usize,
        up_to: &mut Vec<u8>,
        each: &mut impl FnMut(&[u8], &[u8]),
    ) -> Result<bool, IndexFault> {
        let db = self.db()?;
        let behind = (Excluded(std::mem::take(up_to)), Unbounded);
        let mut values = db.range::<Vec<u8>, _>(behind);
        for _ in 0..slice {
            let value = guarded(|| Ok(values.next().transpose()?))?;
            let Some((key, value)) = value else { return Ok(false) };
            each(&key, &value);
            *up_to = key.to_vec();
        }
        Ok(true)
    }

    /// Begins to copy, if there is room for another one.
    fn begin(&self, room: &mut Room, bytes: u64) -> Work {
        let wanted = (TIMES_MAX[0] + 1) * bytes + 2 * ROOM_BYTES;
        let has_room = self.free().is_some_and(|free| free > wanted);
        let opened = has_room.then(|| {
            let new = self.path.with_file_name(NEW);
            [&new, &self.path.with_file_name(OLD)].into_iter().for_each(|left| remove(left));
            guarded(|| open_sled(&new))
        });
        match opened {
            Some(Ok(other)) => return Work::Copying { other, up_to: Vec::new() },
            Some(Err(fault)) => self.give_up(room, &fault),
            None => room.not_before = Some(Instant::now() + PAUSE),
        }
        Work::None
    }

    fn copy(
        &self,
        room: &mut Room,
        slice: usize,
        other: sled::Db,
        mut up_to: Vec<u8>,
    ) -> Result<(), IndexFault> {
        let mut batch = sled::Batch::default();
        let mut add = |key: &[u8], value: &[u8]| {
            // Last of all: a copy that is not whole has none, and is not believed.
            if key != MARK {
                batch.insert(key, value);
            }
        };
        let more = match self.some(slice, &mut up_to, &mut add) {
            Ok(more) => more,
            Err(fault) => {
                close(other);
                return Err(fault);
            }
        };
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
        let mark = guarded(|| Ok(self.db()?.get(MARK)?))?.ok_or(IndexFault::Unmarked)?;
        // What sled calls a flush does not reach the disk, and a file that is cut short may open.
        guarded(|| Ok(other.flush().map(drop)?))?;
        sync_all(&new).map_err(IndexFault::Room)?;
        guarded(|| {
            other.insert(MARK, mark)?;
            Ok(other.flush().map(drop)?)
        })?;
        sync_all(&new).map_err(IndexFault::Room)?;
        fs::rename(&self.path, &old).map_err(IndexFault::Room)?;
        if let Err(error) = fs::rename(&new, &self.path) {
            fs::rename(&old, &self.path).map_err(IndexFault::Room)?;
            return Err(IndexFault::Room(error));
        }
        // Without it the old one may still be there after a power cut, which is one as well.
        _ = self.path.parent().map(home::sync_directory);
        let Work::Copying { other, .. } = std::mem::replace(&mut room.work, Work::None) else {
            return Ok(());
        };
        let mut db = self.db.write().unwrap_or_else(PoisonError::into_inner);
        let before = db.replace(other);
        drop(db);
        room.fine = [fs::metadata(self.path.join("db")).map_or(0, |file| file.len()); 2];
        before.into_iter().for_each(close);
        remove(&old);
        Ok(())
    }

    /// The old one goes on as it is; it is tried again later.
    fn give_up(&self, room: &mut Room, fault: &IndexFault) {
        tracing::debug!(%fault, "the room of the index is not given back for now");
        if let Work::Copying { other, .. } = std::mem::replace(&mut room.work, Work::None) {
            close(other);
        }
        room.not_before = Some(Instant::now() + PAUSE);
        remove(&self.path.with_file_name(NEW));
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes a sled, which may panic.
fn close(db: sled::Db) {
    _ = guarded(|| {
        drop(db);
        Ok(())
    });
}

/// Removes what is of no use any more; what cannot be is in nobody's way until the next time.
fn remove(left: &Path) {
    if left.exists()
        && let Err(error) = fs::remove_dir_all(left)
    {
        tracing::warn!(%error, left = %left.display(), "a directory of no use stays");
    }
}

/// Makes all files of a directory durable, and that they are there.
fn sync_all(directory: &Path) -> io::Result<()> {
    for file in fs::read_dir(directory)? {
        let path = file?.path();
        if path.is_file() {
            fs::File::open(path)?.sync_all()?;
        }
    }
    fs::File::open(directory)?.sync_all()
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
