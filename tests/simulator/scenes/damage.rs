//! Disks that lost something: everything comes back from whoever has it, and what nobody has is
//! named.

use std::collections::BTreeSet;

use api::{Answer, Command, Next, Query, WhyRow};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use store::{Key, Table};

use crate::simulator::{people, world::World};

/// What is known of what a disk lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Known {
    /// The index still says what stood there.
    ByIndex,
    /// The index is lost too.
    Nowhere,
}

/// Three people who all wrote, and what each posted.
fn three() -> (World, BTreeSet<String>) {
    some(3)
}

fn some(people: usize) -> (World, BTreeSet<String>) {
    let (mut world, _) = World::meeting(people, 0);
    let mut posted = BTreeSet::new();
    for n in 0..40 {
        let text = format!("Post {n}");
        world.post(n % people, &text);
        posted.insert(text);
    }
    let inviter = 1 % people;
    world.must(inviter, None, Command::Invite { days: 1, knocks: 1 }).expect("an invite");
    world.wait(5_000);
    (world, posted)
}

/// Stops a node, has its disk lose some of these, and starts it again.
fn lose(world: &mut World, node: usize, known: Known, lost: impl FnMut(&Key) -> bool) -> usize {
    world.lose(node, |store| {
        let mut keys = store.kept();
        keys.retain(lost);
        match known {
            Known::ByIndex => store.faults.damaged.extend(keys.iter().cloned()),
            Known::Nowhere => {
                // Of what cannot be read only the index knew.
                keys.extend(std::mem::take(&mut store.faults.damaged));
                keys.iter().for_each(|key| store.lose(key));
                store.lose_index();
                store.faults.blind = true;
                store.faults.blind_twice = keys.iter().any(|key| key.table.is_kept_twice());
            }
        }
        store.faults.lost = true;
        keys.len()
    })
}

fn why(world: &mut World, node: usize) -> Vec<WhyRow> {
    match world.query(node, None, Query::Why { thing: None }) {
        Some(Answer::Why(why)) => why.waiting,
        other => panic!("{other:?}"),
    }
}

fn texts(world: &mut World, node: usize) -> BTreeSet<String> {
    world.texts(node).into_iter().collect()
}

#[test]
fn with_a_peer_everything_comes_back_whatever_was_lost() {
    for seed in 0..36 {
        // In the end it is the founder's.
        let node = usize::from(seed < 24);
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let known = if seed % 2 == 0 { Known::ByIndex } else { Known::Nowhere };
        let share = [3, 20, 100][seed as usize % 3];
        let charters = seed % 4 > 1;
        let (mut world, mut posted) = three();
        let drawn = |key: &Key| {
            let may = key.table == Table::Entries || charters && key.table == Table::Charter;
            may && random.next_u64() % 100 < share
        };
        let own = world.own_content_group(node);
        let count = lose(&mut world, node, known, drawn);
        let when = format!("seed {seed}: {count} lost, {known:?}, charters {charters}");
        world.wait(60_000);
        for node in 0..3 {
            assert_eq!(texts(&mut world, node), posted, "{when}, node {node}");
        }
        let left = why(&mut world, node);
        assert!(left.is_empty(), "{when}: {left:?}");
        // And it goes on as before, with no fork of itself.
        for n in 0..3 {
            let text = format!("Later {n}");
            world.post(n, &text);
            posted.insert(text);
        }
        world.must(node, None, Command::Invite { days: 1, knocks: 1 }).expect("an invite");
        world.wait(10_000);
        for node in 0..3 {
            assert_eq!(texts(&mut world, node), posted, "{when}, node {node}");
            assert!(world.spaces_of(node).iter().all(|space| space.forks == 0), "{when}");
        }
        if known == Known::ByIndex {
            assert_eq!(world.own_content_group(node), own, "{when}: with the key that it had");
        }
    }
}

/// It loses more before all that it lost came back, by turns with an index that knows of it.
#[test]
fn a_disk_that_loses_things_again_and_again_has_all_of_it_in_the_end() {
    for seed in 0..40 {
        let (mut world, posted) = three();
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        world.part([1]);
        for _ in 0..4 {
            let known = [Known::ByIndex, Known::Nowhere][random.next_u64() as usize % 2];
            let share = random.next_u64() % 40;
            let drawn = |key: &Key| key.table == Table::Entries && random.next_u64() % 100 < share;
            lose(&mut world, 1, known, drawn);
            world.wait(random.next_u64() % 2_000);
        }
        world.meet_again();
        world.wait(60_000);
        for node in 0..3 {
            assert_eq!(texts(&mut world, node), posted, "seed {seed}, node {node}");
        }
        assert_eq!(why(&mut world, 1), [], "seed {seed}");
    }
}

