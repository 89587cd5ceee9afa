//! A disk that lost entries: what is told and sent is whole, and all comes back from another node.

use ledger::{Journal, Timestamp, charter_items::CharterItem};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use store::{Batch, Key, Store, Table};

use super::{
    branches::{chains, send, tree},
    world::{Node, World, key},
};
use crate::{Door, Log, Refused, TakeError, look_through, look_through_charter};

impl Node {
    /// The node after its disk lost these, of which the index still knows every second one.
    fn without(&self, lost: &[Key]) -> Self {
        let mut store = self.store.clone();
        for (n, key) in lost.iter().enumerate() {
            if n % 2 == 0 {
                store.faults.damaged.insert(key.clone());
            } else {
                store.lose(key);
            }
        }
        store.faults.lost = true;
        let mut look = look_through(&store, self.replica.space()).unwrap();
        while look.step(&store).unwrap() {}
        store.write(look.into_found()).unwrap();
        look_through_charter(&mut store, self.replica.space()).unwrap();
        let replica = crate::Replica::open(&store, self.replica.space()).unwrap();
        let node = Self { store, replica };
        assert_eq!(node.reopened().known(), node.known());
        node
    }

    fn kept(&self, table: Table) -> Vec<Key> {
        self.store.kept().into_iter().filter(|key| key.table == table).collect()
    }
}

fn some(keys: &[Key], count: usize, random: &mut ChaCha8Rng) -> Vec<Key> {
    let mut some: Vec<_> =
        (0..count).map(|_| keys[random.next_u64() as usize % keys.len()].clone()).collect();
    some.sort_unstable();
    some.dedup();
    some
}

#[test]
fn whatever_is_lost_of_logs_that_branch_comes_back() {
    let world = World::new();
    let tree = tree(&world);
    let mut whole = world.node();
    tree.iter().for_each(|chain| whole.take_log(chain));
    let keys = whole.kept(Table::Entries);
    for seed in 0..600 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let count = if seed % 10 == 0 { keys.len() } else { 1 + random.next_u64() as usize % 8 };
        let mut lost = some(&keys, count, &mut random);
        let mut node = whole.without(&lost);
        // And once more, before anything came back.
        let left = node.kept(Table::Entries);
        if seed % 2 == 0 && !left.is_empty() {
            lost = some(&left, count, &mut random);
            node = node.without(&lost);
        }
        // All that it tells and sends can be verified.
        let mut other = world.node();
        send(&node, &mut other);
        assert_eq!(chains(&other), chains(&node), "seed {seed}");
        // What is lost is named, but for ends of logs that the index does not know of either.
        let named = node.replica.lost(&node.store, usize::MAX).unwrap();
        for (n, key) in lost.iter().enumerate().filter(|(n, _)| n % 2 == 0) {
            let is_named = named.iter().any(|(_, seq, _)| *seq == key.number);
            assert!(is_named, "seed {seed}: {n} of {lost:?}, {named:?}");
        }
        for _ in 0..3 {
            send(&whole, &mut node);
        }
        assert_eq!(node.replica.lost(&node.store, 9).unwrap(), [], "seed {seed}: {lost:?}");
        // Which branch came first here may be another by now.
        assert_eq!(node.known().content, whole.known().content, "seed {seed}: {lost:?}");
        assert_eq!(chains(&node), chains(&whole), "seed {seed}: {lost:?}");
        assert_eq!(node.reopened().known(), node.known(), "seed {seed}");
    }
}

