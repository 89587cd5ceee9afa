//! What was told is no news when it is read again; and whose a device is can change.

use std::sync::Arc;

use charter::Roll;
use ledger::{
    Entry, ItemId, MemberId,
    content_items::{ClaimState, Schema},
};
use store::{Batch, MemoryStore, Store, Table};

use super::{
    items::{at, claim, make, make_as, post, profile_body, reply, revise, title, word},
    node::Node,
    world::World,
};
use crate::{
    Loc, News,
    table::{ALL, ById, List},
};

/// Posts, one of them changed, a campaign that others edit, a need that is claimed, and names.
fn entries(world: &mut World) -> Vec<Entry> {
    let first = vec![make("campaign"), make_as(Schema::Need, "need"), post("first")];
    let first = world.write(0, 1, first);
    let (campaign, need, said) = (at(&first, 0), at(&first, 1), at(&first, 2));
    let name = |name: &str| word(None, None, profile_body(name));
    let more = vec![reply(said, "a reply"), claim(need, ClaimState::Offered), name("Bo")];
    let more = world.write(1, 2, more);
    let other = vec![title(campaign, vec![campaign], "another"), name("Cy"), post("by Cy")];
    let other = world.write(2, 3, other);
    let changed = world.write(0, 4, vec![revise(said, "first, said better")]);
    let answer = vec![claim(at(&more, 1), ClaimState::Accepted), post("last")];
    let answer = world.write(0, 5, answer);
    vec![first, more, other, changed, answer]
}

/// A node that has read and told all of these, under the numbers behind 10.
fn has_told(world: &World, entries: &[Entry]) -> (Node, u64) {
    let (mut node, mut last) = (Node::new(world), 10);
    for entry in entries {
        node.take_and_read(&[entry]);
        last = node.tell(last).1;
    }
    (node, last)
}

fn notices(node: &Node, after: u64) -> Vec<(u64, Loc)> {
    let whole = node.content.notices(&node.store, after, usize::MAX).unwrap();
    // However few are asked for at a time.
    let (mut some, mut behind) = (Vec::new(), after);
    while let Some(next) = node.content.notices(&node.store, behind, 1).unwrap().pop() {
        behind = next.0;
        some.push(next);
    }
    assert_eq!(some, whole);
    whole
}

fn lose_index(node: &mut Node) {
    node.store.lose_index();
    node.reopen();
}

#[test]
fn what_was_told_is_no_news_when_the_index_is_lost() {
    let mut world = World::new(1, 3);
    let entries = entries(&mut world);
    let (mut node, last) = has_told(&world, &entries);
    assert_eq!(last, 15, "four posts, one of them changed");
    let (before, told) = (node.shown(), notices(&node, 0));
    assert_eq!(told.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [11, 12, 13, 14, 15]);
    let last = node.keep_told(last);
    assert_eq!(notices(&node, 0), told, "kept as it was");
    let new = world.write(1, 6, vec![post("new"), title(at(&entries[0], 0), vec![], "new")]);
    for slices in 0..40 {
        let mut node = node.copy();
        lose_index(&mut node);
        // The process ends somewhere in between.
        (0..slices).for_each(|_| _ = node.slice(1));
        assert_eq!(node.tell(last).0, []);
        node.reopen();
        node.read();
        assert_eq!(node.tell(last).0, []);
        assert_eq!(node.shown(), before);
        for after in 0..17 {
            let behind = told.iter().copied().filter(|(number, _)| *number > after);
            assert_eq!(notices(&node, after), behind.collect::<Vec<_>>());
        }
        // What comes then is news as ever.
        node.take_and_read(&[&new]);
        let (news, _) = node.tell(last);
        assert!(matches!(news[..], [News::Post { .. }, News::Document(_)]), "{news:?}");
    }
}

