//! Which directory is meant, and the node key in it.

use std::{
    env,
    path::{Path, PathBuf},
    time::Duration,
};

use api::{ErrorCode, Failure};
use disk::{DiskStore, NodeKeyFile, OpenError, OpenOptions, Opened};
use ledger::NodeKey;

use crate::{dumps, runtime_directory};

/// A home: one person on one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    path: PathBuf,
    source: &'static str,
}

impl Home {
    /// The home that is meant: said, else `GROUNDWORK_HOME`, else in the platform's place.
    pub fn resolve(said: Option<PathBuf>) -> Result<Self, Failure> {
        let from_env = || env::var_os("GROUNDWORK_HOME").filter(|home| !home.is_empty());
        let said = said.map(|path| (path, "flag"));
        let from_env = || from_env().map(|path| (PathBuf::from(path), "environment"));
        let found = said.or_else(from_env).or_else(|| platform().map(|path| (path, "built in")));
        let (path, source) = found.ok_or_else(|| {
            let message = "this machine says nothing of where your data goes: name a directory";
            let failure = Failure::because(ErrorCode::BadConfig, message);
            failure.hint("groundwork --home ./groundwork status")
        })?;
        std::path::absolute(&path).map(|path| Self { path, source }).map_err(|error| {
            let message = format!("{}: {error}", path.display());
            Failure::because(ErrorCode::BadArgument, message)
        })
    }

    /// Where it was said that it is this one: `flag`, `environment` or `built in`.
    pub(crate) fn source(&self) -> &'static str {
        self.source
    }

    /// Its directory, absolute. It need not be there yet.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a home was made there: its format file is the last that a new one gets.
    pub fn exists(&self) -> bool {
        self.path.join("format").exists()
    }

    /// Opens the store, making the home where there is none; waits a while for whoever has it.
    pub(crate) fn open(&self, wait: Duration) -> Result<Opened, Failure> {
        dumps::forbid();
        let options = OpenOptions {
            wait,
            rows: engine::ROWS_VERSION,
            scratch: runtime_directory::find().ok(),
            progress: |records| eprintln!("building the index: {records} records read"),
        };
        let opened = DiskStore::open(&self.path, options).map_err(open_failure)?;
        if opened.is_read_only {
            eprintln!("this disk can only be read: what is on it is shown, nothing is written");
        } else if opened.rebuilt {
            eprintln!("the index was missing, damaged or of another version: it was built again");
        }
        if opened.mended > 0 {
            let mended = opened.mended;
            eprintln!("put back from second copies: {mended} (keys and parts of charters)");
        }
        // Said once: what is lacking from then on is in `why`.
        if opened.has_lost {
            let places = match opened.damage.len() {
                1 => "one place".to_owned(),
                places => format!("{places} places"),
            };
            eprintln!(
                "this disk lost something: the entry file is damaged in {places}. What others have \
                 comes back from them; groundwork why says what is lacking"
            );
        }
        Ok(opened)
    }
}

/// The node key of a home that was opened, made at the first start.
pub(crate) fn node_key(file: NodeKeyFile) -> Result<NodeKey, Failure> {
    let (seed, was_lost) = file.open().map_err(open_failure)?;
    if was_lost {
        eprintln!("put back from its second copy: node.key");
    }
    Ok(NodeKey::from_seed(&seed))
}

/// Random bytes from the operating system.
pub(crate) fn random() -> Result<[u8; 32], Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::because(ErrorCode::DiskFailed, error.to_string()))?;
    Ok(bytes)
}

fn platform() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute("XDG_DATA_HOME");
    let data = data.or_else(|| absolute("HOME").map(|home| home.join(".local/share")));
    data.map(|data| data.join("groundwork"))
}

/// Whether the disk, or what this user may have of it, is full.
fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

fn open_failure(error: OpenError) -> Failure {
    let message = error.to_string();
    let code = match error {
        OpenError::InUse { .. } => ErrorCode::HomeInUse,
        OpenError::NewerFormat { .. } => ErrorCode::NewerFormat,
        OpenError::Io { ref source, .. } if is_full(source) => ErrorCode::DiskFull,
        OpenError::Io { .. } | OpenError::Index { .. } => ErrorCode::DiskFailed,
        _ => ErrorCode::Damaged,
    };
    Failure::because(code, message)
}
