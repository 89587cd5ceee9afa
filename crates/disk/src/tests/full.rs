//! A disk that fills to its last byte, as others fill it, and has room again.

use std::{fs, path::Path, process::Command};

use store::{Batch, Group, Key, Store, StoreError, Table, conformance::Harness};
use tempfile::TempDir;

use super::{OnDisk, key, open, value};

/// A small disk of its own, in memory.
struct Disk(TempDir);

impl Disk {
    /// None where no file system can be mounted, which is said.
    fn new() -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let mount = ["-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs"];
        let done = Command::new("mount").args(mount).arg(place.path()).status();
        if done.is_ok_and(|done| done.success()) {
            return Some(Self(place));
        }
        println!("SKIPPED: no file system can be mounted here, so no disk was full");
        None
    }

    fn home(&self) -> TempDir {
        tempfile::tempdir_in(self.0.path()).unwrap()
    }

    fn filler(&self) -> std::path::PathBuf {
        self.0.path().join("others")
    }

    /// Others fill it, to the last byte.
    fn fill(&self) {
        let mut length = 64 * 1024 * 1024;
        let mut bytes = vec![7; length];
        while length > 0 {
            bytes.truncate(length);
            let mut file = fs::OpenOptions::new().append(true).create(true).open(self.filler());
            if std::io::Write::write_all(file.as_mut().unwrap(), &bytes).is_err() {
                length /= 2;
            }
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

/// Writes entries with rows, each flushed, until it is refused; how many were answered.
fn write(disk: &mut OnDisk, from: u64, until: u64) -> u64 {
    for number in from..until {
        let mut batch = Batch::default();
        batch.put(key(number), value(number));
        for n in 0..8 {
            let row = Key::new(Table::Rows, Group::of(&[b"rows"]), number * 8 + n);
            batch.put(row, number.to_be_bytes().to_vec());
        }
        let Ok(write) = disk.opened().store.write(batch) else { return number };
        if disk.flush(write).is_err() {
            return number;
        }
    }
    until
}

fn assert_has(home: &Path, disk: Option<&OnDisk>, count: u64) {
    let other = disk.is_none().then(|| open(home));
    let store = &disk.and_then(|disk| disk.opened.as_ref()).or(other.as_ref()).unwrap().store;
    for number in 0..count {
        assert_eq!(store.get(&key(number)), Ok(Some(value(number))), "entry {number}");
    }
}

#[test]
fn a_disk_that_others_fill_to_the_last_byte_is_used_again_once_it_has_room() {
    let Some(small) = Disk::new() else { return };
    let mut disk = OnDisk::at(small.home());
    disk.opened().store.reserve = Some(1024 * 1024);
    let mut count = write(&mut disk, 0, 1_500);
    assert_eq!(count, 1_500);
    for round in 0..3 {
        // Sled is kept from it, or meets it, and then does not read all either.
        let is_met = round % 2 == 1;
        disk.opened().store.shared.index.set_heedless(is_met);
        small.fill();
        _ = disk.opened().flusher.rest();
        assert_eq!(write(&mut disk, count, count + 1), count, "round {round}: it is full");
        // What sled had in memory it writes when it likes, and may meet the end by itself.
        let has_met = disk.opened().store.shared.is_full();
        assert!(has_met || !is_met, "round {round}");
        assert_eq!(disk.opened().store.may_write(), Err(StoreError::Full), "round {round}");
        if !has_met {
            assert_has(Path::new(""), Some(&disk), count);
        }
        small.make_room();
        assert_eq!(disk.opened().store.may_write(), Ok(()), "round {round}");
        let from = count;
        count = write(&mut disk, from, from + 1_500);
        assert_eq!(count, from + 1_500, "round {round}: there is room again");
        assert_has(Path::new(""), Some(&disk), count);
    }
    let home = disk.close();
    let opened = open(home.path());
    assert!(!opened.rebuilt);
    drop(opened);
    assert_has(home.path(), None, count);
}

/// The process ends while the disk is full: the next one has all that was answered.
#[test]
fn a_process_that_ends_on_a_full_disk_loses_nothing_that_was_answered() {
    let Some(small) = Disk::new() else { return };
    let mut disk = OnDisk::at(small.home());
    disk.opened().store.reserve = Some(0);
    let count = write(&mut disk, 0, 1_000);
    small.fill();
    let count = write(&mut disk, count, count + 3_000);
    _ = disk.opened().flusher.rest();
    let left = tempfile::tempdir().unwrap();
    super::copy(disk.home.path(), left.path());
    assert_has(left.path(), None, count);
}
