//! What makes writes durable, on another thread than the store's.

use std::sync::Weak;

use store::StoreError;

use crate::shared::Shared;

/// Makes writes durable. It does not keep the home open: that does the store.
#[derive(Clone, Debug)]
pub struct Flusher {
    pub(crate) shared: Weak<Shared>,
}

impl Flusher {
    /// Makes all writes so far durable. One that failed is never tried again: the system may have
    /// dropped what it could not write.
    pub fn flush(&self) -> Result<(), StoreError> {
        match self.shared.upgrade() {
            Some(shared) => shared.flush(),
            None => {
                let cause = "the store is closed".to_owned();
                Err(StoreError::Failed { doing: "making entries durable", cause })
            }
        }
    }

    /// To be called when nothing was to be flushed for a while: what the index still has in memory
    /// is handed to the operating system, and outlives the process. Whether there is more to do, of
    /// what gives room back: then it is to be called again soon.
    pub fn rest(&self) -> bool {
        self.shared.upgrade().is_some_and(|shared| shared.rest())
    }
}
