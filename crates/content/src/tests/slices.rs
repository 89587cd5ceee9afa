//! What one slice does is bounded, and the next one goes on where it stopped.

use ledger::content_items::ContentItem;

use super::{
    items::{at, edit, make, post, put, reply, text, title},
    node::Node,
    world::World,
};

#[test]
fn an_entry_of_many_items_is_read_in_slices_that_survive_restarts() {
    let mut world = World::new(1, 1);
    let posts: Vec<_> = (0..1000).map(|_| post("one of many")).collect();
    world.write(0, 1, posts);
    let entry = &world.logs[0][0];
    let mut node = Node::new(&world);
    node.take(entry);
    let (mut slices, mut before) = (0, 0);
    while node.slice(20) {
        let now = node.posts().len();
        assert!(now > before && now - before <= 20, "{before} posts, then {now}");
        assert_eq!(node.content.unread(&node.replica), 1);
        node.reopen();
        (slices, before) = (slices + 1, now);
    }
    assert!(slices >= 1000 / 20);
    assert_eq!(node.posts().len(), 1000);
    node.assert_as_afresh();
}

#[test]
fn large_edits_take_as_much_of_a_slice_as_they_cost() {
    let mut world = World::new(2, 2);
    let made = world.write(0, 1, vec![make("made")]);
    let mut last = at(&made, 0);
    for n in 0..10 {
        let operations = vec![put("title", text("again")); 1000];
        let entry = world.write(0, 2 + n, vec![edit(at(&made, 0), vec![last], operations)]);
        last = at(&entry, 0);
    }
    world.write(1, 9, vec![post("short")]);
    let mut node = Node::new(&world);
    for entry in world.logs.iter().flatten() {
        node.take(entry);
    }
    let mut slices = 1;
    while node.slice(64) {
        slices += 1;
    }
    assert!(slices >= 10, "{slices}");
    node.assert_as_afresh();
}

#[test]
fn a_document_is_played_again_in_slices_while_more_edits_come() {
    let mut world = World::new(3, 2);
    let made = world.write(0, 1, vec![make("made")]);
    let one = at(&made, 0);
    let mut titles: Vec<ContentItem> = Vec::new();
    for n in 0..200 {
        titles.push(title(one, vec![one], &format!("title {n}")));
    }
    let many = world.write(0, 2, titles);
    let other = world.write(1, 3, vec![title(one, vec![one], "other")]);
    let late = world.write(0, 4, vec![title(one, vec![at(&many, 199)], "late"), post("late")]);
    let mut node = Node::new(&world);
    node.take_and_read(&[&made, &many, &other]);
    node.end(&world, &[(1, 0)]);
    assert!(node.slice(50) && node.slice(50));
    node.take(&late);
    assert!(node.slice(50));
    // To edit it, one is given all that was read.
    let (store, id) = (&mut node.store, super::items::id(&made, 0));
    let document = node.content.document(store, &node.replica, &id).unwrap().unwrap();
    assert!(document.played(&super::items::id(&late, 0)).is_some());
    node.read();
    node.assert_as_afresh();
}

#[test]
fn ones_own_log_is_read_whatever_else_is_unread() {
    let mut world = World::new(4, 2);
    let posts: Vec<_> = (0..500).map(|_| post("backlog")).collect();
    let backlog = world.write(0, 1, posts);
    let own = world.write(1, 2, vec![make("own"), reply(at(&backlog, 0), "waits")]);
    let mut node = Node::new(&world);
    node.take(&backlog);
    node.take(&own);
    node.content.read_own(&mut node.store, &node.replica, world.device(1), 64).unwrap();
    assert_eq!((node.rows().len(), node.posts().len(), node.waits()), (1, 0, 1));
    node.read();
    node.assert_as_afresh();
}
