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

#[test]
fn a_document_is_saved_once_a_slice_whatever_its_edits() {
    let mut world = World::new(5, 2);
    let made = world.write(0, 1, vec![make("made"), make("another")]);
    let edits = |n: u16| title(at(&made, n % 2), vec![at(&made, n % 2)], &format!("title {n}"));
    let many = world.write(1, 2, (0..400).map(edits).collect());
    let mut node = Node::new(&world);
    node.take_and_read(&[&made]);
    node.take(&many);
    let before = node.content.work().saved_bytes;
    let mut slices = 0;
    while node.slice(100) {
        slices += 1;
    }
    let saved = node.content.work().saved_bytes - before;
    let whole: usize = node
        .rows()
        .iter()
        .map(|row| {
            let document = node.content.document(&mut node.store, &node.replica, &row.id);
            document.unwrap().unwrap().save().len()
        })
        .sum();
    assert!(slices > 2 && saved <= (slices + 1) * whole as u64, "{slices} {saved} {whole}");
    node.assert_as_afresh();
}

#[test]
fn a_slice_ends_with_as_much_to_save_as_one_may() {
    const DOCUMENTS: u16 = 8;
    let mut world = World::new(6, DOCUMENTS as usize);
    let mut heavy = Vec::new();
    for n in 0..DOCUMENTS {
        let long = text(&format!("{n}{}", "x".repeat(60_000)));
        let made = world.write(n.into(), 1, vec![make("made")]);
        let fill = vec![put("goal", long); 8];
        world.write(n.into(), 2, vec![edit(at(&made, 0), vec![at(&made, 0)], fill)]);
        heavy.push(at(&made, 0));
    }
    let mut node = Node::new(&world);
    for entry in world.logs.iter().flatten() {
        node.take(entry);
    }
    node.read();
    let edits = heavy.iter().cycle().take(64).map(|one| title(*one, vec![*one], "light"));
    let many = world.write(0, 3, edits.collect());
    node.take(&many);
    let mut slices = 1;
    while node.slice(usize::MAX) {
        slices += 1;
    }
    assert!(slices > 10, "{slices}");
    node.assert_as_afresh();
}

#[test]
fn edits_of_what_is_no_document_are_not_played() {
    let mut world = World::new(7, 2);
    let word = world.write(0, 1, vec![post("no document")]);
    let edits = (0..100).map(|_| title(at(&word, 0), vec![at(&word, 0)], "of a word"));
    let many = world.write(1, 2, edits.collect());
    let mut node = Node::new(&world);
    node.take_and_read(&[&word, &many]);
    let work = node.content.work();
    assert_eq!((work.operations, work.saved_bytes, work.items), (0, 0, 101));
    node.end(&world, &[(1, 0)]);
    node.read();
    assert_eq!(node.content.work(), work, "nor played again");
    node.assert_as_afresh();
}

/// Where a member goes who wrote much and on whom others built, the node answers in between; what
/// was shown before is told to be a part until all is counted.
#[test]
fn an_end_is_counted_in_slices() {
    const ENTRIES: usize = 60;
    const ITEMS: usize = 50;
    let mut world = World::new(1, 2);
    let mut node = Node::new(&world);
    let mut read_rows = Vec::new();
    for _ in 0..ENTRIES {
        let said = world.write(1, 1, (0..ITEMS).map(|n| post(&format!("post {n}"))).collect());
        let mut replies: Vec<_> =
            (0..ITEMS).map(|n| reply(at(&said, n as u16), "a reply")).collect();
        replies.extend((0..ITEMS).map(|n| make(&format!("campaign {n}"))));
        let replies = world.write(0, 2, replies);
        node.take_and_read(&[&said, &replies]);
    }
    node.replica.set_roll(world.roll(&[(0, 0), (1, 0)]));
    node.content.recount(&node.store, &node.replica).unwrap();
    loop {
        let before = node.store.counted().rows_read;
        let more = node.slice(2);
        read_rows.push(node.store.counted().rows_read - before);
        assert_eq!(more, node.content.unread(&node.replica) > 0, "it is said to be a part");
        if !more {
            break;
        }
        if read_rows.len() == 30 {
            node.reopen();
            assert!(node.content.unread(&node.replica) > 0);
        }
    }
    let most = read_rows.iter().max().unwrap();
    assert!(read_rows.len() > 40 && *most < 1_000, "{} slices, {most} rows", read_rows.len());
    assert!(node.posts().iter().all(|post| !post.counts));
    node.assert_as_afresh();
}