/// A home that may have lost its own newest entry does not write in its place: it waits a moment
/// for those who may have it, and then goes on with another key.
#[test]
fn nobody_forks_themselves_over_what_their_disk_lost() {
    for known in [Known::ByIndex, Known::Nowhere] {
        let (mut world, posted) = three();
        world.part([1]);
        let own = world.own_content_group(1);
        lose(&mut world, 1, known, |key| key.table == Table::Entries && key.group == own);
        let post = |text: &str| people::post(text.to_owned(), None, None);
        let refused = world.must(1, None, post("Too soon")).unwrap_err();
        assert!(refused.contains("the disk lost"), "{known:?}: {refused}");
        let told = why(&mut world, 1);
        let is_named = told.iter().any(|row| row.rule == "damage");
        assert_eq!(is_named, known == Known::ByIndex, "{told:?}");
        world.wait(31_000);
        world.post(1, "In time");
        world.lose(1, |_| ());
        world.wait(31_000);
        world.post(1, "And on");
        let devices = world.own_content_group(1);
        world.meet_again();
        world.post(1, "Together");
        assert_eq!(world.own_content_group(1), devices, "{known:?}: once was enough");
        world.wait(5_000);
        let new = ["In time", "And on", "Together"].map(str::to_owned);
        let all: BTreeSet<_> = posted.into_iter().chain(new).collect();
        for node in 0..3 {
            assert_eq!(texts(&mut world, node), all, "{known:?}, node {node}");
            let rows = world.spaces_of(node);
            assert_eq!((rows[0].members, rows[0].forks), (3, 0), "{known:?}, {rows:?}");
        }
    }
}

/// Alone, what was lost is named by its author and time, and the rest is shown.
#[test]
fn without_a_peer_what_is_lost_is_named() {
    let (mut world, posted) = three();
    world.part([1]);
    let own = world.own_content_group(1);
    let others = |key: &Key| key.table == Table::Entries && key.group != own && key.number == 3;
    let count = lose(&mut world, 1, Known::ByIndex, others);
    assert_eq!(count, 2);
    world.wait(5_000);
    let told = why(&mut world, 1);
    let named: Vec<_> = told.iter().filter(|row| row.rule == "damage").collect();
    assert_eq!(named.len(), 2, "{told:?}");
    for (row, who) in named.iter().zip([0, 2]) {
        let name = people::called(who);
        let is_it = named.iter().any(|row| row.what.contains(&name));
        assert!(is_it && row.after < row.before && row.after.is_some(), "{name}: {row:?}");
    }
    // That there was a post is known as long as the index is, and that it cannot be read is said.
    let space = world.collectives[0].id.clone().unwrap();
    let feed = world.feed(1, &space);
    let (lost, there): (Vec<_>, Vec<_>) = feed.iter().partition(|row| row.state == "waiting");
    assert_eq!((lost.len(), there.len()), (count, posted.len() - count));
    assert!(lost.iter().all(|row| row.why.as_deref().unwrap().contains("lost")), "{lost:?}");
    assert!(there.iter().all(|row| posted.contains(&row.text)), "{there:?}");
    world.lose(1, |store| store.lose_index());
    world.wait(5_000);
    assert_eq!(texts(&mut world, 1).len(), posted.len() - count);
    world.post(1, "And on");
}

