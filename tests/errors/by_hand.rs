//! Errors that the program itself never runs into: questions written by hand, and a store that
//! fails when it is told to.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::Path,
};

use api::{Answer, Ask, Asker, Command, ErrorCode, Failure, Query};
use engine::{AskId, Config, Effect, Engine, Input};
use ledger::{NodeKey, Timestamp};
use store::{MemoryStore, StoreError, Table};

use super::{Reached, person};

/// When everything happens that an engine is told here.
const NOW: Timestamp = Timestamp::from_ms(1_700_000_000_000);

/// What a node answers to a question, as it was sent: the head and the body.
pub(crate) fn answered(api: &str, body: &str) -> (String, String) {
    let mut stream = UnixStream::connect(api).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST /v1/ask HTTP/1.1\r\nhost: groundwork\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// The failure that a node answers with.
fn asked(api: &str, body: &str) -> Failure {
    let (head, body) = answered(api, body);
    let failure: Failure = serde_json::from_str(&body).unwrap();
    assert!(head.starts_with(&format!("HTTP/1.1 {} ", failure.code.status())), "{head}");
    failure
}

/// A command that is put twice under one id is carried out once, and answered alike; also by the
/// node that comes after.
#[test]
fn a_repeated_request_is_answered_and_not_repeated() {
    let within = tempfile::tempdir().unwrap();
    let mut ana = person(within.path(), "twice");
    ana.json("found 'Elm Street' --me Ana");
    let post =
        Command::Post { text: "Hello".to_owned(), campaign: None, reply_to: None, text_lang: None };
    let ask = |api: &str, id: &str| {
        let ask = Ask { request_id: Some(id.to_owned()), ..Ask::new(post.clone()) };
        answered(api, &serde_json::to_string(&ask).unwrap()).1
    };
    let api = ana.up()["api"].as_str().unwrap().to_owned();
    let first = ask(&api, "one");
    assert!(first.contains("up_"), "{first}");
    assert_eq!(ask(&api, "one"), first);
    assert_ne!(ask(&api, "two"), first);
    ana.stop();
    let api = ana.up()["api"].as_str().unwrap().to_owned();
    assert_eq!(ask(&api, "one"), first);
    let rows = ana.json("feed")["rows"].as_array().unwrap().len();
    assert_eq!(rows, 2);
    // Another command is not answered with what the first was.
    let other = Command::Post {
        text: "Good bye".to_owned(),
        campaign: None,
        reply_to: None,
        text_lang: None,
    };
    let other = Ask { request_id: Some("one".to_owned()), ..Ask::new(other) };
    let refused = asked(&api, &serde_json::to_string(&other).unwrap());
    assert_eq!(refused.code, ErrorCode::BadRequest);
    let board = Ask { asker: Asker::Board, ..other };
    let refused = asked(&api, &serde_json::to_string(&board).unwrap());
    assert_eq!(refused.code, ErrorCode::Board);
    assert_eq!(ana.json("feed")["rows"].as_array().unwrap().len(), 2);
}

pub(super) fn requests(reached: &mut Reached, within: &Path) {
    let mut ana = person(within, "asked");
    let api = ana.up()["api"].as_str().unwrap().to_owned();
    let board = Ask { asker: Asker::Board, ..Ask::new(Query::Status) };
    let long = Ask { request_id: Some("x".repeat(65)), ..Ask::new(Query::Status) };
    for (body, code) in [
        (serde_json::to_string(&board).unwrap(), ErrorCode::Board),
        (serde_json::to_string(&long).unwrap(), ErrorCode::BadRequest),
        ("{".to_owned(), ErrorCode::BadRequest),
        ("{\"what\":{\"query\":\"everything\"}}".to_owned(), ErrorCode::BadRequest),
    ] {
        assert_eq!(asked(&api, &body).code, code, "{body}");
        reached.0.insert(code);
    }
}

/// An engine whose disk fails at the first flush, and what it answers to the command that was to be
/// made durable by it.
fn after_a_failed_flush() -> (Engine<MemoryStore>, Vec<ErrorCode>) {
    let config = Config::new(NodeKey::from_seed(&[3; 32]), Vec::new());
    let mut engine = Engine::new(config, MemoryStore::default(), [7; 32]).unwrap();
    let found = Command::Found { name: "Elm Street".to_owned(), me: "Ana".to_owned(), zone: None };
    engine.handle(NOW, Input::Ask { ask: AskId(0), what: Ask::new(found) });
    let mut answers = Vec::new();
    while let Some(effect) = engine.next_effect() {
        match effect {
            Effect::Flush(write) => {
                let result = Err("the disk said no".to_owned());
                engine.handle(NOW, Input::Flushed { write, result });
            }
            Effect::Answer { answer, .. } => answers.push(answer.unwrap_err().code),
            _ => {}
        }
    }
    (engine, answers)
}

/// How a node says that it stands whose disk has failed: reading goes on.
pub(crate) fn status_of_a_failed_disk() -> Answer {
    let (mut engine, _) = after_a_failed_flush();
    engine.handle(NOW, Input::Ask { ask: AskId(1), what: Ask::new(Query::Status) });
    let mut effects = std::iter::from_fn(|| engine.next_effect());
    let answered = effects.find_map(|effect| match effect {
        Effect::Answer { answer, .. } => answer.ok(),
        _ => None,
    });
    answered.expect("reading goes on")
}

/// What a node answers whose disk fails at the first flush.
pub(super) fn a_disk_that_fails(reached: &mut Reached) {
    let (_, answers) = after_a_failed_flush();
    assert_eq!(answers, [ErrorCode::ReadOnly], "what was not stored is not promised");
    assert!(matches!(status_of_a_failed_disk(), Answer::Status(status) if status.read_only));
    reached.0.insert(ErrorCode::ReadOnly);
}

/// What a node answers whose disk can only be read.
pub(super) fn a_disk_that_can_only_be_read(reached: &mut Reached) {
    let config = Config::new(NodeKey::from_seed(&[3; 32]), Vec::new());
    let mut engine = Engine::new(config, MemoryStore::default(), [7; 32]).unwrap();
    engine.store_mut().faults.write = Some((0, StoreError::ReadOnlyDisk));
    let found = Command::Found { name: "Elm Street".to_owned(), me: "Ana".to_owned(), zone: None };
    let refused = answers(&mut engine, Ask::new(found)).pop();
    assert_eq!(refused.unwrap().unwrap_err().code, ErrorCode::ReadOnlyDisk);
    reached.0.insert(ErrorCode::ReadOnlyDisk);
}

/// All that an engine answers to a question or a command, whose disk keeps what it is given.
fn answers(engine: &mut Engine<MemoryStore>, what: Ask) -> Vec<Result<Answer, Failure>> {
    engine.handle(NOW, Input::Ask { ask: AskId(9), what });
    let mut answers = Vec::new();
    while let Some(effect) = engine.next_effect() {
        match effect {
            Effect::Flush(write) => {
                engine.store_mut().flush(write).unwrap();
                engine.handle(NOW, Input::Flushed { write, result: Ok(()) });
            }
            Effect::Answer { answer, .. } => answers.push(answer),
            _ => {}
        }
    }
    answers
}

/// A node whose disk lost something that is neither the first nor the last of its table.
fn after_a_loss(table: Table) -> Engine<MemoryStore> {
    let start = |store| {
        let config = Config::new(NodeKey::from_seed(&[3; 32]), Vec::new());
        Engine::new(config, store, [7; 32]).unwrap()
    };
    let mut engine = start(MemoryStore::default());
    let found = Command::Found { name: "Elm Street".to_owned(), me: "Ana".to_owned(), zone: None };
    answers(&mut engine, Ask::new(found));
    let invite = || Command::Invite { days: 1, knocks: 1 };
    for command in [post("one"), invite(), post("two"), invite(), post("three")] {
        assert!(answers(&mut engine, Ask::new(command))[0].is_ok());
    }
    let mut store = engine.into_store();
    let mut keys = store.kept();
    keys.retain(|key| key.table == table);
    store.faults.damaged.insert(keys[keys.len() - 2].clone());
    store.faults.lost = true;
    start(store)
}

fn post(text: &str) -> Command {
    Command::Post { text: text.to_owned(), campaign: None, reply_to: None, text_lang: None }
}

/// What a node says of an entry that its disk lost.
pub(crate) fn why_of_a_loss() -> Answer {
    let why =
        answers(&mut after_a_loss(Table::Entries), Ask::new(Query::Why { thing: None })).pop();
    why.expect("an answer").expect("why")
}

/// What a node answers to who would decide something while a part of the charter is lost.
pub(super) fn a_disk_that_lost_something(reached: &mut Reached) {
    let invite = Command::Invite { days: 1, knocks: 1 };
    let refused = answers(&mut after_a_loss(Table::Charter), Ask::new(invite)).pop();
    assert_eq!(refused.unwrap().unwrap_err().code, ErrorCode::OwnHole);
    reached.0.insert(ErrorCode::OwnHole);
}
