//! What counts and what is void, as ends come, move and go.

use super::{
    items::{at, claim, edit, id, make, make_as, post, put, reply, text, title},
    node::Node,
    world::World,
};

fn counting(node: &Node) -> Vec<bool> {
    node.posts().iter().map(|post| post.counts).collect()
}

fn title_of(node: &Node) -> Option<String> {
    node.rows().into_iter().next().map(|row| match row.view {
        crate::DocumentView::Campaign(view) => view.title,
        other => panic!("{other:?}"),
    })
}

#[test]
fn what_is_past_an_end_is_void_and_kept() {
    let mut world = World::new(1, 2);
    let entries: Vec<_> = (0..4).map(|n| world.write(0, n, vec![post("post")])).collect();
    let mut node = Node::new(&world);
    node.take_and_read(&entries.iter().collect::<Vec<_>>());
    for length in [2, 0, 3, 4, 9] {
        node.end(&world, &[(0, length)]);
        node.read();
        let counts: Vec<_> = (0..4).map(|seq| seq < length).collect();
        assert_eq!(counting(&node), counts);
        node.assert_as_afresh();
    }
    node.end(&world, &[]);
    assert_eq!(counting(&node), [true; 4]);
}

#[test]
fn an_entry_past_an_end_counts_if_a_counting_one_builds_on_it_or_on_a_later_one() {
    let mut world = World::new(2, 2);
    let entries: Vec<_> = (0..4).map(|n| world.write(0, n, vec![post("post")])).collect();
    let answer = world.write(1, 9, vec![reply(at(&entries[2], 0), "good")]);
    let mut node = Node::new(&world);
    node.end(&world, &[(0, 1)]);
    node.take_and_read(&entries.iter().collect::<Vec<_>>());
    assert_eq!(counting(&node), [true, false, false, false]);
    node.take_and_read(&[&answer]);
    assert_eq!(counting(&node), [true, true, true, false, true]);
    // What builds on it is void itself now, so it saves nothing.
    node.end(&world, &[(0, 1), (1, 0)]);
    assert_eq!(counting(&node), [true, false, false, false, false]);
    node.assert_as_afresh();
}

#[test]
fn counting_is_closed_over_chains_of_logs() {
    const LOGS: usize = 6;
    let mut world = World::new(3, LOGS);
    let mut chain = vec![world.write(0, 0, vec![post("first")])];
    for author in 1..LOGS {
        let before = at(&chain[author - 1], 0);
        chain.push(world.write(author, author as u64, vec![reply(before, "answer")]));
    }
    let ends: Vec<_> = (0..LOGS - 1).map(|author| (author, 0)).collect();
    let mut node = Node::new(&world);
    node.end(&world, &ends);
    for entry in chain.iter().rev() {
        node.take_and_read(&[entry]);
    }
    assert_eq!(counting(&node), [true; LOGS], "only the last log has no end, and it saves all");
    for author in 0..LOGS - 1 {
        assert!(node.content.ends().has(&world.device(author).into()));
    }
    node.end(&world, &[ends.clone(), vec![(LOGS - 1, 0)]].concat());
    assert_eq!(counting(&node), [false; LOGS]);
    node.end(&world, &ends[1..]);
    assert_eq!(counting(&node), [true; LOGS]);
    node.assert_as_afresh();
}

#[test]
fn documents_are_played_again_when_an_end_comes_moves_or_goes() {
    let mut world = World::new(4, 2);
    let made = world.write(0, 1, vec![make("made")]);
    let one = at(&made, 0);
    let second = world.write(1, 2, vec![title(one, vec![one], "second")]);
    let third = world.write(1, 3, vec![title(one, vec![at(&second, 0)], "third")]);
    let mut node = Node::new(&world);
    node.take_and_read(&[&made, &second, &third]);
    let cases = [
        (vec![(1, 0)], Some("made")),
        (vec![(1, 1)], Some("second")),
        (vec![(1, 2)], Some("third")),
        (vec![(0, 0)], Some("third")),
        (vec![(0, 0), (1, 0)], None),
        (vec![(0, 0), (1, 1)], Some("second")),
        (vec![], Some("third")),
    ];
    for (ends, shows) in cases {
        node.end(&world, &ends);
        node.content.take_news();
        node.read();
        assert_eq!(title_of(&node).as_deref(), shows, "{ends:?}");
        node.assert_as_afresh();
        let document =
            node.content.document(&mut node.store, &node.replica, &id(&made, 0)).unwrap();
        assert_eq!(document.is_some(), shows.is_some(), "a void document is not there to edit");
    }
    assert!(node.content.take_news().contains(&crate::News::Document(id(&made, 0))));
}

