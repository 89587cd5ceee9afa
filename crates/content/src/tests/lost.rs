//! Entries that the disk lost: what stands behind them is read, and all once they come again.

use replica::look_through;
use store::Table;

use super::{
    node::Node,
    restart::{entries, take_all},
    world::World,
};
use crate::Saying;

impl Node {
    /// The process ends, its disk loses these of its entries, and it starts again.
    fn lose(&mut self, lost: impl Fn(usize) -> bool) -> usize {
        let keys = self.store.kept().into_iter().filter(|key| key.table == Table::Entries);
        let keys: Vec<_> = keys.enumerate().filter(|(n, _)| lost(*n)).map(|(_, key)| key).collect();
        self.store.faults.damaged.extend(keys.iter().cloned());
        look_through(&mut self.store, self.replica.space()).unwrap();
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
