//! What is written together.

use zeroize::Zeroize;

use crate::key::{Key, Table};

/// One change in a batch: a value, or none to remove the key.
pub type Put = (Key, Option<Vec<u8>>);

/// Changes that are written whole or not at all, in order. Local facts, which keys are among, are
/// wiped when it is dropped.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Batch(Vec<Put>);

/// Where it writes, and how much: a value may be a key.
impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let put = |(key, value): &Put| (key.clone(), value.as_ref().map(Vec::len));
        f.debug_list().entries(self.0.iter().map(put)).finish()
    }
}

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
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
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

impl Drop for Batch {
    fn drop(&mut self) {
        let facts = self.0.iter_mut().filter(|(key, _)| key.table == Table::Facts);
        facts.for_each(|(_, value)| value.zeroize());
    }
}