#[test]
fn what_was_not_kept_yet_is_told_again_and_nothing_else() {
    let mut world = World::new(2, 3);
    let entries = entries(&mut world);
    for kept in 0..=entries.len() {
        let (mut node, mut last) = has_told(&world, &entries[..kept]);
        if kept > 0 {
            assert!(node.content.is_told_to_keep(false), "the first is kept at once");
            last = node.keep_told(last);
            assert!(!node.content.is_told_to_keep(true));
        }
        node.take_and_read(&entries[kept..].iter().collect::<Vec<_>>());
        let (before, reached) = node.tell(last);
        assert_eq!(
            node.content.last_told(&node.store).unwrap(),
            if reached > 10 { reached } else { 0 }
        );
        lose_index(&mut node);
        node.read();
        let after = node.tell(reached).0;
        let posts = |news: &[News]| -> Vec<_> {
            let posts = news.iter().filter(|one| matches!(one, News::Post { .. }));
            posts.copied().collect()
        };
        let mut sorted = (posts(&before), posts(&after));
        sorted.0.sort_by_key(word_of);
        sorted.1.sort_by_key(word_of);
        assert_eq!(sorted.0, sorted.1);
    }
}

fn word_of(news: &News) -> Option<Loc> {
    match news {
        News::Post { word, .. } => Some(*word),
        _ => None,
    }
}

/// What has no number costs no more than its log's place, and is as old.
#[test]
fn what_is_no_post_is_kept_by_where_it_stands() {
    let mut world = World::new(3, 2);
    let said = world.write(0, 1, vec![post("said"); 100]);
    let (mut node, last) = has_told(&world, std::slice::from_ref(&said));
    let mut last = node.keep_told(last);
    let kept = |node: &Node| node.store.kept().into_iter().filter(|key| key.table == Table::Told);
    let bytes = |node: &Node| -> usize {
        let values = kept(node).map(|key| node.store.get(&key).unwrap().unwrap().len());
        values.sum()
    };
    let before = bytes(&node);
    for _ in 0..5 {
        let made = world.write(1, 2, vec![make("campaign")]);
        node.take_and_read(&[&made]);
        assert_eq!(node.tell(last).1, last, "numbers stand still");
        last = node.keep_told(last);
    }
    assert!(bytes(&node) - before < 5 * 60, "{before} bytes, then {}", bytes(&node));
    lose_index(&mut node);
    node.read();
    assert_eq!(node.tell(last).0, []);
    assert_eq!(notices(&node, 0).len(), 100);
}

/// What its disk has lost, and comes again after all else was read again, was told too.
#[test]
fn what_comes_again_later_is_no_news() {
    let mut world = World::new(6, 3);
    let entries = entries(&mut world);
    let (mut node, last) = has_told(&world, &entries);
    let last = node.keep_told(last);
    let (before, told) = (node.shown(), notices(&node, 0));
    let lost = |key: &store::Key| key.table == Table::Entries && key.number == 1;
    let lost: Vec<_> = node.store.kept().into_iter().filter(lost).collect();
    assert_eq!(lost.len(), 1);
    node.store.faults.damaged.extend(lost);
    node.store.lose_index();
    let mut look = replica::look_through(&node.store, world.space).unwrap();
    while look.step(&node.store).unwrap() {}
    node.store.write(look.into_found()).unwrap();
    node.reopen();
    node.read();
    assert_eq!(node.tell(last).0, []);
    // At another start, too.
    node.reopen();
    node.take_and_read(&[&entries[3]]);
    assert_eq!(node.tell(last).0, []);
    assert_eq!(notices(&node, 0), told);
    assert_eq!(node.shown(), before);
    let new = world.write(0, 6, vec![post("new")]);
    node.take_and_read(&[&new]);
    assert!(matches!(node.tell(last).0[..], [News::Post { .. }]));
}

/// The roll, but one device is another member's.
fn readmitted(roll: &Arc<Roll>, world: &World, author: usize, member: MemberId) -> Arc<Roll> {
    let mut roll = Roll::clone(roll);
    roll.devices.get_mut(&world.device(author)).unwrap().member = member;
    Arc::new(roll)
}

