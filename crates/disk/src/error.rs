//! Why a home does not open. In every case nothing that it keeps was changed.

use std::path::PathBuf;

/// Why a home does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("{} is in use by process {pid}", home.display())]
    InUse {
        /// The home.
        home: PathBuf,
        /// The process.
        pid: String,
    },
    /// A newer program wrote it.
    #[error("{} has format {found:?}, this program knows {known:?}", home.display())]
    NewerFormat {
        /// The home.
        home: PathBuf,
        /// What its `format` file says.
        found: String,
        /// What this program writes.
        known: String,
    },
    /// There are entries, and the key that encrypts them is gone.
    #[error("{} is missing: put it back from where the home was copied", path.display())]
    KeyMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file is not what it should be.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The operating system refused.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// The index could not be built.
    #[error("the index cannot be built: {0}")]
    Index(String),
}

impl OpenError {
    pub(crate) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}

/// Whether the disk, or what this user may have of it, is full.
pub(crate) fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}
