//! Tickets, knocks and proposals.

use api::{Answer, Command, Query};
use ledger::{EntryId, ItemId, Journal};
use sync::{Frame, SpaceRun, Ticket};

use super::Figure;
use crate::simulator::{
    hostile::{
        forger::Forger,
        guest::{Guest, run},
        items::{self, invite},
    },
    world::{
        World,
        scene::{Bill, claims_of},
    },
};

/// A member who turned hostile, and somebody who knocks.
fn somebody_knocks() -> (World, Forger, EntryId) {
    let (mut world, _) = World::meeting(2, 1);
    let ticket = world.ticket(0, 0, 1).unwrap();
    world.start(2);
    world.join(2, &ticket, "Nobody");
    world.wait(5_000);
    let forger = world.turn(1);
    let knock = *forger.replica.guests().next().expect("somebody who knocks").0;
    (world, forger, knock)
}

/// Proposals of one entry.
const PROPOSALS: u64 = 1_000;

/// What so many proposals to admit one knock cost, in one entry, and what was sent.
fn propose(proposals: usize) -> (u64, u64) {
    let (mut world, mut forger, knock) = somebody_knocks();
    let had = forger.lengths();
    forger.charter(items::proposals(knock, proposals));
    let bill = world.deliver(1, 0, &forger, had);
    (bill.sent_bytes, bill.after.work.acts_visited - bill.before.work.acts_visited)
}

/// Twice as many proposals may cost twice as much.
pub(super) fn proposals() -> Figure {
    let ((_, half), (sent, all)) = (propose(150), propose(300));
    let bound = half * 5 / 2;
    Figure::new(
        all <= bound,
        format!(
            "300 proposals to admit one knock, {sent} bytes: {all} acts looked at, {half} with \
             150, may be {bound}"
        ),
    )
}

/// Entries with a thousand proposals each to admit one knock, and what it cost to take them.
fn propose_again(entries: u64) -> (World, Bill) {
    let (mut world, mut forger, knock) = somebody_knocks();
    let had = forger.lengths();
    for _ in 0..entries {
        let mut proposals = items::proposals(knock, PROPOSALS as usize);
        // Without the vouch for them, by which somebody would be in.
        proposals.pop();
        forger.charter(proposals);
    }
    let bill = world.deliver(1, 0, &forger, had);
    (world, bill)
}

/// What 20,000 proposals cost others: to take them, which a post behind them waits for, and later
/// each entry of theirs, and each start.
pub(super) fn proposals_later() -> Figure {
    const ENTRIES: u64 = 20;
    const LATER: u64 = 20;
    let half = propose_again(ENTRIES / 2).1.units();
    let (mut world, bill) = propose_again(ENTRIES);
    let (sent, taken, taken_max) = (bill.sent_bytes, bill.units(), half * 5 / 2);
    let later = world.units(0, |world| {
        for _ in 0..LATER {
            world.must(0, None, Command::Invite { days: 1, knocks: 1 }).unwrap();
        }
    });
    world.crash(0);
    world.start(0);
    let start = world.spent(0).work;
    let start = start.charter_items + start.acts_visited + start.tallies_copied;
    let (later_max, start_max) = (LATER * 100, 3 * ENTRIES * PROPOSALS);
    Figure::new(
        taken <= taken_max && later <= later_max && start <= start_max,
        format!(
            "{} proposals to admit one knock, {sent} bytes: taken for {taken} units, {half} for \
             half as many, may be {taken_max}; {LATER} later entries cost {later}, may be \
             {later_max}, and a start {start} of the charter's, may be {start_max}",
            ENTRIES * PROPOSALS
        ),
    )
}

/// 30 charter entries of 200 invites: tallies share them, and each has little for itself.
pub(super) fn kept_tallies() -> Figure {
    const ENTRIES: u64 = 30;
    const ITEMS: u64 = 200;
    let (mut world, _) = World::meeting(2, 0);
    let mut forger = world.turn(1);
    let had = forger.lengths();
    let expires = forger.now;
    for _ in 0..ENTRIES {
        let ticket = forger.device();
        forger.charter((0..ITEMS).map(|_| invite(ticket, expires, 1)).collect());
    }
    let bill = world.deliver(1, 0, &forger, had);
    let (sent, kept) = (bill.sent_bytes, bill.after.work.tallies_kept);
    let bound = 2 * ENTRIES * 10;
    Figure::new(
        kept <= bound,
        format!(
            "{ENTRIES} charter entries of {ITEMS} invites, {sent} bytes: {kept} parts of tallies \
             in memory, may be {bound}"
        ),
    )
}