#[test]
fn a_log_is_told_as_long_as_its_first_hole_and_read_to_its_end() {
    let world = World::new();
    let log = world.log(1, 200, 3);
    let mut whole = world.node();
    whole.take_log(&log);
    let lost: Vec<_> = [130, 150, 151]
        .map(|seq| whole.kept(Table::Entries).into_iter().find(|key| key.number == seq).unwrap())
        .to_vec();
    let node = whole.without(&lost);
    let own = Log::from(key(1).id());
    // Nobody keeps a signature between the anchors, so it ends with the last of these.
    let anchor = log[..130].iter().rposition(|entry| entry.is_anchor()).unwrap() as u64;
    assert_eq!(node.replica.content_length(&own), anchor + 1);
    assert_eq!(node.replica.readable_logs().collect::<Vec<_>>(), [(own, 200)]);
    let lost = node.replica.lost(&node.store, 9).unwrap();
    let stamp = |ms| Some(Timestamp::from_ms(ms));
    let times: Vec<_> = lost.iter().map(|(_, seq, loss)| (*seq, loss.after, loss.before)).collect();
    assert_eq!(
        times,
        [
            (130, stamp(129), stamp(131)),
            (150, stamp(149), stamp(152)),
            (151, stamp(149), stamp(152))
        ]
    );
}

#[test]
fn behind_a_hole_of_its_own_a_home_writes_nothing() {
    let world = World::new();
    let mut whole = world.node();
    let write = |node: &mut Node| {
        let now = Timestamp::from_ms(9);
        let epoch = super::world::epoch();
        let entry = node.replica.sign_content(&node.store, &key(1), now, epoch, vec![1; 40])?;
        node.replica.append(&mut node.store, entry, Batch::default())
    };
    for _ in 0..5 {
        write(&mut whole).unwrap();
    }
    let keys = whole.kept(Table::Entries);
    // As long as the index knows that there was one, it may be the last.
    for seq in [4, 2, 0] {
        let mut node = whole.without(&keys[seq..=seq]);
        let refused = write(&mut node);
        assert!(matches!(refused, Err(TakeError::Refused(Refused::OwnHole))), "{refused:?}");
        send(&whole, &mut node);
        write(&mut node).unwrap();
        assert_eq!(node.replica.frontier(Journal::Content).length(&key(1).id()), 6);
    }
}

#[test]
fn what_fills_a_hole_leads_to_what_stands_behind_it() {
    let world = World::new();
    let log = world.log(1, 9, 3);
    let mut whole = world.node();
    whole.take_log(&log);
    let keys = whole.kept(Table::Entries);
    let mut node = whole.without(&keys[4..=4]);
    let other = world.continued(1, &log[..4], 3, 8);
    for length in 1..=3 {
        let refused = node.take(&[&log[..4], &other[..length]].concat());
        assert!(matches!(refused, Err(TakeError::Refused(Refused::Fork))), "{refused:?}");
    }
    let before = node.known();
    node.take(&log).unwrap();
    assert_ne!(node.known(), before);
    assert_eq!(node.known(), whole.known());
    // Now it is known where it parts.
    node.take(&[&log[..4], other.as_slice()].concat()).unwrap();
    assert_eq!(node.replica.content_branches().count(), 1);
}

#[test]
fn a_charter_opens_to_what_can_be_judged_and_the_rest_comes_back() {
    let world = World::new();
    let mut whole = world.node();
    for _ in 0..6 {
        whole.writes(1, Vec::<CharterItem>::new());
    }
    let keys = whole.kept(Table::Charter);
    for first in 0..keys.len() {
        for count in 1..=keys.len() - first {
            let mut node = whole.without(&keys[first..first + count]);
            let is_tail = first + count == keys.len();
            assert_eq!(node.replica.charter_entries(), first, "{first} {count}");
            let lost = node.replica.charter_lost().len();
            assert!(lost >= if is_tail { count.div_ceil(2) } else { count }, "{first} {count}");
            let refused =
                node.replica.sign_charter(&node.store, &key(1), Timestamp::from_ms(7), Vec::new());
            assert!(matches!(refused, Err(TakeError::Refused(Refused::OwnHole))), "{refused:?}");
            for n in 0..whole.replica.charter_entries() {
                let run = whole.replica.charter_run(&whole.store, n).unwrap().unwrap();
                node.replica.take(&mut node.store, run, Door::MEMBER).unwrap();
            }
            node.replica.charter_is_whole(&mut node.store).unwrap();
            assert_eq!(node.known(), whole.known(), "{first} {count}");
            assert_eq!(node.reopened().known(), node.known());
            node.writes(1, Vec::new());
        }
    }
}
