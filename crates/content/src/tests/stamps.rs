//! Stamps that are in doubt, and where what has them stands.

use ledger::{Entry, Timestamp, limits::STAMP_AHEAD_MS_MAX};
use store::Direction;

use super::{
    items::{make, post, reply},
    node::Node,
    waits::permutations,
    world::World,
};
use crate::ShownPost;

const NOW: u64 = 1_000_000_000;
const FAR: u64 = 2 * NOW;

fn texts(node: &Node) -> Vec<(String, bool)> {
    let text = |post: ShownPost| (post.text().unwrap(), post.first.stands.is_some());
    node.posts().into_iter().map(text).collect()
}

fn at(node: &mut Node, now: u64) {
    node.now = Timestamp::from_ms(now);
}

/// Two logs of which one is far ahead in the middle, and one that is from the beginning.
fn entries(world: &mut World) -> Vec<Entry> {
    vec![
        world.write(0, NOW - 500, vec![post("a")]),
        world.write(0, FAR, vec![post("far a"), make("far")]),
        world.write(0, NOW - 100, vec![post("mended")]),
        world.write(1, NOW - 300, vec![post("b")]),
        world.write(1, NOW + STAMP_AHEAD_MS_MAX, vec![post("a little ahead")]),
        world.write(2, FAR + 1, vec![post("far from the first")]),
    ]
}

#[test]
fn what_is_doubtful_stands_by_what_is_not() {
    let mut world = World::new(1, 3);
    let entries = entries(&mut world);
    let expected = [
        ("a", false),
        ("far a", true),
        ("b", false),
        ("mended", false),
        ("far from the first", true),
        ("a little ahead", false),
    ];
    let expected = expected.map(|(text, doubtful)| (text.to_owned(), doubtful));
    let mut tried = 0;
    for order in permutations(entries.len()) {
        let order: Vec<_> = order.iter().map(|n| &entries[*n]).collect();
        let of = |log: &Entry| {
            order
                .iter()
                .filter(|one| one.device() == log.device())
                .map(|one| one.seq())
                .collect::<Vec<_>>()
        };
        if !entries.iter().all(|log| of(log).is_sorted()) {
            continue;
        }
        tried += 1;
        let mut node = Node::new(&world);
        at(&mut node, NOW);
        node.take_and_read(&order);
        let mut shown = texts(&node);
        // Two that stand at one time are in the order of their ids.
        shown[..2].sort();
        assert_eq!(shown, expected);
        let row = &node.rows()[0];
        assert_eq!((row.stamp.as_ms(), row.listed_at().as_ms()), (FAR, NOW - 500));
    }
    assert_eq!(tried, 60);
}

#[test]
fn who_reads_all_again_later_has_it_at_the_same_place() {
    let mut world = World::new(2, 3);
    let entries = entries(&mut world);
    let mut node = Node::new(&world);
    at(&mut node, NOW);
    node.take_and_read(&entries.iter().collect::<Vec<_>>());
    let (posts, rows) = (node.posts(), node.rows());
    for now in [NOW, 0, FAR + 2] {
        at(&mut node, now);
        if now > 0 {
            let again = node.read_afresh();
            assert_eq!((again.posts(), again.rows()), (posts.clone(), rows.clone()), "{now}");
        }
        node.reopen();
        node.read();
        assert_eq!((node.posts(), node.rows()), (posts.clone(), rows.clone()), "{now}");
    }
    // Also a document that is played again, and what waited.
    at(&mut node, FAR + 2);
    node.end(&world, &[(0, 0)]);
    node.read();
    node.end(&world, &[]);
    node.read();
    assert_eq!(node.rows(), rows);
}

#[test]
fn what_waited_stands_where_it_came() {
    let mut world = World::new(3, 2);
    let late = world.write(0, NOW, vec![post("late")]);
    let waits = world.write(1, FAR, vec![reply(super::items::at(&late, 0), "waits")]);
    let mut node = Node::new(&world);
    at(&mut node, NOW - 5);
    node.take_and_read(&[&waits]);
    at(&mut node, FAR + 5);
    node.take_and_read(&[&late]);
    assert_eq!(texts(&node), [("waits".to_owned(), true), ("late".to_owned(), false)]);
}

#[test]
fn many_of_a_far_year_push_nothing_out_of_the_newest() {
    let mut world = World::new(4, 2);
    let mut node = Node::new(&world);
    at(&mut node, NOW);
    for n in 0..50 {
        let far = world.write(0, FAR + n, vec![post("far")]);
        node.take_and_read(&[&far]);
    }
    at(&mut node, NOW + 1);
    let today = world.write(1, NOW + 1, vec![post("today")]);
    node.take_and_read(&[&today]);
    let newest = node.posts_in(Direction::Descending, 1);
    assert_eq!(newest[0].text().as_deref(), Some("today"));
}

#[test]
fn what_is_written_is_dated_after_what_was_read_unless_that_is_in_doubt() {
    let mut world = World::new(5, 3);
    let mut node = Node::new(&world);
    at(&mut node, NOW);
    let entries = entries(&mut world);
    node.take_and_read(&[&entries[0], &entries[1]]);
    let stamp = |node: &Node| node.content.stamp(node.now).as_ms();
    assert_eq!(stamp(&node), NOW);
    node.take_and_read(&[&entries[3], &entries[4]]);
    assert_eq!(stamp(&node), NOW + STAMP_AHEAD_MS_MAX);
    at(&mut node, NOW - 1);
    assert_eq!(stamp(&node), NOW - 1, "it was read before the clock went back");
    node.reopen();
    at(&mut node, NOW + 7);
    assert_eq!(stamp(&node), NOW + STAMP_AHEAD_MS_MAX);
}
