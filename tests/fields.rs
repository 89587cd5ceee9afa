//! Every field that a command prints is in `commands --json`, and the other way round.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::person::{Person, split, until};

/// The fields of an answer as it was printed, and those that were empty: null or no values.
#[derive(Default)]
struct Printed {
    paths: BTreeSet<String>,
    empty: BTreeSet<String>,
}

impl Printed {
    /// Notes what is at `path`; `open` are the paths whose values are data, not fields.
    fn note(&mut self, path: &str, value: &Value, open: &BTreeSet<String>) {
        if open.contains(&format!("{path}{{}}")) {
            self.paths.insert(format!("{path}{{}}"));
            return;
        }
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let dot = if path.is_empty() { "" } else { "." };
                    self.note(&format!("{path}{dot}{name}"), value, open);
                }
            }
            Value::Array(values) if values.is_empty() => _ = self.empty.insert(path.to_owned()),
            Value::Array(values) => {
                values.iter().for_each(|value| self.note(&format!("{path}[]"), value, open));
            }
            Value::Null => _ = self.empty.insert(path.to_owned()),
            _ => _ = self.paths.insert(path.to_owned()),
        }
    }
}

struct Catalogue {
    /// By command and which of its answers.
    fields: BTreeMap<(String, Option<String>), BTreeSet<String>>,
    printed: BTreeMap<(String, Option<String>), Printed>,
}

impl Catalogue {
    fn read(person: &Person) -> Self {
        let mut fields = BTreeMap::new();
        for row in person.json("commands")["rows"].as_array().unwrap() {
            for answer in row["answers"].as_array().unwrap() {
                let of = answer["of"].as_str().map(str::to_owned);
                let paths = answer["fields"].as_array().unwrap().iter();
                let paths = paths.map(|path| path.as_str().unwrap().to_owned()).collect();
                fields.insert((row["command"].as_str().unwrap().to_owned(), of), paths);
            }
        }
        Self { fields, printed: BTreeMap::new() }
    }

    fn note(&mut self, command: &str, of: Option<&str>, value: &Value) {
        let key = (command.to_owned(), of.map(str::to_owned));
        let open = self.fields.get(&key).unwrap_or_else(|| panic!("{key:?} is not listed"));
        assert_eq!(value["v"], 1, "{command}: {value}");
        let mut value = value.clone();
        value.as_object_mut().unwrap().remove("v");
        self.printed.entry(key).or_default().note("", &value, open);
    }

