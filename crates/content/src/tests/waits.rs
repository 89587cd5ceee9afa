//! What waits, and what wakes it.

use std::collections::BTreeSet;

use documents::{EditRule, Played};
use replica::Log;

use super::{
    items::{at, edit, id, make, post, put, reply, text, title},
    node::Node,
    world::{World, secret},
};
use crate::{WantedTurn, limits::WAITING_BYTES_MAX};

fn titles(node: &Node) -> Vec<String> {
    let title = |view| match view {
        crate::DocumentView::Campaign(view) => view.title,
        other => panic!("{other:?}"),
    };
    node.rows().into_iter().map(|row| title(row.view)).collect()
}

/// All orders of the first `n` numbers.
pub(super) fn permutations(n: usize) -> Vec<Vec<usize>> {
    let shorter = if n == 0 { return vec![vec![]] } else { permutations(n - 1) };
    let with = |one: Vec<usize>| {
        (0..n).map(move |at| {
            let mut longer = one.clone();
            longer.insert(at, n - 1);
            longer
        })
    };
    shorter.into_iter().flat_map(with).collect()
}

#[test]
fn an_entry_that_is_stored_is_unread_and_then_counts() {
    let mut world = World::new(1, 2);
    let entry = world.write(0, 1, vec![post("heat by winter")]);
    let mut node = Node::new(&world);
    node.take(&entry);
    assert_eq!(node.content.unread(&node.replica), 1);
    assert!(node.content.is_behind(&node.replica) && node.posts().is_empty());
    node.read();
    assert_eq!(node.content.unread(&node.replica), 0);
    assert!(node.posts()[0].counts && !node.content.ends().has(&world.device(0).into()));
}

#[test]
fn a_log_under_a_missing_key_waits_until_it_is_learned() {
    let mut world = World::new(2, 2);
    let first = world.write(0, 1, vec![post("old")]);
    let second = world.write_under(&secret(2), 0, 2, vec![post("new")]);
    let third = world.write(0, 3, vec![post("old again")]);
    let other = world.write(1, 4, vec![reply(at(&second, 0), "answer")]);
    let mut node = Node::without_key(&world);
    node.take_and_read(&[&first, &second, &third, &other]);
    assert_eq!(node.content.locked().count(), 2);
    node.learn(1);
    node.read();
    assert_eq!((node.posts().len(), node.waits()), (1, 1), "the rest of the log waits");
    assert_eq!(node.content.unread(&node.replica), 2);
    node.reopen();
    node.read();
    assert_eq!(node.content.locked().collect::<Vec<_>>().len(), 1);
    node.learn(2);
    node.read();
    assert_eq!((node.posts().len(), node.waits()), (4, 0));
    node.reopen();
    assert!(node.content.keys.holds(&secret(2).key_id()), "what was learned is kept");
    node.assert_as_afresh();
}

#[test]
fn a_word_on_an_item_of_the_charter_waits_until_it_is_there() {
    let mut world = World::new(8, 1);
    let (genesis, invite) = world.found();
    let about = world.write(0, 1, vec![reply(at(&invite, 0), "about the invite")]);
    let mut node = Node::new(&world);
    node.take(&genesis);
    node.take_and_read(&[&about]);
    assert_eq!((node.waits(), node.posts().len()), (1, 0));
    node.take(&invite);
    node.content.recount(&node.store, &node.replica).unwrap();
    node.read();
    assert_eq!((node.waits(), node.posts().len()), (0, 1));
    node.assert_as_afresh();
}

#[test]
fn items_wait_for_what_they_build_on_in_every_order() {
    let mut world = World::new(3, 5);
    let made = world.write(0, 1, vec![make("one"), post("made it")]);
    let changed = world.write(1, 2, vec![title(at(&made, 0), vec![at(&made, 0)], "two")]);
    let merged = vec![at(&made, 0), at(&changed, 0)];
    let again = world.write(2, 3, vec![title(at(&made, 0), merged, "three")]);
    let answer = world.write(3, 4, vec![reply(at(&again, 0), "good"), reply(at(&made, 1), "yes")]);
    let last = world.write(4, 5, vec![reply(at(&answer, 0), "indeed")]);
    let entries = [made, changed, again, answer, last];
    let mut first = None;
    for order in permutations(entries.len()) {
        let mut node = Node::new(&world);
        for n in &order {
            node.take_and_read(&[&entries[*n]]);
        }
        assert_eq!(titles(&node), ["three"]);
        assert_eq!((node.posts().len(), node.waits()), (4, 0));
        let shown = node.shown();
        assert_eq!(*first.get_or_insert_with(|| shown.clone()), shown, "{order:?}");
    }
}