/// A ticket for an invite that a member wrote by hand.
fn forged_ticket(forger: &mut Forger, knocks_max: u32) -> String {
    let seed = [5; 16];
    let ticket = seal::TicketSeed::from_bytes(seed).signing_key().id();
    let expires = forger.now.plus_ms(1_000_000_000);
    let known = forger.charter(vec![invite(ticket, expires, knocks_max)]);
    let (invite, space) = (ItemId::of(&known, 0), forger.space);
    Ticket {
        seed: ledger::SecretBytes::from_bytes(seed),
        space,
        invite,
        known,
        contacts: Default::default(),
    }
    .to_text()
}

/// A member's own invite for a hundred, the most that counts, and 150 knocks with it.
pub(super) fn endless_invite() -> Figure {
    const KNOCKS: u64 = 150;
    const KNOCKS_MAX: u64 = 100;
    let (mut world, _) = World::meeting(2, 0);
    let mut forger = world.turn(1);
    let had = forger.lengths();
    let ticket = forged_ticket(&mut forger, KNOCKS_MAX as u32);
    let mut runs = forger.runs(Journal::Charter, had[0]);
    let (space, now) = (forger.space, world.now());
    for n in 0..KNOCKS {
        let mut guest = Guest::new(&ticket, n);
        let knock = guest.knock("Guest", now);
        runs.push(SpaceRun { space, run: run(&knock) });
    }
    let frames: Vec<_> = runs.into_iter().map(|run| Frame::Run(Box::new(run))).collect();
    let before = world.logs_of(0, Journal::Charter);
    world.speak(1, 0, vec![claims_of(&forger)], frames);
    let more = world.logs_of(0, Journal::Charter) - before;
    let Some(Answer::Members(members)) = world.query(0, None, Query::Members) else {
        panic!("members")
    };
    let kept = members.rows.iter().filter(|row| row.state == "knocking").count() as u64;
    Figure::new(
        more == 0 && kept == KNOCKS_MAX,
        format!("{KNOCKS} knocks on one invite: {more} logs, {kept} kept, may be {KNOCKS_MAX}"),
    )
}

/// A ticket that was withdrawn is refused at the knock; here it is tried in a session.
pub(super) fn withdrawn_ticket() -> Figure {
    let (mut world, space) = World::meeting(2, 1);
    let made = world.must(0, Some(&space), Command::Invite { days: 1, knocks: 1 }).unwrap();
    let Answer::Invited(invited) = made else { panic!("an invite") };
    world.must(0, Some(&space), Command::Withdraw { invite: invited.invite }).unwrap();
    let mut guest = Guest::new(invited.ticket.as_str(), 0);
    world.place_speaker(2);
    let knock = guest.knock("Guest", world.now());
    let frame = Frame::Run(Box::new(SpaceRun { space: world.space(), run: run(&knock) }));
    let claims = super::liars::claims_nothing(world.space());
    world.speak(2, 0, vec![claims], vec![frame]);
    let receipts = world.speaker(2).receipts;
    let Some(Answer::Members(members)) = world.query(0, Some(&space), Query::Members) else {
        panic!("members")
    };
    let knocks = members.rows.iter().filter(|row| row.state == "knocking").count();
    Figure::new(
        knocks == 0 && receipts == 0,
        format!("a withdrawn ticket in a session: {knocks} knocks taken, {receipts} receipts"),
    )
}

/// Somebody knocks; before others vouch, the one contact that has the knock goes away. With its
/// ticket's other contacts they are in all the same, and without any once that one is back.
pub(super) fn contact_goes_away() -> Figure {
    let mut stands = Vec::new();
    for contacts in [5, 1] {
        let (mut world, _) = World::meeting(3, 1);
        let mut ticket = Ticket::parse(&world.ticket(0, 0, 1).unwrap()).unwrap();
        let named = ticket.contacts.into_inner();
        ticket.contacts = ledger::Bounded::first_of(named.into_iter().take(contacts));
        world.start(3);
        world.join(3, &ticket.to_text(), "Newcomer");
        world.wait(5_000);
        world.crash(0);
        for node in [1, 2] {
            let Some(Answer::Todo(todo)) = world.query(node, None, Query::Todo) else { continue };
            for row in todo.rows.into_iter().filter(|row| row.kind == "knock") {
                world.must(node, None, Command::Vouch { who: row.thing }).unwrap();
            }
        }
        world.wait(60_000);
        let is_in = |world: &mut World| world.spaces_in(3).len() == 1;
        let alone = is_in(&mut world);
        world.start(0);
        world.wait(60_000);
        stands.push((contacts, alone, is_in(&mut world)));
    }
    let holds = stands[0].1 && stands.iter().all(|(.., back)| *back);
    Figure::new(holds, format!("(contacts, in without the first, in once it is back): {stands:?}"))
}

