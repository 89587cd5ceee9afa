use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use store::{Batch, Group, Key, Store, Table};

use super::{OnDisk, assert_all, written};
use crate::{DiskStore, OpenError, OpenOptions, Opened};

fn refused(home: &Path) -> OpenError {
    let options = OpenOptions { wait: Duration::ZERO, ..OpenOptions::default() };
    DiskStore::open(home, options).expect_err("it opens")
}

/// Every file of a home but sled's, with its bytes.
fn files(home: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for directory in [home.to_owned(), home.join("entries"), home.join("copies")] {
        for entry in fs::read_dir(directory).unwrap().flatten() {
            if entry.file_type().unwrap().is_file() {
                let name = entry.path().display().to_string();
                files.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    files
}

#[test]
fn a_newer_format_is_refused_and_nothing_changes() {
    let home = written(3);
    let format = home.path().join("format");
    let whole = fs::read(&format).unwrap();
    fs::write(&format, "groundwork home 2\n").unwrap();
    fs::remove_file(home.path().join("lock")).unwrap();
    let before = files(home.path());
    let error = refused(home.path());
    assert!(matches!(error, OpenError::NewerFormat { .. }), "{error:?}");
    assert!(files(home.path()) == before);
    for damaged in ["", "groundwork", "groundwork home 0", "groundwork home x", "\u{fe}"] {
        fs::write(&format, damaged).unwrap();
        let error = refused(home.path());
        assert!(matches!(error, OpenError::Damaged { .. }), "{damaged:?}: {error:?}");
    }
    // One that is lost, or another home's, is written anew where the key is the right one.
    fs::remove_file(&format).unwrap();
    assert_all(home.path(), 3);
    assert_eq!(fs::read(&format).unwrap(), whole);
    fs::copy(written(0).path().join("format"), &format).unwrap();
    assert_all(home.path(), 3);
    assert_eq!(fs::read(&format).unwrap(), whole);
}

#[test]
fn one_process_has_a_home_and_the_second_is_told_who() {
    let disk = OnDisk::new();
    match refused(disk.home.path()) {
        OpenError::InUse { pid, .. } => assert_eq!(pid, std::process::id().to_string()),
        other => panic!("{other:?}"),
    }
    // A flusher that is left over does not keep it open.
    let flusher = disk.opened.as_ref().unwrap().flusher.clone();
    let home = disk.close();
    assert!(flusher.flush().is_err());
    assert_all(home.path(), 0);
}

#[test]
fn without_its_key_a_home_is_not_opened_and_not_begun_anew() {
    let home = written(3);
    let key = home.path().join("storage.key");
    let bytes = fs::read(&key).unwrap();
    lose_key(home.path());
    let error = refused(home.path());
    assert!(matches!(error, OpenError::KeyMissing { .. }), "{error:?}");
    fs::write(&key, &bytes[1..]).unwrap();
    let error = refused(home.path());
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    fs::write(&key, bytes).unwrap();
    assert_all(home.path(), 3);
}

/// Both files of its key are gone.
fn lose_key(home: &Path) {
    fs::remove_file(home.join("storage.key")).unwrap();
    fs::remove_file(home.join("copies/storage.key")).unwrap();
}

#[test]
fn a_key_stands_twice_and_either_is_enough() {
    let home = written(3);
    let files = key_files(home.path(), "storage.key");
    let whole = fs::read(&files[0]).unwrap();
    let is_whole = || files.iter().all(|file| fs::read(file).unwrap() == whole);
    assert!(is_whole());
    for file in &files {
        for bytes in damaged(&whole) {
            put(file, bytes.as_deref());
            let opened = assert_all(home.path(), 3);
            // That there is no copy is how homes were before there were any.
            let is_lost = bytes.is_some() || *file == files[0];
            assert_eq!((opened.mended, opened.rebuilt), (usize::from(is_lost), false));
            assert!(is_whole());
        }
    }
    fs::write(&files[0], flipped(&whole, 3)).unwrap();
    fs::write(&files[1], flipped(&whole, 30)).unwrap();
    assert!(matches!(refused(home.path()), OpenError::Damaged { .. }));
    // As it was before there was a check; the mark of the home knows which one is right.
    let (old, wrong) = (&whole[..32], &flipped(&whole, 3)[..32]);
    for (first, second) in [(old, whole.as_slice()), (old, wrong), (wrong, old), (wrong, &whole)] {
        put(&files[0], Some(first));
        put(&files[1], Some(second));
        assert_all(home.path(), 3);
        assert!(is_whole());
    }
}

/// Its key, its copy: the files of a secret.
fn key_files(home: &Path, name: &str) -> [PathBuf; 2] {
    [home.join(name), home.join("copies").join(name)]
}

fn flipped(whole: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1;
    }
    bytes
}

/// All that can become of the file of a secret; nothing where it is gone.
fn damaged(whole: &[u8]) -> Vec<Option<Vec<u8>>> {
    let flips = (0..whole.len()).map(|at| flipped(whole, at));
    let all = flips.chain([vec![], vec![0; 40], vec![0; 4096]]).map(Some);
    all.chain([None]).collect()
}

fn put(file: &Path, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => fs::write(file, bytes).unwrap(),
        None => fs::remove_file(file).unwrap(),
    }
}

/// The node key of a home that opens.
fn node_key(opened: Opened) -> Result<([u8; 32], bool), OpenError> {
    opened.node_key.open().map(|(key, was_lost)| (*key, was_lost))
}

#[test]
fn a_node_key_stands_twice_and_either_is_enough() {
    let home = written(3);
    let open = || node_key(DiskStore::open(home.path(), OpenOptions::default()).unwrap());
    let key = open().unwrap();
    assert!(!key.1);
    let files = key_files(home.path(), "node.key");
    let whole = fs::read(&files[0]).unwrap();
    let is_whole = || files.iter().all(|file| fs::read(file).unwrap() == whole);
    assert!(is_whole());
    for file in &files {
        // Each of these opens the home once more.
        for bytes in damaged(&whole).into_iter().rev().step_by(5) {
            put(file, bytes.as_deref());
            let is_lost = bytes.is_some() || *file == files[0];
            assert_eq!(open().unwrap(), (key.0, is_lost));
            assert!(is_whole());
        }
    }
    // One of another home, which is sound there.
    let other = written(0);
    node_key(DiskStore::open(other.path(), OpenOptions::default()).unwrap()).unwrap();
    for file in &files {
        fs::copy(other.path().join("node.key"), file).unwrap();
        assert_eq!(open().unwrap().0, key.0);
        assert!(is_whole());
    }
    // From a time before there were checks, over a home that had begun with another one.
    fs::write(&files[0], &whole[..32]).unwrap();
    fs::copy(other.path().join("node.key"), &files[1]).unwrap();
    assert_eq!(open().unwrap().0, key.0);
    assert!(is_whole());
    // A directory cannot be read, as a bad sector cannot.
    fs::remove_file(&files[0]).unwrap();
    fs::create_dir(&files[0]).unwrap();
    assert_eq!(open().unwrap().0, key.0);
    fs::remove_dir(&files[0]).unwrap();
    // None is made in the place of one that is damaged.
    fs::write(&files[1], flipped(&whole, 39)).unwrap();
    assert!(matches!(open(), Err(OpenError::Damaged { .. })));
    fs::write(&files[0], &whole).unwrap();
    assert_eq!(open().unwrap().0, key.0);
    files.iter().for_each(|file| fs::remove_file(file).unwrap());
    assert!(open().unwrap().0 != key.0);
}

#[test]
fn the_key_of_another_home_destroys_nothing() {
    let home = written(3);
    let key = home.path().join("storage.key");
    let bytes = fs::read(&key).unwrap();
    let other = written(0);
    for file in key_files(home.path(), "storage.key") {
        fs::copy(other.path().join("storage.key"), file).unwrap();
    }
    let before = files(home.path());
    for _ in 0..2 {
        let error = refused(home.path());
        assert!(error.to_string().contains("another home"), "{error:?}");
    }
    let mut after = files(home.path());
    after.retain(|name, _| !name.ends_with("lock"));
    assert!(after.iter().all(|(name, bytes)| before.get(name) == Some(bytes)));
    // The one that is this home's is found, wherever it stands.
    let files = key_files(home.path(), "storage.key");
    for (right, wrong) in [(&files[0], &files[1]), (&files[1], &files[0])] {
        fs::copy(other.path().join("storage.key"), wrong).unwrap();
        fs::write(right, &bytes).unwrap();
        assert_eq!(assert_all(home.path(), 3).mended, 1);
        assert!(files.iter().all(|file| fs::read(file).unwrap() == bytes));
    }
    assert!(!assert_all(home.path(), 3).rebuilt);
}

#[test]
fn without_its_entries_a_home_is_not_begun_anew() {
    let home = written(3);
    let entries = home.path().join("entries");
    let aside = home.path().join("aside");
    fs::rename(&entries, &aside).unwrap();
    for is_there in [false, true] {
        if is_there {
            fs::create_dir(&entries).unwrap();
        }
        let error = refused(home.path());
        assert!(error.to_string().contains("all that this home kept is missing"), "{error:?}");
        let made = fs::read_dir(&entries).map_or(0, |made| made.count());
        assert_eq!((entries.exists(), made), (is_there, 0), "nothing is begun there");
    }
    fs::remove_dir(&entries).unwrap();
    // Nor with another key, where that is gone too.
    let key = home.path().join("storage.key");
    let bytes = fs::read(&key).unwrap();
    lose_key(home.path());
    refused(home.path());
    assert!(!key.exists());
    fs::write(&key, bytes).unwrap();
    fs::rename(&aside, &entries).unwrap();
    // Nothing of them can be read: that is no other home's key.
    let segment = entries.join("000000.entries");
    let whole = fs::read(&segment).unwrap();
    fs::write(&segment, vec![0; whole.len()]).unwrap();
    for _ in 0..2 {
        let error = refused(home.path());
        assert!(error.to_string().contains("nothing in it can be read"), "{error:?}");
    }
    fs::write(&segment, whole).unwrap();
    assert_all(home.path(), 3);
}

/// A home whose making was cut off at any moment is made whole by the next try.
#[test]
fn a_home_that_was_begun_is_gone_on_with() {
    let made = written(0);
    let files = ["storage.key", "entries/000000.entries", "format"];
    for made_files in 0..files.len() {
        let home = tempfile::tempdir().unwrap();
        let deep = home.path().join("a/b");
        fs::create_dir_all(deep.join("entries")).unwrap();
        for file in &files[..made_files] {
            fs::copy(made.path().join(file), deep.join(file)).unwrap();
        }
        let mut opened = DiskStore::open(&deep, OpenOptions::default()).unwrap();
        let mut batch = Batch::default();
        batch.put(super::key(0), super::value(0));
        opened.store.write(batch).unwrap();
        opened.store.close().unwrap();
        assert_all(&deep, 1);
        // Its key is gone: of a home that was made that is a loss, of one that was begun it is not.
        lose_key(&deep);
        assert!(matches!(refused(&deep), OpenError::KeyMissing { .. }));
        fs::remove_file(deep.join("format")).unwrap();
        assert!(matches!(refused(&deep), OpenError::KeyMissing { .. }));
    }
    let begun = tempfile::tempdir().unwrap();
    fs::create_dir(begun.path().join("entries")).unwrap();
    fs::copy(made.path().join(files[1]), begun.path().join(files[1])).unwrap();
    assert_all(begun.path(), 0);
}

#[test]
fn only_the_owner_can_look_into_a_home() {
    let home = written(1);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(home.path().join("storage.key"), fs::Permissions::from_mode(0o644))
        .unwrap();
    assert_all(home.path(), 1);
    assert_eq!(mode(home.path()), 0o700);
    for file in key_files(home.path(), "storage.key") {
        assert_eq!(mode(&file), 0o600);
    }
    assert_eq!(mode(&home.path().join("entries/000000.entries")), 0o600);
}

#[test]
fn nothing_on_the_disk_can_be_read_without_the_key() {
    let mut disk = OnDisk::new();
    let mut batch = Batch::default();
    for table in [Table::Facts, Table::Rows, Table::Documents] {
        let group = Group::of(&[b"insulin for Elm Street"]);
        let repeat = if table == Table::Documents { 900 } else { 20 };
        let text = b"third floor, ask for Ana".repeat(repeat);
        batch.put(Key::new(table, group.clone(), 1), text);
        batch.put(Key::new(table, group, 2), b"ask for Ana".to_vec());
    }
    disk.opened().store.write(batch).unwrap();
    let home = disk.close();
    let mut read = 0;
    for directory in ["entries", "index", "index/blobs"] {
        for file in fs::read_dir(home.path().join(directory)).unwrap().flatten() {
            let Ok(bytes) = fs::read(file.path()) else { continue };
            read += bytes.len();
            // Long enough that random bytes do not have them by chance, as they have three letters.
            for secret in ["insulin", "third floor", "for Ana"] {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{secret} stands in {:?}", file.path());
            }
        }
    }
    assert!(read > 20_000, "only {read} bytes were looked through");
}
