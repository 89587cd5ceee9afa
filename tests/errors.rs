//! Every error of the catalogue is reached, through the real program where that is possible.

pub(crate) mod by_hand;
mod several;
mod single;

use std::{
    collections::BTreeSet,
    io::Write,
    process::{Command, Stdio},
};

use api::{ErrorCode, ErrorKind};
use serde_json::Value;

use crate::person::{Person, Said, split};

/// Codes that no test reaches, and why.
const UNREACHED: [(ErrorCode, &str); 4] = [
    (ErrorCode::Internal, "it is a bug of ours: none is known"),
    (ErrorCode::NotConfirmed, "in a terminal, where nobody asks for JSON: see `names`"),
    (ErrorCode::NoKey, "for at most three seconds, between the charter and the seal that follows"),
    (
        ErrorCode::TooLarge,
        "all fields of one command fit one entry; documents with a history do not always",
    ),
];

/// The codes that were reached.
#[derive(Default)]
struct Reached(BTreeSet<ErrorCode>);

impl Reached {
    /// Runs a command that must fail so.
    fn fails(&mut self, person: &Person, words: &str, code: ErrorCode) {
        self.fails_with(person, words, "", code);
    }

    fn fails_with(&mut self, person: &Person, words: &str, input: &str, code: ErrorCode) {
        let said = person.run(&split(&format!("{words} --json")), Some(input));
        self.failed(person, words, &said, code);
    }

    /// Checks how a command failed, and that what it hints can be run.
    fn failed(&mut self, person: &Person, words: &str, said: &Said, code: ErrorCode) {
        let hint = check(words, said, code);
        let hinted = split(&hint);
        assert_eq!(hinted[0], "groundwork", "{words}: {hint}");
        // Those that wait for others are only read.
        let long = hint == "groundwork up" || hint == "groundwork sync";
        let tried = if long { format!("{hint} --help") } else { hint.clone() };
        let tried = person.run(&split(&tried)[1..], None);
        assert_eq!(tried.exit(), 0, "{words}: {hint}: {}", tried.stderr);
        self.0.insert(code);
    }

    /// Starts a command that must fail so.
    fn spawned(&mut self, person: &Person, command: &mut Command, input: &[u8], code: ErrorCode) {
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        let said = Said {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            status: output.status,
        };
        self.failed(person, code.code(), &said, code);
    }
}

/// Checks exit code, standard output and the object on standard error; the hint.
fn check(words: &str, said: &Said, code: ErrorCode) -> String {
    let last = said.stderr.lines().last().unwrap_or_default();
    let object: Value = serde_json::from_str(last).unwrap_or_else(|_| panic!("{words}: {said:?}"));
    let error = &object["error"];
    assert_eq!((&object["v"], &error["code"]), (&1.into(), &code.code().into()), "{words}: {last}");
    assert_eq!(said.exit(), code.kind().exit(), "{words}");
    let kind = serde_json::to_value(code.kind()).unwrap();
    assert_eq!(error["kind"], kind, "{words}");
    assert!(code.kind() == ErrorKind::Timeout || said.stdout.is_empty(), "{words}: {said:?}");
    let message = error["message"].as_str().unwrap();
    assert!(!message.is_empty() && !message.contains('\n'), "{words}: {message}");
    assert!(error["things"].is_array(), "{words}");
    error["hint"].as_str().unwrap().to_owned()
}

fn person(within: &std::path::Path, name: &str) -> Person {
    Person::new(within, name, "/ip4/127.0.0.1/tcp/0")
}

#[test]
fn every_error_is_reached() {
    let home = tempfile::tempdir().unwrap();
    let mut reached = Reached::default();
    single::commands(&mut reached, &person(home.path(), "ana"));
    single::homes(&mut reached, home.path());
    single::nodes(&mut reached, home.path());
    several::newcomers(&mut reached, home.path());
    several::spaces(&mut reached, home.path());
    several::copies(&mut reached, home.path());
    by_hand::requests(&mut reached, home.path());
    by_hand::a_disk_that_fails(&mut reached);
    by_hand::a_disk_that_can_only_be_read(&mut reached);
    by_hand::a_disk_that_lost_something(&mut reached);
    let unreached = UNREACHED.map(|(code, _)| code);
    let missing: Vec<_> = ErrorCode::ALL
        .iter()
        .filter(|code| !reached.0.contains(code) && !unreached.contains(code))
        .collect();
    assert!(missing.is_empty(), "not reached: {missing:?}");
    assert!(unreached.iter().all(|code| !reached.0.contains(code)), "an excuse that is none");
}

#[test]
fn every_usual_hint_is_a_command() {
    let home = tempfile::tempdir().unwrap();
    let person = person(home.path(), "ana");
    for code in ErrorCode::ALL {
        let words = split(&format!("{} --help", code.hint()));
        assert_eq!(words[0], "groundwork");
        let said = person.run(&words[1..], None);
        assert_eq!(said.exit(), 0, "{code:?}: {}", said.stderr);
    }
}
