//! Much of the same: names, words that wait, entries.

use super::{
    Figure,
    shares::{fill, fill_charter},
};
use crate::simulator::{hostile::items, world::World};
use api::{Command, Query};

/// What was sent for so many renamings of one member, what it costs to take and read them, and what
/// one look at the members costs then.
fn rename(renamings: usize) -> [u64; 3] {
    let (mut world, space) = World::meeting(2, 0);
    let mut forger = world.turn(1);
    let had = forger.lengths();
    let named = |n: usize| items::renaming(&format!("Person {n}"));
    for some in (0..renamings).collect::<Vec<_>>().chunks(1_000) {
        forger.content(some.iter().map(|n| named(*n)).collect());
    }
    let bill = world.deliver(1, 0, &forger, had);
    let last = format!("Person {}", renamings - 1);
    let look = |world: &mut World| {
        let members = world.query(0, Some(&space), Query::Members).unwrap();
        assert!(members.to_json().to_string().contains(&last), "{last} is read");
    };
    [bill.sent_bytes, bill.units(), world.units(0, look)]
}

/// The name that is shown of a person is a row: to look at it costs the same whatever they were
/// called before.
pub(super) fn renamings() -> Figure {
    let ([.., few], [_, half, _], [sent, whole, many]) =
        (rename(10), rename(10_000), rename(20_000));
    let (look_max, whole_max) = (2 * few, half * 5 / 2);
    Figure::new(
        many <= look_max && whole <= whole_max,
        format!(
            "20,000 renamings, {sent} bytes: a look at the members costs {many} units, {few} after \
             10, may be {look_max}; to take and read them {whole}, {half} for half as many, may be \
             {whole_max}"
        ),
    )
}

/// What one charter entry costs while so many words wait.
fn invite_while_waiting(words: usize) -> (u64, u64) {
    let (mut world, space) = World::meeting(2, 0);
    let mut forger = world.turn(1);
    let had = forger.lengths();
    let waits = |n: usize| items::waiting(&n.to_string());
    for some in (0..words).collect::<Vec<_>>().chunks(1_000) {
        forger.content(some.iter().map(|n| waits(*n)).collect());
    }
    let bill = world.deliver(1, 0, &forger, had);
    let invite = Command::Invite { days: 1, knocks: 1 };
    let units = world.units(0, |world| {
        world.must(0, Some(&space), invite).unwrap();
        world.wait(1_000);
    });
    (bill.sent_bytes, units)
}

/// What waits costs nothing until what it waits for comes.
pub(super) fn waiting_words() -> Figure {
    let (_, few) = invite_while_waiting(10);
    let (sent, many) = invite_while_waiting(40_000);
    let bound = 2 * few;
    Figure::new(
        many <= bound,
        format!(
            "40,000 words that wait, {sent} bytes: a charter entry costs {many} units, {few} with \
             10, may be {bound}"
        ),
    )
}

/// 3 MB of a charter from one member in one go: a share is one megabyte a day.
pub(super) fn charter_share() -> Figure {
    const SHARE_BYTES: u64 = 1_000_000;
    let (mut world, _) = World::meeting(2, 0);
    let mut forger = world.turn(1);
    let had = forger.lengths();
    (0..15).for_each(|_| fill_charter(&mut forger));
    let bill = world.deliver(1, 0, &forger, had);
    let (sent, written) = (bill.sent_bytes, bill.written_bytes());
    let bound = SHARE_BYTES + SHARE_BYTES / 10;
    Figure::new(
        written <= bound,
        format!("15 charter entries, {sent} bytes: {written} bytes written, may be {bound}"),
    )
}

/// 180 entries of 200 kB from one member in one go: a share is 32 MB a day.
pub(super) fn content_share() -> Figure {
    const SHARE_BYTES: u64 = 32_000_000;
    const ENTRIES: u64 = 180;
    let (mut world, _) = World::meeting(2, 0);
    let mut forger = world.turn(1);
    let had = forger.lengths();
    (0..ENTRIES).for_each(|n| fill(&mut forger, n));
    let bill = world.deliver(1, 0, &forger, had);
    let bound = SHARE_BYTES + SHARE_BYTES / 10;
    let (sent, journal) = (bill.sent_bytes, ledger::Journal::Content.id(forger.space));
    let logs = world.nodes[0].engine.as_ref().unwrap().logs();
    let log = logs.iter().find(|(of, log, _)| (*of, *log) == (journal, forger.device()));
    let taken = log.map_or(0, |(.., length)| length - had[1]);
    let bytes = sent * taken / ENTRIES;
    Figure::new(
        bytes <= bound,
        format!("{ENTRIES} entries, {sent} bytes: {taken} of them taken, may be {bound} bytes"),
    )
}
