//! Cards: entries of their own, which the node key has signed too (CHARTER 1).

use std::collections::BTreeSet;

use ledger::{
    Bounded, ItemId, JournalId, NodeKey, PeerId, SealKey, Signature, SpaceId,
    charter_items::{Approve, Card, CharterItem},
};

use super::{Scene, card, device, genesis_items, key, node_key, sign, usual};
use crate::{Charter, Refused};

fn peer(n: u8) -> PeerId {
    node_key(n).peer_id().clone()
}

fn other_item() -> CharterItem {
    CharterItem::Approve(Approve { acts: Bounded::default() })
}

/// A card of device `n` that names the node of `named` and that of `by` has signed.
fn forged(space: &SpaceId, n: u8, named: u8, by: u8) -> CharterItem {
    let card = Card::sign(&node_key(by), SealKey::from_bytes([n; 32]), space, &device(n));
    CharterItem::Card(Card { peer: peer(named), ..card })
}

#[test]
fn a_genesis_without_a_card_next_to_it_still_folds() {
    let founder = key(1);
    let items = genesis_items(&founder, usual());
    let genesis = sign(&founder, JournalId::GENESIS, None, Vec::new(), items);
    let space = SpaceId::from(genesis.0.id);
    let mut charter = Charter::new(space);
    charter.add(&genesis.0, genesis.1).unwrap();
    // The founder is in at once, so their log goes on with whatever they write.
    let journal = space.charter_journal();
    let tip = Some((1, genesis.0.id));
    let next = sign(&founder, journal, tip, Vec::new(), vec![other_item()]);
    charter.add(&next.0, next.1).unwrap();
    let roll = charter.now(&BTreeSet::new());
    assert!(roll.is_in(&device(1)) && roll.rekeys.len() == 1);
    assert_eq!((roll.devices[&device(1)].card.as_ref(), roll.peers_in().count()), (None, 0));
    let late = vec![CharterItem::Card(card(&space, 1))];
    let late = sign(&founder, journal, Some((2, next.0.id)), Vec::new(), late);
    charter.add(&late.0, late.1).unwrap();
    assert_eq!(charter.now(&BTreeSet::new()).by_peer(&peer(1)), [device(1)]);
}

#[test]
fn a_card_with_another_s_peer_id_gives_nothing() {
    let mut scene = Scene::new(3);
    scene.everyone_gets_a_say();
    let space = scene.space;
    assert_eq!(scene.roll(0).by_peer(&peer(2)), [device(2)]);
    // A member's PeerId and an outsider's, signed by one's own node key or by none.
    let unsigned = |named| {
        let signature = Signature::from_bytes([0; 64]);
        let seal_key = SealKey::from_bytes([3; 32]);
        CharterItem::Card(Card { peer: peer(named), seal_key, signature })
    };
    for named in [2, 77] {
        for item in [forged(&space, 3, named, 3), unsigned(named)] {
            scene.write(2, vec![item]);
        }
    }
    // One that its node did sign, for another device or in another space.
    let of_another = Card::sign(&node_key(77), SealKey::default(), &space, &device(2));
    let elsewhere = Card::sign(&node_key(77), SealKey::default(), &SpaceId::default(), &device(3));
    scene.write(2, vec![CharterItem::Card(of_another)]);
    scene.write(2, vec![CharterItem::Card(elsewhere)]);
    scene.meet();
    let roll = scene.roll(0);
    assert_eq!(roll.by_peer(&peer(2)), [device(2)]);
    assert!(roll.by_peer(&peer(77)).is_empty());
    // What came after it changes nothing: the one that holds is still the newest.
    assert_eq!(roll.by_peer(&peer(3)), [device(3)]);
}

#[test]
fn a_newcomer_with_another_s_peer_id_is_in_and_reached_nowhere() {
    let mut scene = Scene::new(2);
    scene.tell(0, 1);
    let knock = scene.knock_item(1, &scene.ticket.clone(), scene.invite);
    let knock = scene.write_on(1, vec![scene.known], vec![knock]).unwrap();
    scene.people[1].first = Some(knock);
    let outsider = forged(&scene.space, 2, 77, 2);
    scene.write_on(1, Vec::new(), vec![outsider]).unwrap();
    scene.tell(1, 0);
    scene.vouch_first(0, 1);
    let roll = scene.roll(0);
    assert!(roll.is_in(&device(2)) && roll.by_peer(&peer(77)).is_empty());
    assert_eq!((roll.devices[&device(2)].card.as_ref(), roll.peers_in().count()), (None, 1));
}

