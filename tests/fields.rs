//! Every field that a command prints is in `commands --json`, and the other way round: each that
//! is listed there was seen with a value in it, or it is said why nobody can see one.

use std::collections::{BTreeMap, BTreeSet};

use api::{Ask, Command};
use serde_json::Value;

use crate::{
    errors::by_hand,
    person::{Person, poll_until, split},
};

/// A command, and which of its answers.
type Key = (String, Option<String>);

/// A field, with all below it, in which nobody can see a value.
struct Unseen {
    command: &'static str,
    of: Option<&'static str>,
    field: &'static str,
    why: &'static str,
}

const fn unseen(
    command: &'static str,
    of: Option<&'static str>,
    field: &'static str,
    why: &'static str,
) -> Unseen {
    Unseen { command, of, field, why }
}

/// All of them. An excuse that is none any more is an error.
const UNSEEN: [Unseen; 7] = [
    unseen("show", Some("act"), "not_counted", NO_VOID_APPROVAL),
    unseen("why", Some("act"), "not_counted", NO_VOID_APPROVAL),
    unseen("charter export", None, "entries[].branch", "no home of one's own makes a log fork"),
    unseen("charter export", None, "state.ends", "no command ends a device so far"),
    unseen("charter export", None, "state.mandates", "no command gives a mandate so far"),
    unseen("charter export", None, "state.ballots", "no command casts a ballot so far"),
    unseen("charter export", None, "state.held", "no node holds an act so far"),
];

const NO_VOID_APPROVAL: &str = "the program writes no approval that does not count";

impl Unseen {
    fn is_of(&self, (command, of): &Key, path: &str) -> bool {
        command == self.command && of.as_deref() == self.of && begins(path, self.field)
    }
}

