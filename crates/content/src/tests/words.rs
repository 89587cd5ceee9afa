//! Words: whatever the order in which they come, the same shows.

use documents::words::WordRule;
use ledger::{
    Entry, ItemId,
    content_items::{ClaimState, Post, Schema, WordBody},
};
use store::Direction;

use super::{
    items::{
        at, claim, claim_body, id, make, make_as, post, post_body, profile_body, reply, revise,
        undo, word,
    },
    node::Node,
    waits::permutations,
    world::World,
};

use crate::{ShownPost, Wanted};

/// Takes the entries in every order that the logs allow, and gives a node for which all agree.
fn in_every_order(world: &World, entries: &[Entry]) -> Node {
    let mut agreed: Option<Node> = None;
    let mut orders = 0;
    for order in permutations(entries.len()) {
        let order: Vec<_> = order.iter().map(|n| &entries[*n]).collect();
        let follows = |(n, entry): (usize, &&Entry)| {
            let before = order[..n].iter().filter(|other| other.device() == entry.device());
            before.count() as u64 == entry.seq()
        };
        if !order.iter().enumerate().all(follows) {
            continue;
        }
        orders += 1;
        let mut node = Node::new(world);
        node.take_and_read(&order);
        assert_eq!(node.waits(), 0);
        match &mut agreed {
            None => agreed = Some(node),
            Some(first) => assert_eq!(first.shown(), node.shown()),
        }
    }
    assert!(orders > 1);
    agreed.unwrap()
}

fn texts(node: &Node) -> Vec<Option<String>> {
    node.posts().iter().map(ShownPost::text).collect()
}

#[test]
fn a_post_its_replies_and_its_undoing() {
    let mut world = World::new(1, 4);
    let said = world.write(0, 1, vec![post("said")]);
    let better = world.write(0, 2, vec![revise(at(&said, 0), "said better")]);
    let gone = world.write(0, 3, vec![undo(at(&better, 0))]);
    let answer = world.write(1, 4, vec![reply(at(&better, 0), "yes")]);
    let again = world.write(2, 5, vec![reply(at(&answer, 0), "no")]);
    let well = word(Some(at(&answer, 0)), Some(at(&again, 0)), post_body("well"));
    let changed = world.write(2, 6, vec![well]);
    let node = in_every_order(&world, &[said, better, gone, answer, again, changed]);
    assert_eq!(texts(&node), [None, Some("yes".into()), Some("well".into())]);
}

#[test]
fn only_its_author_changes_or_undoes_a_word_and_to_nothing_else() {
    let mut world = World::new(2, 3);
    let said = world.write(0, 1, vec![post("said")]);
    let other = world.write(1, 2, vec![revise(at(&said, 0), "not mine"), undo(at(&said, 0))]);
    let name = word(None, Some(at(&said, 0)), profile_body("no name"));
    let kind = world.write(0, 3, vec![name]);
    let node = in_every_order(&world, &[said.clone(), other, kind]);
    assert_eq!(texts(&node), [Some("said".into())]);
    assert_eq!(node.content.name(&node.store, &world.member(0)).unwrap(), None);
    let found = node.post(&id(&said, 0));
    assert_eq!((found.first.loc.device, &found), (world.device(0), &node.posts()[0]));
}

#[test]
fn of_a_members_names_the_latest_shows() {
    let mut world = World::new(3, 2);
    let name = |name: &str| vec![word(None, None, profile_body(name))];
    let one = world.write(0, 5, name("one"));
    let two = world.write(0, 9, name("two"));
    let other = world.write(1, 7, name("other"));
    let undone = world.write(1, 8, vec![undo(at(&other, 0))]);
    let node = in_every_order(&world, &[one, two, other, undone]);
    let name = |author| node.content.name(&node.store, &world.member(author)).unwrap();
    assert_eq!((name(0).as_deref(), name(1)), (Some("two"), None));
}

#[test]
fn two_claims_that_meet_are_both_there() {
    use ClaimState::{Accepted, Declined, Offered, Released, UnderWay};
    let mut world = World::new(4, 3);
    let need = world.write(0, 1, vec![make_as(Schema::Need, "need")]);
    let one = world.write(1, 2, vec![claim(at(&need, 0), Offered)]);
    let two = world.write(2, 2, vec![claim(at(&need, 0), UnderWay)]);
    let yes = world.write(0, 3, vec![claim(at(&one, 0), Accepted)]);
    let no = world.write(0, 4, vec![claim(at(&two, 0), Declined)]);
    let back = word(Some(at(&need, 0)), Some(at(&two, 0)), claim_body(Released));
    let back = world.write(2, 5, vec![back]);
    let entries = [need.clone(), one.clone(), two.clone(), yes, no, back];
    let node = in_every_order(&world, &entries);
    let mut expected = [(id(&one, 0), Accepted), (id(&two, 0), Released)];
    expected.sort_unstable_by_key(|claim| claim.0);
    assert_eq!(states(&node, &id(&need, 0)), expected);
}

