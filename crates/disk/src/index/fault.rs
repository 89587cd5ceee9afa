//! What can be wrong with an index. Whatever it is, the way out is to build it again.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
};

use rustix::io::Errno;

/// What is wrong with the index.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexFault {
    #[error("sled: {0}")]
    Sled(#[from] sled::Error),
    #[error("sled panicked")]
    Panicked,
    #[error("sled does not answer")]
    Stalled,
    #[error("a value does not open")]
    Closed,
    #[error("it does not say how far it has read")]
    Unmarked,
    #[error("it lacks what the entry file has")]
    Stale,
    #[error("it has read what the entry file does not have")]
    Ahead,
    #[error("another version of this program wrote its rows")]
    OtherRows,
    #[error("it was found broken while it was used")]
    Asked,
    #[error("it is not as it was when the home was closed")]
    Unbelieved,
    #[error("there was no room to open it again")]
    NoRoom,
    #[error("it cannot be encrypted: {0}")]
    Seal(io::Error),
    #[error("its room cannot be given back: {0}")]
    Room(io::Error),
}

impl IndexFault {
    /// Whether the disk had no room.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Sled(sled::Error::Io(error)) => crate::error::is_full(error),
            Self::NoRoom => true,
            _ => false,
        }
    }

    /// Whether the machine refused for now, which says nothing of the index.
    pub(crate) fn is_passing(&self) -> bool {
        use io::ErrorKind::{Interrupted, OutOfMemory, TimedOut, WouldBlock};
        let Self::Sled(sled::Error::Io(error)) = self else { return false };
        let too_many = [Errno::MFILE, Errno::NFILE].map(|errno| Some(errno.raw_os_error()));
        let kinds = [Interrupted, OutOfMemory, TimedOut, WouldBlock];
        too_many.contains(&error.raw_os_error())
            || kinds.contains(&error.kind())
            || error.to_string().contains("acquire lock")
    }
}

/// Runs what uses sled: on some damaged files it panics (FACTS 0.1).
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, IndexFault>) -> Result<T, IndexFault> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(IndexFault::Panicked))
}
