//! What is kept twice is there whatever happens to one of its two copies.

use std::{fs, path::Path};

use store::{Batch, Group, Key, Store, Table, conformance::Harness};
use tempfile::TempDir;

use super::{OnDisk, copy, key, open, value};
use crate::{DiskStore, OpenOptions};

const FACTS: u64 = 12;

fn fact(number: u64) -> Key {
    Key::new(Table::Facts, Group::of(&[b"keys"]), number)
}

/// The value of a fact after so many changes.
fn told(number: u64, changes: u8) -> Vec<u8> {
    vec![number as u8 ^ changes; 40 + (number as usize * 97) % 600]
}

/// A home with facts among other entries, some changed since, one removed.
fn written() -> TempDir {
    let mut disk = OnDisk::new();
    let mut put = |key: Key, value: Option<Vec<u8>>| {
        let mut batch = Batch::default();
        match value {
            Some(value) => batch.put(key, value),
            None => batch.remove(key),
        }
        let write = disk.store().write(batch).unwrap();
        disk.flush(write).unwrap();
    };
    for number in 0..FACTS {
        put(fact(number), Some(told(number, 0)));
        put(key(number), Some(value(number)));
    }
    for number in (0..FACTS).step_by(3) {
        put(fact(number), Some(told(number, 9)));
    }
    put(fact(FACTS), Some(told(FACTS, 0)));
    put(fact(FACTS), None);
    disk.close()
}

fn assert_facts(home: &Path, why: &str) -> usize {
    let opened = open(home);
    for number in 0..FACTS {
        let changes = if number % 3 == 0 { 9 } else { 0 };
        let found = opened.store.get(&fact(number));
        assert!(found == Ok(Some(told(number, changes))), "{why}: fact {number}: {found:?}");
    }
    assert_eq!(opened.store.get(&fact(FACTS)), Ok(None), "{why}: what was removed");
    opened.mended
}

/// Opens what is left of a home three times: with its index, without, and once more.
fn assert_mended(left: &Path, why: &str) -> usize {
    let mended = assert_facts(left, why);
    fs::remove_dir_all(left.join("index")).unwrap();
    assert_eq!(assert_facts(left, why), 0, "{why}: mended for good");
    assert_eq!(assert_facts(left, why), 0, "{why}");
    mended
}

fn left_of(home: &TempDir) -> TempDir {
    let left = tempfile::tempdir().unwrap();
    copy(home.path(), left.path());
    left
}

#[test]
fn a_byte_that_flips_anywhere_loses_no_fact() {
    let home = written();
    let mut mended = 0;
    for file in ["entries/000000.entries", "copies/000000.entries"] {
        let length = fs::metadata(home.path().join(file)).unwrap().len();
        for at in (0..length).step_by(length as usize / 60) {
            for without_index in [false, true] {
                let left = left_of(&home);
                let path = left.path().join(file);
                let mut bytes = fs::read(&path).unwrap();
                bytes[at as usize] ^= 1;
                fs::write(&path, bytes).unwrap();
                if without_index {
                    fs::remove_dir_all(left.path().join("index")).unwrap();
                }
                mended += assert_mended(left.path(), &format!("{file} at {at}"));
            }
        }
    }
    assert!(mended > 30, "{mended}");
}

#[test]
fn a_page_a_file_or_a_directory_that_is_gone_loses_no_fact() {
    let home = written();
    for directory in ["entries", "copies"] {
        let file = format!("{directory}/000000.entries");
        let whole = fs::read(home.path().join(&file)).unwrap();
        for kind in 0..6 {
            let left = left_of(&home);
            let path = left.path().join(&file);
            let mut bytes = whole.clone();
            match kind {
                0 => bytes[..4096].fill(0),
                1 => bytes[2048..4096 + 2048].fill(0),
                2 => bytes.truncate(48),
                3 => bytes.truncate(0),
                _ => {}
            }
            match kind {
                4 => fs::remove_file(&path).unwrap(),
                5 => fs::remove_dir_all(left.path().join(directory)).unwrap(),
                _ => fs::write(&path, bytes).unwrap(),
            }
            assert_mended(left.path(), &format!("{file}, {kind}"));
            // And it is written to as before.
            let mut disk = OnDisk::at(left);
            disk.put_and_flush(77);
            let home = disk.close();
            assert_eq!(open(home.path()).store.get(&key(77)), Ok(Some(value(77))), "{kind}");
            assert_facts(home.path(), &format!("{file}, {kind}, written to"));
        }
    }
}

