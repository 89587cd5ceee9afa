//! The process dies anywhere and starts again: the same shows.

use ledger::Entry;
use store::StoreError;

use super::{
    items::{at, edit, make, post, put, reply, revise, text, title},
    node::Node,
    world::World,
};

/// Entries of three authors that wait for each other, of all kinds.
pub(super) fn entries(world: &mut World) -> Vec<Entry> {
    let made = world.write(0, 1, vec![make("made"), post("made it")]);
    let one = at(&made, 0);
    let named = world.write(1, 2, vec![title(one, vec![one], "named"), post("named it")]);
    let goal = put("goal", text("heat by winter"));
    let aimed = world.write(2, 3, vec![edit(one, vec![at(&named, 0)], vec![goal])]);
    let answer = world.write(2, 4, vec![reply(at(&named, 1), "yes"), make("another")]);
    let better = world.write(1, 5, vec![revise(at(&named, 1), "named it well")]);
    let place = put("place", text("north"));
    let heads = vec![at(&named, 0), at(&aimed, 0)];
    let last = world.write(0, 6, vec![edit(one, heads, vec![place])]);
    // In this order all wait but two.
    vec![answer, better, last, aimed, named, made]
}

/// All of it, but in the order of each log.
pub(super) fn take_all(node: &mut Node, world: &World) {
    for entry in world.logs.iter().rev().flatten() {
        node.take(entry);
    }
}

#[test]
fn a_node_that_dies_after_each_slice_shows_the_same() {
    let mut world = World::new(1, 3);
    entries(&mut world);
    let mut whole = Node::new(&world);
    take_all(&mut whole, &world);
    whole.read();
    for ends in [vec![], vec![(1, 0)], vec![(0, 1), (2, 1)]] {
        let mut node = Node::new(&world);
        take_all(&mut node, &world);
        for _ in 0..100 {
            node.slice(1);
            node.reopen();
        }
        assert!(!node.content.is_behind(&node.replica));
        assert_eq!(node.shown(), whole.shown());
        node.end(&world, &ends);
        for _ in 0..100 {
            // One document whole: how far it was played again dies with the process.
            node.slice(20);
            node.reopen();
        }
        node.assert_as_afresh();
    }
}

#[test]
fn a_crash_that_loses_any_number_of_writes_is_made_up_for() {
    let mut world = World::new(2, 3);
    entries(&mut world);
    let mut start = Node::new(&world);
    take_all(&mut start, &world);
    let written = start.store.written();
    start.store.flush(written).unwrap();
    for ends in [vec![], vec![(1, 0)]] {
        let mut whole = Node::new(&world);
        take_all(&mut whole, &world);
        whole.end(&world, &ends);
        whole.read();
        for keep in 0.. {
            let mut node = start.copy();
            node.end(&world, &ends);
            node.read();
            if keep >= node.store.unflushed() {
                break;
            }
            node.store.crash(keep);
            node.reopen();
            node.read();
            assert_eq!(node.shown(), whole.shown(), "{keep} writes kept");
        }
    }
}

#[test]
fn an_index_that_is_behind_is_read_up() {
    let mut world = World::new(3, 3);
    entries(&mut world);
    let mut whole = Node::new(&world);
    take_all(&mut whole, &world);
    whole.read();
    for behind in 0..40 {
        let mut node = whole.copy();
        let written = node.store.written();
        node.store.flush(written).unwrap();
        node.store.crash_with_index_behind(0, behind);
        node.reopen();
        node.read();
        assert_eq!(node.shown(), whole.shown(), "{behind} writes behind");
    }
}

#[test]
fn a_write_that_fails_loses_nothing_that_was_to_be_read() {
    let mut world = World::new(4, 3);
    entries(&mut world);
    let mut start = Node::new(&world);
    take_all(&mut start, &world);
    for ends in [vec![], vec![(1, 0)]] {
        let mut failures = 0;
        for after in 0..200 {
            let mut node = start.copy();
            // What is played again comes last, and fails as well.
            node.read_until_failure(after, StoreError::Full);
            node.end(&world, &ends);
            failures += node.read_until_failure(after, StoreError::Full);
            node.read();
            node.assert_as_afresh();
        }
        assert!(failures > 0 || ends.is_empty());
    }
}

#[test]
fn reading_twice_from_zero_changes_nothing() {
    let mut world = World::new(5, 3);
    entries(&mut world);
    let mut node = Node::new(&world);
    take_all(&mut node, &world);
    node.read();
    let zero = node.read_afresh();
    let mut again = zero.read_afresh();
    assert_eq!(node.shown(), again.shown());
    // Every cursor goes back; what was read is read once more.
    let before = again.shown();
    again.content.cursors.clear();
    again.read();
    assert_eq!(before, again.shown());
}

#[test]
fn news_that_nobody_was_told_is_told_after_the_next_start() {
    let mut world = World::new(1, 1);
    let entry = world.write(0, 1, vec![post("heard of by nobody")]);
    let mut node = Node::new(&world);
    node.take(&entry);
    node.read();
    let first = node.content.take_news();
    assert!(matches!(first[..], [crate::News::Post { .. }]), "{first:?}");
    node.reopen();
    assert_eq!(node.tell(7).0, first, "it was taken, and not told");
    node.reopen();
    assert_eq!(node.content.take_news(), []);
}
