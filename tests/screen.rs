//! What stands on a screen: what happens, as `up` and `feed --follow` show it, and nothing that
//! another person wrote to move the cursor or turn the line round.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    process::{Child, Stdio},
    sync::mpsc,
};

use api::{Ask, Command};
use serde_json::Value;

use crate::person::{DEADLINE, Person, poll_until, split};

/// Posts by which a follower is too far behind: more than the node keeps for it, and than fits
/// the pipes on the way.
const FAR_BEHIND: usize = 1_500;

/// More of a post than any text can have.
const TEN_MEGABYTES: usize = 10 * 1024 * 1024;

fn person(within: &std::path::Path, name: &str) -> Person {
    Person::new(within, name, "/ip4/127.0.0.1/tcp/0")
}

/// A process whose lines are read as they come.
struct Screen(Child, mpsc::Receiver<String>);

impl Screen {
    fn new(person: &Person, words: &str) -> Self {
        let mut child = person.command(&split(words)).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                _ = sender.send(line);
            }
        });
        Self(child, lines)
    }

    /// Waits for a line with this in it.
    fn shows(&self, what: &str) -> String {
        loop {
            let line = self.1.recv_timeout(DEADLINE);
            let line = line.unwrap_or_else(|_| panic!("nobody said {what:?}"));
            assert!(!line.chars().any(steers), "{line:?}");
            if line.contains(what) {
                return line;
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// Whether a terminal would do something else than show it.
fn steers(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
fn up_shows_what_happens() {
    let home = tempfile::tempdir().unwrap();
    let (ana, mut bo) = (person(home.path(), "ana"), person(home.path(), "bo"));
    ana.json("found 'Elm Street' --me Ana");
    let screen = Screen::new(&ana, "up");
    screen.shows("groundwork is up");
    screen.shows("what happens is shown here");
    let ticket = ana.json("member invite")["ticket"].as_str().unwrap().to_owned();
    // What would turn a line round is in the name, and not on the screen.
    let said = bo.run(&split("join - --me B\u{202e}o --json"), Some(&ticket));
    assert_eq!(said.exit(), 0, "{}", said.stderr);
    let line = screen.shows("knocks; vouch with");
    let vouch = line.split_once("with: groundwork ").unwrap().1;
    bo.up();
    ana.json(vouch);
    screen.shows("Elm Street: Bo is in");
    poll_until("being in", || (bo.json("status")["spaces"][0]["state"] == "in").then_some(()));
    bo.json("post 'Look\u{1b}[2J here'");
    screen.shows("o posted up_");
    bo.stop();
    screen.shows("o has gone");
    bo.up();
    screen.shows("connected with Bo");
}

#[test]
fn up_says_that_a_ticket_has_ended_which_join_could_not_know() {
    let home = tempfile::tempdir().unwrap();
    let (mut ana, bo) = (person(home.path(), "ana"), person(home.path(), "bo"));
    ana.json("found 'Elm Street' --me Ana");
    let ready = ana.up();
    ana.stay_at(&ready);
    let invited = ana.json("member invite");
    ana.json(&format!("member withdraw {}", invited["invite"].as_str().unwrap()));
    ana.stop();
    let said = bo.run(&split("join - --me Bo --timeout 1 --json"), invited["ticket"].as_str());
    assert_eq!(said.exit(), 6, "{}", said.stderr);
    ana.up();
    let screen = Screen::new(&bo, "up");
    screen.shows("your ticket has ended; ask a member for a new one, then: groundwork join -");
    assert_eq!(bo.json("status")["spaces"][0]["state"], "ended");
    assert_eq!(bo.json("todo")["rows"][0]["kind"], "ended");
    assert_eq!(bo.json("why")["waiting"][0]["rule"], "ticket-ended");
}

#[test]
fn nothing_that_others_wrote_steers_the_terminal() {
    let home = tempfile::tempdir().unwrap();
    let ana = person(home.path(), "ana");
    let bad = "x\u{202e}\u{2066}y";
    ana.json(&format!("found 'Elm {bad}' --me 'Ana {bad}'"));
    let post = ana.json(&format!("post '{bad}\u{1b}[31m\u{9b}2J\r\u{7}'"))["id"].clone();
    let campaign = ana.json(&format!("campaign new 'Heat {bad}' --goal '{bad}'"))["id"].clone();
    let need = ana.json(&format!("need add 'A ladder {bad}' --area '{bad}'"))["code"].clone();
    let shows = [post, campaign, need].map(|thing| format!("show {}", thing.as_str().unwrap()));
    let reads = [
        "feed",
        "status",
        "todo",
        "member list",
        "campaign list",
        "need list",
        "profile",
        "why",
        "charter show",
        "charter words",
        "charter export",
        "use elm",
        "post Hello -s nowhere",
        "member vouch \u{202e}",
        "show \u{1b}[2J",
        "\u{1b}[2J",
        "sync --with \u{9b}",
    ];
    for words in reads.map(str::to_owned).iter().chain(&shows) {
        for ending in ["", " --json"] {
            let said = ana.run(&split(&format!("{words}{ending}")), None);
            let all = format!("{}{}", said.stdout, said.stderr);
            assert!(!all.is_empty() && !all.chars().any(steers), "{words}{ending}: {all:?}");
        }
    }
}

#[test]
fn a_text_that_is_too_long_is_not_read_to_its_end() {
    let home = tempfile::tempdir().unwrap();
    let ana = person(home.path(), "ana");
    ana.json("found 'Elm Street' --me Ana");
    let before = (ana.json("feed"), ana.json("status"));
    let mut child = ana.command(&split("post - --json")).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let (chunk, mut taken) = (vec![b'x'; 4096], 0);
    while taken < TEN_MEGABYTES {
        match input.write(&chunk) {
            Ok(bytes) => taken += bytes,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::BrokenPipe);
                break;
            }
        }
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert!(taken < 512 * 1024, "{taken} bytes were taken");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("text-too-long"));
    assert_eq!(before, (ana.json("feed"), ana.json("status")));
}

/// Puts questions to a node, one behind the other.
fn post_many(api: &str) {
    let text = "x".repeat(4_000);
    let mut stream = UnixStream::connect(api).unwrap();
    for _ in 0..FAR_BEHIND {
        let command =
            Command::Post { text: text.clone(), campaign: None, reply_to: None, text_lang: None };
        let body = serde_json::to_string(&Ask::new(command)).unwrap();
        let length = body.len();
        let head = "POST /v1/ask HTTP/1.1\r\nhost: groundwork\r\ncontent-length:";
        write!(stream, "{head} {length}\r\n\r\n{body}").unwrap();
        let (mut answer, mut part) = (Vec::new(), [0; 4096]);
        while !answer.ends_with(b"}") {
            let read = stream.read(&mut part).unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&part[..read]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    }
}

#[test]
fn a_follower_that_fell_behind_misses_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut ana = person(home.path(), "ana");
    ana.json("found 'Elm Street' --me Ana");
    let ready = ana.up();
    ana.json("post 'The first'");
    let mut follow = ana.command(&split("feed --follow --after 0 --json")).spawn().unwrap();
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines();
    // It follows; then nobody reads what it prints, and it cannot go on.
    let first: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    post_many(ready["api"].as_str().unwrap());
    let mut seen = BTreeSet::from([first["cursor"].as_u64().unwrap()]);
    while seen.len() <= FAR_BEHIND {
        let line = lines.next().expect("it goes on").unwrap();
        let row: Value = serde_json::from_str(&line).unwrap();
        assert!(seen.insert(row["cursor"].as_u64().unwrap()), "shown twice");
    }
    follow.kill().unwrap();
    follow.wait().unwrap();
}
