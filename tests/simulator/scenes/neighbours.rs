//! Who is introduced to whom, and who finds whom again.

use api::{Answer, Command, Query};
use sync::Ticket;

use super::Figure;
use crate::simulator::world::World;

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
        let ticket = Ticket::parse(&invited.ticket).unwrap();
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

/// Twenty people, who came in one after the other by one person's ticket.
pub(super) fn twenty() -> Figure {
    const PEOPLE: usize = 20;
    let (mut world, _) = World::meeting(PEOPLE, 0);
    world.wait(2 * 60 * 60_000);
    let (known, connected) = known(&mut world, PEOPLE);
    let strangers: usize = known.iter().map(|known| PEOPLE - 1 - known).sum();
    let (least, most) = least_and_most(&connected);
    Figure::new(
        strangers == 0 && least >= 8,
        format!(
            "{PEOPLE} people after two hours: {strangers} times one does not know where another is \
             reached; each is connected with {least} to {most}"
        ),
    )
}

/// Twenty people are cut in two halves, for a day.
pub(super) fn halves() -> Figure {
    const PEOPLE: usize = 20;
    const FOUND_MINUTES: u64 = 5;
    let (mut world, _) = World::meeting(PEOPLE, 0);
    world.part(0..PEOPLE / 2);
    world.wait(24 * 60 * 60_000);
    world.post(0, "From one half");
    world.post(PEOPLE - 1, "From the other");
    world.wait(60_000);
    let both = |world: &mut World| (0..PEOPLE).filter(|node| world.texts(*node).len() == 2).count();
    let before = both(&mut world);
    world.network.heal();
    world.wait(FOUND_MINUTES * 60_000);
    let after = both(&mut world);
    Figure::new(
        before == 0 && after == PEOPLE,
        format!(
            "two halves of {PEOPLE} after a day: {after} have what both wrote, {FOUND_MINUTES} \
             minutes after they can meet"
        ),
    )
}