    /// What differs between what is listed and what was printed.
    fn differences(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (key, listed) in &self.fields {
            let Some(printed) = self.printed.get(key) else {
                found.push(format!("{key:?} was never run"));
                continue;
            };
            let begins = |path: &String, start: &String| {
                path.strip_prefix(start.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', '{']))
            };
            for path in printed.paths.difference(listed) {
                found.push(format!("{key:?} prints {path}, which is not listed"));
            }
            for path in &printed.empty {
                if !listed.iter().any(|listed| begins(listed, path)) {
                    found.push(format!("{key:?} prints {path}, which is not listed"));
                }
            }
            for path in listed.difference(&printed.paths) {
                if !printed.empty.iter().any(|empty| begins(path, empty)) {
                    found.push(format!("{key:?} lists {path}, which is not printed"));
                }
            }
        }
        found
    }
}

/// Runs a command that must succeed, and notes its fields.
fn run(catalogue: &mut Catalogue, person: &Person, of: Option<&str>, words: &str) -> Value {
    let value = person.json(words);
    let known: Vec<_> = catalogue.fields.keys().map(|(command, _)| command.clone()).collect();
    let is_meant = |name: &&String| words == **name || words.starts_with(&format!("{name} "));
    let command = known.iter().filter(is_meant).max_by_key(|name| name.len()).expect(words);
    catalogue.note(&command.clone(), of, &value);
    value
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What works without a node.
fn alone(all: &mut Catalogue, ana: &Person) -> String {
    run(all, ana, None, "found 'Elm Street' --me Ana");
    run(all, ana, None, "use 'Elm Street'");
    run(all, ana, None, "profile --name 'Ana K'");
    let post = text(&run(all, ana, None, "post 'Look here'")["id"]);
    run(all, ana, None, &format!("post 'A reply' --reply-to {post}"));
    run(all, ana, Some("posts"), "feed");
    run(all, ana, Some("post"), &format!("show {post}"));
    run(all, ana, None, &format!("undo {post}"));
    let campaign = text(&run(all, ana, None, "campaign new Heat --goal Boilers")["id"]);
    run(all, ana, None, &format!("campaign edit {campaign} --place Hall"));
    run(all, ana, None, "campaign list");
    run(all, ana, Some("campaign"), &format!("show {campaign}"));
    let need = text(&run(all, ana, None, "need add 'A ladder' --area north")["code"]);
    run(all, ana, None, &format!("need edit {need} --category tools"));
    for machine in ["errors", "commands", "completions bash", "node config", "node stats"] {
        run(all, ana, None, machine);
    }
    for read in ["status", "charter words", "node fingerprint"] {
        run(all, ana, None, read);
    }
    need
}

/// Two more who knock, and what is done for and with them.
fn together(all: &mut Catalogue, people: &mut [Person; 3], need: &str) {
    let [ana, bo, cy] = people;
    let ready = ana.up();
    all.note("up", None, &ready);
    let ticket = text(&run(all, ana, None, "member invite --knocks 2")["ticket"]);
    let other = text(&run(all, ana, None, "member invite")["invite"]);
    run(all, ana, None, &format!("member withdraw {other}"));
    run(all, ana, Some("--invites"), "member list --invites");
    for (person, name) in [(&*bo, "Bo"), (&*cy, "Cy")] {
        let said = person.run(&split(&format!("join - --me {name} --json")), Some(&ticket));
        assert_eq!(said.exit(), 0, "{}", said.stderr);
        all.note("join", None, &said.json());
    }
    run(all, bo, Some("waiting"), "why");
    run(all, ana, Some("members"), "member list");
    run(all, ana, None, "charter show");
    run(all, ana, None, "todo");
    bo.up();
    let act = text(&run(all, ana, None, "member vouch Bo")["act"]);
    until("being in", || (bo.json("status")["spaces"][0]["say"] == true).then_some(()));
    let member = text(&ana.json("member list")["rows"][1]["member"]);
    run(all, ana, Some("member"), &format!("show {member}"));
    run(all, ana, Some("act"), &format!("show {act}"));
    run(all, ana, Some("act"), &format!("why {act}"));
    until("the need", || {
        let claim = bo.run(&split(&format!("need claim {need} --json")), None);
        (claim.exit() == 0).then(|| all.note("need claim", None, &claim.json()))
    });
    until("the claim", || {
        let row = ana.json(&format!("show {need}"));
        (!row["claims"].as_array().unwrap().is_empty()).then_some(())
    });
    run(all, ana, None, "need list");
    run(all, ana, Some("need"), &format!("show {need}"));
    run(all, ana, None, &format!("need claim {need}"));
    run(all, ana, None, &format!("need release {need}"));
    run(all, ana, None, "node peers");
    until("a sync", || {
        let said = ana.run(&split("sync --json"), None);
        (said.exit() == 0).then(|| all.note("sync", None, &said.json()))
    });
    run(all, ana, None, "charter export");
}

fn followed(all: &mut Catalogue, ana: &Person) {
    use std::io::{BufRead, BufReader};
    // From the beginning on: what is there already is shown at once.
    let mut follow = ana.command(&split("feed --follow --after 0 --json")).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(follow.stdout.take().unwrap()).read_line(&mut line).unwrap();
    follow.kill().unwrap();
    follow.wait().unwrap();
    all.note("feed", Some("--follow"), &serde_json::from_str(&line).unwrap());
}

#[test]
fn every_field_is_listed() {
    let home = tempfile::tempdir().unwrap();
    let mut people =
        ["ana", "bo", "cy"].map(|name| Person::new(home.path(), name, "/ip4/127.0.0.1/tcp/0"));
    let mut all = Catalogue::read(&people[0]);
    let need = alone(&mut all, &people[0]);
    together(&mut all, &mut people, &need);
    followed(&mut all, &people[0]);
    let differences = all.differences();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