/// Copies are made behind the flush: a crash in between leaves none, and the next start makes it.
#[test]
fn a_fact_that_was_not_copied_yet_is_copied_at_the_next_start() {
    let home = written();
    let copies = home.path().join("copies/000000.entries");
    let whole = fs::read(&copies).unwrap();
    for left in (48..whole.len()).step_by(whole.len() / 40) {
        fs::write(&copies, &whole[..left]).unwrap();
        assert_facts(home.path(), "copies cut");
        let mut entries = fs::read(home.path().join("entries/000000.entries")).unwrap();
        entries[60..].fill(0);
        let broken = left_of(&home);
        fs::write(broken.path().join("entries/000000.entries"), entries).unwrap();
        assert_facts(broken.path(), "entries zeroed");
    }
}

/// What a power cut took of the entry file was never promised, and has no copy.
#[test]
fn what_was_never_durable_is_not_put_back() {
    let mut disk = OnDisk::new();
    disk.put_and_flush(0);
    let path = disk.home.path().join("entries/000000.entries");
    let before = fs::read(&path).unwrap();
    let mut batch = Batch::default();
    batch.put(fact(0), told(0, 0));
    disk.store().write(batch).unwrap();
    let left = left_of(&disk.home);
    fs::write(left.path().join("entries/000000.entries"), before).unwrap();
    let opened = open(left.path());
    assert_eq!((opened.store.get(&fact(0)), opened.mended), (Ok(None), 0));
    assert!(opened.damage.is_empty());
}

/// What rots while the home is closed, and changes no time, is not seen at the opening: it is read
/// from its copy, and mended at the next one.
#[test]
fn what_rots_in_silence_is_read_from_its_copy() {
    let home = written();
    let path = home.path().join("entries/000000.entries");
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[60..].fill(0);
    fs::write(&path, bytes).unwrap();
    fs::File::open(&path).unwrap().set_modified(time).unwrap();
    let opened = open(home.path());
    assert_eq!((opened.mended, opened.damage.len()), (0, 0), "nothing was looked at");
    drop(opened);
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    fs::File::open(&path).unwrap().set_modified(time).unwrap();
    assert_eq!(assert_facts(home.path(), "rotten"), 0);
    assert!(assert_facts(home.path(), "after that") > 0);
    assert_eq!(assert_facts(home.path(), "mended"), 0);
}

/// A crash at any moment of mending leaves nothing older than what was there.
#[test]
fn what_changed_often_is_mended_to_what_it_was_last() {
    let mut disk = OnDisk::new();
    for change in 0..700_u64 {
        for number in [change % 7, 7 + change] {
            let mut batch = Batch::default();
            batch.put(fact(number), change.to_be_bytes().repeat(40));
            disk.store().write(batch).unwrap();
        }
        disk.flush(Default::default()).unwrap();
    }
    let home = disk.close();
    fs::remove_dir_all(home.path().join("entries")).unwrap();
    let there = |home: &Path| {
        let opened = open(home);
        for number in 0..707 {
            let change = if number < 7 { 693 + number } else { number - 7 };
            let found = opened.store.get(&fact(number));
            assert_eq!(found, Ok(Some(change.to_be_bytes().repeat(40))), "fact {number}");
        }
    };
    there(home.path());
    // Whatever of the mending reached the disk.
    let mended = fs::read(home.path().join("entries/000001.entries")).unwrap();
    for part in 1..8 {
        let left = left_of(&home);
        let path = left.path().join("entries/000001.entries");
        fs::write(path, &mended[..mended.len() * part / 8]).unwrap();
        fs::remove_dir_all(left.path().join("index")).unwrap();
        there(left.path());
    }
}