#[test]
fn later_edits_of_an_author_wait_behind_one_that_waits() {
    let mut world = World::new(4, 3);
    let made = world.write(0, 1, vec![make("one")]);
    let one = at(&made, 0);
    let missing = world.write(1, 2, vec![title(one, vec![one], "two")]);
    let waits = world.write(2, 3, vec![title(one, vec![at(&missing, 0)], "three")]);
    // These name nothing that is missing, nor what they follow in their own log.
    let behind = world.write(2, 4, vec![title(one, vec![one], "four")]);
    let last = world.write(2, 5, vec![title(one, vec![one], "five"), post("not behind")]);
    let mut node = Node::new(&world);
    node.take_and_read(&[&made, &waits, &behind, &last]);
    assert_eq!((titles(&node), node.waits()), (vec!["one".to_owned()], 3));
    assert_eq!(node.posts().len(), 1);
    node.reopen();
    node.take_and_read(&[&missing]);
    assert_eq!((titles(&node), node.waits()), (vec!["five".to_owned()], 0));
    node.assert_as_afresh();
}

#[test]
fn an_edit_that_is_woken_still_waits_behind_its_authors_earlier_one() {
    let mut world = World::new(5, 4);
    let made = world.write(0, 1, vec![make("one")]);
    let one = at(&made, 0);
    let first = world.write(1, 2, vec![title(one, vec![one], "first")]);
    let second = world.write(2, 3, vec![title(one, vec![one], "second")]);
    let earlier = world.write(3, 4, vec![title(one, vec![at(&first, 0)], "earlier")]);
    let later = world.write(3, 5, vec![title(one, vec![at(&second, 0)], "later")]);
    let mut orders = Vec::new();
    for (one, two) in [(&first, &second), (&second, &first)] {
        let mut node = Node::new(&world);
        node.take_and_read(&[&made, &earlier, &later, one]);
        assert!(node.waits() > 0);
        node.take_and_read(&[two]);
        assert_eq!(node.waits(), 0);
        node.assert_as_afresh();
        orders.push(node.shown());
    }
    assert_eq!(orders[0], orders[1]);
}

#[test]
fn what_builds_on_itself_or_on_nothing_waits_for_good() {
    let mut world = World::new(6, 1);
    let here = ledger::ItemRef::Here;
    let circle = vec![
        reply(here(0), "on itself"),
        reply(here(2), "on the next"),
        reply(here(1), "on the last"),
        edit(here(3), vec![here(3)], vec![]),
        reply(here(99), "on nothing"),
        post("stands alone"),
    ];
    let entry = world.write(0, 1, circle);
    let mut node = Node::new(&world);
    node.take_and_read(&[&entry]);
    assert_eq!((node.waits(), node.posts().len()), (5, 1));
    assert_eq!(node.posts()[0].first.id, id(&entry, 5));
    node.assert_as_afresh();
}

#[test]
fn a_word_may_build_on_a_later_item_of_its_entry_and_an_edit_may_not() {
    let mut world = World::new(7, 1);
    let here = ledger::ItemRef::Here;
    let items = vec![
        reply(here(1), "on the post"),
        post("post"),
        // An author's edits are played in their order, so these two wait for each other.
        title(here(3), vec![here(3)], "two"),
        make("one"),
    ];
    let entry = world.write(0, 1, items);
    let mut node = Node::new(&world);
    node.take_and_read(&[&entry]);
    assert_eq!((node.waits(), node.posts().len(), node.rows().len()), (2, 2, 0));
    node.assert_as_afresh();
}

