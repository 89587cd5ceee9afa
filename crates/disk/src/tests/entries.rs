use std::{
    fs,
    path::{Path, PathBuf},
};

use store::Store;
use tempfile::TempDir;

use super::{OnDisk, assert_all, assert_all_but, is_lost, key, open, value, written};
use crate::Damage;

fn segment(home: &Path, number: u64) -> PathBuf {
    home.join(format!("entries/{number:06}.entries"))
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len()
}

/// A closed home with `count` entries, the last `unflushed` of them not flushed, and where each
/// record begins and the last one ends.
fn with_offsets(count: u64, unflushed: u64) -> (TempDir, Vec<u64>) {
    let mut disk = OnDisk::new();
    let path = segment(disk.home.path(), 0);
    let mut offsets = vec![length(&path)];
    for number in 0..count {
        if number < count - unflushed {
            disk.put_and_flush(number);
        } else {
            disk.put(number, &value(number));
        }
        offsets.push(length(&path));
    }
    let OnDisk { opened, home } = disk;
    drop(opened);
    (home, offsets)
}

fn flip(path: &Path, offset: u64) {
    let mut bytes = fs::read(path).unwrap();
    bytes[offset as usize] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

fn lose_index(home: &Path) {
    fs::remove_dir_all(home.join("index")).unwrap();
}

#[test]
fn a_torn_tail_is_cut_wherever_it_is_torn() {
    let (home, offsets) = with_offsets(4, 1);
    let path = segment(home.path(), 0);
    let whole = fs::read(&path).unwrap();
    for torn in offsets[3] + 1..offsets[4] {
        fs::write(&path, &whole[..torn as usize]).unwrap();
        let opened = assert_all_but(home.path(), 4, &[3]);
        let cut = opened.cut.unwrap();
        assert_eq!((cut.offset, cut.bytes), (offsets[3], torn - offsets[3]));
        assert!(opened.damage.is_empty());
        assert_eq!(length(&path), offsets[3]);
    }
    assert!(assert_all(home.path(), 3).cut.is_none());
}

#[test]
fn a_tail_that_the_disk_never_got_is_cut_and_the_index_had_not_seen_it() {
    let (home, offsets) = with_offsets(4, 2);
    let path = segment(home.path(), 0);
    let mut bytes = fs::read(&path).unwrap();
    bytes[offsets[2] as usize..].fill(0);
    fs::write(&path, bytes).unwrap();
    let opened = assert_all_but(home.path(), 4, &[2, 3]);
    assert!(!opened.rebuilt && opened.damage.is_empty());
    assert_eq!(opened.cut.unwrap().offset, offsets[2]);
    assert_eq!(length(&path), offsets[2]);
}

#[test]
fn of_writes_that_were_not_flushed_a_prefix_is_left() {
    let (home, offsets) = with_offsets(6, 4);
    // The disk got the fifth and the sixth, and not the fourth.
    flip(&segment(home.path(), 0), offsets[3] + 60);
    let opened = assert_all_but(home.path(), 6, &[3, 4, 5]);
    assert!(opened.damage.is_empty());
    assert_eq!(opened.cut.unwrap().bytes, offsets[6] - offsets[3]);
}

#[test]
fn what_is_cut_can_be_written_again() {
    let (home, offsets) = with_offsets(4, 1);
    let path = segment(home.path(), 0);
    let tail = fs::read(&path).unwrap()[offsets[3] as usize..].to_vec();
    flip(&path, offsets[4] - 1);
    let mut disk = OnDisk::at(home);
    disk.put_and_flush(3);
    let kept = fs::read(disk.home.path().join("entries/cut-tail")).unwrap();
    assert_eq!(kept[..kept.len() - 1], tail[..tail.len() - 1], "what was cut off is kept");
    drop(assert_all(disk.close().path(), 4));
}

#[test]
fn damage_in_the_middle_is_named_and_the_rest_is_there() {
    let (home, offsets) = with_offsets(6, 0);
    let path = segment(home.path(), 0);
    let whole = fs::read(&path).unwrap();
    let bytes = offsets[3] - offsets[2];
    // Length, its check, nonce, payload, tag.
    for at in [0, 1, 3, 4, 7, 8, 31, 32, bytes / 2, bytes - 17, bytes - 16, bytes - 1] {
        flip(&path, offsets[2] + at);
        let named = vec![Damage { segment: 0, offset: offsets[2], bytes, readable_after: 3 }];
        let opened = assert_all_but(home.path(), 6, &[2]);
        assert_eq!(opened.damage, named, "byte {at}");
        assert!(opened.cut.is_none());
        drop(opened);
        // It stays so, and costs no index a second time.
        let opened = assert_all_but(home.path(), 6, &[2]);
        assert!(opened.damage == named && !opened.rebuilt);
        drop(opened);
        lose_index(home.path());
        assert_eq!(assert_all_but(home.path(), 6, &[2]).damage, named);
        fs::write(&path, &whole).unwrap();
        let opened = assert_all(home.path(), 6);
        assert!(opened.damage.is_empty(), "what is healed is no longer named");
    }
}

#[test]
fn more_can_be_written_behind_damage() {
    let (home, offsets) = with_offsets(4, 0);
    let path = segment(home.path(), 0);
    flip(&path, offsets[0]);
    flip(&path, offsets[2] + 20);
    let mut disk = OnDisk::at(home);
    assert_eq!(disk.opened().damage.len(), 2);
    disk.put_and_flush(4);
    disk.put_and_flush(2);
    let home = disk.close();
    let opened = assert_all_but(home.path(), 5, &[0]);
    assert_eq!(opened.damage.len(), 2);
    assert_eq!(opened.damage[0].readable_after, 4);
    assert!(!opened.rebuilt);
}

#[test]
fn a_record_moved_or_doubled_is_no_record() {
    let (home, offsets) = with_offsets(4, 0);
    let path = segment(home.path(), 0);
    let mut bytes = fs::read(&path).unwrap();
    let second = bytes[offsets[1] as usize..offsets[2] as usize].to_vec();
    bytes.extend_from_slice(&second);
    fs::write(&path, bytes).unwrap();
    let opened = assert_all(home.path(), 4);
    assert_eq!(opened.cut.unwrap().bytes, second.len() as u64);
}

#[test]
fn segments_follow_one_another() {
    const COUNT: u64 = 40;
    let large = |number: u64| vec![number as u8; 100_000];
    let mut disk = OnDisk::new();
    for number in 0..COUNT {
        disk.put(number, &large(number));
    }
    let home = disk.close();
    let there = |missing: &[u64]| {
        let opened = open(home.path());
        for number in 0..COUNT {
            let found = opened.store.get(&key(number));
            match missing.contains(&number) {
                true => assert!(is_lost(&found), "entry {number} is there"),
                false => assert!(found == Ok(Some(large(number))), "entry {number}"),
            }
        }
        opened
    };
    drop(there(&[]));
    let second = fs::read(segment(home.path(), 1)).unwrap();
    assert!(segment(home.path(), 3).exists() && second.len() <= 1 << 20);
    // A whole segment is gone: ten records fit into one.
    fs::remove_file(segment(home.path(), 1)).unwrap();
    let gone: Vec<u64> = (10..20).collect();
    let named = Damage { segment: 1, offset: 0, bytes: 0, readable_after: 20 };
    assert_eq!(there(&gone).damage, [named]);
    // One has lost its last record, cleanly.
    let record = (second.len() - 48) / 10;
    let shorter = second.len() - record;
    fs::write(segment(home.path(), 1), &second[..shorter]).unwrap();
    let (offset, bytes) = (shorter as u64, record as u64);
    let named = Damage { segment: 1, offset, bytes, readable_after: 20 };
    assert_eq!(there(&[19]).damage, [named]);
    fs::write(segment(home.path(), 1), &second).unwrap();
    assert!(there(&[]).damage.is_empty());
    // A header is broken, and nothing but it.
    flip(&segment(home.path(), 3), 3);
    let named = Damage { segment: 3, offset: 0, bytes: 48, readable_after: 10 };
    assert_eq!(there(&[]).damage, [named]);
}

#[test]
fn a_segment_that_was_not_begun_to_the_end_is_begun_again() {
    let home = written(2);
    fs::write(home.path().join("entries/000001.new"), b"groundw").unwrap();
    let mut disk = OnDisk::at(home);
    for number in 2..30 {
        disk.put(number, &[1; 60_000]);
    }
    assert!(segment(disk.home.path(), 1).exists());
    let home = disk.close();
    assert!(assert_all(home.path(), 2).damage.is_empty());
}

#[test]
fn no_bytes_in_the_entry_file_panic_or_hang() {
    let (home, offsets) = with_offsets(5, 0);
    let path = segment(home.path(), 0);
    let whole = fs::read(&path).unwrap();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for _ in 0..60 {
        let mut bytes = whole.clone();
        for _ in 0..=random(4) {
            let at = random(bytes.len());
            match random(4) {
                0 => bytes[at] = random(256) as u8,
                1 => bytes.truncate(at.max(49)),
                2 => bytes[at..].fill(0),
                _ => bytes.insert(at, random(256) as u8),
            }
        }
        fs::write(&path, &bytes).unwrap();
        // With a broken header and no record, the key is not known as the right one.
        let Ok(opened) = crate::DiskStore::open(home.path(), crate::OpenOptions::default()) else {
            continue;
        };
        for number in 0..5 {
            let found = opened.store.get(&key(number));
            assert!(is_lost(&found) || found == Ok(Some(value(number))), "other bytes");
        }
        drop(opened);
    }
    fs::write(&path, &whole).unwrap();
    assert!(length(&path) == offsets[5]);
    assert_all(home.path(), 5);
}

/// What somebody put beside the segments is no segment, and nothing is missing for it.
#[test]
fn what_is_none_of_ours_is_let_be() {
    let mut disk = OnDisk::new();
    (0..20).for_each(|number| disk.put_and_flush(number));
    let home = disk.close();
    let strays = ["7.entries", "4294967295.entries", "000007.entries", "999999.entries", "notes"];
    for (n, name) in strays.iter().enumerate() {
        let path = home.path().join("entries").join(name);
        fs::write(&path, [b"".as_slice(), b"no entries"][n % 2]).unwrap();
        let opened = assert_all(home.path(), 20);
        assert_eq!(opened.damage, [], "{name}");
        opened.store.close().unwrap();
        assert!(path.exists(), "{name} is not ours to remove");
    }
    // One that stands where ours would is told as damage, once.
    fs::write(home.path().join("entries/000001.entries"), b"").unwrap();
    let opened = assert_all(home.path(), 20);
    assert_eq!(opened.damage.len(), 1);
    opened.store.close().unwrap();
    let mut disk = OnDisk::at(home);
    disk.put_and_flush(20);
    let home = disk.close();
    assert_all(home.path(), 21);
}
