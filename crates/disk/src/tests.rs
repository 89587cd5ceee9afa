use std::{fs, path::Path, time::Duration};

use store::{
    Batch, Group, Key, Store, StoreError, Table, WriteId,
    conformance::{self, Harness},
};
use tempfile::TempDir;

use crate::{DiskStore, OpenError, OpenOptions, Opened};

struct OnDisk {
    home: TempDir,
    opened: Option<Opened>,
}

fn open(home: &Path) -> Opened {
    DiskStore::open(home, OpenOptions::default()).unwrap()
}

impl OnDisk {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let opened = Some(open(home.path()));
        Self { home, opened }
    }

    fn again(&mut self) -> &mut Opened {
        self.opened = None;
        self.opened.insert(open(self.home.path()))
    }

    fn put(&mut self, number: u64, value: &[u8]) -> WriteId {
        let mut batch = Batch::default();
        batch.put(key(number), value.to_vec());
        self.store().write(batch).unwrap()
    }

    fn get(&mut self, number: u64) -> Option<Vec<u8>> {
        self.store().get(&key(number)).unwrap()
    }
}

impl Harness for OnDisk {
    fn store(&mut self) -> &mut dyn Store {
        &mut self.opened.as_mut().unwrap().store
    }

    fn flush(&mut self, _: WriteId) -> Result<(), StoreError> {
        self.opened.as_ref().unwrap().flusher.flush()
    }

    fn crash(&mut self) {
        self.again();
    }

    fn lose_index(&mut self) {
        self.opened = None;
        fs::remove_dir_all(self.home.path().join("index")).unwrap();
        self.again();
    }
}

fn key(number: u64) -> Key {
    Key::new(Table::Entries, Group::of(&[b"log"]), number)
}

fn value(number: u64) -> Vec<u8> {
    vec![number as u8; 100 + (number as usize * 37) % 900]
}

/// A home with `count` flushed entries, closed.
fn written(count: u64) -> TempDir {
    let mut disk = OnDisk::new();
    for number in 0..count {
        disk.put(number, &value(number));
    }
    disk.flush(WriteId(count)).unwrap();
    let OnDisk { home, opened } = disk;
    drop(opened);
    home
}

fn assert_all(home: &Path, count: u64) {
    let opened = open(home);
    for number in 0..count {
        assert_eq!(opened.store.get(&key(number)).unwrap(), Some(value(number)), "{number}");
    }
}

#[test]
fn it_keeps_the_contract() {
    conformance::run(OnDisk::new);
}

#[test]
fn whatever_happens_to_the_index_nothing_kept_is_lost() {
    const COUNT: u64 = 300;
    let home = written(COUNT);
    let index = home.path().join("index");
    fs::remove_dir_all(&index).unwrap();
    assert_all(home.path(), COUNT);
    for round in 0..24u64 {
        for name in ["db", "conf"] {
            let path = index.join(name);
            let Ok(bytes) = fs::read(&path) else { continue };
            let mut bytes = bytes;
            let length = bytes.len();
            match round % 4 {
                0 => bytes.truncate(length.saturating_sub(4096 * (1 + round as usize))),
                1 => bytes.truncate(length / (2 + round as usize)),
                2 => bytes.fill(0),
                _ if length > 0 => {
                    for n in 0..16 {
                        let at = (round as usize * 7919 + n * 104_729) % length;
                        bytes[at] ^= 0x55;
                    }
                }
                _ => {}
            }
            fs::write(&path, bytes).unwrap();
        }
        // What opens but does not read asks for a rebuild, which the next start does.
        let opened = open(home.path());
        let all = (0..COUNT).all(|n| opened.store.get(&key(n)).ok() == Some(Some(value(n))));
        drop(opened);
        if !all {
            assert_all(home.path(), COUNT);
        }
    }
}

#[test]
fn a_torn_tail_is_cut_and_all_before_it_stays() {
    const COUNT: u64 = 5;
    let home = written(COUNT);
    let path = home.path().join("entries/000000.entries");
    let whole = fs::read(&path).unwrap();
    let mut disk = OnDisk { opened: Some(open(home.path())), home };
    disk.put(COUNT, &value(COUNT));
    let home = disk.home;
    drop(disk.opened);
    let longer = fs::read(&path).unwrap();
    for length in (whole.len()..longer.len()).step_by(13) {
        fs::write(&path, &longer[..length]).unwrap();
        assert_all(home.path(), COUNT);
        let opened = open(home.path());
        assert_eq!(opened.store.get(&key(COUNT)).unwrap(), None);
        assert!(opened.damage.is_empty());
        drop(opened);
        assert_eq!(fs::metadata(&path).unwrap().len(), whole.len() as u64);
    }
}

#[test]
fn damage_in_the_middle_is_named_and_the_rest_is_there() {
    const COUNT: u64 = 20;
    let home = written(COUNT);
    let path = home.path().join("entries/000000.entries");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    fs::remove_dir_all(home.path().join("index")).unwrap();
    let opened = open(home.path());
    assert_eq!(opened.damage.len(), 1);
    assert!(opened.rebuilt);
    let there = (0..COUNT).filter(|n| opened.store.get(&key(*n)).unwrap().is_some()).count();
    assert_eq!(there as u64, COUNT - 1);
}

#[test]
fn a_newer_format_is_refused_and_nothing_changes() {
    let home = written(3);
    fs::write(home.path().join("format"), "groundwork home 2\n").unwrap();
    let refused = DiskStore::open(home.path(), OpenOptions::default()).err();
    assert!(matches!(refused, Some(OpenError::NewerFormat { .. })), "{refused:?}");
    fs::write(home.path().join("format"), "groundwork home 1\n").unwrap();
    assert_all(home.path(), 3);
}

#[test]
fn one_process_has_a_home_and_the_second_is_told_who() {
    let disk = OnDisk::new();
    let options = OpenOptions { wait: Duration::ZERO, ..OpenOptions::default() };
    match DiskStore::open(disk.home.path(), options).err() {
        Some(OpenError::InUse { pid, .. }) => assert_eq!(pid, std::process::id().to_string()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_its_key_a_home_is_not_opened_and_not_begun_anew() {
    let home = written(3);
    let key = home.path().join("storage.key");
    let bytes = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let refused = DiskStore::open(home.path(), OpenOptions::default()).err();
    assert!(matches!(refused, Some(OpenError::KeyMissing { .. })), "{refused:?}");
    fs::write(&key, bytes).unwrap();
    assert_all(home.path(), 3);
}

#[test]
fn nothing_on_the_disk_can_be_read_without_the_key() {
    let home = tempfile::tempdir().unwrap();
    let mut disk = OnDisk { opened: Some(open(home.path())), home };
    let mut batch = Batch::default();
    let (kept, row) = (Table::Facts, Table::Rows);
    for table in [kept, row] {
        let group = Group::of(&[b"insulin for Elm Street"]);
        batch.put(Key::new(table, group, 1), b"third floor, ask for Ana".repeat(20));
    }
    let write = disk.store().write(batch).unwrap();
    disk.flush(write).unwrap();
    assert_eq!(disk.get(1), None);
    let OnDisk { home, opened } = disk;
    drop(opened);
    for directory in ["entries", "index"] {
        for file in fs::read_dir(home.path().join(directory)).unwrap().flatten() {
            let Ok(bytes) = fs::read(file.path()) else { continue };
            for secret in ["insulin", "third floor"] {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{secret} stands in {:?}", file.path());
            }
        }
    }
}
