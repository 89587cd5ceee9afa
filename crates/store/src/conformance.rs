//! The contract of [`Store`] as a suite that every store passes.

use crate::{Batch, Direction, Group, Key, Store, StoreError, Table, WriteId};

/// A store under test, and what happens to it.
pub trait Harness {
    /// The store as it is now: not to be kept across a crash.
    fn store(&mut self) -> &mut dyn Store;

    /// Makes all writes up to `write` durable.
    fn flush(&mut self, write: WriteId) -> Result<(), StoreError>;

    /// Ends the process that has it open and starts another: what was flushed is there.
    fn crash(&mut self);

    /// As `crash`, and every index table is gone.
    fn lose_index(&mut self);

    /// Closes it and opens it again: all that was written is there.
    fn reopen(&mut self);
}

/// Runs the whole suite; panics at the first rule that is broken.
pub fn run<H: Harness>(open: impl Fn() -> H) {
    a_write_is_seen_at_once(&mut open());
    writes_are_numbered_one_after_the_other(&mut open());
    a_batch_is_one(&mut open());
    a_crash_leaves_no_half_of_a_batch(&mut open());
    scans_keep_to_their_group_and_range(&mut open());
    equal_groups_of_two_tables_do_not_mix(&mut open());
    values_of_any_length_come_back(&mut open());
    what_was_closed_is_there(&mut open());
    what_was_flushed_survives(&mut open());
    a_crash_leaves_a_prefix(&mut open());
    a_flush_covers_all_before_it(&mut open());
    what_was_removed_stays_removed(&mut open());
    kept_tables_survive_the_loss_of_the_index(&mut open());
}

/// Which number a write will have is known before it is made.
fn writes_are_numbered_one_after_the_other(harness: &mut impl Harness) {
    for table in [Table::Rows, Table::Facts, Table::Rows, Table::Entries] {
        let before = harness.store().last_write();
        let write = put(harness, key(table, b"numbered", before.0), b"value");
        assert_eq!((write, harness.store().last_write()), (WriteId(before.0 + 1), write));
    }
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
    order: Direction,
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
    // An index may be behind.
    let row = get(harness, &key(Table::Rows, b"g", 7));
    assert!(row.is_none_or(|row| row == vec![9; 100_000]), "half of a value");
}

fn a_crash_leaves_no_half_of_a_batch(harness: &mut impl Harness) {
    for round in 0..10 {
        let mut batch = Batch::default();
        for number in 0..30 {
            batch.put(key(Table::Facts, b"g", round * 100 + number), vec![1; 300]);
        }
        written(harness, batch);
    }
    harness.crash();
    for round in 0..10 {
        let there = |number: &u64| {
            let found = harness.store().get(&key(Table::Facts, b"g", round * 100 + number));
            found.is_ok_and(|value| value.is_some())
        };
        let count = (0..30).filter(there).count();
        assert!(count == 0 || count == 30, "{count} of the 30 puts of batch {round} are there");
    }
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
    assert_eq!(scan(harness, b"g", all.clone(), Direction::Ascending, usize::MAX), numbers);
    let mut reverse = numbers;
    reverse.reverse();
    assert_eq!(scan(harness, b"g", all.clone(), Direction::Descending, usize::MAX), reverse);
    assert_eq!(scan(harness, b"g", 5..=256, Direction::Ascending, usize::MAX), [5, 256]);
    assert_eq!(scan(harness, b"g", 6..=255, Direction::Ascending, usize::MAX), [0u64; 0]);
    assert_eq!(scan(harness, b"g", all.clone(), Direction::Descending, 1), [u64::MAX]);
    assert_eq!(scan(harness, b"g", all, Direction::Ascending, 0), [0u64; 0]);
    let max = u64::MAX..=u64::MAX;
    assert_eq!(scan(harness, b"g", max, Direction::Descending, 5), [u64::MAX]);
    // The bounds of a range may come from a peer's numbers, the wrong way round.
    let (from, to) = (256, 5);
    assert_eq!(scan(harness, b"g", from..=to, Direction::Ascending, 5), [0u64; 0]);
    let removed = key(Table::Rows, b"g", u64::MAX);
    let mut batch = Batch::default();
    batch.remove(removed);
    written(harness, batch);
    assert_eq!(scan(harness, b"g", 0..=u64::MAX, Direction::Descending, 1), [u64::MAX - 1]);
}

