//! Getting in, in two steps (CHARTER 2 to 5).

use super::{Scene, device};
use crate::{ActState, Standing};

#[test]
fn on_founding_night_everybody_admitted_has_a_say() {
    let mut scene = Scene::new(4);
    scene.everyone_gets_a_say();
    let roll = scene.roll(3);
    assert_eq!(roll.electorate().len(), 4);
    assert_eq!(roll.members_in().count(), 4);
    assert_eq!(roll.devices_in().count(), 4);
    assert!(roll.acts.values().all(|act| *act == ActState::Passed));
}

#[test]
fn two_vouches_let_in_and_more_than_half_give_a_say() {
    for n in 1..=7 {
        let mut scene = Scene::new(n + 1);
        // The last person stays outside.
        let outside = scene.people.pop().unwrap();
        scene.everyone_gets_a_say();
        scene.people.push(outside);
        let (n, newcomer) = (usize::from(n), usize::from(n));
        scene.knock(newcomer);
        scene.meet();
        let act = scene.propose(0, newcomer);
        for voucher in 0..n {
            scene.meet();
            let who = scene.member(newcomer);
            let roll = scene.roll(0);
            let member = roll.members.get(&who).map(|member| (member.standing, member.say));
            let (in_at, say_at) = (if n == 1 { 1 } else { 2 }, n / 2 + 1);
            let expected = (voucher >= in_at).then_some((Standing::In, voucher >= say_at));
            assert_eq!(member, expected, "{voucher} vouches of {n}");
            assert_eq!(roll.is_in(&device(newcomer as u8 + 1)), expected.is_some());
            let knock = roll.knocks.values().find(|knock| knock.proposals == [act]).unwrap();
            let next = if voucher < in_at { in_at } else { say_at };
            assert_eq!((knock.vouches, knock.needed), (voucher, next));
            scene.approve(voucher, act);
        }
        scene.meet();
        assert!(scene.roll(0).has_say(&scene.member(newcomer)), "all {n} vouched");
    }
}

#[test]
fn putting_an_act_approves_nothing() {
    let mut scene = Scene::new(2);
    scene.knock(1);
    scene.meet();
    let act = scene.propose(0, 1);
    let explained = scene.people[0].charter.explain(act).unwrap();
    assert_eq!((explained.kind, explained.state), ("admit", ActState::Open));
    assert_eq!((explained.n, explained.threshold, explained.missing), (1, 1, 1));
    assert!(explained.counted.is_empty() && !scene.roll(0).is_in(&device(2)));
}

#[test]
fn who_is_in_without_a_say_puts_acts_and_does_not_count() {
    let mut scene = Scene::new(8);
    let (eighth, seventh) = (scene.people.pop().unwrap(), scene.people.pop().unwrap());
    scene.everyone_gets_a_say();
    scene.people.extend([seventh, eighth]);
    // Two of six vouch: person 6 is in. Then they put person 7's admission and approve it.
    scene.knock(6);
    scene.tell(6, 0);
    let act = scene.vouch_first(0, 6);
    scene.tell(0, 1);
    scene.approve(1, act);
    scene.meet();
    assert!(scene.roll(0).is_in(&device(7)) && !scene.roll(0).has_say(&scene.member(6)));
    scene.knock(7);
    scene.meet();
    let act = scene.vouch_first(6, 7);
    scene.meet();
    let explained = scene.people[0].charter.explain(act).unwrap();
    assert!(explained.counted.is_empty());
    assert_eq!(explained.not_counted.len(), 1);
    assert_eq!(explained.not_counted[0].0, scene.member(6));
    assert!(explained.not_counted[0].2.starts_with("charter 3"));
    assert_eq!((explained.state, explained.n), (ActState::Open, 6));
    // Their act is one all the same: two with a say are enough.
    scene.approve(0, act);
    scene.approve(1, act);
    scene.meet();
    assert!(scene.roll(5).is_in(&device(8)));
}

#[test]
fn vouches_on_two_proposals_do_not_add_up() {
    let mut scene = Scene::new(4);
    let outside = scene.people.pop().unwrap();
    scene.everyone_gets_a_say();
    scene.people.push(outside);
    scene.knock(3);
    scene.meet();
    let (one, two) = (scene.vouch_first(0, 3), scene.vouch_first(1, 3));
    scene.meet();
    let roll = scene.roll(2);
    assert!(!roll.is_in(&device(4)));
    let mut proposals = vec![one, two];
    proposals.sort_unstable();
    let knock = scene.people[3].first.unwrap();
    assert_eq!(roll.knocks[&knock].proposals, proposals);
    // What nodes do by themselves: repeat the vouch on the one with the smallest id.
    let me = scene.member(0);
    let open = scene.people[0].charter.vouches(&knock, &me);
    assert_eq!(open.iter().map(|vouch| vouch.act).collect::<Vec<_>>(), proposals);
    assert_eq!(open.iter().filter(|vouch| vouch.given).map(|vouch| vouch.act).next(), Some(one));
    assert!(open.iter().all(|vouch| vouch.counts));
    scene.approve(0, proposals[0]);
    scene.approve(1, proposals[0]);
    scene.meet();
    assert!(scene.roll(2).has_say(&scene.member(3)));
}

