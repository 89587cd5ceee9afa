//! The engine's store, which notes what writing came to: whoever writes, and for whatever.

use std::ops::RangeInclusive;

use store::{Batch, Direction, Group, Key, Store, StoreError, Table, WriteId};

/// A store, and what writes came to since this was last asked.
#[derive(Debug)]
pub(crate) struct Watched<S> {
    store: S,
    seen: Seen,
}

/// What writes came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Seen {
    /// Whether any was made.
    pub(crate) wrote: bool,
    /// Whether any was refused.
    pub(crate) refused: bool,
}

impl<S> Watched<S> {
    pub(crate) fn new(store: S) -> Self {
        Self { store, seen: Seen::default() }
    }

    /// What writes came to since the last call.
    pub(crate) fn take_seen(&mut self) -> Seen {
        std::mem::take(&mut self.seen)
    }

    pub(crate) fn inner(&self) -> &S {
        &self.store
    }

    pub(crate) fn inner_mut(&mut self) -> &mut S {
        &mut self.store
    }

    pub(crate) fn into_inner(self) -> S {
        self.store
    }
}

impl<S: Store> Store for Watched<S> {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(key)
    }

    fn scan(
        &self,
        table: Table,
        group: &Group,
        numbers: RangeInclusive<u64>,
        order: Direction,
        limit: usize,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        self.store.scan(table, group, numbers, order, limit)
    }

    fn write(&mut self, batch: Batch) -> Result<WriteId, StoreError> {
        let is_empty = batch.is_empty();
        let written = self.store.write(batch);
        match &written {
            Ok(_) => self.seen.wrote |= !is_empty,
            Err(_) => self.seen.refused = true,
        }
        written
    }
}
