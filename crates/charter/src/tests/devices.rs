//! Devices that a member's device adds (CHARTER 6): both sign, and the same entries give the same,
//! in whatever order they come.

use std::collections::BTreeSet;

use ledger::{
    DeviceKey, SealKey, Signature,
    charter_items::{Card, CharterItem, DeviceAdd},
};

use super::{
    Scene, key, node_key,
    order::{Written, all_orders, outcome},
    sign,
};
use crate::{
    Charter, Refused,
    limits::{ADDED_MAX, DEPTH_MAX},
};

/// What adds a device of these keys, as the device of person `by` does.
fn add(scene: &Scene, by: usize, new: &DeviceKey) -> CharterItem {
    let (device, signature) = (new.id(), Signature::from_bytes([0; 64]));
    let mut add = DeviceAdd { device, signature };
    add.sign(new, &scene.space, &scene.people[by].key.id());
    CharterItem::DeviceAdd(add)
}

fn card_of(scene: &Scene, new: &DeviceKey) -> CharterItem {
    let seal_key = SealKey::from_bytes([9; 32]);
    CharterItem::Card(Card::sign(&node_key(50), seal_key, &scene.space, &new.id()))
}

/// Person `by` writes on with a new device.
fn goes_on(scene: &mut Scene, by: usize, new: DeviceKey) {
    let item = add(scene, by, &new);
    scene.write(by, vec![item]);
    let card = card_of(scene, &new);
    scene.people[by].key = new.into();
    scene.write(by, vec![card]);
}

#[test]
fn an_added_device_speaks_for_its_member_and_counts_once() {
    let mut scene = Scene::new(4);
    scene.everyone_gets_a_say();
    let (before, old) = (scene.roll(0), scene.people[1].key.id());
    goes_on(&mut scene, 1, key(90));
    scene.meet();
    let roll = scene.roll(0);
    assert_eq!(roll.member_of(&key(90).id()), Some(scene.member(1)));
    assert!(roll.is_in(&key(90).id()) && roll.is_in(&old));
    assert_eq!(roll.by_peer(node_key(50).peer_id()), [key(90).id()]);
    assert_eq!((&roll.members, roll.electorate()), (&before.members, before.electorate()));
    // It approves for its member, once.
    let mut scene = Scene::new(4);
    scene.everyone_gets_a_say();
    scene.meet();
    goes_on(&mut scene, 1, key(90));
    scene.meet();
    let newcomer = scene.people.len() - 1;
    let act = scene.propose(0, newcomer);
    scene.meet();
    scene.approve(1, act);
    let explained = scene.people[1].charter.explain(act).unwrap();
    let counted: Vec<_> = explained.counted.iter().map(|(member, _)| *member).collect();
    assert_eq!(counted, [scene.member(1)]);
}

#[test]
fn nobody_begins_a_log_with_a_key_that_did_not_agree_or_by_who_is_not_in() {
    let mut scene = Scene::new(3);
    scene.everyone_gets_a_say();
    let (space, journal) = (scene.space, scene.space.charter_journal());
    let begins = |scene: &mut Scene, item: CharterItem, first: CharterItem| {
        scene.write(1, vec![item]);
        let charter = &mut scene.people[1].charter;
        let heads = charter.heads_for(&key(91).id(), []).into_inner();
        let (entry, body) = sign(&key(91), journal, None, heads, vec![first]);
        charter.add(&entry, body)
    };
    let card = card_of(&scene, &key(91));
    let unsigned = |device: &DeviceKey, by: usize, scene: &Scene| {
        let mut add = DeviceAdd { device: key(91).id(), signature: Signature::from_bytes([0; 64]) };
        add.sign(device, &space, &scene.people[by].key.id());
        CharterItem::DeviceAdd(add)
    };
    // Signed by another key, or for somebody else's device.
    for item in [unsigned(&key(92), 1, &scene), unsigned(&key(91), 2, &scene)] {
        let refused = begins(&mut scene, item, card.clone());
        assert!(matches!(refused, Err(Refused::Begins)), "{refused:?}");
        assert_eq!(scene.roll(1).member_of(&key(91).id()), None);
    }
    // Its first entry is its card.
    let item = add(&scene, 1, &key(91));
    let refused = begins(&mut scene, item, super::invite_item(3));
    assert!(matches!(refused, Err(Refused::Begins)), "{refused:?}");
    let item = add(&scene, 1, &key(91));
    begins(&mut scene, item, card).unwrap();
    // Who is not in adds nobody.
    let mut scene = Scene::new(2);
    scene.knock(1);
    let item = add(&scene, 1, &key(91));
    let heads = Vec::new();
    let refused = scene.write_on(1, heads, vec![item]);
    assert!(matches!(refused, Err(Refused::GoesOn)), "{refused:?}");
}

