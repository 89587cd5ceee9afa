//! Logs that fork: behind the stem only that counts on which somebody else builds, whichever branch
//! came first.

use super::{
    items::{at, edit, make, post, profile, put, reply, text, title},
    node::Node,
    world::World,
};

/// The texts of posts that count, in order.
fn counting(node: &Node) -> Vec<String> {
    let posts = node.posts().into_iter().filter(|post| post.counts);
    let mut texts: Vec<_> = posts.filter_map(|post| post.text()).collect();
    texts.sort();
    texts
}

#[test]
fn behind_a_fork_only_that_counts_on_which_somebody_else_builds() {
    let mut world = World::new(1, 2);
    let stem = world.write(0, 0, vec![post("0 stem")]);
    let other = world.fork(0, 1);
    let one: Vec<_> =
        ["1 one", "2 one", "3 one"].iter().map(|it| world.write(0, 1, vec![post(it)])).collect();
    let two: Vec<_> = ["1 two", "2 two", "3 two"]
        .iter()
        .map(|it| world.write(other, 1, vec![post(it)]))
        .collect();
    let answers = [
        (world.write(1, 2, vec![reply(at(&one[1], 0), "5 to one")])),
        (world.write(1, 3, vec![reply(at(&two[0], 0), "6 to two")])),
    ];
    for branches in [[&one, &two], [&two, &one]] {
        let mut node = Node::new(&world);
        node.take_and_read(&[&stem]);
        node.take_and_read(&branches[0].iter().collect::<Vec<_>>());
        assert_eq!(counting(&node).len(), 4, "nobody knows of a fork yet");
        node.take_and_read(&branches[1].iter().collect::<Vec<_>>());
        assert_eq!(counting(&node), ["0 stem"]);
        assert_eq!(node.posts().len(), 7, "what does not count is kept, and shown");
        node.take_and_read(&[&answers[0]]);
        assert_eq!(counting(&node), ["0 stem", "1 one", "2 one", "5 to one"]);
        node.take_and_read(&[&answers[1]]);
        let both = ["0 stem", "1 one", "1 two", "2 one", "5 to one", "6 to two"];
        assert_eq!(counting(&node), both);
        node.assert_as_afresh();
        // Who answered is gone, and what they kept with them.
        node.end(&world, &[(1, 1)]);
        assert_eq!(counting(&node), ["0 stem", "1 one", "2 one", "5 to one"]);
        node.end(&world, &[(1, 0), (0, 0)]);
        assert_eq!(counting(&node), [""; 0]);
        node.assert_as_afresh();
    }
}

#[test]
fn no_branch_saves_another_one_of_its_own_key() {
    let mut world = World::new(2, 2);
    let other = world.fork(0, 0);
    let one = world.write(0, 1, vec![post("1 one")]);
    let two = world.write(other, 1, vec![reply(at(&one, 0), "2 two")]);
    let mut node = Node::new(&world);
    node.take_and_read(&[&one, &two]);
    assert_eq!(counting(&node), [""; 0]);
    // But one that somebody else saves has what it builds on.
    let answer = world.write(1, 2, vec![reply(at(&two, 0), "3 answer")]);
    node.take_and_read(&[&answer]);
    assert_eq!(counting(&node), ["1 one", "2 two", "3 answer"]);
    node.assert_as_afresh();
}

#[test]
fn a_branch_of_a_branch_counts_with_what_is_before_it() {
    let mut world = World::new(3, 2);
    world.write(0, 0, vec![post("0 stem")]);
    let branch = world.fork(0, 1);
    world.write(0, 1, vec![post("1 trunk")]);
    world.write(branch, 1, vec![post("1 branch")]);
    let leaf = {
        let leaf = world.fork(0, 0);
        world.logs[leaf] = world.logs[branch].clone();
        leaf
    };
    world.write(branch, 2, vec![post("2 branch")]);
    world.write(leaf, 2, vec![post("2 leaf")]);
    let last = world.write(leaf, 3, vec![post("3 leaf")]);
    let answer = world.write(1, 4, vec![reply(at(&last, 0), "4 answer")]);
    let logs = [0, branch, leaf];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut node = Node::new(&world);
        node.take_and_read(&[&answer]);
        for log in order {
            node.take_and_read(&world.logs[logs[log]].iter().collect::<Vec<_>>());
        }
        let counts = ["0 stem", "1 branch", "2 leaf", "3 leaf", "4 answer"];
        assert_eq!(counting(&node), counts, "{order:?}");
        node.assert_as_afresh();
    }
}

