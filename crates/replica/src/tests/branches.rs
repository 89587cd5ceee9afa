//! Content logs that fork: each branch is kept, and two nodes find out what either lacks.

use std::collections::BTreeSet;

use ledger::{Entry, Journal, Tip};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use super::world::{Node, World, key};
use crate::{
    Door, Log, Refused, TakeError,
    limits::{BRANCHES_MAX, BRANCHES_WANTED_MAX, HEADS_LOOKED_UP_MAX, PAST_END_MAX},
};

/// The chains of one device's log: a trunk, two branches of it, a branch of one of these, and one
/// that shares nothing.
pub(super) fn tree(world: &World) -> Vec<Vec<Entry>> {
    let on = |log: &[Entry], at: usize, count, bytes| {
        [&log[..at], &world.continued(1, &log[..at], count, bytes)].concat()
    };
    let trunk = world.log(1, 70, 3);
    let one = on(&trunk, 5, 9, 5);
    let two = on(&trunk, 66, 2, 6);
    let three = on(&one, 8, 3, 7);
    let four = world.log(1, 4, 8);
    vec![trunk, one, two, three, four]
}

/// What a node has of the log, as the entries of each branch from the first on.
pub(super) fn chains(node: &Node) -> BTreeSet<Vec<ledger::EntryId>> {
    let chain = |(log, length): (Log, u64)| {
        let (mut chain, mut log, mut to) = (Vec::new(), log, length);
        loop {
            let branch = node.replica.content_branch(&log);
            let begins = branch.map_or(0, |branch| branch.begins);
            let part = node.replica.content_entries(&node.store, log, begins, 999).unwrap();
            let part = part.into_iter().filter(|entry| entry.seq() < to);
            chain.splice(0..0, part.map(|entry| entry.id));
            match branch {
                Some(branch) => (log, to) = (branch.parent(), branch.begins),
                None => return chain,
            }
        }
    };
    node.replica.content_logs().map(chain).collect()
}

fn ids(chain: &[Entry]) -> Vec<ledger::EntryId> {
    chain.iter().map(|entry| entry.id).collect()
}

#[test]
fn all_branches_are_kept_in_whatever_order_they_come() {
    let world = World::new();
    let tree = tree(&world);
    let all: BTreeSet<_> = tree.iter().map(|chain| ids(chain)).collect();
    let mut frontiers = Vec::new();
    for order in permutations(tree.len()) {
        let mut node = world.node();
        for chain in order.iter().map(|n| &tree[*n]) {
            node.take_log(chain);
        }
        assert_eq!(chains(&node), all);
        let (known, reopened) = (node.known(), node.reopened());
        assert_eq!(reopened.known(), known);
        frontiers.push(known.content);
        // All of it is known now, wherever a run begins, and it can be sent.
        let written = node.store.written();
        for chain in &tree {
            for from in [0, 1, chain.len() / 2, chain.len() - 1] {
                let (from, rest) = (from.min(chain.len() - 1), chain.len());
                for run in chain[from..rest].chunk_by(|one, _| !one.is_anchor()) {
                    assert_eq!(node.take(run).unwrap().new, 0);
                }
            }
        }
        assert_eq!(node.store.written(), written);
    }
    frontiers.dedup();
    assert_eq!(frontiers.len(), 1, "no order shows in a frontier");
    let forked = frontiers[0].log(&key(1).id()).unwrap();
    assert_eq!((forked.stem(), forked.tips().len()), (Some(0), tree.len()));
}

#[test]
fn a_run_that_goes_on_from_what_is_not_here_is_refused_and_changes_nothing() {
    let world = World::new();
    let (mut node, log) = (world.node(), world.log(1, 6, 3));
    node.take(&log).unwrap();
    let (branch, before) = (world.continued(1, &log[..3], 5, 9), node.known());
    for part in [&branch[1..], &branch[3..4]] {
        let refused = node.take(part);
        let is_fork = matches!(refused, Err(TakeError::Refused(Refused::Fork)));
        assert!(is_fork, "{refused:?}");
    }
    let refused = node.take(&branch[4..]);
    assert!(matches!(refused, Err(TakeError::Refused(Refused::Gap { first: 7, have: 6 }))));
    assert_eq!(node.known(), before);
    // From where they part it is taken, and both go on.
    let taken = node.take(&branch).unwrap();
    assert!((taken.new, taken.length, taken.is_behind_stem) == (5, 3, true), "{taken:?}");
    for (on, bytes) in [(log.clone(), 3), ([&log[..3], &branch].concat(), 9)] {
        let next = world.continued(1, &on, 1, bytes);
        assert_eq!(node.take(&next).unwrap().new, 1);
    }
    assert!(node.replica.is_forked(Journal::Content, &key(1).id()));
    let signed = node.replica.sign_content(
        &node.store,
        &key(1),
        ledger::Timestamp::from_ms(9),
        super::world::epoch(),
        vec![1],
    );
    assert!(matches!(signed, Err(TakeError::Refused(Refused::OwnFork))), "{signed:?}");
}

