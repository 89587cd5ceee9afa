//! Why a home does not open, and what the operating system's refusals are to whoever asked.

use std::path::PathBuf;

use store::StoreError;

/// Why a home does not open. In every case nothing that it keeps was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("{} is in use by process {pid}", home.display())]
    InUse {
        /// The directory that was to be opened.
        home: PathBuf,
        /// What its lock file says of the holder: a process id, or nothing.
        pid: String,
    },
    /// A newer program wrote it.
    #[error("{} has format {found:?}, this program knows {known:?}", home.display())]
    NewerFormat {
        /// The directory that was to be opened.
        home: PathBuf,
        /// What its `format` file says.
        found: String,
        /// The newest format that this program reads.
        known: String,
    },
    /// There are entries, and the key that encrypts them is gone.
    #[error("{} is missing: put it back from where the home was copied", path.display())]
    KeyMissing {
        /// Where the key file should be.
        path: PathBuf,
    },
    /// A file is not what it should be.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The whole path of the file.
        path: PathBuf,
        /// What is wrong with it, and what mends it where something does.
        what: &'static str,
    },
    /// The operating system refused.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// The beginning of the sentence, as "cannot read".
        doing: &'static str,
        /// The file or directory that it was done to.
        path: PathBuf,
        /// The refusal itself.
        source: std::io::Error,
    },
    /// What is damaged could not be put back from its second copy.
    #[error("what is damaged cannot be mended: {0}")]
    NotMended(StoreError),
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

/// What the operating system's refusal is to the engine.
pub(crate) fn failed(doing: &'static str, error: &std::io::Error) -> StoreError {
    if is_full(error) {
        StoreError::Full
    } else {
        StoreError::Failed { doing, cause: error.to_string() }
    }
}