fn states(node: &Node, need: &ItemId) -> Vec<(ItemId, ClaimState)> {
    let claims = node.claims(need).unwrap();
    claims.into_iter().map(|claim| (claim.id, claim.state)).collect()
}

#[test]
fn each_side_of_a_claim_says_only_what_is_its_own() {
    use ClaimState::{Accepted, Declined, Done, Offered, UnderWay};
    let mut world = World::new(6, 3);
    let made = world.write(0, 1, vec![make_as(Schema::Need, "need"), make("campaign"), post("p")]);
    let (need, campaign, said) = (at(&made, 0), at(&made, 1), at(&made, 2));
    let claimed = world.write(1, 2, vec![claim(need, Offered)]);
    // Nobody accepts or declines but the poster, and the poster does not offer for others.
    let others = vec![claim(at(&claimed, 0), Declined), claim(at(&claimed, 0), Done)];
    let others = world.write(2, 3, others);
    let poster = vec![claim(at(&claimed, 0), UnderWay), claim(need, Declined)];
    let poster = world.write(0, 4, poster);
    let self_accepted = world.write(1, 5, vec![claim(at(&claimed, 0), Accepted)]);
    // Only needs are claimed, and an answer is not answered.
    let elsewhere = world.write(2, 6, vec![claim(campaign, Offered), claim(said, Offered)]);
    let answer = world.write(0, 7, vec![claim(at(&claimed, 0), Accepted)]);
    let on_it = world.write(0, 8, vec![claim(at(&answer, 0), Declined)]);
    let mut node = Node::new(&world);
    let entries = [&made, &claimed, &others, &poster, &self_accepted, &elsewhere];
    node.take_and_read(&entries);
    assert_eq!(states(&node, &id(&made, 0)), [(id(&claimed, 0), Offered)]);
    node.take_and_read(&[&answer, &on_it]);
    assert_eq!(states(&node, &id(&made, 0)), [(id(&claimed, 0), Accepted)]);
    assert!(states(&node, &id(&made, 1)).is_empty());
    let rule = |entry, index| match node.content.place(&node.store, &id(entry, index)).unwrap() {
        Some(crate::Place { kind: crate::Kind::Word(word), .. }) => word.rule,
        other => panic!("{other:?}"),
    };
    assert_eq!(rule(&others, 0), Some(WordRule::NotThePoster));
    assert_eq!(rule(&poster, 0), Some(WordRule::OtherSide));
    assert_eq!(rule(&poster, 1), Some(WordRule::OtherSide));
    assert_eq!(rule(&elsewhere, 0), Some(WordRule::Subject));
    assert_eq!(rule(&on_it, 0), Some(WordRule::Subject));
    node.assert_as_afresh();
}

#[test]
fn an_answer_to_a_later_word_of_a_claim_answers_the_claim() {
    use ClaimState::{Disputed, Done, Offered};
    let mut world = World::new(7, 2);
    let need = world.write(0, 1, vec![make_as(Schema::Need, "need")]);
    let claimed = world.write(1, 2, vec![claim(at(&need, 0), Offered)]);
    let done = word(Some(at(&need, 0)), Some(at(&claimed, 0)), claim_body(Done));
    let done = world.write(1, 3, vec![done]);
    let answer = world.write(0, 4, vec![claim(at(&done, 0), Disputed)]);
    let entries = [need.clone(), claimed.clone(), done, answer];
    let node = in_every_order(&world, &entries);
    assert_eq!(states(&node, &id(&need, 0)), [(id(&claimed, 0), Disputed)]);
}

#[test]
fn posts_of_one_millisecond_stand_in_the_feed_alike_on_every_node() {
    let mut world = World::new(5, 2);
    let posts = || (0..500).map(|_| post("at once")).collect();
    let (one, two) = (world.write(0, 1, posts()), world.write(1, 1, posts()));
    let later = world.write(0, 2, vec![post("later")]);
    let ids = |node: &Node, order, limit| -> Vec<_> {
        let posts = node.posts_in(order, limit);
        posts.into_iter().map(|post| post.first.id).collect()
    };
    let (mut node, mut other) = (Node::new(&world), Node::new(&world));
    node.take_and_read(&[&one, &two, &later]);
    other.take_and_read(&[&two, &one, &later]);
    let all = ids(&node, Direction::Ascending, usize::MAX);
    assert_eq!(all.len(), 1001);
    assert_eq!(all.last(), Some(&id(&later, 0)));
    assert_eq!(all, ids(&other, Direction::Ascending, usize::MAX));
    let newest: Vec<_> = all.iter().rev().take(5).copied().collect();
    assert_eq!(ids(&node, Direction::Descending, 5), newest);
    for n in [0, 499] {
        assert_eq!(node.post(&id(&two, n)).first.id, id(&two, n));
    }
}

