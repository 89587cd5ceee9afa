//! Stable mutation tests: damaged bytes are refused or mean something, and nothing panics.

use super::*;
use crate::document::{
    LoadError, Outcome, PlayedEdit,
    saved::{HASH_BYTES, sealed},
};

const MUTATIONS: usize = 20_000;

/// Changes a few bytes, cuts, doubles or inserts.
fn mutate(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(5) / 4 {
        let at = random.below(bytes.len().max(1));
        match random.below(9) {
            0..=3 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            4 if !bytes.is_empty() => {
                bytes[at] = *random.pick(&[0, 0x1f, 0x5f, 0x7f, 0x9b, 0xbf, 0xf6, 0xff]);
            }
            5 => bytes.truncate(at),
            6 => {
                let end = (at + random.below(16)).min(bytes.len());
                let part = bytes[at.min(end)..end].to_vec();
                bytes.splice(at..at, part);
            }
            7 if !bytes.is_empty() => _ = bytes.remove(at),
            _ => bytes.insert(at, random.below(256) as u8),
        }
    }
    bytes
}

fn corpus() -> Vec<Edit> {
    let id = ItemId::of(&entry(0), 0);
    let every = vec![
        put("a", text("x")),
        put("t", shared("日本")),
        put("l", Value::List),
        put("c", Value::Counter(3)),
        Operation::Insert { object: own(2), position: 0, value: Value::Map },
        Operation::Insert { object: own(2), position: 0, value: Value::Bool(true) },
        Operation::Delete { object: own(2), key: Key::Position(0) },
        Operation::Increment { object: ObjectRef::Root, key: field("c"), by: -1 },
        splice(own(1), 1, 1, "語!"),
    ];
    vec![
        birth(every.clone()),
        birth(vec![]),
        edit(id, &[id], every),
        edit(id, &[id], vec![splice(made(id, 1), 0, 1, "é"), put("a", Value::Null)]),
        edit(id, &[id, id], vec![put("b", Value::Time(ledger::Timestamp::from_ms(9)))]),
    ]
}

#[test]
fn mutated_edits_are_refused_or_played_without_panic() {
    let corpus = corpus();
    let mut random = Random::new(1);
    let (mut decoded, mut applied) = (0, 0);
    let mut desk = Desk::new(corpus[0].operations.to_vec());
    for _ in 0..MUTATIONS {
        let bytes = mutate(&mut random, &ledger::encode(random_edit(&corpus, decoded)));
        let Ok(edit) = ledger::decode::<Edit>(&bytes) else { continue };
        assert_eq!(ledger::encode(&edit), bytes);
        decoded += 1;
        if desk.entries > 200 {
            assert!(Document::load(&desk.document.save()).is_ok());
            desk = Desk::new(corpus[0].operations.to_vec());
        }
        let by = random.below(4) as u8;
        if desk.play(by, &edit).1 == Played::Applied {
            applied += 1;
        }
    }
    assert!(decoded > MUTATIONS / 20 && applied > MUTATIONS / 200, "{decoded} {applied}");
}

fn random_edit(corpus: &[Edit], number: usize) -> &Edit {
    &corpus[number % corpus.len()]
}

fn saved() -> Document {
    let mut desk = Desk::new(corpus()[0].operations.to_vec());
    let id = desk.id();
    desk.on(1, &[id], vec![put("a", text("one"))]);
    desk.on(2, &[id], vec![put("a", text("two")), put("m", Value::Map)]);
    desk.next(3, vec![put("", Value::Null)]);
    desk.document
}

#[test]
fn a_damaged_saved_document_is_refused() {
    let bytes = saved().save();
    let mut random = Random::new(2);
    for _ in 0..MUTATIONS {
        let mutated = mutate(&mut random, &bytes);
        match Document::load(&mutated) {
            Ok(_) => assert_eq!(mutated, bytes),
            Err(error) => assert_eq!(error, LoadError::Damaged),
        }
    }
    assert_eq!(Document::load(&[]).unwrap_err(), LoadError::Damaged);
}

