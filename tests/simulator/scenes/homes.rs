//! Homes that were copied, and that went back to an older copy.

use api::Command;

use super::Figure;
use crate::simulator::{people, world::World};

/// Whether all show the same, and all that was answered.
fn figure(world: &mut World, what: &str, answered: &[String]) -> Figure {
    let all: Vec<_> = (0..3).map(|node| world.texts(node)).collect();
    let missing = |texts: &Vec<String>| answered.iter().filter(|one| !texts.contains(one)).count();
    let missing: Vec<_> = all.iter().map(missing).collect();
    Figure::new(
        missing.iter().all(|missing| *missing == 0),
        format!("{what}: of {} answered posts the nodes miss {missing:?}", answered.len()),
    )
}

/// Posts if the node lets its person; what was answered.
fn try_post(world: &mut World, node: usize, text: &str, answered: &mut Vec<String>) {
    let post = people::post(text.to_owned(), None, None);
    if world.must(node, None, post).is_ok() {
        answered.push(text.to_owned());
    }
}

/// A home is copied; both write while they talk to different people, then one stops for good.
pub(super) fn copied() -> Figure {
    let (mut world, _) = World::meeting(3, 0);
    world.part([0]);
    let copy = world.copy_home(2);
    for (from, to) in [(0, 1), (1, 0), (0, 2), (2, 0), (copy, 1), (1, copy)] {
        world.network.cut_one_way(from, to);
    }
    let mut answered = Vec::new();
    try_post(&mut world, 2, "From the home", &mut answered);
    try_post(&mut world, copy, "From the copy", &mut answered);
    world.wait(60_000);
    world.stop(copy);
    world.meet_again();
    figure(&mut world, "a copied home", &answered)
}

/// Both homes only posted, so no charter forks: all the same neither signs an act any more.
#[test]
fn whose_posts_fork_signs_no_act() {
    let (mut world, _) = World::meeting(3, 0);
    world.part([0]);
    let copy = world.copy_home(2);
    for (from, to) in [(0, 1), (1, 0), (0, 2), (2, 0), (copy, 1), (1, copy)] {
        world.network.cut_one_way(from, to);
    }
    let invite = || Command::Invite { days: 1, knocks: 1 };
    let mut answered = Vec::new();
    try_post(&mut world, 2, "From the home", &mut answered);
    try_post(&mut world, copy, "From the copy", &mut answered);
    assert_eq!(answered.len(), 2);
    world.stop(copy);
    world.meet_again();
    assert!(world.nodes[2].engine.as_ref().unwrap().forked().is_empty(), "no charter forks");
    assert!(world.must(2, None, invite()).is_err());
    world.must(0, None, invite()).unwrap();
}

/// A home goes back to an older copy, and writes before it has met anybody.
pub(super) fn restored() -> Figure {
    let (mut world, _) = World::meeting(3, 0);
    let backup = world.back_up(2);
    let mut answered = Vec::new();
    try_post(&mut world, 2, "Before", &mut answered);
    world.wait(5_000);
    world.part([2]);
    world.restore_home(2, backup);
    try_post(&mut world, 2, "After", &mut answered);
    world.wait(5_000);
    world.meet_again();
    figure(&mut world, "a restored home", &answered)
}

/// Somebody is let in while their disk is full; room is made, they write, and start again.
pub(super) fn full_when_the_key_comes() -> Figure {
    let (mut world, _) = World::meeting(2, 1);
    let ticket = world.ticket(0, 0, 1).unwrap();
    world.start(2);
    world.join(2, &ticket, &people::called(2));
    world.wait(5_000);
    world.nodes[2].engine.as_mut().unwrap().store_mut().faults.full = true;
    for node in [0, 1] {
        world.vouch(node);
    }
    world.wait(2_000);
    world.disk_freed(2);
    world.wait(60_000);
    world.crash(2);
    world.start(2);
    world.post(0, "Who can read this?");
    world.wait(60_000);
    let rows = world.spaces_of(2);
    let unread: u64 = rows.iter().map(|row| row.unread).sum();
    let state = rows[0].state.clone();
    Figure::new(
        unread == 0,
        format!("let in while the disk was full, then started again: {state}, {unread} unread"),
    )
}