#[test]
fn of_a_campaigns_posts_as_many_are_found_as_are_asked_for() {
    let mut world = World::new(14, 1);
    let made = world.write(0, 1, vec![make("one"), make("other")]);
    let of = |campaign: u16, text: &str| {
        let WordBody::Post(post) = post_body(text) else { unreachable!() };
        word(None, None, WordBody::Post(Post { campaign: Some(at(&made, campaign)), ..post }))
    };
    let mut entries = vec![made.clone()];
    for n in 0..120 {
        let of_one = || (0..n % 4).map(|_| of(0, "one")).collect::<Vec<_>>();
        let items = if n % 10 == 5 { of_one() } else { vec![of(0, "one"), of(1, "other")] };
        if !items.is_empty() {
            entries.push(world.write(0, 2 + n, items));
        }
    }
    let mut node = Node::new(&world);
    node.take_and_read(&entries.iter().collect::<Vec<_>>());
    for order in [Direction::Ascending, Direction::Descending] {
        for campaign in [0, 1] {
            let found = |limit| {
                let campaign = Some(id(&made, campaign));
                let wanted = Wanted { campaign, limit, order };
                node.content.posts(&node.store, &node.replica, wanted).unwrap()
            };
            let all = found(usize::MAX);
            assert!(all.iter().all(|post| post.campaign == Some(id(&made, campaign))));
            for limit in 0..=all.len() {
                assert_eq!(found(limit), all[..limit]);
            }
        }
    }
}

/// How many rows and bytes are read to show one thing of each kind after so many words of it.
fn reads_after(words: usize) -> Vec<(u64, u64)> {
    use ClaimState::{Accepted, Offered};
    let mut world = World::new(12, 2);
    let made = world.write(0, 1, vec![make_as(Schema::Need, "need"), post("first")]);
    let claimed = world.write(1, 2, vec![claim(at(&made, 0), Offered)]);
    let key = ledger::content_items::GuestKey { key: vec![1; 32].try_into().unwrap() };
    let invite = id(&made, 0);
    let mut node = Node::new(&world);
    node.take_and_read(&[&made, &claimed]);
    for n in 0..words {
        let name = word(None, None, profile_body(&format!("name {n}")));
        let better = revise(at(&made, 1), &format!("post {n}"));
        let guest = WordBody::GuestKey(key.clone());
        let guest = word(Some(ledger::ItemRef::Id(invite)), None, guest);
        let own = vec![name, better, claim(at(&claimed, 0), Accepted), guest];
        let own = world.write(0, 3, own);
        let other =
            vec![claim(at(&made, 0), Offered), undo(at(&claimed, 0)), claim(at(&made, 0), Offered)];
        let other = world.write(1, 3, other);
        node.take_and_read(&[&own, &other]);
    }
    let member = world.member(0);
    let (content, store) = (&node.content, &node.store);
    let mut reads = Vec::new();
    let mut read = |look: &dyn Fn()| {
        let before = store.counted();
        look();
        let after = store.counted();
        reads.push((after.rows_read - before.rows_read, after.bytes_read - before.bytes_read));
    };
    read(&|| {
        assert_eq!(content.name(store, &member).unwrap(), Some(format!("name {}", words - 1)))
    });
    read(&|| {
        assert_eq!(node.post(&id(&made, 1)).text(), Some(format!("post {}", words - 1)));
    });
    read(&|| assert_eq!(node.posts_in(Direction::Descending, 9).len(), 1));
    read(&|| assert_eq!(node.claims(&invite).unwrap().len(), 1));
    read(&|| assert!(content.guest_key(store, &invite, &member).unwrap().is_some()));
    reads
}

#[test]
fn what_shows_of_a_slot_is_found_as_fast_after_a_thousand_words() {
    let (few, many) = (reads_after(3), reads_after(300));
    for (few, many) in few.into_iter().zip(many) {
        assert!(many.0 == few.0 && many.1 < few.1 + 64, "{few:?} reads and bytes, then {many:?}");
    }
}

#[test]
fn a_claim_that_is_made_anew_stays_declined() {
    use ClaimState::{Accepted, Declined, Offered};
    let mut world = World::new(13, 2);
    let need = world.write(0, 1, vec![make_as(Schema::Need, "need")]);
    let one = world.write(1, 2, vec![claim(at(&need, 0), Offered)]);
    let no = world.write(0, 3, vec![claim(at(&one, 0), Declined)]);
    let two = world.write(1, 4, vec![claim(at(&need, 0), Offered)]);
    let node = in_every_order(&world, &[need.clone(), one, no, two.clone()]);
    assert_eq!(states(&node, &id(&need, 0)), [(id(&two, 0), Declined)]);
    let yes = world.write(0, 5, vec![claim(at(&two, 0), Accepted)]);
    let mut node = node;
    node.take_and_read(&[&yes]);
    assert_eq!(states(&node, &id(&need, 0)), [(id(&two, 0), Accepted)]);
}
