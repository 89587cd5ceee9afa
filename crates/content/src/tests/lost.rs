//! Entries that the disk lost: what stands behind them is read, and all once they come again.

use replica::look_through;
use store::{Store, Table};

use super::{
    items::{at, make, post, title},
    node::Node,
    restart::{entries, take_all},
    world::{World, secret},
};
use crate::Saying;

impl Node {
    /// The process ends, its disk loses these of its entries, and it starts again.
    fn lose(&mut self, lost: impl Fn(usize) -> bool) -> usize {
        let keys = self.store.kept().into_iter().filter(|key| key.table == Table::Entries);
        let keys: Vec<_> = keys.enumerate().filter(|(n, _)| lost(*n)).map(|(_, key)| key).collect();
        self.store.faults.damaged.extend(keys.iter().cloned());
        let mut look = look_through(&self.store, self.replica.space()).unwrap();
        while look.step(&self.store).unwrap() {}
        self.store.write(look.into_found()).unwrap();
        self.reopen();
        keys.len()
    }
}

#[test]
fn whatever_is_lost_the_rest_is_read_and_all_once_it_came_again() {
    let mut world = World::new(1, 3);
    let entries = entries(&mut world).len();
    let mut whole = Node::new(&world);
    take_all(&mut whole, &world);
    let unread = whole.copy();
    whole.read();
    let shown = whole.shown();
    for subset in 0..1_u32 << entries {
        let lost = |n: usize| subset & (1 << n) != 0;
        for (before, has_index) in [(&whole, true), (&whole, false), (&unread, true)] {
            let mut node = before.copy();
            if !has_index {
                node.store.lose_index();
            }
            let count = node.lose(lost);
            assert_eq!(count, subset.count_ones() as usize);
            node.read();
            assert_eq!(node.content.unread(&node.replica), 0, "{subset:b}");
            let at_least = entries - count;
            if has_index && std::ptr::eq(before, &whole) {
                // What was read stays; what a post says is known from its entry alone.
                let posts = node.posts();
                let lost = posts.iter().filter(|post| post.says == Saying::Lost).count();
                assert!(lost <= count, "{subset:b}");
                let mut told = whole.posts();
                for (post, told) in posts.iter().zip(&mut told) {
                    if post.says == Saying::Lost {
                        told.says = Saying::Lost;
                    }
                }
                assert_eq!(posts, told, "{subset:b}");
            } else {
                assert!(node.content.work().entries as usize >= at_least, "{subset:b}");
            }
            // Everything is played again without what is lost.
            if subset % 3 == 0 {
                node.rows().iter().for_each(|row| node.content.play_again(row.id));
            }
            node.read();
            node.reopen();
            node.read();
            take_all(&mut node, &world);
            let is_news = count > 0 && (!has_index || std::ptr::eq(before, &unread));
            assert_eq!(
                node.content.is_behind(&node.replica),
                is_news || subset % 3 == 0 && count > 0,
                "{subset:b}"
            );
            node.read();
            assert_eq!(node.shown(), shown, "{subset:b}, with its index {has_index}");
            assert_eq!(node.read_afresh().shown(), shown, "{subset:b}");
        }
    }
}

/// Where an edit was lost another branch of its log may stand by now: it is not waited for.
#[test]
fn an_edit_whose_place_another_branch_has_is_not_waited_for() {
    let mut world = World::new(2, 2);
    let made = world.write(0, 1, vec![make("one")]);
    let one = at(&made, 0);
    let edited = world.write(0, 2, vec![title(one, vec![one], "two")]);
    let branch = world.fork(0, 1);
    let other = world.write(branch, 2, vec![post("with the same key")]);
    let mut node = Node::new(&world);
    node.take_and_read(&[&made, &edited]);
    assert_eq!(node.lose(|n| n == 1), 1);
    node.take(&other);
    node.rows().iter().for_each(|row| node.content.play_again(row.id));
    let slices = (0..50).take_while(|_| node.slice(5)).count();
    assert!(slices < 50 && !node.content.is_behind(&node.replica), "{slices} slices");
    assert_eq!(node.rows().len(), 1, "it is listed");
}

/// What made a document is lost, and its log waits for a key: the document stays listed, and is
/// whole once the entry comes again.
#[test]
fn a_document_whose_first_edit_is_lost_stays_listed_and_comes_back_whole() {
    for edits in [2, 9] {
        let mut world = World::new(3, 2);
        let made = world.write(0, 1, vec![make("one")]);
        let one = at(&made, 0);
        let mut entries = vec![made.clone()];
        for n in 0..edits {
            let title = title(one, vec![one], &format!("title {n}"));
            entries.push(world.write(1, 2 + n, vec![title]));
        }
        entries.push(world.write_under(&secret(2), 0, 20, vec![post("under another key")]));
        let mut node = Node::new(&world);
        entries.iter().for_each(|entry| node.take(entry));
        node.read();
        let shown = node.shown();
        let lost = node.store.kept().into_iter().filter(|key| key.table == Table::Entries);
        let lost: Vec<_> = lost.collect();
        let is_made = |n: usize| node.store.get(&lost[n]).unwrap().is_some() && lost[n].number == 0;
        let first = (0..lost.len()).filter(|n| is_made(*n)).collect::<Vec<_>>();
        for which in first {
            let mut node = node.copy();
            node.lose(|n| n == which);
            node.read();
            node.rows().iter().for_each(|row| node.content.play_again(row.id));
            node.read();
            assert_eq!(node.rows().len(), 1, "{edits} edits, {which}: it is listed");
            entries.iter().for_each(|entry| node.take(entry));
            node.read();
            assert_eq!(node.shown(), shown, "{edits} edits, {which}");
        }
    }
}
