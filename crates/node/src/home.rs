//! Which directory is meant, and the node key in it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use api::{ErrorCode, Failure};
use disk::{DiskStore, OpenError, OpenOptions, Opened};

/// A home: one person on one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home(PathBuf);

impl Home {
    /// The home that is meant: said, else `GROUNDWORK_HOME`, else in the platform's place.
    pub fn resolve(said: Option<PathBuf>) -> Result<Self, Failure> {
        let from_env = || env::var_os("GROUNDWORK_HOME").filter(|home| !home.is_empty());
        let path = said.or_else(|| from_env().map(PathBuf::from)).or_else(platform);
        let path = path.ok_or_else(|| {
            let message = "this machine says nothing of where your data goes: name a directory";
            Failure::because(ErrorCode::BadConfig, message).hint("groundwork --home DIR status")
        })?;
        std::path::absolute(&path).map(Self).map_err(|error| {
            Failure::because(ErrorCode::BadArgument, format!("{}: {error}", path.display()))
        })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Whether anything is there.
    pub fn exists(&self) -> bool {
        self.0.join("format").exists()
    }

    /// Opens the store, making the home where there is none; waits a while for whoever has it.
    pub(crate) fn open(&self, wait: Duration) -> Result<Opened, Failure> {
        let options = OpenOptions {
            wait,
            progress: |records| eprintln!("building the index: {records} records read"),
        };
        let opened = DiskStore::open(&self.0, options).map_err(open_failure)?;
        if opened.rebuilt {
            eprintln!("the index was missing or damaged and has been built again");
        }
        if !opened.damage.is_empty() {
            let places = opened.damage.len();
            eprintln!(
                "the entry file is damaged in {places} places, which were passed over; other \
                 nodes give back what was an entry"
            );
        }
        Ok(opened)
    }

    /// The seed of the node key, made at the first start. The store is open, so one process does.
    pub(crate) fn node_key(&self) -> Result<[u8; 32], Failure> {
        let path = self.0.join("node.key");
        let failed = |error: std::io::Error| {
            Failure::because(ErrorCode::DiskFailed, format!("{}: {error}", path.display()))
        };
        match fs::read(&path) {
            Ok(bytes) => bytes.try_into().map_err(|_| {
                let message = format!("{} is no node key", path.display());
                Failure::because(ErrorCode::Damaged, message)
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let seed = random()?;
                disk::write_private(&path, &seed).map_err(failed)?;
                Ok(seed)
            }
            Err(error) => Err(failed(error)),
        }
    }
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

fn open_failure(error: OpenError) -> Failure {
    let message = error.to_string();
    let code = match error {
        OpenError::InUse { .. } => ErrorCode::HomeInUse,
        OpenError::NewerFormat { .. } => ErrorCode::NewerFormat,
        OpenError::Io { ref source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
            ErrorCode::DiskFull
        }
        OpenError::Io { .. } | OpenError::Index { .. } => ErrorCode::DiskFailed,
        _ => ErrorCode::Damaged,
    };
    Failure::because(code, message)
}
