//! What a newer version wrote: kept aside, shown, blamed on nobody, and taken once it can be read.

use ledger::{
    DeviceKey, Entry, HeaderKind, Journal, NewerRun, Timestamp, Unsigned, limits::RUN_ENTRIES_MAX,
};
use store::{Batch, Direction, Group, Key, Store, Table};

use super::world::{Node, World, epoch, key, run};
use crate::Door;
use crate::{
    Refused, TakeError,
    limits::{NEWER_KEPT_MAX, PAST_END_MAX},
};

fn unsigned(world: &World, on: Option<&Entry>, body: Vec<u8>) -> Unsigned {
    let (journal, kind) = (world.space.content_journal(), HeaderKind::Content(epoch()));
    let (seq, backlink) = (on.map_or(0, |on| on.seq() + 1), on.map(|on| on.id));
    Unsigned { journal, seq, stamp: Timestamp::from_ms(9), backlink, kind, body }
}

/// A run of `before` and of one entry of a newer version behind them.
fn newer(world: &World, n: u8, before: &[Entry]) -> NewerRun {
    NewerRun::by_hand(before, unsigned(world, before.last(), vec![7]), &key(n)).unwrap()
}

/// The next entry of the founder's charter log, with an item of a known kind and an unknown key.
fn newer_items(world: &World) -> Entry {
    let entry = world.next_in_charter();
    let Entry { header, .. } = &entry;
    let (kind, stamp) = (header.kind.clone(), header.stamp);
    let (journal, seq, backlink) = (header.journal, header.seq, header.backlink);
    let body = vec![0x81, 0x82, 0x08, 0xa1, 0x07, 0x00];
    Unsigned { journal, seq, stamp, backlink, kind, body }.sign(&key(1)).unwrap()
}

fn kept(node: &Node) -> Vec<Vec<u8>> {
    let (group, all) = (Group::of(&[node.replica.space().as_bytes()]), 0..=u64::MAX);
    let found = node.store.scan(Table::Newer, &group, all, Direction::Ascending, usize::MAX);
    found.unwrap().into_iter().map(|(_, bytes)| bytes).collect()
}

