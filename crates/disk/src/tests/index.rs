use std::{collections::BTreeMap, fs, path::Path};

use store::{Batch, Group, Key, Store, Table, conformance::Harness};

use super::{OnDisk, assert_all, assert_all_but, copy, key, value};
use crate::{DiskStore, OpenOptions};

/// A fixed sequence.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap().flatten() {
        if entry.file_type().unwrap().is_file() {
            let name = entry.file_name().into_string().unwrap();
            files.insert(name, fs::read(entry.path()).unwrap());
        }
    }
    files
}

fn damaged(mut bytes: Vec<u8>, round: usize, random: &mut Random) -> Vec<u8> {
    let length = bytes.len();
    match round % 8 {
        0 => bytes.truncate(length.saturating_sub(4096)),
        1 => bytes.truncate(length.saturating_sub(600_000)),
        2 => bytes.truncate(random.below(length)),
        3 => bytes.fill(0),
        4 => {
            let from = random.below(length);
            let to = (from + random.below(600_000)).min(length);
            bytes[from..to].fill(0);
        }
        flips => {
            for _ in 0..[1, 8, 200][flips - 5] {
                let at = random.below(length);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
        }
    }
    bytes
}

#[test]
fn whatever_happens_to_the_index_nothing_kept_is_lost() {
    const COUNT: u64 = 300;
    let mut disk = OnDisk::new();
    for number in 0..COUNT {
        let mut batch = Batch::default();
        // Each stands there twice, so that an index that went back in time would show the first.
        batch.put(key(number), vec![0xee; 300]);
        batch.put(Key::new(Table::Rows, Group::of(&[b"g"]), number), vec![1; 5_000]);
        disk.opened().store.write(batch).unwrap();
    }
    for number in 0..COUNT {
        disk.put_and_flush(number);
        disk.opened().flusher.rest();
    }
    let home = disk.close();
    let index = home.path().join("index");
    let whole = files(&index);
    let (mut random, mut rebuilt) = (Random(0x2545_f491_4f6c_dd1d), 0);
    for round in 0..48 {
        fs::remove_dir_all(&index).unwrap();
        fs::create_dir(&index).unwrap();
        let one = random.below(whole.len());
        for (n, (name, bytes)) in whole.iter().enumerate() {
            // Mostly the database itself, sometimes another of its files.
            let hit = if round % 4 == 3 { n == one } else { name == "db" };
            let bytes =
                if hit { damaged(bytes.clone(), round, &mut random) } else { bytes.clone() };
            fs::write(index.join(name), bytes).unwrap();
        }
        // Sled opens some files that were cut short and only panics on what it wrote behind that
        // at the next opening (sled#1387). Then that one builds it again, and it is whole for good.
        let openings = [(); 3].map(|()| assert_all(home.path(), COUNT).rebuilt);
        rebuilt += u32::from(openings[0] || openings[1]);
        assert!(!(openings[0] && openings[1]), "round {round}");
        assert!(!openings[2], "round {round}");
    }
    assert!(rebuilt > 5, "only {rebuilt} rounds broke anything");
    let names = fs::read_dir(home.path()).unwrap().flatten();
    let aside = names.filter(|entry| entry.file_name().to_string_lossy().contains("set-aside"));
    assert_eq!(aside.count(), 1, "one that was set aside is kept, and no more");
}

#[test]
fn an_index_of_another_time_or_home_is_not_believed() {
    let mut disk = OnDisk::new();
    for number in 0..10 {
        disk.put_and_flush(number);
    }
    let home = disk.close();
    let index = home.path().join("index");
    let early = files(&index);
    let mut disk = OnDisk::at(home);
    for number in 10..20 {
        disk.put_and_flush(number);
    }
    let home = disk.close();
    let put_back = |old: &BTreeMap<String, Vec<u8>>| {
        fs::remove_dir_all(&index).unwrap();
        fs::create_dir(&index).unwrap();
        for (name, bytes) in old {
            fs::write(index.join(name), bytes).unwrap();
        }
    };
    // Behind: it catches up, and keeps what it has.
    put_back(&early);
    assert!(!assert_all(home.path(), 20).rebuilt);
    let late = files(&index);
    let mut disk = OnDisk::new();
    for number in 0..10 {
        disk.put_and_flush(number);
    }
    let other = disk.close();
    // Of another home with another key: nothing of it opens.
    put_back(&files(&other.path().join("index")));
    assert!(assert_all(home.path(), 20).rebuilt);
    put_back(&late);
    assert!(!assert_all(home.path(), 20).rebuilt);
}

/// Sled gets only what is durable: what it knows and the file does not have was lost.
#[test]
fn what_an_index_knows_and_the_entry_file_lacks_was_lost() {
    let mut disk = OnDisk::new();
    let path = disk.home.path().join("entries/000000.entries");
    disk.put_and_flush(0);
    let early = fs::read(&path).unwrap();
    disk.put_and_flush(1);
    let home = disk.close();
    fs::write(&path, &early).unwrap();
    for _ in 0..2 {
        let opened = assert_all_but(home.path(), 2, &[1]);
        assert!(!opened.rebuilt && opened.damage.len() == 1);
    }
    // What is written now does not stand in its place.
    let mut disk = OnDisk::at(home);
    disk.put_and_flush(2);
    let home = disk.close();
    assert_eq!(fs::read(&path).unwrap(), early);
    let opened = assert_all_but(home.path(), 3, &[1]);
    assert!(!opened.rebuilt && opened.damage.len() == 1);
}

#[test]
fn an_index_that_has_seen_another_record_is_built_again() {
    let mut disk = OnDisk::new();
    disk.put_and_flush(0);
    let home = disk.close();
    let other = tempfile::tempdir().unwrap();
    copy(home.path(), other.path());
    let written = |home| {
        let mut disk = OnDisk::at(home);
        disk.put_and_flush(1);
        disk.close()
    };
    let (home, other) = (written(home), written(other));
    let name = "entries/000000.entries";
    fs::copy(other.path().join(name), home.path().join(name)).unwrap();
    assert!(assert_all(home.path(), 2).rebuilt, "a nonce is fresh");
}

#[test]
fn what_fails_in_use_is_said_and_mended_at_the_next_start() {
    let mut disk = OnDisk::new();
    disk.put_and_flush(0);
    let fault = crate::index::IndexFault::Panicked;
    let said = disk.opened().store.shared.broken(&fault).to_string();
    assert!(said.contains("start again"), "{said}");
    assert!(disk.opened().store.write(Batch::default()).is_err());
    disk.reopen();
    assert!(disk.opened().rebuilt);
    drop(assert_all(disk.close().path(), 1));
}

#[test]
fn great_values_leave_nothing_behind() {
    let mut disk = OnDisk::new();
    let row = Key::new(Table::Documents, Group::of(&[b"g"]), 1);
    let empty = disk.opened().store.shared.index.count();
    for length in [500_000, 10_000, 100, 9_000, 0] {
        let mut batch = Batch::default();
        batch.put(row.clone(), vec![5; length]);
        disk.opened().store.write(batch).unwrap();
        assert_eq!(disk.opened().store.get(&row), Ok(Some(vec![5; length])));
    }
    assert_eq!(disk.opened().store.shared.index.count(), empty + 1);
    let mut batch = Batch::default();
    batch.put(row.clone(), vec![5; 50_000]);
    batch.remove(row.clone());
    disk.opened().store.write(batch).unwrap();
    assert_eq!(disk.opened().store.shared.index.count(), empty);
    let blobs = disk.home.path().join("index/blobs");
    assert_eq!(fs::read_dir(blobs).unwrap().count(), 0, "sled never syncs these");
}

/// Rows of index tables are of one version: an index that has others is built anew, and nothing of
/// the old ones is left.
#[test]
fn an_index_with_rows_of_another_version_is_built_again() {
    let mut disk = OnDisk::new();
    let row = Key::new(Table::Rows, Group::of(&[b"rows"]), 1);
    let mut batch = Batch::default();
    batch.put(row.clone(), b"of the first version".to_vec());
    disk.store().write(batch).unwrap();
    disk.put_and_flush(1);
    let home = disk.close();
    for (rows, rebuilt) in [(0, false), (1, true), (1, false), (0, true)] {
        let options = OpenOptions { rows, ..OpenOptions::default() };
        let opened = DiskStore::open(home.path(), options).unwrap();
        assert_eq!(opened.rebuilt, rebuilt, "{rows}");
        assert_eq!(opened.store.get(&key(1)), Ok(Some(value(1))));
        let is_there = opened.store.get(&row).unwrap().is_some();
        assert_eq!(is_there, !rebuilt && rows == 0, "{rows}");
        opened.store.close().unwrap();
    }
    let left = fs::read_dir(home.path()).unwrap().flatten().map(|file| file.file_name());
    assert!(!left.into_iter().any(|name| name.to_string_lossy().contains("aside")));
}
