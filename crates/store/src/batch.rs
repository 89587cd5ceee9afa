//! What is written together.

use crate::key::{Key, Table};

/// One change in a batch: a value, or none to remove the key.
pub type Put = (Key, Option<Vec<u8>>);

/// Changes that are written whole or not at all, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Batch(Vec<Put>);

impl Batch {
    /// Sets a value.
    pub fn put(&mut self, key: Key, value: Vec<u8>) {
        self.0.push((key, Some(value)));
    }

    /// Removes a key. Of a kept table, the removal is kept too.
    pub fn remove(&mut self, key: Key) {
        self.0.push((key, None));
    }

    /// Adds the changes of `other` behind these.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The changes in order.
    pub fn puts(&self) -> &[Put] {
        &self.0
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether anything in it must never be lost.
    pub fn has_kept(&self) -> bool {
        self.0.iter().any(|(key, _)| Table::is_kept(key.table))
    }
}