fn equal_groups_of_two_tables_do_not_mix(harness: &mut impl Harness) {
    for (n, table) in Table::ALL.iter().enumerate() {
        put(harness, key(*table, b"g", 1), &[n as u8]);
        put(harness, key(*table, b"g", 2 + n as u64), b"x");
    }
    for (n, table) in Table::ALL.iter().enumerate() {
        assert_eq!(get(harness, &key(*table, b"g", 1)), Some(vec![n as u8]), "{table:?}");
        let group = Group::of(&[b"g"]);
        let found = harness.store().scan(*table, &group, 0..=u64::MAX, Direction::Ascending, 99);
        let wanted = vec![(1, vec![n as u8]), (2 + n as u64, b"x".to_vec())];
        assert_eq!(found, Ok(wanted), "{table:?}");
    }
    let mut batch = Batch::default();
    batch.remove(key(Table::Facts, b"g", 1));
    written(harness, batch);
    for table in Table::ALL {
        let there = get(harness, &key(*table, b"g", 1)).is_some();
        assert_eq!(there, *table != Table::Facts, "{table:?}");
    }
}

fn values_of_any_length_come_back(harness: &mut impl Harness) {
    let lengths = [0, 1, 255, 256, 257, 3_071, 3_072, 3_073, 6_144, 70_000, 300_000];
    for table in [Table::Entries, Table::Documents] {
        let value = |n: usize, length: usize| vec![n as u8 + 1; length];
        for (n, length) in lengths.iter().enumerate() {
            put(harness, key(table, b"g", n as u64), &value(n, *length));
        }
        // One key grows and shrinks.
        for length in lengths.iter().chain(lengths.iter().rev()) {
            put(harness, key(table, b"h", 0), &value(9, *length));
            assert_eq!(get(harness, &key(table, b"h", 0)), Some(value(9, *length)), "{length}");
        }
        harness.reopen();
        let found = harness.store().scan(
            table,
            &Group::of(&[b"g"]),
            0..=u64::MAX,
            Direction::Ascending,
            usize::MAX,
        );
        let wanted: Vec<_> =
            lengths.iter().enumerate().map(|(n, length)| (n as u64, value(n, *length))).collect();
        assert!(found == Ok(wanted), "{table:?}: not the values that were written");
        assert_eq!(get(harness, &key(table, b"h", 0)), Some(Vec::new()));
    }
}

fn what_was_closed_is_there(harness: &mut impl Harness) {
    for table in Table::ALL {
        put(harness, key(*table, b"g", 1), b"x");
    }
    harness.reopen();
    for table in Table::ALL {
        assert_eq!(get(harness, &key(*table, b"g", 1)), Some(b"x".to_vec()), "{table:?}");
    }
    let first = put(harness, key(Table::Rows, b"g", 2), b"x");
    assert!(put(harness, key(Table::Rows, b"g", 3), b"x") > first, "write ids grow");
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

fn a_flush_covers_all_before_it(harness: &mut impl Harness) {
    let mut last = WriteId::default();
    for number in 0..10 {
        last = put(harness, key(Table::Facts, b"g", number), b"x");
        put(harness, key(Table::Rows, b"g", number), b"x");
    }
    assert!(harness.flush(last).is_ok());
    put(harness, key(Table::Facts, b"g", 10), b"x");
    harness.crash();
    for number in 0..10 {
        assert!(get(harness, &key(Table::Facts, b"g", number)).is_some(), "{number}");
    }
    assert!(harness.flush(last).is_ok(), "nothing to do is no failure");
}

fn what_was_removed_stays_removed(harness: &mut impl Harness) {
    let at = key(Table::Facts, b"g", 1);
    for value in [b"one", b"two"] {
        put(harness, at.clone(), value);
        let mut batch = Batch::default();
        batch.remove(at.clone());
        batch.remove(key(Table::Facts, b"never there", 1));
        let write = written(harness, batch);
        assert!(harness.flush(write).is_ok());
        harness.crash();
        assert_eq!(get(harness, &at), None);
        harness.lose_index();
        assert_eq!(get(harness, &at), None);
    }
    let mut batch = Batch::default();
    batch.remove(at.clone());
    batch.put(at.clone(), b"three".to_vec());
    let write = written(harness, batch);
    assert!(harness.flush(write).is_ok());
    harness.lose_index();
    assert_eq!(get(harness, &at), Some(b"three".to_vec()), "puts apply in order");
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