fn keep(node: &mut Node, run: &NewerRun) -> Result<bool, Refused> {
    match node.replica.keep_newer(&mut node.store, run) {
        Ok(write) => Ok(write.is_some()),
        Err(TakeError::Refused(refused)) => Err(refused),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_log_waits_at_what_a_newer_version_wrote() {
    let world = World::new();
    let (mut node, log) = (world.node(), world.log(1, 5, 3));
    node.take(&log[..2]).unwrap();
    let before = node.known();
    let run_of_newer = newer(&world, 1, &log[2..4]);
    assert!(keep(&mut node, &run_of_newer).unwrap());
    assert_eq!(node.replica.newer_logs().collect::<Vec<_>>(), [(Journal::Content, key(1).id())]);
    assert_eq!(node.known().content, before.content, "nothing of it is had");
    assert_eq!(kept(&node), [run_of_newer.bytes()]);
    // Once is enough, and what stands behind it shows no gap.
    let written = node.store.written();
    assert!(!keep(&mut node, &run_of_newer).unwrap());
    let last = run_of_newer.verify().unwrap().last().copied();
    let behind = world.entry(1, 5, last, vec![1]);
    for run in [run(std::slice::from_ref(&behind)), run(&world.continued(1, &[behind], 1, 2))] {
        let refused = node.replica.take(&mut node.store, run, Door::MEMBER);
        assert!(matches!(refused, Err(TakeError::Refused(Refused::Newer { kept: None }))));
    }
    assert!(!Refused::Newer { kept: None }.is_misbehaviour());
    assert_eq!(node.store.written(), written);
    // What stands before it is still taken.
    assert_eq!(node.take(&log[2..4]).unwrap().length, 4);
    assert_eq!(node.known(), node.reopened().known());
}

#[test]
fn a_branch_that_can_be_read_is_taken_for_one_that_cannot() {
    // Else who shows one node something newer, and all others something else, cuts it off from
    // all that builds on that.
    let world = World::new();
    let mut node = world.node();
    assert!(keep(&mut node, &newer(&world, 1, &[])).unwrap());
    assert_eq!(node.take(&world.log(1, 2, 3)).unwrap().length, 2);
    assert!(kept(&node).is_empty() && node.replica.newer_logs().count() == 0);
    assert!(node.take(&[newer_items(&world)]).is_err());
    let plain = world.next_in_charter();
    assert_eq!(node.take(std::slice::from_ref(&plain)).unwrap().length, 4);
    assert!(node.replica.has_charter_entry(&plain.id));
    assert!(kept(&node).is_empty() && node.replica.newer_logs().count() == 0);
    assert_eq!(node.known(), node.reopened().known());
    // The place is free for the next log that waits.
    assert!(keep(&mut node, &newer(&world, 1, &world.log(1, 2, 3))).unwrap());
}

#[test]
fn a_charter_entry_with_unknown_keys_is_kept_aside() {
    let world = World::new();
    let (mut node, entry) = (world.node(), newer_items(&world));
    let outside = Door { is_in: false, ..Door::MEMBER };
    let outside = node.replica.take(&mut node.store, run(std::slice::from_ref(&entry)), outside);
    assert!(matches!(outside, Err(TakeError::Refused(Refused::Newer { kept: None }))));
    assert!(kept(&node).is_empty() && node.replica.newer_logs().count() == 0);
    let taken = node.take(std::slice::from_ref(&entry));
    assert!(matches!(taken, Err(TakeError::Refused(Refused::Newer { kept: Some(_) }))));
    assert_eq!(kept(&node), [run(std::slice::from_ref(&entry)).encode()]);
    assert_eq!(node.replica.newer_logs().collect::<Vec<_>>(), [(Journal::Charter, key(1).id())]);
    let again = node.take(std::slice::from_ref(&entry));
    assert!(matches!(again, Err(TakeError::Refused(Refused::Newer { kept: None }))));
    assert_eq!(node.known(), node.reopened().known());
}

#[test]
fn what_can_be_read_by_now_is_taken_at_the_next_start() {
    let world = World::new();
    let (node, log) = (world.node(), world.log(1, 3, 3));
    let group = || Group::of(&[world.space.as_bytes()]);
    let mut older = node.reopened();
    let mut batch = Batch::default();
    // In an order in which the later ones have to go first, and one that will never be readable.
    let charter = world.next_in_charter();
    let still = newer(&world, 1, &log);
    let runs = [run(&log).encode(), run(std::slice::from_ref(&charter)).encode(), vec![0xff]];
    for (number, bytes) in (0..).zip(runs) {
        batch.put(Key::new(Table::Newer, group(), number), bytes);
    }
    older.store.write(batch).unwrap();
    let mut updated = older.reopened();
    assert_eq!(updated.replica.newer_logs().count(), 0);
    let write = updated.replica.retry_newer(&mut updated.store).unwrap();
    assert_eq!(write, Some(updated.store.written()));
    assert_eq!(updated.replica.frontier(Journal::Content).length(&key(1).id()), 3);
    assert!(updated.replica.has_charter_entry(&charter.id));
    assert_eq!(kept(&updated), [vec![0xff]]);
    assert_eq!(updated.replica.retry_newer(&mut updated.store).unwrap(), None);
    assert_eq!(updated.known(), updated.reopened().known());
    // And the log can wait anew, where the next newer thing stands.
    assert!(keep(&mut updated, &still).unwrap());
    let mut restarted = updated.reopened();
    assert_eq!(restarted.replica.retry_newer(&mut restarted.store).unwrap(), None);
    assert_eq!(restarted.replica.newer_logs().count(), 1, "it is newer still");
}

#[test]
fn an_entry_that_still_lacks_its_past_is_left_for_later() {
    let world = World::new();
    let mut node = world.node();
    let unsigned = Unsigned {
        journal: world.space.charter_journal(),
        seq: 0,
        stamp: Timestamp::from_ms(1),
        backlink: None,
        kind: HeaderKind::Charter(ledger::Bounded::one(world.next_in_charter().id)),
        body: vec![0x80],
    };
    let run = run(&[unsigned.sign(&key(2)).unwrap()]).encode();
    let mut batch = Batch::default();
    batch.put(Key::new(Table::Newer, Group::of(&[world.space.as_bytes()]), 0), run);
    node.store.write(batch).unwrap();
    let mut node = node.reopened();
    assert_eq!(node.replica.retry_newer(&mut node.store).unwrap(), None);
    assert_eq!(kept(&node).len(), 1);
}

#[test]
fn nobody_but_a_known_device_makes_a_log_wait() {
    let world = World::new();
    let (mut node, log) = (world.node(), world.log(1, 3, 3));
    let by_stranger = newer(&world, 2, &world.log(2, 1, 3));
    assert!(matches!(keep(&mut node, &by_stranger), Err(Refused::UnknownDevice)));
    // Under a member's name, with a stranger's signature.
    let mut forged = newer(&world, 2, &[]).bytes().to_vec();
    let at = forged.windows(32).position(|bytes| bytes == key(2).id().as_bytes()).unwrap();
    forged[at..at + 32].copy_from_slice(key(1).id().as_bytes());
    let forged = NewerRun::decode(&forged).unwrap();
    let refused = keep(&mut node, &forged).unwrap_err();
    assert!(refused.is_misbehaviour(), "{refused}");
    // Behind a gap, on another branch, before what is here, and past an end.
    let gap = newer(&world, 1, &log[1..]);
    assert!(matches!(keep(&mut node, &gap), Err(Refused::Gap { first: 1, have: 0 })));
    node.take(&log).unwrap();
    let other = world.log(1, 3, 9);
    for branch in [newer(&world, 1, &other), newer(&world, 1, &other[..1])] {
        assert!(matches!(keep(&mut node, &branch), Err(Refused::Fork)));
    }
    let away = World { space: ledger::SpaceId::from_bytes([3; 32]), charter: Vec::new() };
    let elsewhere = newer(&away, 1, &[]);
    assert!(matches!(keep(&mut node, &elsewhere), Err(Refused::OtherSpace)));
    let long = world.log(1, PAST_END_MAX + RUN_ENTRIES_MAX as u64, 1);
    let mut ended = world.node();
    ended.take_log(&long);
    ended.end(&[(1, 0)]);
    let past = NewerRun::by_hand(&[], unsigned(&world, long.last(), vec![7]), &key(1)).unwrap();
    assert!(matches!(keep(&mut ended, &past), Err(Refused::PastEnd { end: 0 })));
    assert!(kept(&node).is_empty() && kept(&ended).is_empty());
    assert_eq!(node.replica.newer_logs().count() + ended.replica.newer_logs().count(), 0);
}

#[test]
fn a_newer_run_without_a_body_is_refused() {
    let world = World::new();
    let (mut node, log) = (world.node(), world.log(1, 2, 3));
    let blanked = [Entry { body: None, ..log[0].clone() }, log[1].clone()];
    let refused = keep(&mut node, &newer(&world, 1, &blanked));
    assert!(matches!(refused, Err(Refused::NoBody)));
}

#[test]
fn a_genesis_of_a_newer_version_waits_by_its_hash_alone() {
    let world = World::new();
    let genesis = Unsigned {
        journal: ledger::JournalId::GENESIS,
        kind: HeaderKind::Charter(Default::default()),
        ..unsigned(&world, None, vec![0x80])
    };
    let run = NewerRun::by_hand(&[], genesis, &key(1)).unwrap();
    let space = ledger::SpaceId::from(run.verify().unwrap()[0]);
    assert!(keep(&mut Node::empty(space), &run).unwrap());
    assert!(matches!(keep(&mut Node::empty(world.space), &run), Err(Refused::OtherSpace)));
}

#[test]
fn a_bounded_number_is_kept_and_the_rest_is_only_known() {
    let world = World::new();
    let mut node = world.node();
    let keys: Vec<_> =
        (0..NEWER_KEPT_MAX as u8 + 3).map(|n| DeviceKey::from_seed(&[100 + n; 32])).collect();
    node.know(keys.iter().map(DeviceKey::id));
    for (n, key) in keys.iter().enumerate() {
        let run = NewerRun::by_hand(&[], unsigned(&world, None, vec![7]), key).unwrap();
        assert_eq!(keep(&mut node, &run).unwrap(), n < NEWER_KEPT_MAX);
    }
    assert_eq!(kept(&node).len(), NEWER_KEPT_MAX);
    assert_eq!(node.replica.newer_logs().count(), keys.len());
    assert_eq!(node.reopened().replica.newer_logs().count(), NEWER_KEPT_MAX);
}