/// Whatever a member signs: many in one entry, one after the other, and each device further ones.
#[test]
fn a_member_has_so_many_devices_and_no_more() {
    let mut scene = Scene::new(2);
    scene.everyone_gets_a_say();
    let of_member = |scene: &mut Scene| {
        let (roll, member) = (scene.roll(1), scene.member(1));
        roll.devices.values().filter(|device| device.member == member).count()
    };
    let many: Vec<_> = (100..105).map(|n| add(&scene, 1, &key(n))).collect();
    scene.write(1, many);
    let item = add(&scene, 1, &key(110));
    scene.write(1, vec![item]);
    assert_eq!(of_member(&mut scene), 1 + ADDED_MAX);
    // One goes on with another, again and again.
    let mut last = key(100);
    let card = card_of(&scene, &last);
    scene.people[1].key = DeviceKey::from_seed(&[100; 32]).into();
    scene.write(1, vec![card]);
    for depth in 1..DEPTH_MAX {
        let charter = &scene.people[1].charter;
        assert!(charter.may_add_device(&last.id()), "{depth}");
        goes_on(&mut scene, 1, key(120 + depth));
        last = key(120 + depth);
        assert_eq!(scene.roll(1).devices[&last.id()].depth, depth + 1);
    }
    assert!(!scene.people[1].charter.may_add_device(&last.id()));
    let before = of_member(&mut scene);
    let item = add(&scene, 1, &key(150));
    scene.write(1, vec![item]);
    assert_eq!(of_member(&mut scene), before);
    let most: usize = (0..=u32::from(DEPTH_MAX)).map(|depth| ADDED_MAX.pow(depth)).sum();
    assert!(most <= ledger::limits::LOGS_MAX / 8, "{most}");
}

/// A key that two members add at the same time, and that is let in by a knock as well.
#[test]
fn whoever_claims_a_key_all_nodes_agree_whose_it_is() {
    let mut scene = Scene::new(3);
    scene.everyone_gets_a_say();
    scene.meet();
    let base = scene.people[0].has.clone();
    let shared = key(93);
    for by in [0, 1] {
        let item = add(&scene, by, &shared);
        scene.write(by, vec![item]);
    }
    scene.people.push(super::Person {
        key: key(93).into(),
        charter: Charter::new(scene.space),
        has: Vec::new(),
        first: None,
    });
    // The knock is signed with what the ticket's entry shows, and put by the third member.
    let newcomer = scene.people.len() - 1;
    for entry in &base {
        scene.people[newcomer].take(entry).unwrap();
    }
    let knock = scene.knock_item(newcomer, &scene.ticket.clone(), scene.invite);
    let known = scene.known;
    let entry = scene.write_on(newcomer, vec![known], vec![knock]).unwrap();
    scene.people[newcomer].first = Some(entry);
    scene.tell(newcomer, 2);
    let act = scene.vouch_first(2, newcomer);
    scene.tell(2, 0);
    scene.approve(0, act);
    scene.meet();
    let is_new = |entry: &&Written| !base.iter().any(|(known, _)| known.id == entry.0.id);
    for with_knock in [true, false] {
        let all = scene.people[0].has.iter().filter(is_new);
        let by_members = |entry: &&Written| {
            let device = entry.0.device();
            let is_add = matches!(entry.1.first(), Some(CharterItem::DeviceAdd(_)));
            with_knock || is_add && device != shared.id()
        };
        let new: Vec<_> = all.filter(by_members).cloned().collect();
        assert_eq!(new.len(), if with_knock { 5 } else { 2 });
        let (mut rolls, mut orders) = (BTreeSet::new(), 0);
        all_orders(&new, &mut base.clone(), &mut |order| {
            let mut charter = Charter::new(scene.space);
            for (entry, body) in order {
                charter.add(entry, body.clone()).unwrap();
            }
            let (roll, _) = outcome(&mut charter);
            let whose = roll.member_of(&shared.id()).unwrap();
            let smaller = scene.member(0).min(scene.member(1));
            let wanted = if with_knock { scene.member(newcomer) } else { smaller };
            assert_eq!(whose, wanted);
            assert_eq!(roll.members.len(), 3 + usize::from(with_knock));
            rolls.insert(format!("{roll:?}"));
            orders += 1;
        });
        assert_eq!(rolls.len(), 1, "{orders} orders");
        assert!(orders > 1);
    }
}