#[test]
fn a_card_beside_other_items_is_void_and_they_are_not() {
    let mut scene = Scene::new(1);
    let moved = || {
        let key = NodeKey::from_seed(&[50; 32]);
        CharterItem::Card(Card::sign(&key, SealKey::default(), &scene.space, &device(1)))
    };
    let invite = super::invite_item(5);
    let entries = [
        vec![moved(), other_item()],
        vec![other_item(), moved()],
        vec![moved(), moved()],
        vec![moved(), invite],
    ];
    let [.., last] = entries.map(|items| scene.write(0, items));
    let roll = scene.roll(0);
    assert_eq!(roll.by_peer(&peer(1)), [device(1)]);
    assert!(roll.invites.contains_key(&ItemId::of(&last, 1)));
}

#[test]
fn a_device_s_newest_card_is_the_last_of_its_log_that_holds() {
    let mut scene = Scene::new(2);
    scene.everyone_gets_a_say();
    let moved = Card::sign(
        &NodeKey::from_seed(&[50; 32]),
        SealKey::from_bytes([51; 32]),
        &scene.space,
        &device(2),
    );
    scene.write(1, vec![CharterItem::Card(moved.clone())]);
    assert_eq!(scene.roll(1).devices[&device(2)].card, Some(moved.clone()));
    scene.meet();
    let roll = scene.roll(0);
    assert_eq!(roll.devices[&device(2)].card, Some(moved.clone()));
    assert_eq!((roll.by_peer(&moved.peer), roll.by_peer(&peer(2))), (vec![device(2)], vec![]));
}

#[test]
fn a_log_that_knocked_goes_on_with_one_card_and_nothing_else() {
    let mut scene = Scene::new(3);
    scene.tell(0, 1);
    let knock = scene.knock_item(1, &scene.ticket.clone(), scene.invite);
    let knock = scene.write_on(1, vec![scene.known], vec![knock]).unwrap();
    scene.people[1].first = Some(knock);
    let card = |scene: &Scene| CharterItem::Card(card(&scene.space, 2));
    let refused = [
        vec![],
        vec![other_item()],
        vec![card(&scene), other_item()],
        vec![card(&scene), card(&scene)],
    ];
    for items in refused {
        assert_eq!(scene.write_on(1, Vec::new(), items), Err(Refused::GoesOn));
    }
    let written = vec![card(&scene)];
    scene.write_on(1, Vec::new(), written).unwrap();
    // A third entry is too many, whatever it is, until the admission is in its past.
    for items in [vec![card(&scene)], vec![other_item()]] {
        assert_eq!(scene.write_on(1, Vec::new(), items), Err(Refused::GoesOn));
    }
    scene.tell(1, 0);
    scene.vouch_first(0, 1);
    scene.tell(0, 1);
    let again = vec![card(&scene)];
    scene.write(1, again);
}

#[test]
fn a_card_that_comes_after_the_admission_is_taken_too() {
    // Whoever vouched had the knock alone: what the newcomer wrote next did not know of it.
    let mut scene = Scene::new(2);
    scene.tell(0, 1);
    let knock = scene.knock_item(1, &scene.ticket.clone(), scene.invite);
    let knock = scene.write_on(1, vec![scene.known], vec![knock]).unwrap();
    scene.people[1].first = Some(knock);
    scene.tell(1, 0);
    scene.vouch_first(0, 1);
    assert!(scene.roll(0).is_in(&device(2)) && scene.roll(0).by_peer(&peer(2)).is_empty());
    let card = CharterItem::Card(card(&scene.space, 2));
    scene.write_on(1, Vec::new(), vec![card]).unwrap();
    scene.meet();
    assert_eq!(scene.roll(0).by_peer(&peer(2)), [device(2)]);
    assert_eq!(scene.roll(1), scene.roll(0));
}
