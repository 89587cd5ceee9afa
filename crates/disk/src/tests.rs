mod closed;
mod copies;
mod entries;
mod failing;
mod full;
mod home;
mod index;
mod pages;
mod room;

use std::{fs, path::Path};

use store::{
    Batch, Group, Key, Store, StoreError, Table, WriteId,
    conformance::{self, Harness},
};
use tempfile::TempDir;

use crate::{DiskStore, OpenOptions, Opened};

/// A home in a directory that goes away with it. Fields drop in their order.
struct OnDisk {
    opened: Option<Opened>,
    home: TempDir,
}

fn open(home: &Path) -> Opened {
    DiskStore::open(home, OpenOptions::default()).unwrap()
}

impl OnDisk {
    fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap())
    }

    fn at(home: TempDir) -> Self {
        Self { opened: Some(open(home.path())), home }
    }

    fn opened(&mut self) -> &mut Opened {
        self.opened.as_mut().unwrap()
    }

    fn close(self) -> TempDir {
        self.opened.unwrap().store.close().unwrap();
        self.home
    }

    fn put(&mut self, number: u64, value: &[u8]) -> WriteId {
        let mut batch = Batch::default();
        batch.put(key(number), value.to_vec());
        self.store().write(batch).unwrap()
    }

    fn put_and_flush(&mut self, number: u64) {
        let write = self.put(number, &value(number));
        self.flush(write).unwrap();
    }
}

impl Harness for OnDisk {
    fn store(&mut self) -> &mut dyn Store {
        &mut self.opened().store
    }

    fn flush(&mut self, _: WriteId) -> Result<(), StoreError> {
        self.opened().flusher.flush()
    }

    /// What a killed process leaves is what the system has of its files while it runs.
    fn crash(&mut self) {
        let left = tempfile::tempdir().unwrap();
        copy(self.home.path(), left.path());
        *self = Self::at(left);
    }

    fn lose_index(&mut self) {
        self.opened = None;
        fs::remove_dir_all(self.home.path().join("index")).unwrap();
        self.opened = Some(open(self.home.path()));
    }

    fn reopen(&mut self) {
        if let Some(opened) = self.opened.take() {
            // One that failed is closed all the same.
            _ = opened.store.close();
        }
        self.opened = Some(open(self.home.path()));
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let beside = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&beside).unwrap();
            copy(&entry.path(), &beside);
        } else {
            fs::copy(entry.path(), beside).unwrap();
        }
    }
}

fn key(number: u64) -> Key {
    Key::new(Table::Entries, Group::of(&[b"log"]), number)
}

fn value(number: u64) -> Vec<u8> {
    vec![number as u8; 300 + (number as usize * 37) % 900]
}

/// A closed home with `count` entries, each of them flushed.
fn written(count: u64) -> TempDir {
    let mut disk = OnDisk::new();
    for number in 0..count {
        disk.put_and_flush(number);
    }
    disk.close()
}

/// Opens a home in which exactly these of `count` entries are missing.
fn assert_all_but(home: &Path, count: u64, missing: &[u64]) -> Opened {
    let opened = open(home);
    for number in 0..count {
        let found = opened.store.get(&key(number));
        match missing.contains(&number) {
            true => assert!(is_lost(&found), "entry {number} is there"),
            false => assert!(found == Ok(Some(value(number))), "entry {number}"),
        }
    }
    opened
}

/// Whether nothing is there, or what is known to have been there cannot be read.
fn is_lost(found: &Result<Option<Vec<u8>>, StoreError>) -> bool {
    matches!(found, Ok(None) | Err(StoreError::Damaged { .. }))
}

fn assert_all(home: &Path, count: u64) -> Opened {
    assert_all_but(home, count, &[])
}

#[test]
fn it_keeps_the_contract() {
    conformance::run(OnDisk::new);
}
