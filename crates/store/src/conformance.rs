//! The contract of [`Store`](crate::Store) as a suite that every store passes.

use crate::{Batch, Group, Key, Order, Store, StoreError, Table, WriteId};

/// A store under test, and what happens to it.
pub trait Harness {
    /// The store.
    fn store(&mut self) -> &mut dyn Store;

    /// Makes all writes up to `write` durable.
    fn flush(&mut self, write: WriteId) -> Result<(), StoreError>;

    /// Ends the process that has it open and starts another: what was flushed is there.
    fn crash(&mut self);

    /// As `crash`, and every index table is gone.
    fn lose_index(&mut self);
}

/// Runs the whole suite; panics at the first rule that is broken.
pub fn run<H: Harness>(open: impl Fn() -> H) {
    a_write_is_seen_at_once(&mut open());
    a_batch_is_one(&mut open());
    scans_keep_to_their_group_and_range(&mut open());
    what_was_flushed_survives(&mut open());
    a_crash_leaves_a_prefix(&mut open());
    kept_tables_survive_the_loss_of_the_index(&mut open());
}

fn key(table: Table, group: &[u8], number: u64) -> Key {
    Key::new(table, Group::of(&[group]), number)
}

fn put(harness: &mut impl Harness, key: Key, value: &[u8]) -> WriteId {
    let mut batch = Batch::default();
    batch.put(key, value.to_vec());
    written(harness, batch)
}

fn written(harness: &mut impl Harness, batch: Batch) -> WriteId {
    match harness.store().write(batch) {
        Ok(write) => write,
        Err(error) => panic!("a write that nothing hinders failed: {error}"),
    }
}

fn get(harness: &mut impl Harness, key: &Key) -> Option<Vec<u8>> {
    match harness.store().get(key) {
        Ok(value) => value,
        Err(error) => panic!("a read that nothing hinders failed: {error}"),
    }
}

fn scan(
    harness: &mut impl Harness,
    group: &[u8],
    numbers: std::ops::RangeInclusive<u64>,
    order: Order,
    limit: usize,
) -> Vec<u64> {
    let found = harness.store().scan(Table::Rows, &Group::of(&[group]), numbers, order, limit);
    match found {
        Ok(rows) => rows.into_iter().map(|(number, _)| number).collect(),
        Err(error) => panic!("a scan that nothing hinders failed: {error}"),
    }
}

fn a_write_is_seen_at_once(harness: &mut impl Harness) {
    let (kept, row) = (key(Table::Facts, b"g", 1), key(Table::Rows, b"g", 1));
    let first = put(harness, kept.clone(), b"one");
    let second = put(harness, row.clone(), b"two");
    assert!(second > first, "write ids grow");
    assert_eq!(get(harness, &kept).as_deref(), Some(b"one".as_slice()));
    assert_eq!(get(harness, &row).as_deref(), Some(b"two".as_slice()));
    put(harness, kept.clone(), b"three");
    assert_eq!(get(harness, &kept).as_deref(), Some(b"three".as_slice()));
    let mut batch = Batch::default();
    batch.remove(kept.clone());
    batch.remove(row.clone());
    written(harness, batch);
    assert_eq!((get(harness, &kept), get(harness, &row)), (None, None));
}

fn a_batch_is_one(harness: &mut impl Harness) {
    let mut batch = Batch::default();
    let at = key(Table::Facts, b"g", 7);
    batch.put(at.clone(), b"first".to_vec());
    batch.put(key(Table::Rows, b"g", 7), vec![9; 100_000]);
    batch.put(at.clone(), b"last".to_vec());
    let write = written(harness, batch);
    assert_eq!(get(harness, &at).as_deref(), Some(b"last".as_slice()), "puts apply in order");
    assert!(harness.flush(write).is_ok());
    harness.crash();
    assert_eq!(get(harness, &at).as_deref(), Some(b"last".as_slice()));
    assert_eq!(get(harness, &key(Table::Rows, b"g", 7)), Some(vec![9; 100_000]));
}

fn scans_keep_to_their_group_and_range(harness: &mut impl Harness) {
    for number in [0, 5, 256, 65_536, u64::MAX - 1, u64::MAX] {
        put(harness, key(Table::Rows, b"g", number), b"x");
    }
    put(harness, key(Table::Rows, b"ga", 6), b"x");
    put(harness, key(Table::Rows, b"", 6), b"x");
    put(harness, key(Table::Items, b"g", 6), b"x");
    let all = 0..=u64::MAX;
    let numbers = [0, 5, 256, 65_536, u64::MAX - 1, u64::MAX];
    assert_eq!(scan(harness, b"g", all.clone(), Order::Ascending, usize::MAX), numbers);
    let mut reverse = numbers;
    reverse.reverse();
    assert_eq!(scan(harness, b"g", all.clone(), Order::Descending, usize::MAX), reverse);
    assert_eq!(scan(harness, b"g", 5..=256, Order::Ascending, usize::MAX), [5, 256]);
    assert_eq!(scan(harness, b"g", 6..=255, Order::Ascending, usize::MAX), [0u64; 0]);
    assert_eq!(scan(harness, b"g", all.clone(), Order::Descending, 1), [u64::MAX]);
    assert_eq!(scan(harness, b"g", all, Order::Ascending, 0), [0u64; 0]);
}

fn what_was_flushed_survives(harness: &mut impl Harness) {
    for number in 0..20 {
        let write = put(harness, key(Table::Facts, b"g", number), &number.to_be_bytes());
        assert!(harness.flush(write).is_ok());
        harness.crash();
        for before in 0..=number {
            let value = get(harness, &key(Table::Facts, b"g", before));
            assert_eq!(value, Some(before.to_be_bytes().to_vec()));
        }
    }
}

fn a_crash_leaves_a_prefix(harness: &mut impl Harness) {
    for number in 0..50 {
        put(harness, key(Table::Facts, b"g", number), b"x");
    }
    harness.crash();
    let mut gone = false;
    for number in 0..50 {
        let there = get(harness, &key(Table::Facts, b"g", number)).is_some();
        assert!(!(gone && there), "write {number} is there and one before it is not");
        gone |= !there;
    }
}

fn kept_tables_survive_the_loss_of_the_index(harness: &mut impl Harness) {
    let mut last = WriteId::default();
    for number in 0..20 {
        let mut batch = Batch::default();
        for table in Table::ALL {
            batch.put(key(*table, b"g", number), vec![number as u8; 700]);
        }
        last = written(harness, batch);
    }
    let mut batch = Batch::default();
    batch.remove(key(Table::Facts, b"g", 3));
    last = last.max(written(harness, batch));
    assert!(harness.flush(last).is_ok());
    harness.lose_index();
    for number in 0..20 {
        for table in Table::ALL.iter().filter(|table| table.is_kept()) {
            let there = get(harness, &key(*table, b"g", number));
            let removed = *table == Table::Facts && number == 3;
            assert_eq!(there.is_none(), removed, "{table:?} {number}");
        }
    }
}