/// What one node tells of the log, as its frontier does, or with places further back.
fn told(node: &Node, further: bool) -> Vec<Tip> {
    let device = key(1).id();
    if further {
        return node.replica.content_places(&node.store, device).unwrap();
    }
    let log = node.replica.frontier(Journal::Content).log(&device);
    log.map_or(Vec::new(), |log| log.tips().to_vec())
}

/// Sends what the other lacks by what it told, which is its frontier's heads first. What was sent.
pub(super) fn send(from: &Node, to: &mut Node) -> usize {
    let (store, device) = (&from.store, key(1).id());
    if told(from, false) == told(to, false) {
        return 0;
    }
    let lacking = from.replica.content_lacking(store, device, &told(to, false)).unwrap();
    let lacking = lacking.unwrap_or_else(|| {
        from.replica.content_lacking(store, device, &told(to, true)).unwrap().unwrap()
    });
    let mut sent = 0;
    for (log, mut at) in lacking {
        while let Some(run) = from.replica.content_run(store, log, at).unwrap() {
            at = run.first_seq + run.entries.len() as u64;
            sent += run.entries.len();
            match to.replica.take(&mut to.store, run, crate::Door::MEMBER) {
                Ok(_) | Err(TakeError::Refused(Refused::TooManyBranches)) => {}
                other => panic!("{other:?}"),
            }
        }
    }
    sent
}

#[test]
fn two_nodes_have_the_same_after_each_sent_what_the_other_lacks() {
    let world = World::new();
    let tree = tree(&world);
    for seed in 0..300 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut nodes = [world.node(), world.node()];
        for node in &mut nodes {
            for _ in 0..random.next_u64() % 4 {
                let chain = &tree[(random.next_u64() % tree.len() as u64) as usize];
                let length = 1 + (random.next_u64() % chain.len() as u64) as usize;
                node.take_log(&chain[..length]);
            }
        }
        let [one, two] = &mut nodes;
        let all: BTreeSet<_> = chains(one).union(&chains(two)).cloned().collect();
        // One of them may have to be sent the other's branch before it can say what it has more.
        let sent: usize = (0..2).map(|_| send(one, two) + send(two, one)).sum();
        assert_eq!(one.known().content, two.known().content, "seed {seed}");
        assert_eq!(send(one, two) + send(two, one), 0, "seed {seed}: nothing is left to send");
        let length = |chain: &Vec<ledger::EntryId>| chain.len();
        let most: usize = all.iter().map(length).sum::<usize>() * 2;
        assert!(sent <= most, "seed {seed}: {sent} entries were sent, of {most}");
    }
}

#[test]
fn of_a_log_with_a_great_many_branches_some_are_kept_and_all_nodes_tell_the_same() {
    let world = World::new();
    let trunk = world.log(1, 30, 3);
    let mut nodes = [world.node(), world.node()];
    for (n, node) in nodes.iter_mut().enumerate() {
        node.take_log(&trunk);
        for branch in 0..BRANCHES_MAX + 5 {
            let bytes = 10 + 2 * branch + n;
            let taken = node.take(&world.continued(1, &trunk[..20], 2, bytes));
            let is_taken = branch < BRANCHES_MAX;
            assert_eq!(taken.is_ok(), is_taken, "{branch}: {taken:?}");
        }
        assert_eq!(node.replica.content_branches().count(), BRANCHES_MAX);
        assert_eq!(node.reopened().known(), node.known());
    }
    let [one, two] = &mut nodes;
    assert_eq!(one.known().content, two.known().content);
    assert_eq!(send(one, two) + send(two, one), 0);
    for node in [&*one, &*two] {
        let told = node.known().content;
        let log = told.log(&key(1).id()).unwrap();
        assert_eq!(
            (log.stem(), log.length()),
            (Some(0), 0),
            "nothing is known to be shared by all"
        );
    }
    // Who has a few of them is sent more, until they have as many.
    let mut third = world.node();
    third.take_log(&trunk);
    third.take(&world.continued(1, &trunk[..3], 2, 99)).unwrap();
    while send(one, &mut third) > 0 {}
    assert_eq!(third.known().content, one.known().content);
    assert_eq!(send(&third, one), 0);
}

