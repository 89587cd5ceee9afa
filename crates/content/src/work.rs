//! What reading was made to do, in units that are exact and the same in each run.

use crate::Content;

/// Counted work of reading one space since it was opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Work {
    /// Entries that were decrypted to be read.
    pub entries: u64,
    /// Items that were applied or made to wait.
    pub items: u64,
    /// Operations that were played into documents.
    pub operations: u64,
    /// Bytes of documents that were saved.
    pub saved_bytes: u64,
    /// Items that began to wait, or to wait for something else.
    pub waited: u64,
    /// Waiting items that were looked at or woken.
    pub woken: u64,
    /// Items that stand in memory to be read.
    pub queued: u64,
}

impl Content {
    /// What reading was made to do since this was opened.
    pub fn work(&self) -> Work {
        Work { queued: self.woken.len() as u64, ..self.work }
    }
}
