//! A machine that lends few files: what cannot be done is said, and nothing is set aside for it.

use std::{fs, process::Command};

use super::all_posts;
use crate::person::{Person, program};

#[test]
fn what_passes_sets_no_index_aside() {
    let place = tempfile::tempdir().unwrap();
    let ana = Person::new(place.path(), "ana", "/ip4/127.0.0.1/tcp/0");
    ana.json("found 'Elm Street' --me Ana");
    for n in 0..20 {
        ana.json(&format!("post 'Number {n}'"));
    }
    let posts = all_posts(&ana);
    let (mut done, mut refused) = (0, 0);
    for files in (4..60).step_by(2) {
        let script = format!("ulimit -n {files}; exec \"$0\" feed --limit 0 --json");
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg(program()).env_clear();
        command.env("GROUNDWORK_HOME", ana.home()).env("TMPDIR", place.path());
        let said = command.output().unwrap();
        let (out, err) =
            (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
        match said.status.code() {
            Some(0) => {
                done += 1;
                assert_eq!(out.matches("\"text\":\"Number").count(), posts.len(), "{files}: {out}");
            }
            code => {
                refused += 1;
                assert_eq!(out, "", "{files}: a part is never shown as the whole");
                assert!(code.is_some() && !err.is_empty(), "{files}: {code:?} {err}");
            }
        }
        let there = fs::read_dir(ana.home()).unwrap().map(|file| file.unwrap().file_name());
        let aside: Vec<_> = there.filter(|name| name.to_string_lossy().contains("aside")).collect();
        assert!(aside.is_empty(), "{files}: {aside:?} {err}");
        assert!(!err.contains("built again"), "{files}: {err}");
    }
    assert!(done > 0 && refused > 0, "{done} done, {refused} refused");
    assert_eq!(all_posts(&ana), posts);
}