#[test]
fn a_log_of_which_much_waits_waits_itself_and_goes_on_later() {
    const WORDS: usize = 3_000;
    let mut world = World::new(9, 3);
    let missing = world.write(0, 1, vec![post("came late")]);
    let waits: Vec<_> = (0..WORDS).map(|_| reply(at(&missing, 0), "waits")).collect();
    let mut entries: Vec<_> =
        waits.chunks(1_000).map(|some| world.write(1, 2, some.to_vec())).collect();
    entries.push(world.write(1, 3, vec![post("behind them")]));
    entries.push(world.write(2, 4, vec![post("of another")]));
    let mut node = Node::new(&world);
    node.take_and_read(&entries.iter().collect::<Vec<_>>());
    let crowded = |node: &Node| node.content.crowded(&node.replica).collect::<Vec<_>>();
    for _ in 0..2 {
        let waiting = node.content.waiting(&node.store, usize::MAX).unwrap();
        let bytes: u64 = waiting.iter().map(|waiting| waiting.bytes).sum();
        let most = WAITING_BYTES_MAX + waiting[0].bytes;
        assert!(bytes > WAITING_BYTES_MAX && bytes <= most, "{bytes}");
        assert!(waiting.len() < WORDS && waiting.len() > 1_000, "{}", waiting.len());
        assert_eq!((crowded(&node), node.posts().len()), (vec![Log::from(world.device(1))], 1));
        assert_eq!(node.content.readable(&node.replica), 0);
        assert!(node.content.unread(&node.replica) > 0);
        node.reopen();
        node.read();
    }
    node.take_and_read(&[&missing]);
    assert_eq!((node.waits(), node.posts().len()), (0, WORDS + 3));
    assert_eq!((crowded(&node), node.content.unread(&node.replica)), (vec![], 0));
    node.assert_as_afresh();
}

#[test]
fn an_author_has_no_more_waiting_by_forking() {
    let mut world = World::new(9, 2);
    let missing = ledger::ItemRef::Id(ledger::ItemId::from_bytes([9; 32]));
    let branches: Vec<_> = (0..4).map(|_| world.fork(0, 0)).collect();
    let waits: Vec<_> = (0..1_000).map(|_| reply(missing, "waits")).collect();
    let entries: Vec<_> =
        branches.iter().map(|branch| world.write(*branch, 1, waits.clone())).collect();
    let mut node = Node::new(&world);
    node.take_and_read(&entries.iter().collect::<Vec<_>>());
    for _ in 0..2 {
        let waiting = node.content.waiting(&node.store, usize::MAX).unwrap();
        let bytes: u64 = waiting.iter().map(|waiting| waiting.bytes).sum();
        assert!(bytes > WAITING_BYTES_MAX && bytes <= WAITING_BYTES_MAX + waiting[0].bytes);
        assert!(node.content.crowded(&node.replica).count() > 1);
        node.reopen();
        node.read();
    }
}

#[test]
fn what_waits_is_looked_at_when_what_it_waits_for_comes_and_not_before() {
    let mut world = World::new(10, 2);
    let (genesis, invite) = world.found();
    let missing = ledger::ItemRef::Id(ledger::ItemId::from_bytes([9; 32]));
    let about = world.write(0, 1, vec![reply(at(&invite, 0), "about the invite")]);
    let never = world.write(1, 1, (0..500).map(|_| reply(missing, "never")).collect());
    let mut node = Node::new(&world);
    node.take(&genesis);
    node.end(&world, &[]);
    node.take_and_read(&[&about, &never]);
    for _ in 0..20 {
        node.end(&world, &[(1, 1)]);
        node.end(&world, &[]);
    }
    assert_eq!(node.content.work().woken, 0);
    node.take(&invite);
    node.end(&world, &[]);
    node.read();
    assert_eq!((node.content.work().woken, node.posts().len(), node.waits()), (1, 1, 500));
    node.assert_as_afresh();
}

#[test]
fn an_item_that_waits_is_read_by_itself_and_not_with_its_entry() {
    let mut world = World::new(11, 2);
    let late: Vec<_> = (0..100).map(|n| world.write(0, n, vec![post("late")])).collect();
    let waits = late.iter().map(|late| reply(at(late, 0), "waits")).collect();
    let entry = world.write(1, 1, waits);
    let mut node = Node::new(&world);
    node.take_and_read(&[&entry]);
    assert_eq!(node.waits(), 100);
    for one in &late {
        node.take_and_read(&[one]);
    }
    assert_eq!((node.waits(), node.posts().len()), (0, 200));
    assert_eq!(node.content.work().entries, 101, "each entry was opened once");
    node.assert_as_afresh();
}