/// Whether a group may have had more than is there is told by where its last entry stands.
#[test]
fn what_may_have_been_lost_unseen_is_told() {
    let group = |name: &[u8]| Group::of(&[name]);
    let home = OnDisk::new().close();
    let path = home.path().join("entries/000000.entries");
    let mut disk = OnDisk::at(home);
    let mut offsets = Vec::new();
    for name in [b"early", b"ended", b"later"] {
        for number in 0..3 {
            offsets.push(fs::metadata(&path).unwrap().len());
            let mut batch = Batch::default();
            batch.put(Key::new(Table::Entries, group(name), number), value(number));
            let write = disk.store().write(batch).unwrap();
            disk.flush(write).unwrap();
        }
    }
    let home = disk.close();
    let mut bytes = fs::read(&path).unwrap();
    bytes[offsets[5] as usize + 40] ^= 1;
    fs::write(&path, bytes).unwrap();
    let may_lack = |opened: &crate::Opened| {
        [b"early", b"ended", b"later"]
            .map(|name| opened.store.may_lack(Table::Entries, &group(name), &fact(0)).unwrap())
    };
    let opened = open(home.path());
    assert!(opened.store.has_lost());
    assert_eq!(may_lack(&opened), [false; 3], "the index knows what stood there");
    drop(opened);
    fs::remove_dir_all(home.path().join("index")).unwrap();
    let mut disk = OnDisk::at(home);
    assert!(disk.opened().store.has_lost());
    assert_eq!(may_lack(disk.opened()), [true, true, false]);
    let facts = disk.opened().store.may_lack(Table::Facts, &group(b"none"), &fact(0));
    assert_eq!(facts, Ok(false), "these are kept twice");
    // A key that was made since is of a log that is whole.
    let mut batch = Batch::default();
    batch.put(fact(1), told(1, 0));
    disk.store().write(batch).unwrap();
    let whole = disk.opened().store.may_lack(Table::Entries, &group(b"none"), &fact(1));
    assert_eq!(whole, Ok(false));
    // What is written since says that this is the end.
    let mut batch = Batch::default();
    batch.put(Key::new(Table::Entries, group(b"ended"), 2), value(7));
    let write = disk.store().write(batch).unwrap();
    disk.flush(write).unwrap();
    assert_eq!(may_lack(disk.opened()), [true, false, false]);
    disk.reopen();
    assert!(!disk.opened().store.has_lost(), "it is told once");
    assert_eq!(may_lack(disk.opened()), [true, false, false]);
}

/// What was put back from a copy stands behind the damage, and says nothing of what that took.
#[test]
fn a_key_that_was_put_back_is_no_younger_than_the_damage() {
    let home = written();
    let lost = Group::of(&[b"log"]);
    for directory in ["entries", "index"] {
        fs::remove_dir_all(home.path().join(directory)).unwrap();
    }
    // Until something was written it is told at each opening.
    for round in 0..2 {
        let opened = open(home.path());
        assert!(opened.store.has_lost(), "round {round}");
        assert_eq!(opened.store.may_lack(Table::Entries, &lost, &fact(0)), Ok(true), "{round}");
    }
    let mut store = open(home.path()).store;
    let mut batch = Batch::default();
    batch.put(key(99), value(99));
    store.write(batch).unwrap();
    store.close().unwrap();
    // A log that goes on, or a key that is made now, is whole.
    let opened = open(home.path());
    assert!(!opened.store.has_lost());
    assert_eq!(opened.store.may_lack(Table::Entries, &lost, &fact(0)), Ok(false));
    let other = Group::of(&[b"other"]);
    assert_eq!(opened.store.may_lack(Table::Entries, &other, &fact(0)), Ok(true));
}

/// An index that was not built to its end had passed damage on the way: the next opening knows.
#[test]
fn a_rebuild_that_was_broken_off_past_damage_still_knows_of_it() {
    const BEFORE_DAMAGE: u64 = 10;
    const ENTRIES: u64 = 20_000;
    let mut disk = OnDisk::new();
    let path = disk.home.path().join("entries/000000.entries");
    let mut damaged_at = 0;
    for number in 0..ENTRIES {
        if number == BEFORE_DAMAGE {
            damaged_at = fs::metadata(&path).unwrap().len() as usize;
        }
        disk.put(number, &value(number % 7));
    }
    let home = disk.close();
    let mut bytes = fs::read(&path).unwrap();
    bytes[damaged_at + 40] ^= 1;
    fs::write(&path, bytes).unwrap();
    fs::remove_dir_all(home.path().join("index")).unwrap();
    let options = OpenOptions { progress: |_| panic!("killed"), ..OpenOptions::default() };
    let broken_off = std::panic::catch_unwind(|| DiskStore::open(home.path(), options));
    assert!(broken_off.is_err(), "it was broken off");
    let opened = open(home.path());
    assert!(!opened.rebuilt, "it went on where it had been");
    assert_eq!(opened.store.get(&key(ENTRIES - 1)), Ok(Some(value((ENTRIES - 1) % 7))));
    let other = Group::of(&[b"other"]);
    assert_eq!(opened.store.may_lack(Table::Entries, &other, &fact(0)), Ok(true));
}
