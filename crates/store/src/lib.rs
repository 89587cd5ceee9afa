//! What a node keeps, as a trait: typed keys, atomic batches, and durability as a later event.
//!
//! Two kinds of table: *kept* ones hold what must never be lost (entries, local facts); the rest is
//! an index that can vanish at any time and is built again from what is kept. A batch is atomic;
//! batches become durable in the order of their writing; after a crash a prefix of them is there,
//! and of what they put into index tables perhaps a shorter one. `write` returns at once and is
//! seen by the next `get`; it is durable when whoever drives the store has flushed it, which the
//! engine's gate waits for.

use std::ops::RangeInclusive;

mod batch;
pub mod conformance;
mod key;
mod memory;

pub use batch::{Batch, Put};
pub use key::{Group, Key, Table};
pub use memory::{Counted, Faults, MemoryStore};

/// The number of a write: one more than that of the write before, and one that is refused has none.
/// One flush covers all up to its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Default)]
pub struct WriteId(pub u64);

/// The number of a value, and the value; none of one that is known to have been there and cannot be
/// read.
pub type Looked = (u64, Option<Vec<u8>>);

/// Which end of a group a scan begins at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// From the smallest number.
    Ascending,
    /// From the greatest number.
    Descending,
}

/// Why the store did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No room is left; what is there stays readable.
    #[error("the disk is full")]
    Full,
    /// The operating system refused.
    #[error("the disk failed while {doing}: {cause}")]
    Failed {
        /// What the store did for it, as in *the disk failed while writing*.
        doing: &'static str,
        /// What the operating system said, for a person; nothing is decided by it.
        cause: String,
    },
    /// Bytes on the disk are not what was written.
    #[error("what is stored is damaged: {what}")]
    Damaged {
        /// Which part of the store, for a person.
        what: String,
    },
    /// An earlier flush failed: nothing more is written until the store is opened again.
    #[error("the store is read-only since a write failed")]
    ReadOnly,
    /// What is kept stands where this process may only read.
    #[error("this disk can only be read")]
    ReadOnlyDisk,
}

/// Where a node keeps what it has.
pub trait Store {
    /// The value at `key`.
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError>;

    /// Up to `limit` values of one group whose numbers lie in `numbers`.
    fn look(
        &self,
        table: Table,
        group: &Group,
        numbers: RangeInclusive<u64>,
        order: Direction,
        limit: usize,
    ) -> Result<Vec<Looked>, StoreError>;

    /// As [`look`](Self::look); `Damaged` where there is one that cannot be read.
    fn scan(
        &self,
        table: Table,
        group: &Group,
        numbers: RangeInclusive<u64>,
        order: Direction,
        limit: usize,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let sound = |(number, value): Looked| {
            let what = || StoreError::Damaged { what: table.called().to_owned() };
            Ok((number, value.ok_or_else(what)?))
        };
        self.look(table, group, numbers, order, limit)?.into_iter().map(sound).collect()
    }

    /// All (number, value) pairs of one group, by number.
    fn all(&self, table: Table, group: &Group) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        self.scan(table, group, 0..=u64::MAX, Direction::Ascending, usize::MAX)
    }

    /// Applies a batch whole, or not at all. It is seen at once and not yet durable.
    fn write(&mut self, batch: Batch) -> Result<WriteId, StoreError>;

    /// Whether a write would be refused now, as far as that is known without one.
    fn may_write(&self) -> Result<(), StoreError>;

    /// The number of the last write that was made.
    fn last_write(&self) -> WriteId;

    /// Whether any of what is kept was lost since the store was opened before: what can be read of
    /// it, and what cannot, is to be looked through.
    fn has_lost(&self) -> bool;

    /// Whether a group may have had more, behind the last that it has, than is there by now and
    /// than anything knows of. What stands at `since` was written before the first of it.
    fn may_lack(&self, table: Table, group: &Group, since: &Key) -> Result<bool, StoreError>;
}
