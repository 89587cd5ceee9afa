//! Homes as earlier versions left them: each later version opens them, and shows what stood there.
//!
//! `homes/NAME` is a home without its index, `homes/NAME.json` what it showed: for each question
//! the rows, of which these fields stay the same for ever.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use serde_json::{Map, Value};

use crate::person::{Person, copy};

/// Only who they belong to may read keys, which no version control keeps.
fn make_private(directory: &Path) {
    for file in fs::read_dir(directory).unwrap() {
        let path = file.unwrap().path();
        let mode = if path.is_dir() { 0o700 } else { 0o600 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        if path.is_dir() {
            make_private(&path);
        }
    }
}

/// Whether what is shown says what it said once; a later version may say more.
fn still_says(shown: &Value, once: &Value) -> bool {
    match (shown, once) {
        (Value::Object(shown), Value::Object(once)) => once
            .iter()
            .all(|(field, once)| shown.get(field).is_some_and(|now| still_says(now, once))),
        (Value::Array(shown), Value::Array(once)) => {
            shown.len() == once.len()
                && shown.iter().zip(once).all(|(now, once)| still_says(now, once))
        }
        _ => shown == once,
    }
}

/// Asserts that a home shows what it is to, in the fields that are said.
fn assert_shows(person: &Person, shown: &Map<String, Value>) {
    for (question, rows) in shown {
        let answer = person.json(question);
        let answered = answer["rows"].as_array().unwrap();
        let rows = rows.as_array().unwrap();
        assert_eq!(answered.len(), rows.len(), "{question}: {answer}");
        for (answered, row) in answered.iter().zip(rows) {
            for (field, value) in row.as_object().unwrap() {
                assert!(
                    still_says(&answered[field], value),
                    "{question}: {field} of {answered} was {value}"
                );
            }
        }
    }
}

#[test]
fn homes_of_earlier_versions_open_and_show_what_they_did() {
    let homes = Path::new(env!("CARGO_MANIFEST_DIR")).join("homes");
    let found = fs::read_dir(&homes).unwrap().map(|file| file.unwrap().path());
    let found: Vec<_> = found.filter(|path| path.is_dir()).collect();
    assert!(!found.is_empty());
    for home in found {
        let within = tempfile::tempdir().unwrap();
        let ana = Person::new(within.path(), "ana", "/ip4/127.0.0.1/tcp/0");
        fs::create_dir_all(ana.home()).unwrap();
        copy(&home, &ana.home());
        make_private(&ana.home());
        let shown = fs::read(home.with_extension("json")).unwrap();
        let shown: Map<String, Value> = serde_json::from_slice(&shown).unwrap();
        assert_shows(&ana, &shown);
        // With its index, too; and it goes on to be written in.
        assert_shows(&ana, &shown);
        ana.json("post 'And on we go'");
        let feed = ana.json("feed --limit 1");
        assert_eq!(feed["rows"][0]["text"], "And on we go", "{home:?}");
        assert_eq!(ana.json("why")["waiting"].as_array().map(Vec::len), Some(0), "{home:?}");
    }
}
