//! What those are told who are not in.

use api::{Answer, Query};
use engine::Protocol;
use ledger::Journal;
use sync::{Frame, KnockAnswer, SpaceRun};

use super::{Figure, liars::claims_nothing};
use crate::simulator::{
    hostile::guest::{Guest, run},
    world::World,
};

/// Somebody who knows no more than a space's id names it in a hello.
pub(super) fn hello() -> Figure {
    let (mut world, _) = World::meeting(2, 1);
    world.place_speaker(2);
    let claims = claims_nothing(world.space());
    world.speak(2, 0, vec![claims], Vec::new());
    let told = world.speaker(2).heard.iter().map(|frame| match frame {
        Frame::Answer(answer) => answer.spaces.len(),
        Frame::Hello(hello) => hello.spaces.len(),
        _ => 0,
    });
    let told: usize = told.sum();
    Figure::new(told == 0, format!("an outsider's hello: told of {told} spaces and their logs"))
}

/// Somebody says the same to a node that has the space and to one that has not: a hello, then what
/// could get an answer out of either. What they see of each.
pub(super) fn same_silence() -> Figure {
    let (mut world, _) = World::meeting(2, 2);
    let (without, speaker) = (2, 3);
    world.start(without);
    world.place_speaker(speaker);
    let ticket = world.ticket(0, 0, 1).unwrap();
    let (space, now) = (world.space(), world.now());
    let mut other = Guest::new(&ticket, 0);
    let knock = other.knock("Guest", now);
    // A knock with a ticket that nobody made, one that nobody signed, and one of another space.
    let mut invented = Guest::new(&ticket, 1);
    invented.ticket.invite = ledger::ItemId::from_bytes([9; 32]);
    let mut unsigned = run(&knock);
    unsigned.signature = ledger::Signature::from_bytes([9; 64]);
    let other_space = SpaceRun { space: ledger::SpaceId::from_bytes([9; 32]), run: run(&knock) };
    let of = |run| Frame::Run(Box::new(SpaceRun { space, run }));
    let logs = ledger::Bounded::one((knock.device(), 1));
    let receipt = sync::Receipt { space, journal: Journal::Charter, logs, frontier: None };
    let heads = sync::Heads::of(space, Journal::Charter, &ledger::Frontier::default(), false);
    let peers = sync::Peers { space, peers: Default::default() };
    let said = [
        vec![],
        vec![of(run(&invented.knock("Guest", now)))],
        vec![of(run(&invented.knock("Guest", now))), of(unsigned)],
        vec![Frame::Run(Box::new(other_space))],
        vec![Frame::Receipt(receipt), Frame::Heads(heads), Frame::Peers(peers)],
    ];
    let mut differ = 0;
    for frames in said.clone() {
        let seen = [0, without].map(|node| {
            world.wait(60 * 60_000);
            world.speaker(speaker).heard.clear();
            world.speak(speaker, node, vec![claims_nothing(space)], frames.clone());
            let speaker = world.speaker(speaker);
            (format!("{:?}", speaker.heard), speaker.thrown_out)
        });
        differ += usize::from(seen[0] != seen[1]);
    }
    let said = said.len();
    Figure::new(differ == 0, format!("{said} things an outsider says: {differ} tell what is here"))
}

/// A ticket's holder knocks, and nobody has vouched.
pub(super) fn knock() -> Figure {
    let (mut world, _) = World::meeting(3, 1);
    let ticket = world.ticket(0, 0, 1).unwrap();
    world.place_speaker(3);
    let (mut guest, now) = (Guest::new(&ticket, 0), world.now());
    let knock = guest.knock("Guest", now);
    let key = world.nodes[3].key.clone();
    world.speaker(3).knock = Some(ledger::encode(&guest.frame(&knock, &key)));
    world.call(3, 0, Protocol::Knock);
    let contacts = world.speaker(3).answers.iter().map(|answer| match answer {
        KnockAnswer::Received { contacts, .. } | KnockAnswer::In { contacts, .. } => contacts.len(),
        _ => 0,
    });
    let contacts: usize = contacts.sum();
    let answers = world.speaker(3).answers.len();
    Figure::new(
        answers > 0 && contacts == 0,
        format!("a knock without a vouch: {answers} answers, addresses of {contacts} members"),
    )
}

/// A ticket's holder puts an outsider's PeerId on the card and sends the knock in a session;
/// members vouch; then the outsider, who has no key, says hello.
pub(super) fn outsider_on_card() -> Figure {
    let (mut world, _) = World::meeting(2, 2);
    world.post(0, "For members only");
    let ticket = world.ticket(0, 0, 1).unwrap();
    let (holder, outsider) = (2, 3);
    world.place_speaker(holder);
    world.place_speaker(outsider);
    let (mut guest, now) = (Guest::new(&ticket, 0), world.now());
    let knock = guest.knock("Person 9", now);
    let key = world.nodes[holder].key.clone();
    let card = guest.card(&knock, &key, &world.nodes_peer(outsider));
    let space = world.space();
    let frame = |entry| Frame::Run(Box::new(SpaceRun { space, run: run(entry) }));
    world.speak(holder, 0, vec![claims_nothing(space)], vec![frame(&knock), frame(&card)]);
    world.settle(2);
    let members = world.query(0, None, Query::Members);
    let Some(Answer::Members(members)) = members else { panic!("members") };
    let is_in = members.rows.iter().any(|row| row.who.name == "Person 9" && row.state == "in");
    world.speak(outsider, 0, vec![claims_nothing(space)], Vec::new());
    let content = Journal::Content.id(space);
    let heard = world.speaker(outsider).heard.iter();
    let entries = heard.filter_map(|frame| match frame {
        Frame::Run(run) if run.run.journal == content => Some(run.run.entries.len()),
        _ => None,
    });
    let entries: usize = entries.sum();
    Figure::new(
        is_in && entries == 0,
        format!(
            "an outsider's PeerId on the card of a guest who is in ({is_in}): that node was sent \
             {entries} content entries"
        ),
    )
}
