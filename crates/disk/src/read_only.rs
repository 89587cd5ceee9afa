//! A home on a disk that can only be read: all that it has is shown, and nothing is written.
//!
//! Sled cannot read without writing, so it gets a copy of the index in a directory elsewhere, of
//! rows that are encrypted there as they are in the home. That is gone when the home is closed.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
};

use rustix::fs::{FlockOperation, flock};

use crate::{
    copies::{Copied, Copies},
    entries::{Cut, Entries, Series, Walked},
    error::OpenError,
    flusher::Flusher,
    home::{self, Lock},
    index::Built,
    key::Keys,
    open::{OpenOptions, Opened, build, must_be_readable},
    position::Position,
    shared::Shared,
    store::DiskStore,
};

/// What directories of this kind are called.
const PREFIX: &str = "read-";

/// A directory that is removed with all that is in it. Who makes it holds its lock.
pub(crate) struct Scratch {
    path: PathBuf,
    _lock: File,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(%error, left = %self.path.display(), "a copy of the index stays");
        }
    }
}

impl Scratch {
    /// A new one, in a directory of this user's alone.
    fn new(within: &Path) -> Result<Self, OpenError> {
        remove_left(within);
        let mut random = [0; 8];
        let path =
            |random: [u8; 8]| within.join(format!("{PREFIX}{:016x}", u64::from_be_bytes(random)));
        let failed = |source| OpenError::io("the index cannot be copied to", within)(source);
        getrandom::fill(&mut random)
            .map_err(|error| failed(io::Error::other(error.to_string())))?;
        let path = path(random);
        fs::DirBuilder::new().mode(0o700).create(&path).map_err(failed)?;
        let lock = File::create(path.join("lock")).map_err(failed)?;
        let locked = flock(&lock, FlockOperation::NonBlockingLockExclusive);
        locked.map_err(|error| failed(error.into()))?;
        Ok(Self { path, _lock: lock })
    }
}

/// Removes what processes left that were killed: nobody holds its lock.
fn remove_left(within: &Path) {
    for left in fs::read_dir(within).into_iter().flatten().flatten() {
        let is_one = left.file_name().to_string_lossy().starts_with(PREFIX);
        let Some(lock) = is_one.then(|| File::open(left.path().join("lock")).ok()).flatten() else {
            continue;
        };
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok() {
            // What cannot be removed is tried again by the next.
            _ = fs::remove_dir_all(left.path());
        }
    }
}

/// Opens a home that this process cannot write in. What a crash tore off its end, and what is
/// damaged, is left as it is.
pub(crate) fn open(home: &Path, options: &OpenOptions) -> Result<Opened, OpenError> {
    let format = home::check_format(home)?;
    let lock = Lock::take_to_read(home, options.wait)?;
    let keys = Arc::new(Keys::open(home, format.as_deref(), false)?.0);
    let mut entries = Entries::open_to_read(home, Series::Entries, keys.clone())?;
    let copies = Entries::open_to_read(home, Series::Copies, keys.clone())?;
    must_be_readable(home, &entries, &copies, format.is_some_and(|mark| mark != keys.mark()))?;
    let within = options.scratch.as_deref().ok_or_else(|| {
        let why = io::Error::other("there is no directory for it that is yours alone");
        OpenError::io("the index cannot be copied from", home)(why)
    })?;
    let scratch = Scratch::new(within)?;
    // Without a whole one it is built there.
    if copy_all(&home.join("index"), &scratch.path.join("index")).is_err() {
        _ = fs::remove_dir_all(scratch.path.join("index"));
    }
    let (copied, _) = Copied::look(&copies.reader).map_err(OpenError::io("cannot read", home))?;
    let (built, set_aside) = build(&scratch.path, &keys, &entries, copied.durable(), options)?;
    let Built { index, walked, was_empty, .. } = built;
    index.forget_entries(&walked).map_err(|fault| OpenError::Index(fault.to_string()))?;
    let Walked { damage, cut, records, last, .. } = walked;
    if let Some(Cut { segment, offset, .. }) = cut {
        entries.ends_at(Position { segment, offset });
    }
    let file = entries.current().map_err(OpenError::io("cannot read", home))?.clone();
    let (end, reader) = (entries.end(), copies.reader.clone());
    let mut shared = Shared::new(home.to_owned(), index, file, end, Copies::as_is(copies), lock);
    shared.scratch = Some(scratch);
    shared.is_whole.store(damage.is_empty(), Ordering::Release);
    let shared = Arc::new(shared);
    let flusher = Flusher { shared: Arc::downgrade(&shared) };
    let store = DiskStore::new(entries, reader, last, shared);
    let rebuilt = set_aside || was_empty && records > 0;
    Ok(Opened {
        store,
        flusher,
        node_key: keys.node_key(home, true),
        damage,
        cut,
        rebuilt,
        mended: 0,
        has_lost: false,
        is_read_only: true,
    })
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).create(to)?;
    for file in fs::read_dir(from)? {
        let (from, to) = file.map(|file| (file.path(), to.join(file.file_name())))?;
        match from.is_dir() {
            true => copy_all(&from, &to)?,
            false => _ = fs::copy(&from, &to)?,
        }
    }
    Ok(())
}
