//! Rows of one type in the store: written, found, ordered and removed in one way.

use std::{marker::PhantomData, ops::RangeInclusive};

use ledger::ItemId;
use minicbor::{Decode, Encode};
use store::{Batch, Direction, Group, Key, Store, StoreError, Table};

/// The numbers of all rows of a list.
pub(crate) const ALL: RangeInclusive<u64> = 0..=u64::MAX;

/// Rows that are looked through at a time.
const ROWS_AT_ONCE: usize = 256;

/// Rows of one type, each under its number.
pub(crate) struct List<T> {
    table: Table,
    group: Group,
    rows: PhantomData<fn() -> T>,
}

/// The place of one row.
pub(crate) struct Row<T> {
    key: Key,
    row: PhantomData<fn() -> T>,
}

impl<T> List<T> {
    pub(crate) fn new(table: Table, group: Group) -> Self {
        Self { table, group, rows: PhantomData }
    }

    /// The place of a number.
    pub(crate) fn at(&self, number: u64) -> Row<T> {
        Row { key: Key::new(self.table, self.group.clone(), number), row: PhantomData }
    }

    /// The place of what an id names.
    pub(crate) fn of(&self, id: &ItemId) -> Row<T> {
        self.at(number_of(id))
    }

    /// The number behind the last.
    pub(crate) fn next(&self, store: &impl Store) -> Result<u64, StoreError> {
        let last = store.scan(self.table, &self.group, ALL, Direction::Descending, 1)?;
        Ok(last.first().map_or(0, |(number, _)| number + 1))
    }

    /// The numbers of at most `limit` rows.
    pub(crate) fn numbers(
        &self,
        store: &impl Store,
        within: RangeInclusive<u64>,
        order: Direction,
        limit: usize,
    ) -> Result<Vec<u64>, StoreError> {
        let found = store.scan(self.table, &self.group, within, order, limit)?;
        Ok(found.into_iter().map(|(number, _)| number).collect())
    }
}

impl<T: Encode<()> + for<'b> Decode<'b, ()>> List<T> {
    /// At most `limit` rows with these numbers, which come with them.
    pub(crate) fn scan(
        &self,
        store: &impl Store,
        numbers: RangeInclusive<u64>,
        order: Direction,
        limit: usize,
    ) -> Result<Vec<(u64, T)>, StoreError> {
        let found = store.scan(self.table, &self.group, numbers, order, limit)?;
        found.into_iter().map(|(number, bytes)| Ok((number, read(&bytes)?))).collect()
    }

    /// Calls `each` with the rows that have these numbers, in their order: some at a time.
    pub(crate) fn each(
        &self,
        store: &impl Store,
        numbers: RangeInclusive<u64>,
        mut each: impl FnMut(u64, T),
    ) -> Result<(), StoreError> {
        let (mut first, last) = numbers.into_inner();
        loop {
            let rows = self.scan(store, first..=last, Direction::Ascending, ROWS_AT_ONCE)?;
            let behind = rows.last().and_then(|(number, _)| number.checked_add(1));
            let is_last = rows.len() < ROWS_AT_ONCE;
            rows.into_iter().for_each(|(number, row)| each(number, row));
            match behind {
                Some(behind) if !is_last => first = behind,
                _ => return Ok(()),
            }
        }
    }

    /// The rows with these numbers, in their order.
    pub(crate) fn between(
        &self,
        store: &impl Store,
        numbers: RangeInclusive<u64>,
    ) -> Result<Vec<T>, StoreError> {
        let found = self.scan(store, numbers, Direction::Ascending, usize::MAX)?;
        Ok(found.into_iter().map(|(_, row)| row).collect())
    }

    /// All rows, in the order of their numbers.
    pub(crate) fn all(&self, store: &impl Store) -> Result<Vec<T>, StoreError> {
        self.between(store, ALL)
    }
}

impl<T> Row<T> {
    pub(crate) fn remove(self, batch: &mut Batch) {
        batch.remove(self.key);
    }
}

impl<T: Encode<()> + for<'b> Decode<'b, ()>> Row<T> {
    /// What stands there.
    pub(crate) fn get(&self, store: &impl Store) -> Result<Option<T>, StoreError> {
        store.get(&self.key)?.map(|bytes| read(&bytes)).transpose()
    }

    pub(crate) fn put(self, row: &T, batch: &mut Batch) {
        self.put_encoded(ledger::encode(row), batch);
    }

    /// As [`put`](Self::put), of a row that was encoded.
    pub(crate) fn put_encoded(self, row: Vec<u8>, batch: &mut Batch) {
        batch.put(self.key, row);
    }
}

impl Row<()> {
    /// Puts a row of which only the number matters.
    pub(crate) fn mark(self, batch: &mut Batch) {
        batch.put(self.key, Vec::new());
    }
}

/// A row number for an id: its first eight bytes. Two ids that share them would need 2^64 tries
/// against somebody else's, and against one's own they hide one's own.
pub(crate) fn number_of(id: &ItemId) -> u64 {
    number_of_bytes(id.as_bytes())
}

/// As [`number_of`], for the bytes of any id.
pub(crate) fn number_of_bytes(id: &[u8; 32]) -> u64 {
    let mut start = [0; 8];
    start.copy_from_slice(&id[..8]);
    u64::from_be_bytes(start)
}

/// A program with other rows looks for them under another version and finds none, so what stands
/// here is what this one wrote, or is damaged; what would be passed over would be missed by nobody.
fn read<T: Encode<()> + for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<T, StoreError> {
    ledger::decode(bytes).map_err(|_| damaged())
}

/// What stands in a row is not what this program wrote.
pub(crate) fn damaged() -> StoreError {
    StoreError::Damaged { what: "a row of the index".to_owned() }
}
