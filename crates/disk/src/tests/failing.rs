use std::{fs, sync::atomic::Ordering};

use store::{Batch, Group, Key, Store, StoreError, Table, WriteId, conformance::Harness};

use super::{OnDisk, assert_all, key, value};

fn batch(number: u64) -> Batch {
    let mut batch = Batch::default();
    batch.put(key(number), value(number));
    batch
}

#[test]
fn a_full_disk_leaves_nothing_half_written_and_reads_go_on() {
    let mut disk = OnDisk::new();
    disk.put_and_flush(0);
    let path = disk.home.path().join("entries/000000.entries");
    let length = fs::metadata(&path).unwrap().len();
    for room in [0, 1, 7, 8, 40, 100] {
        disk.opened().store.entries().room = Some(room);
        assert_eq!(disk.opened().store.write(batch(1)), Err(StoreError::Full));
        assert_eq!(fs::metadata(&path).unwrap().len(), length);
        assert_eq!(disk.opened().store.get(&key(0)), Ok(Some(value(0))));
        assert_eq!(disk.opened().store.get(&key(1)), Ok(None));
    }
    disk.opened().store.entries().room = None;
    disk.put_and_flush(1);
    drop(assert_all(disk.close().path(), 2));
}

#[test]
fn a_disk_that_is_about_to_be_full_is_full_for_us() {
    let mut disk = OnDisk::new();
    disk.put_and_flush(0);
    disk.opened().store.reserve = Some(u64::MAX);
    assert_eq!(disk.opened().store.write(batch(1)), Err(StoreError::Full));
    assert_eq!(disk.opened().store.get(&key(0)), Ok(Some(value(0))));
    disk.opened().store.reserve = None;
    disk.put_and_flush(1);
}

#[test]
fn after_a_failed_flush_nothing_is_written_until_it_is_opened_again() {
    let mut disk = OnDisk::new();
    disk.put_and_flush(0);
    disk.put(1, &value(1));
    disk.opened().store.shared.flush_fails.store(true, Ordering::Release);
    assert!(matches!(disk.flush(WriteId(2)), Err(StoreError::Failed { .. })));
    // The next attempt would succeed, and prove nothing.
    disk.opened().store.shared.flush_fails.store(false, Ordering::Release);
    assert_eq!(disk.flush(WriteId(2)), Err(StoreError::ReadOnly));
    assert_eq!(disk.opened().store.write(batch(2)), Err(StoreError::ReadOnly));
    assert_eq!(disk.opened().store.get(&key(0)), Ok(Some(value(0))));
    disk.reopen();
    disk.put_and_flush(1);
    disk.put_and_flush(2);
    drop(assert_all(disk.close().path(), 3));
}

#[test]
fn a_batch_longer_than_a_segment_is_refused() {
    let mut disk = OnDisk::new();
    let mut batch = Batch::default();
    batch.put(key(0), vec![1; 2 << 20]);
    let refused = disk.opened().store.write(batch);
    assert!(matches!(refused, Err(StoreError::Failed { .. })), "{refused:?}");
    disk.put_and_flush(0);
    drop(assert_all(disk.close().path(), 1));
}

#[test]
fn a_write_of_index_tables_alone_touches_no_entries() {
    let mut disk = OnDisk::new();
    disk.put_and_flush(0);
    let path = disk.home.path().join("entries/000000.entries");
    let before = fs::read(&path).unwrap();
    let mut batch = Batch::default();
    let row = Key::new(Table::Rows, Group::of(&[b"g"]), 1);
    batch.put(row.clone(), vec![1; 10_000]);
    let write = disk.opened().store.write(batch).unwrap();
    disk.flush(write).unwrap();
    disk.opened().flusher.rest();
    assert!(fs::read(&path).unwrap() == before);
    disk.crash();
    assert_eq!(disk.opened().store.get(&row), Ok(Some(vec![1; 10_000])));
}
