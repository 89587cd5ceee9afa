//! The room that the index takes is given back, while the home is used.

use std::{collections::BTreeMap, fs, path::Path};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use store::{Batch, Group, Key, Store, Table};

use super::{OnDisk, copy, key, open};

/// Bytes below which the room is let be.
const LET_BE: u64 = 2 * 1024 * 1024;

/// A store whose rows are written over and over.
struct Busy {
    disk: OnDisk,
    model: BTreeMap<Key, Vec<u8>>,
    random: ChaCha8Rng,
}

impl Busy {
    fn new(seed: u64) -> Self {
        let random = ChaCha8Rng::seed_from_u64(seed);
        Self { disk: OnDisk::new(), model: BTreeMap::new(), random }
    }

    /// Writes over some rows, and removes a few.
    fn write(&mut self, rows: usize) {
        let mut batch = Batch::default();
        for _ in 0..rows {
            let number = self.random.next_u64() % 6_000;
            let key = Key::new(Table::Rows, Group::of(&[b"rows"]), number);
            if self.random.next_u32().is_multiple_of(20) {
                batch.remove(key.clone());
                self.model.remove(&key);
                continue;
            }
            let value = vec![self.random.next_u32() as u8; 250];
            batch.put(key.clone(), value.clone());
            self.model.insert(key, value);
        }
        self.disk.opened().store.write(batch).unwrap();
    }

    fn is_copying(&self) -> bool {
        self.disk.home.path().join("index.new").exists()
    }

    fn length(&self) -> u64 {
        fs::metadata(self.disk.home.path().join("index/db")).unwrap().len()
    }

    /// Bytes of all rows.
    fn rows(&self) -> u64 {
        self.model.values().map(|value| value.len() as u64 + 12).sum()
    }

    fn assert_has_all(&self, home: Option<&Path>) {
        let other = home.map(open);
        let opened = other.as_ref().or(self.disk.opened.as_ref()).unwrap();
        for number in 0..6_000 {
            let key = Key::new(Table::Rows, Group::of(&[b"rows"]), number);
            assert_eq!(opened.store.get(&key).unwrap().as_ref(), self.model.get(&key), "{number}");
        }
    }
}

#[test]
fn room_is_given_back_while_the_home_is_used() {
    let mut busy = Busy::new(1);
    let (mut copying, mut longest) = (0, 0);
    for _ in 0..120 {
        busy.write(300);
        longest = longest.max(busy.length());
        if busy.disk.opened().flusher.rest() && busy.is_copying() {
            copying += 1;
        }
    }
    while busy.disk.opened().flusher.rest() {}
    let (rows, last) = (busy.rows(), busy.length());
    println!("{longest} bytes at most, {last} at last, {rows} of rows; copied in {copying} steps");
    assert!(copying > 0 && longest > LET_BE && longest < 7 * rows + LET_BE);
    // Pages are about two thirds full.
    assert!(last <= (3 * rows * 3 / 2).max(LET_BE), "{last} bytes for {rows}");
    assert!(!busy.is_copying() && !busy.disk.home.path().join("index.old").exists());
    busy.assert_has_all(None);
    super::Harness::reopen(&mut busy.disk);
    busy.assert_has_all(None);
}

#[test]
fn who_never_rests_has_room_given_back_too() {
    let mut busy = Busy::new(2);
    let (mut longest, mut copying, mut copied) = (0, 0, 0);
    for _ in 0..60 {
        let was_copying = busy.is_copying();
        busy.write(2_000);
        longest = longest.max(busy.length());
        copying += u64::from(busy.is_copying());
        copied += u64::from(was_copying && !busy.is_copying());
    }
    let rows = busy.rows();
    println!("{longest} bytes at most, {rows} of rows, copied {copied} times in {copying} steps");
    assert!(copied > 0 && longest < 9 * rows + LET_BE, "{longest} bytes for {rows}");
    busy.assert_has_all(None);
}

/// Wherever the process ends, the next one has all that was handed to the system, and nothing lies
/// about.
#[test]
fn a_process_that_ends_while_room_is_given_back_loses_nothing() {
    let mut busy = Busy::new(3);
    let mut ended = 0;
    for n in 0..60 {
        busy.write(400);
        busy.disk.put_and_flush(n);
        let more = busy.disk.opened().flusher.rest();
        if more && busy.is_copying() {
            let left = tempfile::tempdir().unwrap();
            copy(busy.disk.home.path(), left.path());
            let opened = open(left.path());
            assert!(!opened.rebuilt && !left.path().join("index.new").exists());
            assert!((0..=n).all(|n| opened.store.get(&key(n)).unwrap().is_some()));
            drop(opened);
            busy.assert_has_all(Some(left.path()));
            ended += 1;
            // One that is not whole is not believed where it stands in the index's place.
            let left = tempfile::tempdir().unwrap();
            copy(busy.disk.home.path(), left.path());
            fs::remove_dir_all(left.path().join("index")).unwrap();
            fs::rename(left.path().join("index.new"), left.path().join("index")).unwrap();
            let opened = open(left.path());
            assert!(opened.rebuilt, "{n}");
            assert!((0..=n).all(|n| opened.store.get(&key(n)).unwrap().is_some()));
        }
    }
    assert!(ended > 0, "{ended}");
    // Between the two renamings.
    let home = busy.disk.close();
    fs::rename(home.path().join("index"), home.path().join("index.old")).unwrap();
    fs::create_dir_all(home.path().join("index.new")).unwrap();
    let opened = open(home.path());
    assert!(!opened.rebuilt && !home.path().join("index.old").exists());
}
