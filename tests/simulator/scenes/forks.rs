//! Two entries of one log at one place, in the charter and in the content.

use api::{Answer, Command, Query};
use engine::Protocol;
use ledger::{
    ItemId, ItemRef,
    charter_items::{CharterItem, Return},
    content_items::ContentItem,
};
use sync::Frame;

use super::Figure;
use crate::simulator::{
    checkers::{agreement, frontiers},
    hostile::{
        forger::Forger,
        guest::Guest,
        items::{self, post as said},
    },
    people,
    world::{World, scene::claims_of},
};

/// Branches of a log that somebody answers.
const ANSWERED: usize = 10;

/// Branches of a log that nobody answers, at each node: more than are kept.
const MORE_BRANCHES: usize = 20;

/// Both halves write, so that each builds on what it has of the fork; then they meet.
fn write_and_meet(world: &mut World) {
    for node in [0, 1] {
        world.must(node, None, Command::Invite { days: 1, knocks: 1 }).unwrap();
        world.post(node, &format!("From half {node}"));
    }
    world.meet_again();
}

/// Whether the two honest nodes have the same entries and show the same.
fn agree(world: &mut World) -> Result<(), String> {
    let members: Vec<_> = [0, 1]
        .iter()
        .filter_map(|node| Some((*node, world.nodes[*node].engine.as_ref()?)))
        .collect();
    frontiers::are_equal(&world.collectives[0], &members)?;
    let space = world.collectives[0].id.clone().unwrap();
    agreement::same_feeds(&[world.feed(0, &space), world.feed(1, &space)])
}

fn figure(what: &str, agreed: Result<(), String>) -> Figure {
    let said = agreed.as_ref().err().map_or("they agree", |why| why.as_str()).to_owned();
    let said: String = said.chars().take(160).collect();
    Figure::new(agreed.is_ok(), format!("{what}: {said}"))
}

/// The holder of one ticket knocks with one key and two first entries at two contacts that are
/// cut off from each other; all are honest but the guest.
pub(super) fn two_knocks() -> Figure {
    let (mut world, _) = World::meeting(2, 1);
    let ticket = world.ticket(0, 0, 2).unwrap();
    world.wait(5_000);
    world.place_speaker(2);
    world.part([0]);
    let (mut guest, key) = (Guest::new(&ticket, 0), world.nodes[2].key.clone());
    for node in [0, 1] {
        world.network.heal();
        world.network.cut_one_way(0, 1);
        world.network.cut_one_way(1, 0);
        let now = world.now();
        let knock = guest.knock(&format!("Guest {node}"), now);
        world.speaker(2).knock = Some(ledger::encode(&guest.frame(&knock, &key)));
        world.call(2, node, Protocol::Knock);
    }
    write_and_meet(&mut world);
    figure("two knocks with one key", agree(&mut world))
}

/// A member signs two entries at one place and gives one to each half, which are cut off from each
/// other.
fn halves(write: impl Fn(&mut Forger, usize)) -> World {
    let (mut world, _) = World::meeting(3, 0);
    let first = world.turn(2);
    let forgers = [first.twin(), first];
    for (node, mut forger) in forgers.into_iter().enumerate() {
        world.part_two(0, 1);
        let had = forger.lengths();
        write(&mut forger, node);
        world.deliver(2, node, &forger, had);
    }
    world
}

/// As [`halves`], which write and meet again.
fn fork(write: impl Fn(&mut Forger, usize)) -> World {
    let mut world = halves(write);
    write_and_meet(&mut world);
    world
}

fn forked_charter() -> World {
    fork(|forger, node| {
        // What it says does not matter, but that it is not the same twice.
        for n in 0..2 {
            let items = (0..=node + n).map(|_| CharterItem::Return(Return {}));
            forger.charter(items.collect());
        }
    })
}

/// An exported charter says on which branch an entry stands, the same on every node.
#[test]
fn an_export_tells_branches_apart() {
    let mut world = forked_charter();
    let branches = [0, 1].map(|node| {
        let exported = world.query(node, None, Query::CharterExport).unwrap().to_json();
        let entries = exported["entries"].as_array().unwrap().clone();
        let branch = |entry: &serde_json::Value| {
            let text = |name: &str| entry[name].as_str().map(str::to_owned);
            (text("entry").unwrap(), (text("branch"), text("prev")))
        };
        entries.iter().map(branch).collect::<std::collections::BTreeMap<_, _>>()
    });
    assert_eq!(branches[0], branches[1]);
    let behind: Vec<_> =
        branches[0].iter().filter_map(|(id, (branch, _))| Some((id, branch.as_ref()?))).collect();
    let roots: std::collections::BTreeSet<_> = behind.iter().map(|(_, root)| *root).collect();
    assert_eq!((behind.len(), roots.len()), (4, 2), "{behind:?}");
    let parents: std::collections::BTreeSet<_> =
        roots.iter().map(|root| &branches[0][*root].1).collect();
    assert_eq!(parents.len(), 1, "both follow the same entry");
}

