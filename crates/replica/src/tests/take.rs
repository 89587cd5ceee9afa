//! Taking runs: what is new, and the rule that refuses all else.

use ledger::{
    DeviceKey, Entry, HeaderKind, Journal, Run, SpaceId, Timestamp, Unsigned, limits::LOGS_MAX,
};

use store::Batch;

use super::world::{Node, World, epoch, key, run};
use crate::{Door, Refused, TakeError, limits::PAST_END_MAX};

/// Asserts that a run is refused by the rule, and leaves nothing behind.
fn refused(node: &mut Node, run: Run, rule: impl Fn(&Refused) -> bool) {
    let before = node.known();
    match node.replica.take(&mut node.store, run, Door::MEMBER) {
        Err(TakeError::Refused(refused)) => assert!(rule(&refused), "{refused:?}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(node.known(), before);
    assert_eq!(node.reopened().known().content, before.content);
}

#[test]
fn new_entries_are_taken_once() {
    let world = World::new();
    let (mut node, log) = (world.node(), world.log(1, 10, 3));
    let taken = node.take(&log[..4]).unwrap();
    assert!(taken.journal == Journal::Content && taken.write.is_some());
    assert_eq!((taken.device, taken.new, taken.length), (key(1).id(), 4, 4));
    let again = node.take(&log[..4]).unwrap();
    assert_eq!((again.new, again.length, again.write), (0, 4, None));
    assert_eq!(node.take(&log[1..3]).unwrap().new, 0);
    let overlaps = node.take(&log[2..7]).unwrap();
    assert_eq!((overlaps.new, overlaps.length), (3, 7));
    assert_eq!(node.take(&log[7..]).unwrap().new, 3);
    let stored = node.replica.content_entries(&node.store, key(1).id(), 0, 99).unwrap();
    let ids = |entries: &[Entry]| entries.iter().map(|entry| entry.id).collect::<Vec<_>>();
    assert_eq!(ids(&stored), ids(&log));
    assert_eq!(node.known(), node.reopened().known());
}

#[test]
fn a_gap_is_refused_and_says_what_is_here() {
    let world = World::new();
    let (mut node, log) = (world.node(), world.log(1, 10, 3));
    refused(&mut node, run(&log[1..]), |r| matches!(r, Refused::Gap { first: 1, have: 0 }));
    node.take(&log[..3]).unwrap();
    refused(&mut node, run(&log[5..]), |r| matches!(r, Refused::Gap { first: 5, have: 3 }));
}

#[test]
fn a_device_that_no_roll_knows_writes_nothing() {
    let world = World::new();
    let mut node = world.node();
    let stranger = run(&world.log(2, 2, 3));
    refused(&mut node, stranger, |rule| matches!(rule, Refused::UnknownDevice));
    let mut empty = Node::empty(world.space);
    let early = run(&world.log(1, 1, 3));
    refused(&mut empty, early, |rule| matches!(rule, Refused::UnknownDevice));
    refused(&mut empty, run(&world.charter[1..2]), |rule| {
        matches!(rule, Refused::Charter(charter::Refused::Past))
    });
}

#[test]
fn a_bounded_number_of_entries_past_an_end_is_taken() {
    let world = World::new();
    let log = world.log(1, PAST_END_MAX + 80, 1);
    let end = 10;
    let mut node = world.node();
    node.end(&[(1, end)]);
    let max = node.replica.content_length_max(&key(1).id());
    assert_eq!(max, 1024, "what fits whole runs");
    assert!(max > end + PAST_END_MAX - 64 && max <= end + PAST_END_MAX);
    assert_eq!(node.replica.content_length_max(&key(2).id()), u64::MAX);
    let (taken, rest) = log.split_at(max as usize);
    // A run that is begun before the bound ends before it, however much of the log is there.
    let mut from = 0;
    let mut full = world.node();
    full.take_log(&log);
    while let Some(run) = full.replica.content_run(&full.store, key(1).id(), from).unwrap() {
        let next = from + run.entries.len() as u64;
        assert!(from >= max || next <= max, "{from} to {next}");
        from = next;
    }
    node.take_log(taken);
    refused(&mut node, run(&rest[..1]), |rule| matches!(rule, Refused::PastEnd { end: 10 }));
    node.end(&[]);
    node.take_log(rest);
    assert_eq!(node.replica.frontier(Journal::Content).length(&key(1).id()), log.len() as u64);
    // What is there already is no new entry, so it is not refused.
    node.end(&[(1, 0)]);
    assert_eq!(node.take(&rest[..1]).unwrap().new, 0);
}

#[test]
fn runs_of_other_spaces_and_mixed_up_journals_are_refused() {
    let world = World::new();
    let mut node = world.node();
    let other = World { space: SpaceId::from_bytes([3; 32]), charter: Vec::new() };
    refused(&mut node, run(&other.log(1, 1, 3)), |rule| matches!(rule, Refused::OtherSpace));
    let sign = |journal, kind, seq, backlink| {
        let (stamp, body) = (Timestamp::from_ms(1), vec![0x80]);
        Unsigned { journal, seq, stamp, backlink, kind, body }.sign(&key(1)).unwrap()
    };
    let (charter, content) = (world.space.charter_journal(), world.space.content_journal());
    let tip = Some(world.charter[2].id);
    let content_in_charter = sign(charter, HeaderKind::Content(epoch()), 3, tip);
    refused(&mut node, run(&[content_in_charter]), |rule| matches!(rule, Refused::CharterBody));
    let charter_in_content = sign(content, HeaderKind::Charter(Default::default()), 0, None);
    refused(&mut node, run(&[charter_in_content]), |rule| matches!(rule, Refused::OtherSpace));
    let kind = HeaderKind::Charter(Default::default());
    let genesis = sign(ledger::JournalId::GENESIS, kind, 0, None);
    refused(&mut node, run(&[genesis]), |rule| matches!(rule, Refused::OtherSpace));
    let no_items = sign(charter, HeaderKind::Charter(Default::default()), 3, tip);
    assert!(node.take(&[no_items]).is_ok(), "an empty list is a list");
}

#[test]
fn a_charter_entry_needs_its_body_and_its_past() {
    let world = World::new();
    let mut node = Node::empty(world.space);
    node.take(&world.charter[..1]).unwrap();
    let forgotten = Entry { body: None, ..world.charter[1].clone() };
    refused(&mut node, run(&[forgotten]), |rule| matches!(rule, Refused::NoBody));
    let unsigned = Unsigned {
        journal: world.space.charter_journal(),
        seq: 0,
        stamp: Timestamp::from_ms(1),
        backlink: None,
        kind: HeaderKind::Charter(ledger::Bounded::one(world.charter[2].id)),
        body: vec![0x80],
    };
    let second = unsigned.sign(&key(2)).unwrap();
    refused(&mut node, run(&[second]), |rule| {
        matches!(rule, Refused::Charter(charter::Refused::Past))
    });
}

#[test]
fn a_signature_that_does_not_hold_is_misbehaviour() {
    let world = World::new();
    let (mut node, log) = (world.node(), world.log(1, 5, 3));
    let mut other_body = run(&log);
    let mut entries = other_body.entries.to_vec();
    entries[2].body = Some(vec![7; 3].try_into().unwrap());
    other_body.entries = entries.try_into().unwrap();
    let mut other_key = run(&log);
    other_key.device = key(2).id();
    let mut other_place = run(&log[1..]);
    other_place.first_seq = 2;
    let mut cut = run(&log);
    cut.entries = cut.entries[..4].to_vec().try_into().unwrap();
    let mut none = run(&log);
    none.entries = Default::default();
    for wrong in [other_body, other_key, other_place, cut, none] {
        refused(&mut node, wrong, |rule| matches!(rule, Refused::Run(_)) && rule.is_misbehaviour());
    }
    assert!(!Refused::UnknownDevice.is_misbehaviour() && !Refused::Fork.is_misbehaviour());
}

#[test]
fn a_run_that_lacks_a_body_is_refused_and_leaves_the_place_free() {
    let world = World::new();
    let (mut node, log) = (world.node(), world.log(1, 6, 3));
    for lacking in [0, 2, 5] {
        let mut blanked = log.clone();
        blanked[lacking].body = None;
        let blanked = Run::decode(&run(&blanked).encode()).unwrap();
        assert!(blanked.clone().open().is_ok(), "nothing else is wrong with it");
        refused(&mut node, blanked, |r| matches!(r, Refused::NoBody) && r.is_misbehaviour());
    }
    assert_eq!(node.take(&log).unwrap().new, 6, "whoever has the bodies is heard");
    // Nor where the entry is here already, with its body: nobody honest could say so.
    let blanked = Entry { body: None, ..log[5].clone() };
    refused(&mut node, run(&[blanked]), |rule| matches!(rule, Refused::NoBody));
}

#[test]
fn an_own_entry_has_its_body() {
    let world = World::new();
    let mut node = world.node();
    for entry in [world.log(1, 1, 3).remove(0), world.next_in_charter()] {
        let blank = Entry { body: None, ..entry };
        let written = node.store.written();
        let own = node.replica.append(&mut node.store, blank, store::Batch::default());
        assert!(matches!(own, Err(TakeError::Refused(Refused::NoBody))), "{own:?}");
        assert_eq!(node.store.written(), written);
    }
}

#[test]
fn a_journal_takes_as_many_logs_as_fit() {
    let world = World::new();
    let mut node = world.node();
    let seed = |n: usize| {
        let mut seed = [1; 32];
        seed[..8].copy_from_slice(&(n as u64).to_be_bytes());
        DeviceKey::from_seed(&seed)
    };
    let keys: Vec<_> = (0..=LOGS_MAX).map(seed).collect();
    node.know(keys.iter().map(DeviceKey::id));
    let entry = |key: &DeviceKey| {
        let (journal, kind) = (world.space.content_journal(), HeaderKind::Content(epoch()));
        let stamp = Timestamp::default();
        let unsigned = Unsigned { journal, seq: 0, stamp, backlink: None, kind, body: vec![] };
        unsigned.sign(key).unwrap()
    };
    for key in &keys[..LOGS_MAX] {
        node.take(&[entry(key)]).unwrap();
    }
    let one_more = entry(&keys[LOGS_MAX]);
    let full = node.take(std::slice::from_ref(&one_more));
    assert!(matches!(full, Err(TakeError::Refused(Refused::TooManyLogs))));
    let own = node.replica.append(&mut node.store, one_more, Batch::default());
    assert!(matches!(own, Err(TakeError::Refused(Refused::TooManyLogs))));
    let reopened = node.reopened();
    assert_eq!(
        reopened.replica.frontier(Journal::Content),
        node.replica.frontier(Journal::Content)
    );
    assert_eq!(reopened.replica.frontier(Journal::Content).logs(), LOGS_MAX);
    assert!(node.take(&[entry(&keys[0])]).is_ok(), "a log that is there goes on");
}
