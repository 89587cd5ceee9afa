//! What a home that was closed in good order leaves behind, so that the next opening does not
//! have to compare its index with all that was ever written.
//!
//! The file says what the other files looked like when the last process let go of them. It is
//! believed only while the machine runs on: what the system has of a file is then what was
//! written to it, and nobody has to be asked whether the disk has it. It is gone before anything
//! is written, so a process that is killed leaves none; and whatever writes to one of the files
//! changes the time that was set on it. In every other case all is read.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{
    home::{sync_directory, write_private},
    position::Mark,
};

const FILE: &str = "closed";

/// Names this run of the machine. Where there is no such file, all is read at every opening.
const BOOT: &str = "/proc/sys/kernel/random/boot_id";

/// The directories that are compared with each other.
const DIRECTORIES: [&str; 3] = ["copies", "entries", "index"];

/// Takes away what the last process left; how far its index went, if nothing was touched since.
pub(crate) fn take(home: &Path) -> Option<Mark> {
    let path = home.join(FILE);
    let left = fs::read(&path).ok()?;
    fs::remove_file(&path).ok()?;
    sync_directory(home).ok()?;
    let (looked, mark) = left.split_at_checked(blake3::OUT_LEN)?;
    if look(home).ok()?.as_slice() == looked { Mark::decode(mark) } else { None }
}

/// A home that is closed when this is dropped.
#[derive(Default)]
pub(crate) struct Closing {
    /// How far the index goes, where it agrees with the entry file.
    pub(crate) mark: Option<(PathBuf, Mark)>,
}

impl Drop for Closing {
    fn drop(&mut self) {
        // Without it the next opening only takes longer.
        if let Some((home, mark)) = &self.mark
            && let Err(error) = leave(home, *mark)
        {
            tracing::debug!(%error, "the next opening reads everything");
        }
    }
}

fn leave(home: &Path, mark: Mark) -> io::Result<()> {
    // Clocks of file systems tick slowly: a time that no write gives is changed by every write.
    let mut nanos = [0; 4];
    getrandom::fill(&mut nanos).map_err(|error| io::Error::other(error.to_string()))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let nanos = Duration::from_nanos(u64::from(u32::from_be_bytes(nanos)) % 1_000_000_000);
    for path in files(home)?.iter().filter(|path| path.is_file()) {
        let file = File::open(path)?;
        file.sync_data()?;
        file.set_modified(UNIX_EPOCH + Duration::from_secs(now) + nanos)?;
    }
    let left = [look(home)?.as_slice(), &mark.encode()].concat();
    write_private(&home.join(FILE), &left)
}

/// A hash of the machine's run, and of name, place, length and time of each file.
fn look(home: &Path) -> io::Result<[u8; blake3::OUT_LEN]> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&fs::read(BOOT)?);
    for path in files(home)? {
        let found = fs::symlink_metadata(&path)?;
        hasher.update(blake3::hash(path.as_os_str().as_encoded_bytes()).as_bytes());
        for number in [found.dev(), found.ino(), found.len()] {
            hasher.update(&number.to_be_bytes());
        }
        for number in [found.mtime(), found.mtime_nsec()] {
            hasher.update(&number.to_be_bytes());
        }
    }
    Ok(hasher.finalize().into())
}

fn files(home: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for directory in DIRECTORIES {
        for file in fs::read_dir(home.join(directory))? {
            files.push(file?.path());
        }
    }
    files.sort_unstable();
    Ok(files)
}
