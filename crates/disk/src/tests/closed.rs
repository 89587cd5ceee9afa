use std::{
    fs::{self, File},
    path::Path,
};

use super::{OnDisk, assert_all, copy, open, value, written};
use crate::closed::take;

/// Flips a byte in the middle of the first record.
fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    bytes[80] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_was_closed_in_good_order_is_not_read_again() {
    let home = written(9);
    let path = home.path().join("entries/000000.entries");
    // As nothing but a test does it: with the time that the file had.
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    flip(&path);
    File::open(&path).unwrap().set_modified(time).unwrap();
    assert_eq!(open(home.path()).damage, []);
    flip(&path);
    assert_all(home.path(), 9);
}

#[test]
fn whatever_was_touched_since_is_read() {
    let home = written(9);
    let files = |directory| fs::read_dir(home.path().join(directory)).unwrap().flatten();
    let files = files("entries").chain(files("index")).filter(|file| file.path().is_file());
    for path in files.map(|file| file.path()).collect::<Vec<_>>() {
        drop(assert_all(home.path(), 9));
        // Even with the same bytes.
        fs::write(&path, fs::read(&path).unwrap_or_default()).unwrap();
        assert_eq!(take(home.path()), None, "{path:?}");
    }
    drop(assert_all(home.path(), 9));
    fs::write(home.path().join("index/more"), b"").unwrap();
    assert_eq!(take(home.path()), None);
    drop(assert_all(home.path(), 9));
    flip(&home.path().join("entries/000000.entries"));
    let damaged = open(home.path());
    assert_eq!(damaged.damage.len(), 1);
    drop(damaged);
    assert_eq!(open(home.path()).damage.len(), 1, "and again, as long as it is damaged");
}

#[test]
fn a_killed_process_and_a_copy_leave_nothing_to_believe() {
    let mut disk = OnDisk::new();
    disk.put_and_flush(0);
    let left = tempfile::tempdir().unwrap();
    copy(disk.home.path(), left.path());
    assert_eq!(take(left.path()), None);
    assert_all(left.path(), 1);
    // What is written and not yet durable.
    disk.put(1, &value(1));
    disk.opened = None;
    assert_eq!(take(disk.home.path()), None);
    assert_all(disk.home.path(), 2);
    let other = tempfile::tempdir().unwrap();
    copy(disk.home.path(), other.path());
    assert_eq!(take(other.path()), None);
    assert!(take(disk.home.path()).is_some());
    assert_eq!(take(disk.home.path()), None, "it is there once");
}