pub(super) fn charter_fork() -> Figure {
    let mut world = forked_charter();
    figure("two charter entries at one place", agree(&mut world))
}

pub(super) fn content_fork() -> Figure {
    let mut world = fork(|forger, node| {
        forger.content(vec![said(&format!("To half {node}"))]);
    });
    figure("two content entries at one place", agree(&mut world))
}

/// A member's key signs this many first entries at each of two nodes that are cut off from each
/// other: more than are kept of one log. Person 1 answers each of ten others that they get, and so
/// does who wrote them, at the other node.
pub(super) fn many_branches() -> Figure {
    let (mut world, _) = World::meeting(3, 0);
    let first = world.turn(2);
    let write = |world: &mut World, to: usize, n: usize, also: Vec<ContentItem>| {
        let mut forger = first.twin();
        let had = forger.lengths();
        forger.content([vec![said(&format!("Branch {n}"))], also].concat());
        let last = forger.content(vec![said(&format!("Branch {n} goes on"))]);
        world.part_two(0, 1);
        world.deliver(2, to, &forger, had);
        ItemId::of(&last.id, 0)
    };
    let mut shadows = Vec::new();
    for n in 0..ANSWERED {
        let answered = write(&mut world, 1, n, Vec::new());
        shadows.push(items::post_on(Some(ItemRef::Id(answered)), "The same is waited for"));
        let rows = world.feed(1, &world.collectives[0].id.clone().unwrap());
        let text = format!("Branch {n} goes on");
        let row = rows.iter().find(|row| row.text == text).expect("what came");
        let answer = people::post(format!("Answer {n}"), None, Some(row.id.clone()));
        world.must(1, None, answer).unwrap();
    }
    (100..100 + MORE_BRANCHES).for_each(|n| _ = write(&mut world, 1, n, Vec::new()));
    (200..200 + MORE_BRANCHES).for_each(|n| _ = write(&mut world, 0, n, shadows.clone()));
    write_and_meet(&mut world);
    let space = world.collectives[0].id.clone().unwrap();
    let answered = world.feed(0, &space);
    let has = |n: usize| {
        let shows =
            |text: String| answered.iter().any(|row| row.text == text && row.state == "counts");
        shows(format!("Answer {n}")) && shows(format!("Branch {n} goes on"))
    };
    let shown = (0..ANSWERED).filter(|n| has(*n)).count();
    let waits = world.query(0, None, Query::Why { thing: None }).unwrap().to_json().to_string();
    let holds = shown == ANSWERED && !waits.contains(r#""rule":"waits""#);
    // What counts for nobody differs: each keeps what came first.
    let mut counting = [0, 1].map(|node| world.feed(node, &space));
    counting.iter_mut().for_each(|rows| rows.retain(|row| row.state == "counts"));
    let agreed = agreement::same_feeds(&counting);
    let said = format!("{shown} of {ANSWERED} answers to a log with {MORE_BRANCHES} branches more");
    let figure = figure(&said, agreed);
    Figure { holds: figure.holds && holds, ..figure }
}

/// Nodes that keep as many branches as they may, and others than each other, leave it at that.
#[test]
fn who_has_enough_branches_sends_none_to_and_fro() {
    let (mut world, _) = World::meeting(3, 0);
    let (first, mut kept) = (world.turn(2), None);
    for n in 0..2 * MORE_BRANCHES {
        let node = n % 2;
        world.part_two(0, 1);
        let mut forger = first.twin();
        let had = forger.lengths();
        forger.content(vec![said(&format!("Branch {n}"))]);
        world.deliver(2, node, &forger, had);
        kept.get_or_insert(forger);
    }
    write_and_meet(&mut world);
    // One of them goes on, so that nodes tell each other where it ends.
    let (mut forger, before) = (kept.expect("one that is kept"), world.entries_passed(1));
    let had = forger.lengths();
    forger.content(vec![said("Branch 0 goes on")]);
    world.deliver(2, 0, &forger, had);
    world.wait(60_000);
    // The few are for the script, which says that it has nothing.
    let passed = world.entries_passed(1) - before;
    assert!(passed < MORE_BRANCHES as u64 / 2, "{passed} entries passed");
    let (traffic, before) = (world.spent(0), world.entries_passed(1));
    world.wait(30 * 60_000);
    assert_eq!(world.entries_passed(1), before);
    let units = world.spent(0).units_since(&traffic);
    assert!(units < 20, "{units} units where nothing is new");
}

/// A log branches, and one branch is many runs longer than the other: what of it goes on from what
/// is not there ends no session, or it would come in none.
#[test]
fn a_long_branch_comes_to_who_has_another() {
    for lengths in [[2, 200], [3, 1_000], [700, 100]] {
        let mut world = halves(|forger, node| {
            let said = |n: u64| vec![said(&format!("{node} {n}"))];
            (0..lengths[node]).for_each(|n| _ = forger.content(said(n)));
        });
        let streams = world.network.opened();
        write_and_meet(&mut world);
        agree(&mut world).unwrap_or_else(|why| panic!("{lengths:?}: {why}"));
        let opened = world.network.opened() - streams;
        assert!(opened < 10, "{lengths:?}: {opened} streams");
    }
}

/// What has no past here of a log that forks ends no session, so its sender is told what is here.
#[test]
fn who_sends_a_branch_with_a_gap_is_told_where_it_ends_here() {
    let (mut world, _) = World::meeting(3, 0);
    let mut first = world.turn(2);
    let mut second = first.twin();
    let had = first.lengths();
    first.content(vec![said("One")]);
    world.deliver(2, 0, &first, had);
    (0..200).for_each(|n| _ = second.content(vec![said(&format!("Other {n}"))]));
    let mut runs = second.runs(ledger::Journal::Content, had[1]).into_iter();
    let frame = |run: Option<sync::SpaceRun>| vec![Frame::Run(Box::new(run.expect("a run")))];
    world.speak(2, 0, vec![claims_of(&first)], frame(runs.next()));
    world.wait(10_000);
    world.speaker(2).heard.clear();
    world.speak(2, 0, vec![claims_of(&first)], frame(runs.nth(1)));
    world.wait(3_000);
    let device = first.device();
    let is_told = |frame: &Frame| match frame {
        Frame::Heads(heads) => heads.answers && heads.stems.iter().any(|(log, _)| *log == device),
        _ => false,
    };
    let heard = &world.speaker(2).heard;
    assert!(heard.iter().any(is_told), "{heard:?}");
    assert!(!world.speaker(2).thrown_out);
}

/// What is said to be current and on others' disks is, where only digests tell of a fork.
#[test]
fn sync_waits_for_branches() {
    let mut world = halves(|forger, node| {
        (0..70 + 9 * node).for_each(|n| _ = forger.content(vec![said(&format!("{node} {n}"))]));
    });
    [0, 1].into_iter().for_each(|node| _ = world.post(node, &format!("From half {node}")));
    world.network.heal();
    for n in 0..2 {
        let asked = world.now();
        let sync = api::Ask::new(Command::Sync { with: Some(people::called(1)) });
        let answer = world.ask(0, sync, 60_000).expect("an answer");
        let answer = answer.unwrap().to_json().to_string();
        assert!(answer.contains(r#""current":true"#), "{answer}");
        agree(&mut world).unwrap();
        let waited_ms = world.now() - asked;
        assert!(n == 0 || waited_ms < 1_000, "{waited_ms} ms where both have the same");
    }
}

/// A fork's other entry is no reason to throw out who forwards it.
#[test]
fn who_forwards_a_fork_is_heard() {
    let (mut world, _) = World::meeting(3, 0);
    let mut first = world.turn(2);
    let mut second = first.twin();
    let had = first.lengths();
    for (n, forger) in [&mut first, &mut second].into_iter().enumerate() {
        forger.charter((0..=n).map(|_| CharterItem::Return(Return {})).collect());
        world.deliver(2, 0, forger, had);
    }
    world.post(1, "Still here");
    world.wait(1_000);
    assert!(world.texts(0).contains(&"Still here".to_owned()));
    let runs = second.runs(ledger::Journal::Charter, had[0]);
    let frames = runs.into_iter().map(|run| Frame::Run(Box::new(run))).collect();
    world.speak(2, 0, vec![claims_of(&second)], frames);
    assert!(!world.speaker(2).thrown_out);
}

/// A home was copied, and both copies wrote: its person goes on from it with a new key.
#[test]
fn who_was_copied_joins_again_with_a_new_key() {
    let (mut world, _) = World::meeting(3, 0);
    world.part([0]);
    let copy = world.copy_home(2);
    for (from, to) in [(0, 1), (1, 0), (0, 2), (2, 0), (copy, 1), (1, copy)] {
        world.network.cut_one_way(from, to);
    }
    let invite = |knocks| Command::Invite { days: 1, knocks };
    for (node, knocks) in [(2, 2), (copy, 3)] {
        world.must(node, None, invite(knocks)).unwrap();
    }
    world.wait(60_000);
    world.stop(copy);
    world.meet_again();
    // What each copy was answered is there, all are shown the fork, and nobody is mute but the key.
    for node in 0..3 {
        let rows = world.spaces_of(node);
        assert_eq!(rows[0].forks, 1, "node {node}: {rows:?}");
        let Some(Answer::Invites(invites)) = world.query(node, None, Query::Invites) else {
            panic!("invites")
        };
        let knocks: Vec<_> = invites.rows.iter().map(|row| row.knocks_max).collect();
        assert!(knocks.contains(&2) && knocks.contains(&3), "node {node}: {knocks:?}");
    }
    assert!(world.must(2, None, invite(1)).is_err());
    assert!(world.must(2, None, people::post("Mute".to_owned(), None, None)).is_err());
    let why = world.query(2, None, Query::Why { thing: None }).unwrap().to_json().to_string();
    assert!(why.contains("join again"), "{why}");
    let ticket = world.ticket(0, 0, 1).unwrap();
    world.wait(5_000);
    world.join(2, &ticket, "Person 9");
    world.wait(20_000);
    for node in [0, 1] {
        world.vouch(node);
        world.wait(5_000);
    }
    world.wait(20_000);
    world.post(2, "Here again");
    world.wait(20_000);
    for node in 0..3 {
        assert!(world.texts(node).contains(&"Here again".to_owned()), "node {node}");
    }
    agree(&mut world).unwrap();
}

/// As above, but all others have heard of one copy, and the person of the other joins again the
/// moment that it is mute: before anybody knows that the charter forks.
#[test]
fn who_was_copied_joins_again_at_once() {
    for step in [1, 10, 100, 300, 1_000, 3_000] {
        let (mut world, _) = World::meeting(3, 0);
        let copy = world.copy_home(2);
        world.part([copy]);
        world.must(2, None, Command::Invite { days: 1, knocks: 2 }).unwrap();
        world.wait(60_000);
        world.stop(2);
        world.must(copy, None, Command::Invite { days: 1, knocks: 3 }).unwrap();
        let ticket = world.ticket(0, 0, 1).unwrap();
        world.network.heal();
        let mute = |world: &mut World| {
            let why = world.query(copy, None, Query::Why { thing: None }).unwrap();
            why.to_json().to_string().contains("join again")
        };
        let mut waited = 0;
        while !mute(&mut world) && waited < 120_000 {
            world.wait(step);
            waited += step;
        }
        assert!(waited < 120_000, "{step}");
        world.join(copy, &ticket, "Person 9");
        world.wait(20_000);
        for node in [0, 1] {
            world.vouch(node);
            world.wait(5_000);
        }
        world.wait(20_000);
        let rows = world.spaces_of(copy);
        assert_eq!(rows[0].state, "in", "{step} {waited}: {rows:?}");
        world.post(copy, "Here again");
        world.wait(20_000);
        for node in [0, 1, copy] {
            assert!(world.texts(node).contains(&"Here again".to_owned()), "{step}: node {node}");
        }
        agree(&mut world).unwrap();
    }
}

/// To answer heads is work: who tells them without end is let go.
#[test]
fn heads_without_end_are_not_answered() {
    let (mut world, _) = World::meeting(2, 0);
    let forger = world.turn(1);
    let none = ledger::Frontier::default();
    let heads = || {
        let heads = sync::Heads::of(forger.space, ledger::Journal::Charter, &none, false);
        Frame::Heads(heads)
    };
    world.speak(1, 0, vec![claims_of(&forger)], (0..60).map(|_| heads()).collect());
    assert!(!world.speaker(1).thrown_out, "as many as a stuck link brings at once");
    world.wait(60_000);
    world.speak(1, 0, vec![claims_of(&forger)], (0..200).map(|_| heads()).collect());
    assert!(world.speaker(1).thrown_out);
}

/// An entry that names what nobody has is told by `why`, until its log goes on.
#[test]
fn a_head_that_nobody_has_is_told() {
    let (mut world, _) = World::meeting(2, 0);
    let mut forger = world.turn(1);
    let had = forger.lengths();
    let mut other = forger.twin();
    let invented = ledger::EntryId::from_bytes([7; 32]);
    forger.charter_by_hand(&[invented], vec![CharterItem::Return(Return {})]);
    world.deliver(1, 0, &forger, had);
    let why =
        |world: &mut World| world.query(0, None, Query::Why { thing: None }).unwrap().to_json();
    let told = why(&mut world).to_string();
    let what = format!("charter entry {} by Person 1", had[0]);
    assert!(told.contains(&what) && told.contains(r#""rule":"waits""#), "{told}");
    other.charter(vec![CharterItem::Return(Return {})]);
    world.deliver(1, 0, &other, had);
    let told = why(&mut world).to_string();
    assert!(!told.contains(&what), "{told}");
}
