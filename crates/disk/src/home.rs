//! The directory: its format, its lock, its private files.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
    time::{Duration, Instant},
};

use rustix::{
    fs::{Access, FlockOperation, access, flock},
    io::Errno,
};

use crate::error::OpenError;

/// The file that is read before all others.
pub(crate) const FORMAT_FILE: &str = "format";

/// What it says where this program wrote it.
const FORMAT: &str = "groundwork home 1";

const FORMAT_PREFIX: &str = "groundwork home ";

/// What its second line begins with.
const KEY_PREFIX: &str = "key ";

/// How long to wait between two looks at a lock that somebody has.
const LOOK: Duration = Duration::from_millis(50);

/// The lock on a home: held as long as this lives, released by the system when the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: Option<File>,
}

/// Makes the directory, for its owner only, with those above it, and makes their names durable.
pub(crate) fn create(home: &Path) -> Result<(), OpenError> {
    let above = home.ancestors().skip(1).map(|above| match above.as_os_str().is_empty() {
        true => Path::new("."),
        false => above,
    });
    // Whoever began to make it may have died before its name was on the disk.
    let is_new = !home.join(FORMAT_FILE).exists();
    let missing = home.ancestors().take_while(|path| !path.exists()).count();
    let missing = if is_new { missing.max(1) } else { 0 };
    let made = DirBuilder::new().recursive(true).mode(0o700).create(home);
    made.map_err(OpenError::io("cannot make", home))?;
    for above in above.take(missing) {
        match sync_directory(above) {
            // One may make something where one may not look.
            Err(error) if error.kind() != std::io::ErrorKind::PermissionDenied => {
                return Err(OpenError::io("cannot keep", above)(error));
            }
            _ => {}
        }
    }
    let mode = fs::metadata(home).map_err(OpenError::io("cannot read", home))?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!(home = %home.display(), "others could look into this, and no longer can");
        let private = fs::Permissions::from_mode(0o700);
        fs::set_permissions(home, private).map_err(OpenError::io("cannot keep", home))?;
    }
    Ok(())
}

/// Reads the format before anything else is touched. Where there is one, by what the home's key is
/// known.
pub(crate) fn check_format(home: &Path) -> Result<Option<String>, OpenError> {
    let path = home.join(FORMAT_FILE);
    let found = match fs::read_to_string(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(OpenError::io("cannot read", path)(error)),
    };
    let mut lines = found.lines();
    let (found, key) = (lines.next().unwrap_or_default().trim(), lines.next());
    let key = key.and_then(|key| key.strip_prefix(KEY_PREFIX));
    if let (FORMAT, Some(key)) = (found, key) {
        return Ok(Some(key.trim().to_owned()));
    }
    let version = found.strip_prefix(FORMAT_PREFIX).and_then(|n| n.parse::<u64>().ok());
    match version {
        Some(2..) => Err(OpenError::NewerFormat {
            home: home.to_owned(),
            found: found.to_owned(),
            known: FORMAT.to_owned(),
        }),
        _ => Err(OpenError::Damaged { path, what: "it names no format" }),
    }
}

/// Writes the format of a new home, and by what its key is known.
pub(crate) fn write_format(home: &Path, key: &str) -> Result<(), OpenError> {
    let path = home.join(FORMAT_FILE);
    write_private(&path, format!("{FORMAT}\n{KEY_PREFIX}{key}\n").as_bytes())
        .map_err(OpenError::io("cannot write", path))
}

/// Whether a home is there that this process cannot write in.
pub(crate) fn is_read_only(home: &Path) -> bool {
    home.join(FORMAT_FILE).exists() && access(home, Access::WRITE_OK).is_err()
}

impl Lock {
    /// Takes the lock on a home, waiting up to `wait` for whoever has it.
    pub fn take(home: &Path, wait: Duration) -> Result<Self, OpenError> {
        let path = home.join("lock");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(OpenError::io("cannot open", &path))?;
        let file = Self::wait_for(file, FlockOperation::NonBlockingLockExclusive, home, wait)?;
        let note = |mut file: &File| {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            writeln!(file, "{}", std::process::id())
        };
        note(&file).map_err(OpenError::io("cannot write", path))?;
        Ok(Self { _file: Some(file) })
    }

    /// As [`take`](Self::take), beside others that only read, where nothing can be written; without
    /// a file where there is none.
    pub(crate) fn take_to_read(home: &Path, wait: Duration) -> Result<Self, OpenError> {
        let path = home.join("lock");
        let file = match File::open(&path) {
            Ok(file) => {
                let how = FlockOperation::NonBlockingLockShared;
                Some(Self::wait_for(file, how, home, wait)?)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(OpenError::io("cannot open", path)(error)),
        };
        Ok(Self { _file: file })
    }

    fn wait_for(
        mut file: File,
        how: FlockOperation,
        home: &Path,
        wait: Duration,
    ) -> Result<File, OpenError> {
        let since = Instant::now();
        while let Err(error) = flock(&file, how) {
            if error != Errno::WOULDBLOCK {
                return Err(OpenError::io("cannot lock", home)(error.into()));
            }
            if since.elapsed() >= wait {
                let mut pid = String::new();
                // Who it is only makes the sentence better.
                _ = file.read_to_string(&mut pid);
                let pid = pid.trim().to_owned();
                return Err(OpenError::InUse { home: home.to_owned(), pid });
            }
            std::thread::sleep(LOOK);
        }
        Ok(file)
    }
}

/// Writes a small file for its owner only: whole on the disk, or not there.
pub fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    sync_directory(path.parent().unwrap_or(Path::new(".")))
}

/// Makes names in a directory durable.
pub(crate) fn sync_directory(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}