/// What a home of its own lost that nobody has: it goes on with another key, alone as well.
#[test]
fn who_cannot_be_given_back_their_own_goes_on_with_another_key() {
    let (mut world, space) = World::meeting(1, 1);
    for n in 0..12 {
        world.post(0, &format!("Post {n}"));
    }
    let own = world.own_content_group(0);
    lose(&mut world, 0, Known::ByIndex, |key| key.group == own && key.number == 7);
    world.wait(1_000);
    world.post(0, "And on");
    world.lose(0, |store| store.lose_index());
    world.wait(1_000);
    assert_eq!(texts(&mut world, 0).len(), 12, "all but what was lost");
    assert!(why(&mut world, 0).iter().any(|row| row.rule == "damage"), "and that is named");
    // Whoever comes in later reads what is not behind the hole, and what is written since.
    world.start(1);
    let ticket = world.ticket(0, 0, 1).expect("a ticket");
    world.join(1, &ticket, &people::called(1));
    world.settle(2);
    world.post(0, "Welcome");
    world.post(1, "Thank you");
    world.wait(5_000);
    let read = texts(&mut world, 1);
    for text in ["Post 0", "And on", "Welcome", "Thank you"] {
        assert!(read.contains(text), "{text}: {read:?}");
    }
    assert!(texts(&mut world, 0).contains("Thank you"));
    let rows = world.spaces_of(1);
    assert_eq!((rows[0].members, rows[0].say, rows[0].forks), (2, true, 0), "{rows:?}");
    assert_eq!(rows[0].space, space);
}

#[test]
fn what_nobody_else_had_is_named_and_all_later_posts_reach_others() {
    let (mut world, posted) = three();
    world.part([1]);
    let own = world.own_content_group(1);
    for n in 0..5 {
        world.post(1, &format!("Apart {n}"));
    }
    let last = posted.len() as u64 / 3 + 3;
    let count = lose(&mut world, 1, Known::ByIndex, |key| key.group == own && key.number == last);
    assert_eq!(count, 1);
    world.meet_again();
    world.post(1, "In time");
    world.post(0, "Heard");
    world.wait(5_000);
    for node in [0, 2] {
        let read = texts(&mut world, node);
        assert!(read.is_superset(&posted) && read.contains("In time"), "{node}: {read:?}");
    }
    let rows = world.spaces_of(0);
    assert_eq!((rows[0].members, rows[0].forks), (3, 0));
    assert!(world.texts(1).contains(&"Heard".to_owned()));
    assert!(why(&mut world, 1).iter().any(|row| row.rule == "damage"));
}

/// Something rots while the node runs: it is noticed when somebody asks for it, and comes back.
#[test]
fn what_rots_while_a_node_runs_comes_back() {
    let (mut world, _) = World::meeting(3, 1);
    for n in 0..20 {
        world.post(n % 3, &format!("Post {n}"));
    }
    world.wait(5_000);
    world.rot(1, |key| key.table == Table::Entries && key.number % 5 == 2);
    // A newcomer asks all of them for all.
    world.start(3);
    let ticket = world.ticket(0, 0, 1).expect("a ticket");
    world.join(3, &ticket, &people::called(3));
    world.settle(4);
    world.wait(120_000);
    assert_eq!(texts(&mut world, 3).len(), 20);
    assert_eq!(texts(&mut world, 1).len(), 20);
    let told = why(&mut world, 1);
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(world.rotten(1), 0, "it was noticed, and filled");
}

/// A hole of which nothing said that it is there, when the home was opened: reading comes upon it.
#[test]
fn a_hole_that_nobody_noted_is_found_by_reading_and_filled() {
    for seed in 0..12 {
        let (mut world, posted) = three();
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        world.lose(1, |store| {
            let mut may = |key: &Key| key.table == Table::Entries && random.next_u64() % 100 < 20;
            let keys: Vec<_> = store.kept().into_iter().filter(|key| may(key)).collect();
            keys.iter().for_each(|key| store.lose(key));
            store.lose_index();
        });
        world.wait(60_000);
        assert_eq!(texts(&mut world, 1), posted, "seed {seed}");
        let left = why(&mut world, 1);
        assert!(left.is_empty(), "seed {seed}: {left:?}");
    }
}

/// What a home may have lost unseen is in doubt until it goes on with another key, whatever comes
/// in of what it had, and however often it starts.
#[test]
fn a_doubt_outlives_what_comes_in() {
    let (mut world, posted) = three();
    let own = world.own_content_group(1);
    world.crash(2);
    world.post(1, "Last");
    world.wait(5_000);
    world.part([0]);
    lose(&mut world, 1, Known::Nowhere, |key| key.table == Table::Entries && key.group == own);
    world.start(2);
    world.wait(20_000);
    assert_eq!(texts(&mut world, 1), posted, "all but the last comes back");
    world.crash(1);
    world.start(1);
    world.wait(40_000);
    world.post(1, "In time");
    world.meet_again();
    let all: BTreeSet<_> =
        posted.into_iter().chain(["Last", "In time"].map(str::to_owned)).collect();
    for node in 0..3 {
        assert_eq!(texts(&mut world, node), all, "node {node}");
        let rows = world.spaces_of(node);
        assert_eq!((rows[0].members, rows[0].forks), (3, 0), "node {node}: {rows:?}");
    }
}

