//! Rows of one type in the store: written, found, ordered and removed in one way.

use std::{collections::BTreeMap, marker::PhantomData, ops::RangeInclusive};

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

/// Rows of one type, each found by an id: under the beginning of it, which others may share whoever
/// has made them so.
pub(crate) struct ById<T>(List<Vec<(ItemId, T)>>);

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
        let last = store.look(self.table, &self.group, ALL, Direction::Descending, 1)?;
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
        let found = store.look(self.table, &self.group, within, order, limit)?;
        Ok(found.into_iter().map(|(number, _)| number).collect())
    }
}

impl List<()> {
    /// The numbers of all rows.
    pub(crate) fn marked(&self, store: &impl Store) -> Result<Vec<u64>, StoreError> {
        self.numbers(store, ALL, Direction::Ascending, usize::MAX)
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

    /// The rows with these numbers that can be read.
    pub(crate) fn readable(
        &self,
        store: &impl Store,
        numbers: RangeInclusive<u64>,
    ) -> Result<Vec<T>, StoreError> {
        let order = Direction::Ascending;
        let found = store.look(self.table, &self.group, numbers, order, usize::MAX)?;
        found.into_iter().filter_map(|(_, bytes)| bytes).map(|bytes| read(&bytes)).collect()
    }

    /// All rows with their numbers.
    pub(crate) fn numbered(&self, store: &impl Store) -> Result<Vec<(u64, T)>, StoreError> {
        self.scan(store, ALL, Direction::Ascending, usize::MAX)
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

impl<T> ById<T> {
    pub(crate) fn new(list: List<Vec<(ItemId, T)>>) -> Self {
        Self(list)
    }
}

impl<T: Encode<()> + for<'b> Decode<'b, ()>> ById<T> {
    /// What stands under an id.
    pub(crate) fn get(&self, store: &impl Store, id: &ItemId) -> Result<Option<T>, StoreError> {
        let rows = self.0.of(id).get(store)?.unwrap_or_default();
        Ok(rows.into_iter().find(|(of, _)| of == id).map(|(_, row)| row))
    }

    /// To `batch`, which has nothing else of these: rows, and no more of those before under their
    /// ids.
    pub(crate) fn put(
        &self,
        store: &impl Store,
        rows: Vec<(ItemId, T)>,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let mut numbers = BTreeMap::<u64, Vec<(ItemId, T)>>::new();
        for row in rows {
            numbers.entry(number_of(&row.0)).or_default().push(row);
        }
        for (number, mut new) in numbers {
            let mut rows = self.0.at(number).get(store)?.unwrap_or_default();
            rows.retain(|(id, _)| new.iter().all(|(other, _)| other != id));
            rows.append(&mut new);
            rows.sort_by_key(|(id, _)| *id);
            self.0.at(number).put(&rows, batch);
        }
        Ok(())
    }

    /// To `batch`, which has nothing else of these: nothing under an id.
    pub(crate) fn remove(
        &self,
        store: &impl Store,
        id: &ItemId,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let mut rows = self.0.of(id).get(store)?.unwrap_or_default();
        rows.retain(|(of, _)| of != id);
        match rows.is_empty() {
            true => self.0.of(id).remove(batch),
            false => self.0.of(id).put(&rows, batch),
        }
        Ok(())
    }

    /// Those whose ids begin with these numbers, by their ids.
    pub(crate) fn between(
        &self,
        store: &impl Store,
        numbers: RangeInclusive<u64>,
    ) -> Result<Vec<(ItemId, T)>, StoreError> {
        Ok(self.0.between(store, numbers)?.into_iter().flatten().collect())
    }

    /// At most about `limit` of those, in or against the order of their ids: all that share a
    /// number with the last of them as well.
    pub(crate) fn scan(
        &self,
        store: &impl Store,
        numbers: RangeInclusive<u64>,
        order: Direction,
        limit: usize,
    ) -> Result<Vec<(ItemId, T)>, StoreError> {
        let found = self.0.scan(store, numbers, order, limit)?.into_iter();
        let in_order = |(_, mut rows): (u64, Vec<_>)| {
            if order == Direction::Descending {
                rows.reverse();
            }
            rows
        };
        Ok(found.flat_map(in_order).collect())
    }

    /// All of them.
    pub(crate) fn all(&self, store: &impl Store) -> Result<Vec<(ItemId, T)>, StoreError> {
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

/// A row number for an id: its first eight bytes. Whoever tries 2^32 times has two of their own
/// that share them, so no row may stand under it that would hide another.
fn number_of(id: &ItemId) -> u64 {
    let mut start = [0; 8];
    start.copy_from_slice(&id.as_bytes()[..8]);
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
