//! A disk that can only be read: what is on it is shown, and stays as it is.

use std::{collections::BTreeMap, fs, path::Path, time::SystemTime};

use super::{all_posts, mounted::Mounted};
use crate::person::{Person, split};

/// Every file of a directory, how long it is and when it was written.
fn files(directory: &Path) -> BTreeMap<std::path::PathBuf, (u64, SystemTime)> {
    let mut files = BTreeMap::new();
    for file in fs::read_dir(directory).unwrap() {
        let (path, is) = file.map(|file| (file.path(), file.metadata().unwrap())).unwrap();
        if is.is_dir() {
            files.append(&mut self::files(&path));
        }
        files.insert(path, (is.len(), is.modified().unwrap()));
    }
    files
}

/// More than are read in one slice, or at once before a question is answered.
const POSTS: usize = 300;

#[test]
fn a_disk_that_can_only_be_read_is_read() {
    let place = tempfile::tempdir().unwrap();
    let mut ana = Person::new(place.path(), "ana", "/ip4/127.0.0.1/tcp/0");
    fs::create_dir(ana.home()).unwrap();
    let Some(disk) = Mounted::new(&ana.home(), "a disk that can only be read") else { return };
    ana.json("found 'Elm Street' --me Ana");
    ana.up();
    for n in 0..POSTS {
        ana.json(&format!("post 'Number {n}'"));
        if n % 10 == 0 {
            ana.json(&format!("need add 'Need {n}'"));
        }
    }
    let needs = ana.json("need list")["rows"].clone();
    for way in ["stopped", "killed", "without its index", "without copies of its index"] {
        match way {
            "stopped" => ana.stop(),
            "killed" => ana.kill(),
            "without its index" => fs::remove_dir_all(ana.home().join("index")).unwrap(),
            _ => fs::write(ana.home().join("index/db"), b"no sled").unwrap(),
        }
        disk.set_read_only(true);
        let before = files(&ana.home());
        let posts = all_posts(&ana);
        assert!(posts.len() >= POSTS, "{way}: {}", posts.len());
        assert_eq!(ana.json("need list")["rows"], needs, "{way}");
        let status = ana.run(&split("status"), None);
        assert_eq!(status.exit(), 0, "{way}: {}", status.stderr);
        assert!(status.stderr.contains("can only be read"), "{way}: {}", status.stderr);
        for words in ["post 'Not kept' --json", "up --json", "need add Bread --json"] {
            let refused = ana.run(&split(words), None);
            assert_eq!((refused.exit(), refused.stdout.as_str()), (4, ""), "{way}, {words}");
            assert!(refused.stderr.contains("\"read-only-disk\""), "{way}: {}", refused.stderr);
        }
        assert_eq!(files(&ana.home()), before, "{way}: nothing on it has changed");
        let left = files(&ana.home().with_file_name("run")).into_keys();
        let left: Vec<_> = left.filter(|left| left.to_string_lossy().contains("/read-")).collect();
        assert!(left.is_empty(), "{way}: {left:?}");
        disk.set_read_only(false);
        ana.up();
        ana.json(&format!("post 'Written again: {way}'"));
        assert_eq!(all_posts(&ana).len(), posts.len() + 1, "{way}");
        if !matches!(way, "stopped") {
            ana.stop();
        }
    }
}