/// Two branches write in one document, and somebody builds on both: each is an author of its own,
/// also where that is found later than the edits were played.
#[test]
fn a_document_is_the_same_whichever_branch_came_first() {
    for seed in 0..16 {
        let mut world = World::new(seed, 3);
        let made = world.write(0, 0, vec![make("made")]);
        let document = at(&made, 0);
        let branch = world.fork(1, 0);
        let one = world.write(1, 1, vec![title(document, vec![document], "one")]);
        let two = world.write(branch, 1, vec![title(document, vec![document], "two")]);
        let leaf = world.fork(1, 0);
        world.logs[leaf] = world.logs[branch].clone();
        let goal = |goal| vec![put("goal", text(goal))];
        let third = world.write(branch, 2, vec![edit(document, vec![at(&two, 0)], goal("branch"))]);
        let other = world.write(leaf, 2, vec![edit(document, vec![at(&two, 0)], goal("leaf"))]);
        let place = || vec![put("place", text("here"))];
        let early = world.write(2, 3, vec![edit(document, vec![at(&third, 0)], place())]);
        let heads = vec![at(&one, 0), at(&other, 0), at(&early, 0)];
        let saves = world.write(2, 4, vec![edit(document, heads, place())]);
        let mut shown = Vec::new();
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
            let mut node = Node::new(&world);
            node.take_and_read(&[&made]);
            for part in order {
                match part {
                    0 => node.take_and_read(&[&one]),
                    1 => node.take_and_read(&[&two, &third]),
                    2 => node.take_and_read(&[&two, &other]),
                    _ => node.take_and_read(&[&early, &saves]),
                }
            }
            node.assert_as_afresh();
            shown.push(node.shown());
        }
        shown.dedup();
        assert_eq!(shown.len(), 1, "seed {seed}");
        let goals = shown[0].document().matches("leaf").count();
        assert_eq!(goals, 1, "both branches are played: {}", shown[0].document());
    }
}

/// Who wrote what shows where two wrote at once: a branch that writes nothing in the document makes
/// the other one an author of its own all the same.
#[test]
fn a_document_is_the_same_whenever_a_fork_is_found() {
    let goal = |goal| vec![put("goal", text(goal))];
    for seed in 0..16 {
        let mut world = World::new(seed, 3);
        let made = world.write(0, 0, vec![make("made")]);
        let document = at(&made, 0);
        let rival = world.write(0, 1, vec![edit(document, vec![document], goal("rival"))]);
        let branch = world.fork(1, 0);
        let one = world.write(1, 1, vec![edit(document, vec![document], goal("one"))]);
        let two = world.write(branch, 1, vec![post("two")]);
        let place = vec![put("place", text("here"))];
        let saves = world.write(2, 2, vec![edit(document, vec![at(&one, 0)], place)]);
        let mut shown = Vec::new();
        for order in [[&one, &saves, &two], [&two, &one, &saves]] {
            let mut node = Node::new(&world);
            node.take_and_read(&[&made, &rival]);
            node.take_and_read(&order);
            node.assert_as_afresh();
            shown.push(node.shown());
        }
        shown.dedup();
        assert_eq!(shown.len(), 1, "seed {seed}");
    }
}

#[test]
fn a_name_is_the_same_whichever_branch_came_first() {
    let mut world = World::new(4, 2);
    let first = world.write(0, 0, vec![profile("First")]);
    let branch = world.fork(0, 1);
    let one = world.write(0, 1, vec![profile("One"), post("1 one")]);
    let two = world.write(branch, 1, vec![profile("Two"), post("1 two")]);
    let answers = [&one, &two].map(|entry| world.write(1, 2, vec![reply(at(entry, 1), "answer")]));
    let name = |node: &Node| node.content.name(&node.store, &world.member(0)).unwrap();
    for (entries, names) in [([&one, &two], ["One", "Two"]), ([&two, &one], ["Two", "One"])] {
        let mut node = Node::new(&world);
        node.take_and_read(&[&first, entries[0]]);
        assert_eq!(name(&node).as_deref(), Some(names[0]));
        node.take_and_read(&[entries[1]]);
        assert_eq!(name(&node).as_deref(), Some("First"));
        node.take_and_read(&[&answers[0]]);
        assert_eq!(name(&node).as_deref(), Some("One"));
        node.take_and_read(&[&answers[1]]);
        let both = name(&node);
        node.assert_as_afresh();
        assert!(both == name(&node.read_afresh()) && both.is_some_and(|name| name != "First"));
    }
}
