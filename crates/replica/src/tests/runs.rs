//! Runs as they are served, and a replica that is opened again.

use ledger::{Entry, Journal, limits::RUN_ENTRIES_MAX};

use super::world::{Node, World, admit, key};
use crate::Door;

/// Where each run of a log ends.
fn run_ends(node: &Node, n: u8) -> Vec<u64> {
    let runs = node.content_runs(key(n).id());
    runs.iter().map(|run| run.first_seq + run.entries.len() as u64).collect()
}

#[test]
fn a_run_ends_at_an_anchor_or_at_the_newest_entry() {
    let world = World::new();
    let mut node = world.node();
    let mut log = world.log(1, 100, 3);
    log.extend(world.continued(1, &log, 1, 5000));
    log.extend(world.continued(1, &log, 2, 3));
    log.extend(world.continued(1, &log, 1, 4096));
    log.extend(world.continued(1, &log, 60, 3));
    node.take_log(&log);
    assert_eq!(run_ends(&node, 1), [64, 101, 128, 164]);
    for from in 0..log.len() {
        let run = node.replica.content_run(&node.store, key(1).id(), from as u64).unwrap().unwrap();
        let (first, count) = (run.first_seq as usize, run.entries.len());
        assert!(first == from && (1..=RUN_ENTRIES_MAX).contains(&count));
        let opened = run.open().unwrap();
        let same = |(one, two): (&Entry, &Entry)| one.id == two.id;
        assert!(opened.iter().zip(&log[first..first + count]).all(same));
        assert!(first + count == log.len() || opened.last().unwrap().is_anchor());
    }
    for from in [log.len() as u64, 1 << 52] {
        assert!(node.replica.content_run(&node.store, key(1).id(), from).unwrap().is_none());
    }
    assert!(node.replica.content_run(&node.store, key(3).id(), 0).unwrap().is_none());
}

#[test]
fn a_log_that_came_in_pieces_is_served_in_whole_runs() {
    let world = World::new();
    let log = world.log(1, 150, 3);
    for size in [1, 7, 63] {
        let mut node = world.node();
        for piece in log.chunk_by(|one, _| !one.is_anchor() && (one.seq() + 1) % size != 0) {
            node.take(piece).unwrap();
        }
        assert_eq!(run_ends(&node, 1), [64, 128, 150]);
        let mut other = world.node();
        for run in node.content_runs(key(1).id()) {
            other.replica.take(&mut other.store, run, Door::MEMBER).unwrap();
        }
        assert_eq!(other.known(), node.known());
    }
}

#[test]
fn a_charter_is_served_in_its_order_of_arrival() {
    let world = World::new();
    let mut node = world.node();
    let [knock, card] = world.guest(2);
    node.take(std::slice::from_ref(&knock)).unwrap();
    node.take(&[card]).unwrap();
    node.writes(1, admit(&knock));
    let mut other = Node::empty(world.space);
    for n in 0..node.replica.charter_entries() {
        let run = node.replica.charter_run(&node.store, n).unwrap().unwrap();
        assert_eq!(run.entries.len(), 1, "each charter entry keeps its signature");
        let taken = other.replica.take(&mut other.store, run, Door::MEMBER).unwrap();
        assert_eq!(taken.journal, Journal::Charter);
    }
    assert!(node.replica.charter_run(&node.store, 6).unwrap().is_none());
    assert_eq!(other.known(), node.known());
    assert_eq!(other.replica.roll().knocks.len(), 1);
    assert_eq!(other.known(), other.reopened().known());
}

#[test]
fn a_replica_that_is_opened_again_is_the_one_before() {
    let world = World::new();
    let mut node = world.node();
    assert_eq!(node.known(), node.reopened().known());
    let log = world.log(1, 70, 3);
    node.take_log(&log);
    assert_eq!(node.known(), node.reopened().known());
    let mut reopened = node.reopened();
    for node in [&mut node, &mut reopened] {
        let (key, now) = (key(1), ledger::Timestamp::from_ms(0));
        let epoch = super::world::epoch();
        let own = node.replica.sign_content(&node.store, &key, now, epoch, vec![1]).unwrap();
        assert_eq!((own.seq(), own.header.stamp.as_ms()), (70, 69), "a stamp never goes back");
        node.replica.append(&mut node.store, own, store::Batch::default()).unwrap();
    }
    assert_eq!(node.known(), reopened.known());
}

#[test]
fn an_index_that_is_lost_changes_nothing_here() {
    let world = World::new();
    let mut node = world.node();
    node.take(&world.log(1, 5, 3)).unwrap();
    let before = node.known();
    node.store.lose_index();
    assert_eq!(node.reopened().known(), before);
}

#[test]
fn what_a_crash_took_is_taken_again() {
    let world = World::new();
    let log = world.log(1, 6, 3);
    let mut whole = world.node();
    for entry in &log {
        whole.take(std::slice::from_ref(entry)).unwrap();
    }
    for keep in 0..whole.store.unflushed() {
        let mut node = Node { store: whole.store.clone(), replica: whole.reopened().replica };
        node.store.crash(keep);
        node = node.reopened();
        for entry in world.charter.iter().chain(&log) {
            node.take(std::slice::from_ref(entry)).unwrap();
        }
        assert_eq!(node.known(), whole.known(), "{keep} writes kept");
    }
}
