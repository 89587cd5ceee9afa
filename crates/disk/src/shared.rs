//! A home that is open: what its store and its flushers, on two threads, both hold.

use std::{
    fs::File,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rustix::fs::{Advice, fadvise};
use store::{Batch, StoreError};

use crate::{
    closed::Closing,
    copies::Copies,
    error::failed,
    home::Lock,
    index::{self, Index, IndexFault},
    position::Position,
    read_only::Scratch,
};

/// How long it is let be after it was tried in vain to go on with a disk that was full.
const TRY_AGAIN: Duration = Duration::from_secs(10);

/// What the store and its flushers share: the home, open and locked.
pub(crate) struct Shared {
    pub(crate) home: PathBuf,
    pub(crate) index: Index,
    /// Set when the disk, or sled, has failed once: nothing is written any more.
    pub(crate) has_failed: AtomicBool,
    /// Set while sled could not write for want of room: nothing is written until there is some.
    is_full: AtomicBool,
    /// When it was last tried whether there is some.
    tried: Mutex<Option<Instant>>,
    state: Mutex<State>,
    copies: Mutex<Copies>,
    /// Damage that the index is to know of, once what is written about it is durable.
    pub(crate) damage: Mutex<Option<[u8; 32]>>,
    /// Held while something is made durable, so that nobody is told so before it is.
    flushing: Mutex<()>,
    /// Tests: the next flush fails.
    #[cfg(test)]
    pub(crate) flush_fails: AtomicBool,
    /// Whether all of the entry file could be read at opening, and all that is kept twice is.
    pub(crate) is_whole: AtomicBool,
    /// Behind the index, which has to be closed before it.
    closing: Closing,
    /// Of a home on a disk that can only be read: where its index is. Behind the index.
    pub(crate) scratch: Option<Scratch>,
    /// Last, so that all else is closed when the next process gets it.
    _lock: Lock,
}

/// The segment that is written to.
struct State {
    file: Arc<File>,
    written: Position,
    durable: Position,
}

impl Shared {
    /// A home of which all up to `end`, in this file, is durable.
    pub(crate) fn new(
        home: PathBuf,
        index: Index,
        file: Arc<File>,
        end: Position,
        copies: Copies,
        lock: Lock,
    ) -> Self {
        Self {
            home,
            index,
            has_failed: AtomicBool::new(false),
            is_full: AtomicBool::new(false),
            tried: Mutex::default(),
            state: Mutex::new(State { file, written: end, durable: end }),
            copies: Mutex::new(copies),
            damage: Mutex::default(),
            flushing: Mutex::new(()),
            #[cfg(test)]
            flush_fails: AtomicBool::new(false),
            is_whole: AtomicBool::new(false),
            closing: Closing::default(),
            scratch: None,
            _lock: lock,
        }
    }

    /// Whether it is on a disk that can only be read.
    pub(crate) fn is_read_only(&self) -> bool {
        self.scratch.is_some()
    }

    /// All before this is durable.
    pub(crate) fn durable(&self) -> Position {
        locked(&self.state).durable
    }

    /// The store has written up to here.
    pub(crate) fn set_written(&self, written: Position) {
        locked(&self.state).written = written;
    }

    /// The store has begun a segment, which is durable.
    pub(crate) fn begin_segment(&self, file: Arc<File>, at: Position) {
        *locked(&self.state) = State { file, written: at, durable: at };
    }

    /// Makes all that is written durable.
    pub(crate) fn flush(&self) -> Result<(), StoreError> {
        self.sync()?;
        if let Err(fault) = self.note_damage() {
            self.broken(&fault);
        }
        Ok(())
    }

    /// What is written about damage is durable: the index is to know of it from now on.
    fn note_damage(&self) -> Result<(), IndexFault> {
        if self.is_full() || !self.index.has_room() {
            return Ok(());
        }
        let damage = *locked(&self.damage);
        damage.map_or(Ok(()), |damage| self.index.set_damage_digest(damage))?;
        *locked(&self.damage) = None;
        Ok(())
    }

    /// All that the index has is handed to the operating system.
    fn close_index(&self) -> Result<(), IndexFault> {
        if self.is_durable() {
            if self.is_whole.load(Ordering::Acquire) {
                self.note_damage()?;
            }
            self.index.flush_begins();
            self.index.flushed()?;
        }
        self.index.rest()?;
        self.index.flush()
    }

    /// Makes all that is written durable.
    pub(crate) fn sync(&self) -> Result<(), StoreError> {
        let _one = locked(&self.flushing);
        if self.has_failed.load(Ordering::Acquire) {
            return Err(StoreError::ReadOnly);
        }
        // What is written is in the file before the index has it, so this first.
        self.index.flush_begins();
        let (file, written, is_durable) = {
            let state = locked(&self.state);
            (state.file.clone(), state.written, state.durable == state.written)
        };
        if is_durable {
            return self.put_down();
        }
        if let Err(error) = self.sync_data(&file) {
            self.has_failed.store(true, Ordering::Release);
            // What the system could not write it takes for written from now on. Whoever reads
            // it next, here or after a restart, is to see what the disk has.
            _ = fadvise(&file, 0, None, Advice::DontNeed);
            return Err(failed("making entries durable", &error));
        }
        {
            let mut state = locked(&self.state);
            state.durable = state.durable.max(written);
        }
        self.write_copies();
        self.put_down()
    }

    /// The flush succeeded: the index gets what it made durable.
    fn put_down(&self) -> Result<(), StoreError> {
        if self.is_full() {
            return Ok(());
        }
        // What is durable is that without an index too.
        if let Err(fault) = self.index.flushed() {
            self.broken(&fault);
        }
        Ok(())
    }

    /// Nothing was to be done for a while: the index gets all that is durable, so that it outlives
    /// the process.
    pub(crate) fn rest(&self) -> bool {
        let is_sick = self.index.has_room() && self.go_on().is_err();
        if is_sick || self.has_failed.load(Ordering::Acquire) || self.is_full() {
            return false;
        }
        // What came while the last flush was under way is durable too.
        if self.sync().is_err() {
            return false;
        }
        let rested = self.index.rest().and_then(|()| self.index.flush());
        rested.and_then(|()| self.index.give_back()).unwrap_or_else(|fault| {
            self.broken(&fault);
            false
        })
    }

    /// Whether all that is written is durable.
    pub(crate) fn is_durable(&self) -> bool {
        let state = locked(&self.state);
        state.durable == state.written
    }

    /// To be copied once the record at `of` is durable.
    pub(crate) fn copy(&self, of: Position, puts: Batch) {
        locked(&self.copies).wait(of, puts);
    }

    /// Copies what waits for that and is durable, which it is without a second copy too: one that
    /// cannot be written is made at the next opening.
    pub(crate) fn write_copies(&self) {
        if let Err(error) = locked(&self.copies).write(self.durable()) {
            tracing::warn!(%error, "keys and charters are not written a second time");
            self.is_whole.store(false, Ordering::Release);
        }
    }

    fn sync_data(&self, file: &File) -> std::io::Result<()> {
        #[cfg(test)]
        if self.flush_fails.load(Ordering::Acquire) {
            return Err(std::io::ErrorKind::Other.into());
        }
        file.sync_data()
    }

    /// Whether sled could not write for want of room.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Acquire)
    }

    /// The disk has room. Where it had none the index goes on from there: it has all in memory that
    /// it could not write.
    pub(crate) fn go_on(&self) -> Result<(), StoreError> {
        if !self.is_full() {
            return Ok(());
        }
        {
            let mut tried = locked(&self.tried);
            if tried.is_some_and(|tried| tried.elapsed() < TRY_AGAIN) {
                return Err(StoreError::Full);
            }
            *tried = Some(Instant::now());
        }
        match self.index.open_again() {
            Ok(()) => self.is_full.store(false, Ordering::Release),
            // Whatever else is wrong is mended at the next start, as at any other time: it has lost
            // more than it was given last, or does not open.
            Err(fault) => return Err(self.broken(&fault)),
        }
        *locked(&self.tried) = None;
        tracing::info!("the disk has room again");
        Ok(())
    }

    /// Says what a fault of the index is to whoever reads or writes, and has it built anew; or that
    /// nothing is written while the disk is full.
    pub(crate) fn broken(&self, fault: &IndexFault) -> StoreError {
        if fault.is_full() {
            if !self.is_full.swap(true, Ordering::AcqRel) {
                tracing::warn!(%fault, "the disk is full: nothing is written until it has room");
            }
            return StoreError::Full;
        }
        if !self.is_read_only() {
            index::ask_for_rebuild(&self.home);
        }
        self.has_failed.store(true, Ordering::Release);
        tracing::warn!(%fault, "the index is broken and is built anew at the next start");
        StoreError::Damaged { what: format!("the index ({fault}); start again to mend it") }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let State { written, durable, .. } = *locked(&self.state);
        if self.is_read_only() {
            return;
        }
        if self.has_failed.load(Ordering::Acquire) || self.close_index().is_err() {
            return;
        }
        if written != durable || !self.is_whole.load(Ordering::Acquire) {
            return;
        }
        let mark = self.index.mark().ok().flatten().filter(|mark| mark.end == written);
        self.closing.mark = mark.map(|mark| (self.home.clone(), mark));
    }
}

/// A panic of another thread leaves nothing half done behind these locks.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
