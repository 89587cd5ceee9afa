//! What is over a member's share comes in time, and holds nobody else up.

use api::{Command, Query};
use ledger::Journal;

use crate::simulator::{
    checkers::frontiers,
    hostile::{
        forger::Forger,
        items::{self, post as said},
    },
    people,
    world::World,
};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Entries that are more than a day's share of the content.
const FLOOD: u64 = 180;

/// Writes about 200 kB that do not compress.
pub(super) fn fill(forger: &mut Forger, n: u64) {
    forger.content((0..6).map(|m| items::filler(&format!("{n} {m}"), 1_000)).collect());
}

/// Writes 200 kB of charter.
pub(super) fn fill_charter(forger: &mut Forger) {
    forger.charter(items::reports(50));
}

/// Person 1 wants all of person 2, who floods one journal; person 0 knows of it by person 1 only.
fn flooded(flood: impl Fn(&mut Forger)) -> (World, Forger) {
    let (mut world, _) = World::meeting(3, 0);
    let mut forger = world.turn(2);
    world.must(1, None, Command::Take { who: people::called(2) }).unwrap();
    let had = forger.lengths();
    flood(&mut forger);
    world.deliver(2, 1, &forger, had);
    assert_eq!(length(&world, 1, &forger), forger.lengths(), "all that one wants is taken");
    world.wait(30_000);
    (world, forger)
}

/// The lengths of the forger's logs at a node.
fn length(world: &World, node: usize, forger: &Forger) -> [u64; 2] {
    let logs = world.nodes[node].engine.as_ref().unwrap().logs();
    Journal::ALL.map(|journal| {
        let (journal, device) = (journal.id(forger.space), forger.device());
        let log = logs.iter().find(|(of, log, _)| (*of, *log) == (journal, device));
        log.map_or(0, |(.., length)| *length)
    })
}

fn why(world: &mut World, node: usize) -> String {
    world.query(node, None, Query::Why { thing: None }).unwrap().to_json().to_string()
}

fn are_equal(world: &World) {
    let members: Vec<_> =
        [0, 1].iter().map(|node| (*node, world.nodes[*node].engine.as_ref().unwrap())).collect();
    frontiers::are_equal(&world.collectives[0], &members).unwrap();
}