#[test]
fn what_became_of_an_edit_is_known_once_it_is_read() {
    let mut world = World::new(12, 3);
    let made = world.write(0, 1, vec![make("one")]);
    let one = at(&made, 0);
    let missing = world.write(1, 2, vec![title(one, vec![one], "two")]);
    let waits = world.write(2, 3, vec![title(one, vec![at(&missing, 0)], "three")]);
    let void = world.write(0, 4, vec![edit(one, vec![one], vec![put("", text("no name"))])]);
    let long = || edit(one, vec![one], vec![put("goal", text(&"x".repeat(60_000)))]);
    let full = world.write(0, 5, (0..4).map(|_| long()).collect());
    let mut node = Node::new(&world);
    let played = |node: &mut Node, entry, index| {
        let edit = id(entry, index);
        node.content.played(&mut node.store, &node.replica, &id(&made, 0), &edit).unwrap()
    };
    node.take_and_read(&[&made, &waits]);
    assert_eq!(played(&mut node, &waits, 0), None, "it waits");
    node.take(&missing);
    assert_eq!(played(&mut node, &missing, 0), None, "it is not read");
    node.read();
    node.take_and_read(&[&void, &full]);
    assert_eq!(played(&mut node, &waits, 0), Some(Played::Applied));
    assert_eq!(played(&mut node, &void, 0), Some(Played::Void(EditRule::WrongType)));
    assert_eq!(played(&mut node, &full, 2), Some(Played::Applied));
    assert_eq!(played(&mut node, &full, 3), Some(Played::Void(EditRule::Full)));
    node.end(&world, &[(2, 0)]);
    assert_eq!(played(&mut node, &missing, 0), None, "it is to be played again");
    node.read();
    assert_eq!(played(&mut node, &missing, 0), Some(Played::Applied));
    assert_eq!(played(&mut node, &waits, 0), None, "it does not count");
}

#[test]
fn all_that_is_waited_for_is_asked_for_in_one_round() {
    const AUTHORS: usize = 3;
    let mut world = World::new(13, AUTHORS);
    let lost = |author: usize, n: u8| {
        let bytes = [[author as u8 + 1, n].as_slice(), &[0; 30]].concat();
        ledger::ItemId::from_bytes(bytes.try_into().unwrap())
    };
    // The first has much of the same, the second a hundred in each of two branches.
    let branch = world.fork(1, 0);
    let wait = |author, numbers: std::ops::Range<u8>| {
        numbers.map(move |n| reply(ledger::ItemRef::Id(lost(author, n)), "waits")).collect()
    };
    let same: Vec<_> = (0..500).flat_map(|_| wait(0, 0..1)).chain(wait(0, 1..9)).collect();
    let entries = [
        world.write(0, 1, same),
        world.write(1, 1, wait(1, 0..100)),
        world.write(branch, 1, wait(1, 100..200)),
        // The third waits for what the second waits for, too.
        world.write(2, 1, wait(1, 0..50)),
    ];
    let mut node = Node::new(&world);
    node.take_and_read(&entries.iter().collect::<Vec<_>>());
    let mut turn = WantedTurn::default();
    let mut asked = Vec::new();
    for n in 0..100 {
        let some = node.content.wanted(&node.store, &node.replica, &mut turn, 64).unwrap();
        let authors: BTreeSet<_> = some.iter().map(|(author, _)| *author).collect();
        assert!(some.len() <= 64 && (n > 0 || authors.len() == AUTHORS), "each has a turn at once");
        asked.extend(some);
        if turn.is_over() {
            break;
        }
    }
    assert!(turn.is_over());
    let asked: BTreeSet<_> = asked.into_iter().collect();
    let of = |author, lost_by, n: u8| (0..n).map(move |n| (author, lost(lost_by, n)));
    let [first, second, third] = [0, 1, 2].map(|author| world.device(author));
    let all = of(first, 0, 9).chain(of(second, 1, 200)).chain(of(third, 1, 50));
    assert_eq!(asked, all.collect());
}