/// Whether `path` is `start`, or a field of it.
fn begins(path: &str, start: &str) -> bool {
    let rest = path.strip_prefix(start);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', '{']))
}

/// Whether it is said why nobody sees a value in a field.
fn is_excused(key: &Key, path: &str) -> bool {
    // Only the feed goes on behind a cursor: every other list comes whole.
    (path == "next" && key.0 != "feed") || UNSEEN.iter().any(|unseen| unseen.is_of(key, path))
}

/// The fields of an answer as it was printed: those with a value, and those that were empty, which
/// says nothing of what would stand in or below them.
#[derive(Default)]
struct Printed {
    paths: BTreeSet<String>,
    empty: BTreeSet<String>,
}

impl Printed {
    /// Notes what is at `path`; `open` are the paths whose values are data, not fields.
    fn note(&mut self, path: &str, value: &Value, open: &BTreeSet<String>) {
        let data = format!("{path}{{}}");
        match value {
            Value::Object(fields) if fields.is_empty() => _ = self.empty.insert(path.to_owned()),
            Value::Object(_) if open.contains(&data) => _ = self.paths.insert(data),
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
    fields: BTreeMap<Key, BTreeSet<String>>,
    printed: BTreeMap<Key, Printed>,
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

    /// What differs between what is listed and what was printed, and excuses that are none.
    fn differences(&self) -> Vec<String> {
        let (mut found, mut excused) = (Vec::new(), Vec::new());
        for (key, listed) in &self.fields {
            let Some(printed) = self.printed.get(key) else {
                found.push(format!("{key:?} was never run"));
                continue;
            };
            let is_listed = |path: &String| listed.iter().any(|listed| begins(listed, path));
            let empty = printed.empty.iter().filter(|path| !is_listed(path));
            for path in printed.paths.difference(listed).chain(empty) {
                found.push(format!("{key:?} prints {path}, which is not listed"));
            }
            for path in listed.difference(&printed.paths) {
                match is_excused(key, path) {
                    true => excused.push((key, path)),
                    false => found.push(format!("{key:?} lists {path}, and no value was seen")),
                }
            }
        }
        for unseen in &UNSEEN {
            if !excused.iter().any(|(key, path)| unseen.is_of(key, path)) {
                let Unseen { command, field, why, .. } = unseen;
                found.push(format!("{command} {field} was seen, though it is said: {why}"));
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

/// Runs what the catalogue has no word for: a question of the local API that succeeds.
fn ask(api: &str, command: Command) -> Value {
    let (_, answer) = by_hand::answered(api, &serde_json::to_string(&Ask::new(command)).unwrap());
    serde_json::from_str::<Value>(&answer).unwrap()["answer"].take()
}

/// What is written about later, by id or code.
struct Written {
    campaign: String,
    need: String,
}

/// What works without a node.
fn alone(all: &mut Catalogue, ana: &Person) -> Written {
    run(all, ana, None, "found 'Elm Street' --me Ana");
    run(all, ana, None, "use 'Elm Street'");
    run(all, ana, None, "profile --name 'Ana K'");
    let campaign = text(&run(all, ana, None, "campaign new Heat --goal Boilers")["id"]);
    run(all, ana, None, &format!("campaign edit {campaign} --place Hall"));
    let post = text(&run(all, ana, None, "post 'Look here'")["id"]);
    let reply = format!("post 'A reply' --reply-to {post} --campaign {campaign}");
    let reply = text(&run(all, ana, None, &reply)["id"]);
    run(all, ana, Some("post"), &format!("show {reply}"));
    run(all, ana, None, &format!("undo {post}"));
    run(all, ana, Some("post"), &format!("show {post}"));
    let need = text(&run(all, ana, None, "need add 'A ladder' --area north")["code"]);
    run(all, ana, None, &format!("need edit {need} --category tools"));
    for machine in ["errors", "commands", "completions bash", "node config", "node stats"] {
        run(all, ana, None, machine);
    }
    for read in ["status", "charter words", "node fingerprint"] {
        run(all, ana, None, read);
    }
    Written { campaign, need }
}

/// Two more who knock, and what is seen of them.
fn knocked(all: &mut Catalogue, people: &mut [Person; 3]) {
    let [ana, bo, cy] = people;
    let ready = ana.up();
    all.note("up", None, &ready);
    let said = "Mira".to_owned();
    let lang = Some("es".to_owned());
    let post = Command::Post { text: said, campaign: None, reply_to: None, text_lang: lang };
    let post = text(&ask(ready["api"].as_str().unwrap(), post)["id"]);
    run(all, ana, Some("post"), &format!("show {post}"));
    run(all, ana, Some("posts"), "feed");
    run(all, ana, None, "status");
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
}

/// One of them is let in, and takes on a need.
fn together(all: &mut Catalogue, people: &mut [Person; 3], need: &str) {
    let [ana, bo, _] = people;
    bo.up();
    let act = text(&run(all, ana, None, "member vouch Bo")["act"]);
    poll_until("being in", || (bo.json("status")["spaces"][0]["say"] == true).then_some(()));
    let member = text(&ana.json("member list")["rows"][1]["member"]);
    run(all, ana, Some("member"), &format!("show {member}"));
    run(all, ana, Some("act"), &format!("show {act}"));
    run(all, ana, Some("act"), &format!("why {act}"));
    poll_until("the need", || {
        let claim = bo.run(&split(&format!("need claim {need} --json")), None);
        (claim.exit() == 0).then(|| all.note("need claim", None, &claim.json()))
    });
    poll_until("the claim", || {
        let row = ana.json(&format!("show {need}"));
        (!row["claims"].as_array().unwrap().is_empty()).then_some(())
    });
    run(all, ana, None, &format!("need claim {need}"));
    run(all, ana, None, &format!("need release {need}"));
    run(all, ana, None, "node peers");
    run(all, ana, None, "node take Bo");
    poll_until("a sync", || {
        let said = ana.run(&split("sync --json"), None);
        (said.exit() == 0).then(|| all.note("sync", None, &said.json()))
    });
    run(all, ana, None, "charter export");
}

/// Two who do not see each other write into the same fields.
fn apart(all: &mut Catalogue, people: &mut [Person; 3], written: &Written) {
    let [ana, bo, _] = people;
    let Written { campaign, need } = written;
    bo.stop();
    for (person, to) in [(&*ana, "east"), (&*bo, "west")] {
        person.json(&format!("campaign edit {campaign} --place {to}"));
        person.json(&format!("need edit {need} --area {to}"));
    }
    bo.up();
    for (of, thing) in [("campaign", campaign), ("need", need)] {
        poll_until("a conflict", || {
            let row = ana.json(&format!("show {thing}"));
            (!row["conflicts"].as_array().unwrap().is_empty()).then_some(())
        });
        run(all, ana, Some(of), &format!("show {thing}"));
        run(all, ana, None, &format!("{of} list"));
    }
}

/// One of them calls themselves as another does.
fn named_alike(all: &mut Catalogue, people: &[Person; 3], written: &Written) {
    let [ana, bo, _] = people;
    bo.json("profile --name 'ana k'");
    poll_until("a name", || {
        let rows = ana.json("member list")["rows"].take();
        rows.as_array().unwrap().iter().any(|row| row["former"][0] == "Bo").then_some(())
    });
    let Written { need, campaign } = written;
    run(all, ana, Some("posts"), "feed --limit 0");
    run(all, ana, Some("members"), "member list");
    run(all, ana, Some("--invites"), "member list --invites");
    run(all, ana, None, "campaign list");
    run(all, ana, None, "charter show");
    run(all, ana, None, &format!("need claim {need}"));
    run(all, ana, None, "need list");
    for (of, thing) in [("need", need), ("campaign", campaign)] {
        run(all, ana, Some(of), &format!("show {thing}"));
    }
    let post = text(&ana.json("feed --limit 0")["rows"][0]["id"]);
    run(all, ana, Some("post"), &format!("show {post}"));
    run(all, ana, Some("member"), "show Bo");
    run(all, ana, None, &format!("need release {need}"));
}

/// What is to be seen only where something is wrong.
fn in_trouble(all: &mut Catalogue, wrong: &Person) {
    all.note("status", None, &by_hand::status_of_a_failed_disk().to_json());
    all.note("why", Some("waiting"), &by_hand::why_of_a_loss().to_json());
    std::fs::create_dir_all(wrong.home()).unwrap();
    std::fs::write(wrong.home().join("node.toml"), "[net]\nlissen = []\n").unwrap();
    run(all, wrong, None, "node config");
}

fn followed(all: &mut Catalogue, ana: &Person) {
    use std::io::{BufRead, BufReader};
    let rows = ana.json("feed --limit 0")["rows"].take();
    let newest = rows.as_array().unwrap().iter().max_by_key(|row| row["cursor"].as_u64());
    // From the beginning on: what is there already is shown at once.
    let mut follow = ana.command(&split("feed --follow --after 0 --json")).spawn().unwrap();
    for line in BufReader::new(follow.stdout.take().unwrap()).lines() {
        let row: Value = serde_json::from_str(&line.unwrap()).unwrap();
        all.note("feed", Some("--follow"), &row);
        if row["cursor"] == newest.unwrap()["cursor"] {
            break;
        }
    }
    follow.kill().unwrap();
    follow.wait().unwrap();
}

#[test]
fn every_field_is_listed() {
    let home = tempfile::tempdir().unwrap();
    let person = |name| Person::new(home.path(), name, "/ip4/127.0.0.1/tcp/0");
    let mut people = ["ana", "bo", "cy"].map(person);
    let mut all = Catalogue::read(&people[0]);
    let written = alone(&mut all, &people[0]);
    knocked(&mut all, &mut people);
    together(&mut all, &mut people, &written.need);
    apart(&mut all, &mut people, &written);
    named_alike(&mut all, &people, &written);
    followed(&mut all, &people[0]);
    in_trouble(&mut all, &person("wrong"));
    let differences = all.differences();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn a_field_is_not_seen_by_what_stands_empty_above_it() {
    let open = BTreeSet::from(["why_not{}".to_owned()]);
    let mut printed = Printed::default();
    let empty = serde_json::json!({ "claims": [], "by": null, "card": {}, "why_not": {} });
    printed.note("", &empty, &open);
    assert!(printed.paths.is_empty(), "{:?}", printed.paths);
    assert_eq!(printed.empty.len(), 4);
    let full = serde_json::json!({ "claims": [{ "by": { "name": "" } }], "why_not": { "a": 1 } });
    printed.note("", &full, &open);
    assert_eq!(printed.paths.iter().collect::<Vec<_>>(), ["claims[].by.name", "why_not{}"]);
    assert!(begins("claims[].by", "claims") && !begins("claimsX", "claims"));
}