#[test]
fn what_is_over_a_share_is_told_and_holds_nobody_up() {
    let (mut world, forger) = flooded(|forger| (0..FLOOD).for_each(|n| fill(forger, n)));
    let here = length(&world, 0, &forger)[1];
    assert!(here > FLOOD / 2 && here < forger.lengths()[1], "{here}");
    let left = forger.lengths()[1] - here;
    let told = why(&mut world, 0);
    assert!(told.contains(&format!("{left} more entries by Person 2")), "{told}");
    assert!(told.contains(r#""node","take","me_"#), "{told}");
    world.post(1, "Behind the flood");
    world.wait(3_000);
    assert!(world.texts(0).contains(&"Behind the flood".to_owned()));
    world.must(0, None, Command::Take { who: people::called(2) }).unwrap();
    world.wait(30_000);
    assert_eq!(length(&world, 0, &forger), forger.lengths());
    let told = why(&mut world, 0);
    assert!(!told.contains("more entries"), "{told}");
    are_equal(&world);
}

/// What others write all the while says nothing of what is over a share.
#[test]
fn sync_ends_in_a_busy_space_in_which_a_log_is_over_its_share() {
    let (mut world, _) = flooded(|forger| (0..FLOOD).for_each(|n| fill(forger, n)));
    world.part_two(0, 1);
    world.wait(60_000);
    world.network.heal();
    world.wait(60_000);
    world.post(1, "Before it");
    world.wait(1_000);
    let asked = world.now();
    let with = Some(people::called(1));
    let sync = world.put(0, api::Ask::new(Command::Sync { with }));
    while !world.nodes[0].answers.contains_key(&sync) {
        let waited_ms = world.now() - asked;
        assert!(waited_ms < 10_000, "{waited_ms} ms and no answer");
        world.post(1, "Goes on");
        world.wait(1_000);
    }
    let answer = world.nodes[0].answers[&sync].clone().unwrap().to_json().to_string();
    assert!(answer.contains(r#""current":true"#), "{answer}");
}

#[test]
fn what_is_over_a_share_comes_in_time() {
    let (mut world, forger) = flooded(|forger| {
        (0..FLOOD).for_each(|n| fill(forger, n));
        (0..10).for_each(|_| fill_charter(forger));
    });
    assert!(length(&world, 0, &forger).iter().zip(forger.lengths()).all(|(here, all)| *here < all));
    let mut hours = 0;
    while length(&world, 0, &forger) != forger.lengths() && hours < 48 {
        world.wait(DAY_MS / 24);
        hours += 1;
    }
    assert!((1..=26).contains(&hours), "{hours} hours");
    are_equal(&world);
}

#[test]
fn what_somebody_answers_is_taken_whatever_the_share() {
    let (mut world, forger) = flooded(|forger| {
        (0..FLOOD).for_each(|n| fill(forger, n));
        forger.content(vec![said("The last of it")]);
    });
    assert!(length(&world, 0, &forger)[1] < forger.lengths()[1]);
    let rows = world.feed(1, &world.collectives[0].id.clone().unwrap());
    let last = rows.into_iter().find(|row| row.text == "The last of it").unwrap();
    let answer = people::post("I heard".to_owned(), None, Some(last.id));
    world.must(1, None, answer).unwrap();
    world.wait(10_000);
    assert!(world.texts(0).contains(&"I heard".to_owned()));
    assert_eq!(length(&world, 0, &forger)[1], forger.lengths()[1], "all before it too");
    let told = why(&mut world, 0);
    assert!(!told.contains(r#""rule":"waits""#), "{told}");
    are_equal(&world);
    // It is owed: nothing more is taken for days.
    let mut more = forger;
    let had = more.lengths();
    fill(&mut more, FLOOD);
    world.deliver(2, 0, &more, had);
    assert_eq!(length(&world, 0, &more)[1], had[1]);
}

/// Who floods waits for something themselves, which nobody has: nothing more is taken for that.
#[test]
fn what_only_its_author_waits_for_is_no_reason_to_take_more() {
    let (mut world, forger) = flooded(|forger| {
        forger.content(vec![items::waiting("junk")]);
        (0..FLOOD).for_each(|n| fill(forger, n));
    });
    let streams = world.network.opened();
    world.wait(10 * 60_000);
    let here = length(&world, 0, &forger)[1];
    assert!(here > FLOOD / 2 && here < forger.lengths()[1], "{here}");
    assert_eq!(world.network.opened(), streams, "no session ends over it");
}

#[test]
fn what_somebody_else_names_is_taken_whatever_the_share() {
    let (mut world, mut forger) = flooded(|forger| (0..15).for_each(|_| fill_charter(forger)));
    let before = length(&world, 0, &forger)[0];
    assert!(before > 1 && before < forger.lengths()[0], "{before}");
    // Their invite has all in its past.
    world.must(1, None, Command::Invite { days: 1, knocks: 1 }).unwrap();
    world.wait(30_000);
    assert_eq!(length(&world, 0, &forger)[0], forger.lengths()[0]);
    are_equal(&world);
    // What comes after is over the share as before.
    let had = forger.lengths();
    (0..3).for_each(|_| fill_charter(&mut forger));
    world.deliver(2, 1, &forger, had);
    world.wait(30_000);
    assert_eq!(length(&world, 0, &forger)[0], had[0]);
    world.wait(5 * DAY_MS);
    are_equal(&world);
}

/// Nobody waits for what comes later, nor is it sent again and again.
#[test]
fn what_comes_later_is_left_alone_until_then() {
    for branches in [1, 3] {
        let (mut world, _) = World::meeting(3, 0);
        let first = world.turn(2);
        world.must(1, None, Command::Take { who: people::called(2) }).unwrap();
        for branch in 0..branches {
            let mut forger = first.twin();
            let had = forger.lengths();
            (0..FLOOD).for_each(|n| fill(&mut forger, FLOOD * branch + n));
            (0..10).filter(|_| branch == 0).for_each(|_| fill_charter(&mut forger));
            world.deliver(2, 1, &forger, had);
        }
        world.wait(60_000);
        let sync = api::Ask::new(Command::Sync { with: Some(people::called(1)) });
        let answer = world.ask(0, sync, 20_000).expect("an answer").unwrap();
        let answer = answer.to_json();
        assert!(answer["current"].as_bool().unwrap(), "{answer}");
        let told = why(&mut world, 0);
        assert!(told.contains(r#""rule":"shares""#), "{told}");
        let before = world.entries_passed(0);
        // A share, and of each branch a run that is not taken.
        assert!(before < FLOOD + 60, "{before} entries passed, with {branches} branches");
        world.wait(30 * 60_000);
        // Of a charter each entry comes once more, with a hello.
        let again = world.entries_passed(0) - before;
        assert!(again <= 20, "{again} entries passed, with {branches} branches");
    }
}

/// Of two who flood neither node has all of both, so digests say nothing: another one's fork is
/// found all the same.
#[test]
fn a_flood_hides_no_fork() {
    let (mut world, _) = World::meeting(5, 0);
    // Until then who joined takes all.
    world.wait(15 * 60_000);
    let first = world.turn(4);
    let floods = [(3, 0), (2, 1)].map(|(who, node)| {
        let mut flood = world.turn(who);
        world.must(node, None, Command::Take { who: people::called(who) }).unwrap();
        let had = flood.lengths();
        (0..FLOOD).for_each(|n| fill(&mut flood, n));
        world.deliver(who, node, &flood, had);
        flood
    });
    for (node, mut forger) in [first.twin(), first].into_iter().enumerate() {
        world.part_two(0, 1);
        let had = forger.lengths();
        forger.content(vec![said(&format!("To half {node}"))]);
        world.deliver(4, node, &forger, had);
    }
    world.network.heal();
    world.wait(120_000);
    for (node, flood) in [(1, &floods[0]), (0, &floods[1])] {
        assert!(length(&world, node, flood)[1] < flood.lengths()[1], "not all of it is here");
        let texts = world.texts(node);
        let has = |text: &str| texts.iter().any(|it| it == text);
        assert!(has("To half 0") && has("To half 1"), "{node}");
    }
}

/// A few bytes can hold a thousand items: what counts is what there is to read.
#[test]
fn a_share_is_of_what_is_read_and_not_of_what_is_sent() {
    const ENTRIES: usize = 150;
    let (mut world, _) = World::meeting(2, 0);
    let mut forger = world.turn(1);
    let had = forger.lengths();
    let same = (0..1_000).map(|_| said("small"));
    let same: Vec<_> = same.collect();
    (0..ENTRIES).for_each(|_| _ = forger.content(same.clone()));
    let before = world.spent(0).work;
    let bill = world.deliver(1, 0, &forger, had);
    let items = bill.after.work.items_read - before.items_read;
    println!("{ENTRIES} entries of a thousand items, {} bytes: {items} are read", bill.sent_bytes);
    // A run that costs more than a share is taken once, and owed.
    assert!(bill.sent_bytes < 100_000 && items > 10_000 && items < 70_000, "{items}");
    let told = why(&mut world, 0);
    assert!(told.contains(r#""rule":"shares""#), "{told}");
}

/// What is sent again is no news, and nobody's share is used up by others who send it.
#[test]
fn a_share_is_used_up_by_news_only() {
    let (mut world, _) = World::meeting(3, 0);
    let mut forger = world.turn(2);
    let had = forger.lengths();
    fill_charter(&mut forger);
    (0..10).for_each(|n| fill(&mut forger, n));
    // Twenty times 2.2 MB: more than a share of either.
    (0..20).for_each(|_| _ = world.deliver(2, 0, &forger, had));
    let had = forger.lengths();
    fill_charter(&mut forger);
    fill(&mut forger, 10);
    world.deliver(2, 0, &forger, had);
    assert_eq!(length(&world, 0, &forger), forger.lengths());
}

/// A run that has no room is followed by one that would have: no session ends over it.
#[test]
fn what_is_small_behind_what_has_no_room_ends_no_session() {
    let (mut world, forger) = flooded(|forger| {
        for n in 0..FLOOD {
            fill(forger, n);
            (0..3).for_each(|_| _ = forger.content(vec![said("small")]));
        }
    });
    let here = length(&world, 0, &forger)[1];
    assert!(here > FLOOD && here < forger.lengths()[1], "{here}");
    let streams = world.network.opened();
    world.wait(60_000);
    assert_eq!(world.network.opened(), streams, "sessions go on");
}

/// Who comes in new takes all that there is.
#[test]
fn a_newcomer_takes_all() {
    let (mut world, _) = World::meeting(3, 1);
    let mut forger = world.turn(2);
    world.must(1, None, Command::Take { who: people::called(2) }).unwrap();
    let had = forger.lengths();
    (0..FLOOD).for_each(|n| fill(&mut forger, n));
    world.deliver(2, 1, &forger, had);
    let ticket = world.ticket(0, 1, 1).unwrap();
    world.start(3);
    world.part([0, 2]);
    world.join(3, &ticket, &people::called(3));
    world.wait(5_000);
    world.vouch(1);
    world.network.heal();
    world.wait(60_000);
    world.vouch(0);
    world.wait(120_000);
    assert_eq!(length(&world, 3, &forger), forger.lengths());
    // Soon shares hold for them too.
    world.wait(15 * 60_000);
    let had = forger.lengths();
    (0..FLOOD).for_each(|n| fill(&mut forger, 1_000 + n));
    world.deliver(2, 3, &forger, had);
    let here = length(&world, 3, &forger)[1];
    assert!(here > had[1] && here < forger.lengths()[1], "{here}");
}
