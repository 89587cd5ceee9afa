//! Which entries a charter takes (CHARTER 1 and 2, DESIGN 5).

use ledger::{
    Bounded, EntryId, ItemId, JournalId, SpaceId,
    charter_items::{Approve, CharterItem, Seal, SealedSecret},
};

use super::{Scene, card, device, genesis_items, key, sign, usual};
use crate::{Charter, Refused};

#[test]
fn a_charter_begins_with_its_own_genesis_and_has_no_other() {
    let genesis = |n: u8| {
        let key = key(n);
        sign(&key, JournalId::GENESIS, None, Vec::new(), genesis_items(&key, usual()))
    };
    let (ours, other) = (genesis(1), genesis(2));
    let mut charter = Charter::new(SpaceId::from(ours.0.id));
    assert_eq!(charter.add(&other.0, other.1.clone()), Err(Refused::Genesis));
    assert_eq!(charter.add(&ours.0, ours.1.clone()), Ok(()));
    assert_eq!(charter.add(&ours.0, ours.1.clone()), Ok(()), "it is here");
    assert_eq!(charter.add(&other.0, other.1), Err(Refused::Genesis));
}

#[test]
fn a_genesis_has_a_rekey_and_nothing_else_and_is_of_version_1() {
    let refused = |change: &dyn Fn(&mut Vec<CharterItem>)| {
        let founder = key(1);
        let mut items = genesis_items(&founder, usual());
        change(&mut items);
        let (entry, body) = sign(&founder, JournalId::GENESIS, None, Vec::new(), items);
        Charter::new(SpaceId::from(entry.id)).add(&entry, body) == Err(Refused::Genesis)
    };
    assert!(!refused(&|_| {}));
    assert!(refused(&|items| _ = items.pop()));
    assert!(refused(&|items| items.swap(0, 1)));
    assert!(refused(&|items| items.push(items[1].clone())));
    let card = || CharterItem::Card(card(&SpaceId::default(), 1));
    assert!(refused(&|items| items.insert(1, card())));
    assert!(refused(&|items| items.push(card())));
    let genesis = |items: &mut Vec<CharterItem>,
                   change: &dyn Fn(&mut ledger::charter_items::Genesis)| {
        let CharterItem::Genesis(genesis) = &mut items[0] else { unreachable!() };
        change(genesis);
    };
    assert!(refused(&|items| genesis(items, &|genesis| genesis.version = 2)));
    assert!(refused(&|items| genesis(items, &|genesis| genesis.device = device(2))));
}

#[test]
fn a_log_goes_on_in_order_and_only_on_a_past_that_is_here() {
    let mut scene = Scene::new(2);
    let journal = scene.space.charter_journal();
    let approve = || vec![CharterItem::Approve(Approve { acts: Bounded::default() })];
    let (founder, tip) = (key(1), scene.known);
    let mut add = |tip: Option<(u64, EntryId)>, heads: Vec<EntryId>| {
        let (entry, body) = sign(&founder, journal, tip, heads, approve());
        scene.people[0].charter.add(&entry, body)
    };
    assert_eq!(add(Some((4, tip)), Vec::new()), Err(Refused::Order));
    assert_eq!(add(Some((3, EntryId::from_bytes([3; 32]))), Vec::new()), Err(Refused::Past));
    assert_eq!(add(None, vec![tip]), Err(Refused::Order));
    assert_eq!(add(Some((3, tip)), vec![EntryId::from_bytes([3; 32])]), Err(Refused::Past));
    assert_eq!(add(Some((3, tip)), Vec::new()), Ok(()));
}

/// Keys cost nothing: what they sign on an old past is not played from there.
#[test]
fn what_no_ticket_signed_costs_no_fold() {
    let mut scene = Scene::new(2);
    let none = CharterItem::Approve(Approve { acts: Bounded::default() });
    let old = scene.known;
    (0..50).for_each(|_| _ = scene.write(0, vec![none.clone()]));
    let before = scene.people[0].charter.work();
    for n in 0..99 {
        let forged = scene.knock_item(1, &key(100 + n), scene.invite);
        let (entry, body) =
            sign(&key(2), scene.space.charter_journal(), None, vec![old], vec![forged]);
        assert_eq!(scene.people[0].charter.add(&entry, body), Err(Refused::Begins));
    }
    assert_eq!(scene.people[0].charter.work(), before);
}

#[test]
fn nobody_begins_a_log_without_a_ticket() {
    let mut scene = Scene::new(3);
    scene.tell(0, 1);
    let (ticket, invite, known) = (scene.ticket.clone(), scene.invite, scene.known);
    let none = CharterItem::Approve(Approve { acts: Bounded::default() });
    assert_eq!(scene.write_on(1, vec![known], vec![none.clone()]), Err(Refused::Begins));
    // Another key than the ticket's.
    let forged = scene.knock_item(1, &key(201), invite);
    assert_eq!(scene.write_on(1, vec![known], vec![forged]), Err(Refused::Begins));
    // A ticket that nobody made.
    let invented = scene.knock_item(1, &ticket, ItemId::from_bytes([4; 32]));
    assert_eq!(scene.write_on(1, vec![known], vec![invented]), Err(Refused::Begins));
    // A knock that was signed for another device.
    let stolen = scene.knock_item(2, &ticket, invite);
    assert_eq!(scene.write_on(1, vec![known], vec![stolen]), Err(Refused::Begins));
    // A past without the invite, or another one than the ticket names.
    let knock = scene.knock_item(1, &ticket, invite);
    let genesis = scene.people[0].first.unwrap();
    assert_eq!(scene.write_on(1, vec![genesis], vec![knock.clone()]), Err(Refused::Begins));
    let later = scene.write(0, vec![none.clone()]);
    scene.tell(0, 1);
    assert_eq!(scene.write_on(1, vec![later], vec![knock.clone()]), Err(Refused::Begins));
    // More than the knock.
    let both = vec![knock.clone(), none];
    assert_eq!(scene.write_on(1, vec![known], both), Err(Refused::Begins));
    assert!(scene.write_on(1, vec![known], vec![knock]).is_ok());
}

#[test]
fn seals_by_those_who_are_in_are_kept_for_whom_they_are() {
    let mut scene = Scene::new(2);
    scene.everyone_gets_a_say();
    let epoch = *scene.roll(0).rekeys.keys().next().unwrap();
    assert_eq!(scene.roll(0).owed(&device(2)), [epoch]);
    let sealed = vec![7; 80].try_into().unwrap();
    let seals = Bounded::one(SealedSecret { device: device(2), sealed });
    scene.write(0, vec![CharterItem::Seal(Seal { key: epoch, seals })]);
    scene.meet();
    let roll = scene.roll(1);
    assert!(roll.owed(&device(2)).is_empty());
    assert_eq!(roll.seals_for(&device(2)), [(epoch, vec![7; 80])]);
}