/// What a mutation behind the hash came to, the hash made right for it.
#[derive(Debug, Default)]
struct Reached {
    /// It was decoded, and automerge was asked to load its part.
    automerge: usize,
    /// Automerge did, and its changes were compared with our edits.
    compared: usize,
    loaded: usize,
}

/// Puts the id, author or hash that stands at one place at another one too.
fn confuse(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    const HEAD: [u8; 2] = [0x58, 32];
    let starts = bytes.windows(2).enumerate().filter(|(_, two)| *two == HEAD);
    let starts: Vec<_> = starts.map(|(at, _)| at).filter(|at| at + 34 <= bytes.len()).collect();
    let (from, to) = (*random.pick(&starts), *random.pick(&starts));
    let mut bytes = bytes.to_vec();
    bytes.copy_within(from..from + 34, to);
    bytes
}

/// Nobody but this program can make the hash right, so this is about how far what stands around
/// automerge's bytes is believed: the hash keeps all others out.
#[test]
fn what_stands_behind_the_hash_is_refused_or_is_a_document_that_goes_on() {
    let document = saved();
    let bytes = document.save();
    let (mut random, mut reached) = (Random::new(5), Reached::default());
    for n in 0..MUTATIONS {
        let change = if n % 2 == 0 { mutate } else { confuse };
        let mutated = sealed(&change(&mut random, &bytes[HASH_BYTES..]));
        if mutated == bytes {
            continue;
        }
        let loaded = Document::load(&mutated);
        reached.automerge +=
            usize::from(!matches!(loaded, Err(LoadError::Damaged | LoadError::Version)));
        reached.compared += usize::from(matches!(loaded, Ok(_) | Err(LoadError::Inconsistent)));
        let Ok(mut loaded) = loaded else { continue };
        reached.loaded += 1;
        assert_eq!(loaded.save(), mutated);
        assert_eq!(loaded.canonical()["map"], document.canonical()["map"]);
        for by in [1, 4] {
            let (id, heads) = (loaded.id(), loaded.heads());
            let entry = entry(900 + u64::from(by));
            let next = edit(id, &heads, vec![put("z", text("y")), splice(made(id, 1), 0, 0, "é")]);
            loaded.play(&device(by), ItemId::of(&entry, 0), entry, &next);
        }
        assert_eq!(Document::load(&loaded.save()).unwrap().canonical(), loaded.canonical());
    }
    assert!(reached.automerge > MUTATIONS / 2, "{reached:?}");
    assert!(reached.compared > MUTATIONS / 3 && reached.loaded > MUTATIONS / 20, "{reached:?}");
}

#[test]
fn a_saved_document_comes_back_whole() {
    let document = saved();
    let loaded = Document::load(&document.save()).unwrap();
    assert_eq!(loaded.canonical(), document.canonical());
    assert_eq!(loaded.edits, document.edits);
    assert_eq!(loaded.changes, document.changes);
    assert_eq!(loaded.last, document.last);
    assert_eq!(loaded.save(), document.save());
}

#[test]
fn a_saved_document_that_contradicts_itself_is_refused() {
    let mut document = saved();
    let is_change = |record: &PlayedEdit| matches!(record.outcome, Outcome::Change { .. });
    let (id, record) = document.edits.iter().find(|(_, record)| is_change(record)).unwrap();
    let (id, record) = (*id, record.clone());
    document.edits.remove(&id);
    assert_eq!(Document::load(&document.save()).unwrap_err(), LoadError::Inconsistent);
    let stranger = PlayedEdit { author: (&device(77)).into(), ..record };
    document.edits.insert(id, stranger);
    assert_eq!(Document::load(&document.save()).unwrap_err(), LoadError::Inconsistent);
}