#[test]
fn a_branch_goes_no_further_past_an_end_than_a_log() {
    let world = World::new();
    let trunk = world.log(1, 4, 3);
    let branch = world.continued(1, &trunk[..2], PAST_END_MAX + 99, 9);
    let mut node = world.node();
    node.take_log(&trunk);
    node.end(&[(1, 3)]);
    let max = node.replica.content_length_max(&key(1).id());
    let mut taken = 0;
    for run in branch.chunk_by(|one, _| !one.is_anchor()) {
        match node.take(run) {
            Ok(now) => taken = now.new + run[0].seq(),
            Err(TakeError::Refused(Refused::PastEnd { end: 3 })) => assert!(run[0].seq() >= max),
            refused => panic!("{refused:?}"),
        }
    }
    assert_eq!(taken, max);
}

/// A door for what was asked for.
const ASKED: Door = Door { may_branch: true, ..Door::MEMBER };

#[test]
fn of_a_log_with_a_great_many_branches_what_is_asked_for_is_sent_and_taken() {
    let world = World::new();
    let trunk = world.log(1, 30, 3);
    let branch = |n: usize| world.continued(1, &trunk[..20], 4, 10 + n);
    let mut one = world.node();
    one.take_log(&trunk);
    (0..BRANCHES_MAX).for_each(|n| _ = one.take(&branch(n)).unwrap());
    // The other one has branches of its own, and a branch of one of them.
    let mut two = world.node();
    two.take_log(&trunk[..25]);
    let (wanted, other) = (branch(70), branch(71));
    two.take(&wanted).unwrap();
    two.take(&other).unwrap();
    let beside = [&trunk[..20], &wanted[..2]].concat();
    let beside = world.continued(1, &beside, 3, 99);
    two.take(&beside).unwrap();
    let at = |branch| Log { branch, ..Log::from(key(1).id()) };
    let places = told(&one, true);
    let parts =
        two.replica.content_wanted(&two.store, key(1).id(), &places, [(at(3), 24), (at(1), 21)]);
    let parts = parts.unwrap();
    assert_eq!(parts, [(at(1), 20..22), (at(3), 22..24)], "no more than stands before them");
    let mut take = |(log, part): &(Log, std::ops::Range<u64>)| {
        let run = two.replica.content_run(&two.store, *log, part.start).unwrap().unwrap();
        one.replica.take(&mut one.store, run, ASKED).unwrap()
    };
    let taken: Vec<_> = parts.iter().map(&mut take).collect();
    assert_eq!(taken[0].wanted.map(|log| log.branch), Some(BRANCHES_MAX as u16 + 1));
    assert!(taken.iter().all(|taken| taken.new > 0 && taken.wanted.is_some()), "{taken:?}");
    assert_eq!(take(&parts[0]).wanted, None);
    let before: Vec<_> = one.replica.content_before(taken[1].wanted.unwrap()).collect();
    assert_eq!(before.len(), 3, "the trunk, what was asked for, and what goes on from it");
    assert_eq!(one.reopened().known(), one.known());
    assert!(chains(&one).contains(&ids(&[&trunk[..20], &wanted[..2], &beside].concat())));
    // Nothing goes beyond what is kept in all.
    let all = (200..).map(|n| {
        let run = ledger::Run::of(&branch(n)).unwrap();
        one.replica.take(&mut one.store, run, ASKED)
    });
    let taken = all.take_while(Result::is_ok).count();
    assert_eq!(taken + 2 + BRANCHES_MAX, BRANCHES_WANTED_MAX);
    assert!(told(&one, true).len() <= HEADS_LOOKED_UP_MAX);
}

#[test]
fn a_log_with_as_many_branches_as_are_kept_is_told_by_all_of_them() {
    let world = World::new();
    let trunk = world.log(1, 300, 3);
    let mut node = world.node();
    node.take_log(&trunk);
    for n in 0..BRANCHES_WANTED_MAX {
        let run = world.continued(1, &trunk[..200], 40, 10 + n);
        node.replica.take(&mut node.store, ledger::Run::of(&run).unwrap(), ASKED).unwrap();
    }
    let told = told(&node, true);
    assert_eq!(told.len(), HEADS_LOOKED_UP_MAX);
    for (log, length) in node.replica.content_logs().collect::<Vec<_>>() {
        let begins = node.replica.content_branch(&log).map_or(0, |branch| branch.begins);
        for place in [begins, length - 1] {
            let entry = node.replica.content_entries(&node.store, log, place, 1).unwrap();
            assert!(told.contains(&Tip { length: place + 1, head: entry[0].id }));
        }
    }
}

fn permutations(n: usize) -> Vec<Vec<usize>> {
    let Some(last) = n.checked_sub(1) else { return vec![Vec::new()] };
    let place = |order: Vec<usize>| {
        (0..=order.len()).map(move |at| {
            let mut order = order.clone();
            order.insert(at, last);
            order
        })
    };
    permutations(last).into_iter().flat_map(place).collect()
}
