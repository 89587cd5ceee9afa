//! Who is introduced to whom, and who finds whom again.

use api::{Answer, Command, Query};
use sync::Ticket;

use super::Figure;
use crate::simulator::{environment, world::World};

/// People in these scenes, unless a nightly run has more.
const PEOPLE: usize = 20;

/// Hops within which what one posts is at everybody's.
const HOPS_MAX: usize = 4;

fn people() -> usize {
    environment("SIMULATOR_PEOPLE").map_or(PEOPLE, |people| people as usize)
}

/// Eight people; each makes a ticket, which has room for some of them.
pub(super) fn introductions() -> Figure {
    const PEOPLE: usize = 8;
    let (mut world, space) = World::meeting(PEOPLE, 0);
    let (mut named, mut most) = (std::collections::BTreeSet::new(), 0);
    for node in 0..PEOPLE {
        let invite = Command::Invite { days: 1, knocks: 1 };
        let Ok(Answer::Invited(invited)) = world.must(node, Some(&space), invite) else {
            panic!("an invite")
        };
        let ticket = Ticket::parse(invited.ticket.as_str()).unwrap();
        let own = world.nodes_peer(node);
        let others = ticket.contacts.iter().map(|contact| contact.peer.clone());
        let others: Vec<_> = others.filter(|peer| *peer != own).collect();
        most = most.max(others.len());
        named.extend(others);
    }
    let others = named.len();
    Figure::new(
        others == PEOPLE && most < PEOPLE - 1,
        format!(
            "tickets of {PEOPLE} people, with {most} others each, name {others} of them in all"
        ),
    )
}

/// Of whom each knows where they are reached, and how many each is connected with.
fn known(world: &mut World, people: usize) -> (Vec<usize>, Vec<usize>) {
    let of = |node: usize| {
        let Some(Answer::Peers(peers)) = world.query(node, None, Query::Peers) else {
            panic!("peers")
        };
        let reached = peers.rows.iter().filter(|row| !row.addresses.is_empty()).count();
        (reached, peers.rows.iter().filter(|row| row.connected).count())
    };
    (0..people).map(of).unzip()
}

fn least_and_most(counts: &[usize]) -> (usize, usize) {
    (counts.iter().min().copied().unwrap_or(0), counts.iter().max().copied().unwrap_or(0))
}

/// People who came in one after the other by one person's ticket.
pub(super) fn many() -> Figure {
    let people = people();
    let (mut world, _) = World::meeting(people, 0);
    world.wait(2 * 60 * 60_000);
    let (known, connected) = known(&mut world, people);
    let strangers: usize = known.iter().map(|known| people - 1 - known).sum();
    let (least, most) = least_and_most(&connected);
    Figure::new(
        strangers == 0 && least >= 8,
        format!(
            "{people} people after two hours: {strangers} times one does not know where another is \
             reached; each is connected with {least} to {most}"
        ),
    )
}

/// What each of them posts is at everybody's in few hops, and comes to each few times.
pub(super) fn hops_and_copies() -> Figure {
    let people = people();
    let (mut world, _) = World::meeting(people, 0);
    world.wait(2 * 60 * 60_000);
    let farthest = (0..people).map(|node| farthest(&world, people, node)).max().unwrap_or(0);
    let connected: usize = (0..people).map(|node| world.network.neighbours(node).count()).sum();
    let received = |world: &mut World| -> u64 {
        (0..people).map(|node| world.counted(node, "entries_received")).sum()
    };
    let before = received(&mut world);
    (0..people).for_each(|node| _ = world.post(node, &format!("From {node}")));
    world.wait(30_000);
    let reached = (0..people).filter(|node| world.texts(*node).len() == people).count();
    // Each post has to come once to each of the others.
    let copies = (received(&mut world) - before) as f64 / (people * (people - 1)) as f64;
    let connected = connected as f64 / people as f64;
    Figure::new(
        reached == people && farthest <= HOPS_MAX && copies <= connected,
        format!(
            "{people} people, each connected with {connected:.1}: nobody is further than \
             {farthest} hops; a post comes to {reached}, to each {copies:.1} times"
        ),
    )
}

/// Hops from a node to who is furthest from it; more than there are where somebody is cut off.
fn farthest(world: &World, people: usize, from: usize) -> usize {
    let (mut reached, mut hops) = (std::collections::BTreeSet::from([from]), 0);
    while reached.len() < people && hops <= people {
        let next: Vec<_> =
            reached.iter().flat_map(|node| world.network.neighbours(*node)).collect();
        reached.extend(next);
        hops += 1;
    }
    hops
}

/// They are cut in two halves, for a day.
pub(super) fn halves() -> Figure {
    const FOUND_MINUTES: u64 = 5;
    let people = people();
    let (mut world, _) = World::meeting(people, 0);
    world.part(0..people / 2);
    world.wait(24 * 60 * 60_000);
    world.post(0, "From one half");
    world.post(people - 1, "From the other");
    world.wait(60_000);
    let both = |world: &mut World| (0..people).filter(|node| world.texts(*node).len() == 2).count();
    let before = both(&mut world);
    world.network.heal();
    world.wait(FOUND_MINUTES * 60_000);
    let after = both(&mut world);
    Figure::new(
        before == 0 && after == people,
        format!(
            "two halves of {people} after a day: {after} have what both wrote, {FOUND_MINUTES} \
             minutes after they can meet"
        ),
    )
}