/// Two of four let somebody in while the others are cut off from them; then only the newcomer meets
/// one of the others.
pub(super) fn not_heard() -> Figure {
    let (mut world, _) = World::meeting(4, 1);
    let ticket = world.ticket(0, 0, 1).unwrap();
    world.part([3]);
    world.start(4);
    world.join(4, &ticket, "Person 4");
    for _ in 0..3 {
        world.wait(10_000);
        (0..3).for_each(|node| world.vouch(node));
    }
    let was_in = world.spaces_in(4).len();
    world.network.heal();
    for others in 0..3 {
        world.network.cut_one_way(others, 3);
        world.network.cut_one_way(3, others);
    }
    world.wait(10 * 60_000);
    let text = "Heard by way of the newcomer";
    world.post(4, text);
    world.wait(30_000);
    let shows = world.texts(3).iter().any(|one| one == text);
    Figure::new(
        was_in == 1 && shows,
        format!("a newcomer meets who has not heard: their post is there: {shows}"),
    )
}

/// Nobody answers a `join` in time; later the one contact does, and by its clock the ticket has
/// ended.
pub(super) fn ended_ticket() -> Figure {
    const YEAR_MS: u64 = 365 * 24 * 60 * 60 * 1_000;
    let (mut world, _) = World::meeting(1, 1);
    let ticket = world.ticket(0, 0, 1).unwrap();
    world.start(1);
    world.crash(0);
    world.join(1, &ticket, "Newcomer");
    world.wait(40_000);
    let now = world.now();
    world.nodes[0].clock.ahead(now, YEAR_MS);
    world.start(0);
    world.wait(10 * 60_000);
    let knocks = world.spaces_of(1).iter().any(|row| row.state == "knocking");
    let why = world.query(1, None, Query::Why { thing: None });
    let todo = world.query(1, None, Query::Todo);
    let told = [why, todo]
        .into_iter()
        .flatten()
        .any(|answer| answer.to_json().to_string().contains("ended"));
    // The way out: another ticket. This one comes of a node whose clock is right again.
    world.crash(0);
    world.nodes[0].clock = crate::simulator::clocks::Clock::right();
    world.start(0);
    let another = world.ticket(0, 0, 1).unwrap();
    world.join(1, &another, "Person 1");
    world.wait(20_000);
    world.vouch(0);
    world.wait(20_000);
    let is_in = world.spaces_in(1).len() == 1;
    Figure::new(
        (!knocks || told) && is_in,
        format!(
            "a ticket that ended later: still knocking: {knocks}, told of it: {told}, in with \
             another: {is_in}"
        ),
    )
}

/// Who is told that a ticket has ended, and joins with another one, is asked for at once, and by
/// that one: the contact is there all the time.
#[test]
fn another_ticket_counts_at_once() {
    let (mut world, _) = World::meeting(1, 1);
    let invited = world.must(0, None, Command::Invite { days: 1, knocks: 1 }).unwrap();
    let Answer::Invited(invited) = invited else { panic!("{invited:?}") };
    let withdraw = Command::Withdraw { invite: invited.invite };
    world.must(0, None, withdraw).unwrap();
    world.start(1);
    world.join(1, invited.ticket.as_str(), "Newcomer");
    world.wait(20_000);
    let todo = world.query(0, None, Query::Todo).unwrap().to_json().to_string();
    assert!(!todo.contains("Newcomer"), "{todo}");
    let another = world.ticket(0, 0, 1).unwrap();
    world.join(1, &another, "Person 1");
    world.wait(2_000);
    world.vouch(0);
    world.wait(20_000);
    assert_eq!(world.spaces_in(1).len(), 1);
}
