//! What a person is told when something cannot be done.

use api::{ErrorCode, Failure};
use content::WriteError;
use replica::{Refused, TakeError};
use store::StoreError;

/// What a question or a command comes to.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// Characters of what a person typed that an error says back.
const SAID_CHARS_MAX: usize = 64;

/// Why an own entry was not written.
#[derive(Debug)]
pub(crate) enum AppendError {
    Write(WriteError),
    Take(TakeError),
}

impl AppendError {
    /// What the store said, if it was the store.
    pub(crate) fn into_store(self) -> Option<StoreError> {
        match self {
            Self::Write(WriteError::Take(TakeError::Store(error)))
            | Self::Take(TakeError::Store(error)) => Some(error),
            _ => None,
        }
    }
}

impl From<WriteError> for AppendError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

impl From<TakeError> for AppendError {
    fn from(error: TakeError) -> Self {
        Self::Take(error)
    }
}

impl From<StoreError> for AppendError {
    fn from(error: StoreError) -> Self {
        Self::Take(error.into())
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Write(WriteError::NoKey) => Self::of(ErrorCode::NoKey),
            AppendError::Write(WriteError::Take(error)) => AppendError::Take(error).into(),
            AppendError::Take(TakeError::Store(error)) => disk_failure(error),
            AppendError::Write(error) => Self::because(ErrorCode::TooLarge, error.to_string()),
            AppendError::Take(TakeError::Refused(Refused::OwnFork)) => Self::of(ErrorCode::OwnFork),
            AppendError::Take(TakeError::Refused(Refused::OwnHole)) => Self::of(ErrorCode::OwnHole),
            AppendError::Take(error) => Self::because(ErrorCode::Internal, error.to_string()),
        }
    }
}

/// What to say of the store's failure.
pub(crate) fn disk_failure(error: StoreError) -> Failure {
    match error {
        StoreError::Full => Failure::of(ErrorCode::DiskFull),
        StoreError::ReadOnly => Failure::of(ErrorCode::ReadOnly),
        StoreError::ReadOnlyDisk => Failure::of(ErrorCode::ReadOnlyDisk),
        StoreError::Damaged { .. } => Failure::because(ErrorCode::Damaged, error.to_string()),
        StoreError::Failed { .. } => Failure::because(ErrorCode::DiskFailed, error.to_string()),
    }
}

/// What a person typed, short enough for a sentence.
pub(crate) fn said_back(text: &str) -> String {
    let mut said: String = text.chars().take(SAID_CHARS_MAX).collect();
    if said.len() < text.len() {
        said.push('…');
    }
    said
}