#[test]
fn a_member_counts_once_however_often_they_approve() {
    let mut scene = Scene::new(4);
    let outside = scene.people.pop().unwrap();
    scene.everyone_gets_a_say();
    scene.people.push(outside);
    scene.knock(3);
    scene.meet();
    let act = scene.vouch_first(0, 3);
    scene.approve(0, act);
    scene.approve(0, act);
    let explained = scene.people[0].charter.explain(act).unwrap();
    assert_eq!((explained.counted.len(), explained.missing), (1, 1));
    assert!(!scene.roll(0).is_in(&device(4)));
}

#[test]
fn an_approval_is_stale_once_more_than_two_have_a_say_whom_the_act_did_not_know() {
    let mut scene = Scene::new(6);
    let rest: Vec<_> = scene.people.drain(2..).collect();
    scene.everyone_gets_a_say();
    scene.people.extend(rest);
    // Person 5's admission is put while two have a say; then three more come to have one.
    scene.knock(5);
    scene.tell(5, 0);
    let old = scene.vouch_first(0, 5);
    for newcomer in 2..5 {
        scene.tell(0, 1);
        scene.knock(newcomer);
        scene.tell(newcomer, 0);
        let act = scene.vouch_first(0, newcomer);
        scene.tell(0, 1);
        scene.approve(1, act);
        scene.tell(1, 0);
        if newcomer == 4 {
            scene.tell(0, 2);
            scene.approve(2, act);
            scene.tell(2, 0);
            scene.tell(2, 1);
        }
    }
    let roll = scene.roll(0);
    assert_eq!(roll.electorate().len(), 5);
    let explained = scene.people[0].charter.explain(old).unwrap();
    assert_eq!((explained.state, explained.n), (ActState::Stale, 2));
    scene.approve(1, old);
    scene.meet();
    let explained = scene.people[0].charter.explain(old).unwrap();
    assert!(
        explained
            .not_counted
            .iter()
            .any(|(who, _, rule)| { *who == scene.member(1) && rule.starts_with("charter 4") })
    );
    assert!(!scene.roll(0).is_in(&device(6)));
    // Put again it counts.
    let new = scene.vouch_first(1, 5);
    scene.tell(1, 2);
    scene.approve(2, new);
    scene.meet();
    assert!(scene.roll(0).is_in(&device(6)));
}

#[test]
fn an_approval_from_before_the_others_came_is_not_stale() {
    let mut scene = Scene::new(6);
    let rest: Vec<_> = scene.people.drain(2..).collect();
    scene.everyone_gets_a_say();
    scene.people.extend(rest);
    scene.knock(5);
    scene.tell(5, 0);
    let old = scene.vouch_first(0, 5);
    scene.tell(0, 1);
    // On person 1's node nobody else has come yet.
    scene.approve(1, old);
    scene.meet();
    assert!(scene.roll(4).has_say(&scene.member(5)));
}

#[test]
fn the_roll_has_what_the_rest_of_the_program_asks_for() {
    let mut scene = Scene::new(3);
    scene.everyone_gets_a_say();
    let roll = scene.roll(2);
    assert_eq!((roll.version, &*roll.zone), (1, "Europe/Berlin"));
    assert_eq!(roll.thresholds, super::usual());
    assert!(roll.ends.is_empty() && roll.mandates.is_empty());
    assert_eq!(roll.rekeys.len(), 1);
    assert_eq!(roll.member_of(&device(2)), Some(scene.member(1)));
    assert_eq!(roll.by_peer(super::node_key(2).peer_id()), [device(2)]);
    assert_eq!(roll.devices[&device(3)].card, Some(super::card(&scene.space, 3)));
    // Nobody but the founder was given the epoch: both newcomers are owed it.
    assert_eq!(roll.owed(&device(2)).len(), 1);
    assert_eq!(roll.peers_in().count(), 3);
    assert!(!roll.knows(&device(9)) && roll.owed(&device(9)).is_empty());
}
