//! Running one transcript.

use std::collections::BTreeMap;

use super::compare::matches;
use crate::person::{Person, Said, poll_until, split};

/// One step: what is done, on which line, and what it should print.
struct Step {
    line: usize,
    text: String,
    expected: Vec<String>,
}

/// Runs all console blocks of a file as one session; how many commands that were.
pub(super) fn run(file: &str, markdown: &str) -> usize {
    let home = tempfile::tempdir().unwrap();
    let mut session = Session {
        file: file.to_owned(),
        directory: home.path().to_owned(),
        people: BTreeMap::new(),
        kept: BTreeMap::new(),
    };
    let steps = steps(markdown);
    for step in &steps {
        let since = std::time::Instant::now();
        session.step(step);
        if since.elapsed().as_secs() >= 2 {
            eprintln!("{}:{}: took {:?}", session.file, step.line, since.elapsed());
        }
    }
    steps.len()
}

/// The steps of all console blocks.
fn steps(markdown: &str) -> Vec<Step> {
    let (mut steps, mut inside) = (Vec::<Step>::new(), false);
    for (n, line) in markdown.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside && is_step(line) {
            steps.push(Step { line: n + 1, text: line.to_owned(), expected: Vec::new() });
        } else if inside && !line.is_empty() {
            let step = steps.last_mut().expect("a block begins with a step");
            step.expected.push(line.to_owned());
        }
    }
    steps
}

fn is_step(line: &str) -> bool {
    let name = line.split(['$', ':']).next().unwrap_or_default();
    let named = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase());
    named
        && (line[name.len()..].starts_with("$ ")
            || line.ends_with(": stop")
            || line.ends_with(": kill"))
}

struct Session {
    file: String,
    directory: std::path::PathBuf,
    people: BTreeMap<String, Person>,
    kept: BTreeMap<String, String>,
}

impl Session {
    fn step(&mut self, step: &Step) {
        let at = format!("{}:{}: {}", self.file, step.line, step.text);
        if let Some((name, action)) = step.text.split_once(": ") {
            let person = self.people.get_mut(name).expect("somebody who has done something");
            match action {
                "stop" => return person.stop(),
                "kill" => return person.kill(),
                _ => {}
            }
        }
        let (name, command) = step.text.split_once("$ ").expect("a prompt");
        if !self.people.contains_key(name) {
            let person = Person::new(&self.directory, name, "/ip4/127.0.0.1/tcp/0");
            self.people.insert(name.to_owned(), person);
        }
        if command == "groundwork up &" {
            let person = self.people.get_mut(name).expect("just made");
            let ready = person.up();
            // The same place after a restart, as behind a router that forwards a port.
            person.stay_at(&ready);
            return;
        }
        let mut command = command.to_owned();
        for (name, value) in &self.kept {
            command = command.replace(&format!("${name}"), value);
        }
        if let Some((variable, field)) = capture(&command) {
            let said = self.run(name, &field.0);
            assert_eq!(said.exit(), 0, "{at}\n{}", said.stderr);
            let value = said.json()[&field.1].as_str().unwrap_or_default().to_owned();
            assert!(!value.is_empty(), "{at}\nno field {}", field.1);
            self.kept.insert(variable, value);
            return;
        }
        let (is_polled, command) = match command.strip_prefix("until ") {
            Some(command) => (true, command.to_owned()),
            None => (false, command),
        };
        let mut last = String::new();
        let mut look = || {
            let said = self.run(name, &command);
            last = format!("{}{}", said.stdout, said.stderr);
            is_expected(step, &said).then_some(())
        };
        if is_polled {
            poll_until(&at, look);
        } else if look().is_none() {
            panic!("{at}\nexpected:\n{}\nprinted:\n{last}", step.expected.join("\n"));
        }
    }

    fn run(&self, name: &str, command: &str) -> Said {
        let (command, input) = match command.split_once(" < ") {
            Some((command, input)) => (command, Some(input)),
            None => (command, None),
        };
        let words = split(command);
        assert_eq!(words.first().map(String::as_str), Some("groundwork"), "{command}");
        self.people[name].run(&words[1..], input)
    }
}

/// `NAME=COMMAND | .FIELD`
fn capture(command: &str) -> Option<(String, (String, String))> {
    let (name, rest) = command.split_once('=')?;
    name.chars().all(|c| c.is_ascii_lowercase()).then_some(())?;
    let (command, field) = rest.rsplit_once(" | .")?;
    Some((name.to_owned(), (command.to_owned(), field.to_owned())))
}

fn is_expected(step: &Step, said: &Said) -> bool {
    let mut expected = step.expected.clone();
    let exit = expected.last().and_then(|last| last.strip_prefix("[exit ")?.strip_suffix(']'));
    let exit = exit.and_then(|exit| exit.parse::<i32>().ok());
    if exit.is_some() {
        expected.pop();
    }
    let lines: Vec<_> = said.stdout.lines().chain(said.stderr.lines()).collect();
    let lines: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    said.exit() == exit.unwrap_or(0) && matches(&expected, &lines)
}