#[test]
fn a_device_that_is_another_members_is_so_in_all_that_was_read() {
    let mut world = World::new(4, 3);
    let entries = entries(&mut world);
    let (mut node, last) = has_told(&world, &entries);
    let need = ItemId::of(&entries[0].id, 1);
    let (bo, cy) = (world.member(1), world.member(2));
    let by = |node: &Node| node.claims(&need).unwrap().iter().map(|c| c.by).collect::<Vec<_>>();
    assert_eq!(by(&node), [bo]);
    let told = notices(&node, 0);
    let roll = readmitted(&world.roll(&[]), &world, 1, cy);
    let mut closed = node.copy();
    node.replica.set_roll(roll.clone());
    node.content.recount(&node.store, &node.replica).unwrap();
    closed.reopen_under(roll);
    for mut node in [node, closed] {
        node.read();
        assert_eq!(by(&node), [cy]);
        assert_eq!(node.content.name(&node.store, &bo).unwrap(), None);
        assert_eq!(node.tell(last).0, [], "nobody said anything new");
        node.keep_told(last);
        node.assert_as_afresh();
        assert_eq!(notices(&node, 0), told);
        // And not once more, whatever else the charter says.
        let read = node.content.work.items;
        node.content.recount(&node.store, &node.replica).unwrap();
        node.read();
        assert_eq!(node.content.work.items, read);
    }
}

#[test]
fn rows_whose_ids_begin_alike_hide_nothing() {
    let id = |last: u8| {
        let mut bytes = [7; 32];
        bytes[31] = last;
        ItemId::from_bytes(bytes)
    };
    let list = || ById::<u8>::new(List::new(Table::Rows, store::Group::of(&[b"alike"])));
    let mut store = MemoryStore::default();
    let write = |store: &mut MemoryStore, rows: Vec<(ItemId, u8)>, gone: Option<ItemId>| {
        let mut batch = Batch::default();
        match gone {
            Some(gone) => list().remove(store, &gone, &mut batch).unwrap(),
            None => list().put(store, rows, &mut batch).unwrap(),
        }
        store.write(batch).unwrap();
        list().all(store).unwrap()
    };
    write(&mut store, vec![(id(3), 3), (id(1), 1)], None);
    let all = write(&mut store, vec![(id(2), 2), (id(1), 9)], None);
    assert_eq!(all, [(id(1), 9), (id(2), 2), (id(3), 3)]);
    assert_eq!(list().get(&store, &id(3)).unwrap(), Some(3));
    assert_eq!(list().get(&store, &id(4)).unwrap(), None);
    let order = store::Direction::Descending;
    assert_eq!(list().scan(&store, ALL, order, 1).unwrap(), [(id(3), 3), (id(2), 2), (id(1), 9)]);
    assert_eq!(write(&mut store, vec![], Some(id(4))).len(), 3);
    assert_eq!(write(&mut store, vec![], Some(id(2))), [(id(1), 9), (id(3), 3)]);
    write(&mut store, vec![], Some(id(1)));
    assert_eq!(write(&mut store, vec![], Some(id(3))), []);
}

/// What is kept is durable, and of the rows a crash takes any number of the last.
#[test]
fn what_was_kept_is_no_news_after_a_crash_that_took_rows() {
    let mut world = World::new(5, 3);
    let entries = entries(&mut world);
    let (mut node, last) = has_told(&world, &entries);
    let last = node.keep_told(last);
    let (before, told) = (node.shown(), notices(&node, 0));
    node.store.flush(node.store.last_write()).unwrap();
    for behind in 0..60 {
        let mut node = node.copy();
        node.store.crash_with_index_behind(0, behind);
        node.reopen();
        node.read();
        assert_eq!(node.tell(last).0, [], "{behind} writes behind");
        assert_eq!(notices(&node, 0), told, "{behind} writes behind");
        assert_eq!(node.shown(), before, "{behind} writes behind");
        // Nor at any later start.
        node.reopen();
        assert_eq!(node.tell(last).0, [], "{behind} writes behind");
        let new = world.write(2, 9, vec![post("new")]);
        node.take_and_read(&[&new]);
        let (news, last) = node.tell(last);
        assert!(matches!(news[..], [News::Post { .. }]), "{news:?}");
        node.keep_told(last);
        assert_eq!(notices(&node, 0).len(), told.len() + 1, "{behind} writes behind");
        world.logs[2].pop();
    }
}