/// Where the node of somebody never comes back to say what it has of a charter, whoever lost a part
/// of theirs joins again.
#[test]
fn who_lost_a_charter_that_somebody_never_speaks_of_joins_again() {
    let (mut world, posted) = some(5);
    let invite = Command::Invite { days: 1, knocks: 1 };
    world.stop(4);
    lose(&mut world, 1, Known::ByIndex, |key| key.table == Table::Charter && key.number % 3 == 2);
    world.wait(60_000);
    let refused = world.must(1, None, invite.clone()).unwrap_err();
    assert!(refused.contains("ask for a ticket"), "{refused}");
    let told = why(&mut world, 1);
    assert!(told.iter().any(|row| row.reason.contains("join again")), "{told:?}");
    // What others have said is not asked again.
    world.crash(1);
    world.start(1);
    world.wait(30_000);
    world.must(1, None, invite.clone()).expect_err("still");
    let ticket = world.ticket(0, 0, 1).expect("a ticket");
    world.join(1, &ticket, &people::called(1));
    world.settle(4);
    world.post(1, "Here again");
    world.must(1, None, invite).expect("decides again");
    world.wait(5_000);
    let all: BTreeSet<_> = posted.into_iter().chain(["Here again".to_owned()]).collect();
    for node in 0..4 {
        assert_eq!(texts(&mut world, node), all, "node {node}");
    }
    assert!(why(&mut world, 1).iter().all(|row| row.rule != "damage"));
}

/// Alone with a charter of which both copies lost a part: what is left can be written in, and the
/// way out from where nothing is decided is named.
#[test]
fn who_is_alone_with_a_damaged_charter_is_not_mute() {
    let (mut world, posted) = some(1);
    let first_invite = |key: &Key| key.table == Table::Charter && key.number == 2;
    assert_eq!(lose(&mut world, 0, Known::ByIndex, first_invite), 1);
    world.wait(60_000);
    assert_eq!(texts(&mut world, 0), posted);
    world.post(0, "And on");
    let refused = world.must(0, None, Command::Invite { days: 1, knocks: 1 }).unwrap_err();
    assert!(refused.contains("the disk lost"), "{refused}");
    let told = why(&mut world, 0);
    let is_named = |row: &WhyRow| row.reason.contains("found the space anew");
    assert!(told.iter().any(is_named), "{told:?}");
    assert!(told.iter().any(|row| row.way_out[..2] == ["groundwork", "found"]), "{told:?}");
}

/// Who was told all up to a cursor is told what comes later behind it, whatever becomes of the
/// index.
#[test]
fn no_cursor_is_given_twice() {
    let (mut world, _) = World::meeting(1, 0);
    let feed = |world: &mut World, after| {
        let query = Query::Feed { after, limit: 0, campaign: None };
        let Some(Answer::Feed(feed)) = world.query(0, None, query) else { panic!("a feed") };
        feed
    };
    let (mut told, mut all) = (None, Vec::new());
    for round in 0..6 {
        let text = format!("In round {round}");
        world.post(0, &text);
        let came: Vec<_> = feed(&mut world, told).rows.into_iter().map(|row| row.text).collect();
        assert_eq!(came, [text.as_str()], "round {round}: it, and nothing that was told before");
        all.push(text);
        let Some(Next::Cursor(next)) = feed(&mut world, None).next else { panic!("a cursor") };
        told = Some(next);
        let from_the_first = feed(&mut world, Some(0)).rows.into_iter().map(|row| row.text);
        assert_eq!(from_the_first.collect::<Vec<_>>(), all, "round {round}: each under one number");
        // What was told in the last seconds may be told again.
        world.wait(10_000);
        world.crash(0);
        if round % 2 == 1 {
            world.nodes[0].store.as_mut().unwrap().lose_index();
        }
        world.start(0);
        world.wait(5_000);
    }
}