#[test]
fn a_void_edit_is_played_once_somebody_builds_on_it() {
    let mut world = World::new(5, 3);
    let made = world.write(0, 1, vec![make("made")]);
    let one = at(&made, 0);
    let void = world.write(1, 2, vec![title(one, vec![one], "void")]);
    let goal = put("goal", text("heat"));
    let saves = world.write(2, 3, vec![edit(one, vec![at(&void, 0)], vec![goal])]);
    let mut node = Node::new(&world);
    node.end(&world, &[(1, 0)]);
    node.take_and_read(&[&made, &void]);
    assert_eq!(title_of(&node).as_deref(), Some("made"));
    node.take_and_read(&[&saves]);
    assert_eq!(title_of(&node).as_deref(), Some("void"));
    node.assert_as_afresh();
    node.end(&world, &[(1, 0), (2, 0)]);
    node.read();
    assert_eq!(title_of(&node).as_deref(), Some("made"));
    node.assert_as_afresh();
}

#[test]
fn claims_and_their_answers_count_or_not_by_their_own_logs() {
    use ledger::content_items::{
        ClaimState::{Accepted, Offered},
        Schema,
    };
    let mut world = World::new(6, 3);
    let made = world.write(0, 1, vec![make_as(Schema::Need, "made")]);
    let claimed = world.write(1, 2, vec![claim(at(&made, 0), Offered)]);
    let answer = world.write(0, 3, vec![claim(at(&claimed, 0), Accepted)]);
    let mut node = Node::new(&world);
    node.take_and_read(&[&made, &claimed, &answer]);
    let shows = |node: &Node| {
        let claims = node.claims(&id(&made, 0)).unwrap();
        claims.first().map(|claim| claim.state)
    };
    assert_eq!(shows(&node), Some(Accepted));
    node.end(&world, &[(1, 0)]);
    assert_eq!(shows(&node), Some(Accepted), "the answer builds on the claim");
    node.end(&world, &[(0, 1)]);
    assert_eq!(shows(&node), Some(Offered));
    node.end(&world, &[(1, 0), (0, 1)]);
    assert_eq!(shows(&node), None);
    node.assert_as_afresh();
}

#[test]
fn fingerprints_speak_of_what_counts_only() {
    let mut world = World::new(7, 2);
    let kept = world.write(0, 1, vec![post("kept"), make("made")]);
    let void = world.write(1, 2, vec![post("void"), make("void too")]);
    let (mut with, mut without) = (Node::new(&world), Node::new(&world));
    with.take_and_read(&[&kept, &void]);
    without.take_and_read(&[&kept]);
    let prints = |node: &Node| node.content.fingerprint(&node.store).unwrap();
    assert_ne!(prints(&with), prints(&without));
    with.end(&world, &[(1, 0)]);
    with.read();
    assert_eq!(prints(&with), prints(&without));
}

#[test]
fn void_entries_that_build_on_void_ones_change_nothing_and_are_read_fast() {
    let mut world = World::new(8, 3);
    let posts: Vec<_> = (0..1000).map(|_| post("void")).collect();
    let void = world.write(0, 1, posts);
    let replies: Vec<_> = (0..1000).map(|n| reply(at(&void, n), "void too")).collect();
    let more = [world.write(1, 2, replies.clone()), world.write(1, 3, replies.clone())];
    let mut node = Node::new(&world);
    node.end(&world, &[(0, 0), (1, 0)]);
    node.take_and_read(&[&void, &more[0], &more[1]]);
    assert!(counting(&node).iter().all(|counts| !counts));
    // One that counts makes all of its target's entry count, in one step.
    let saves = world.write(2, 4, vec![reply(at(&more[1], 999), "kept")]);
    node.take_and_read(&[&saves]);
    assert!(counting(&node).iter().all(|counts| *counts));
    node.assert_as_afresh();
}

/// Rows that are read while an author whose log has ended is built on entry by entry, by somebody
/// who has built on the first one so often.
fn rows_read_to_reach(entries: u64, edges: usize) -> u64 {
    let mut world = World::new(21, 2);
    for n in 0..entries {
        world.write(0, n, vec![post("of one who left")]);
    }
    let ended = world.logs[0].clone();
    let before = (0..edges).map(|_| reply(at(&ended[0], 0), "before")).collect();
    let before = world.write(1, 1, before);
    let after: Vec<_> =
        ended.iter().map(|entry| world.write(1, 2, vec![reply(at(entry, 0), "after")])).collect();
    let mut node = Node::new(&world);
    node.end(&world, &[(0, 1)]);
    node.take_and_read(&ended.iter().chain([&before]).collect::<Vec<_>>());
    let read = node.store.counted().rows_read;
    node.take_and_read(&after.iter().collect::<Vec<_>>());
    let read = node.store.counted().rows_read - read;
    assert!(node.posts().iter().all(|post| post.counts));
    node.assert_as_afresh();
    read
}

#[test]
fn each_entry_that_begins_to_count_is_gone_through_once() {
    let (few, many) = (rows_read_to_reach(50, 1), rows_read_to_reach(50, 500));
    assert_eq!(few, many, "whatever else is built on");
    let twice = rows_read_to_reach(100, 1);
    assert!(twice < 2 * few + few / 2, "{few} rows for 50 entries, {twice} for 100");
}
