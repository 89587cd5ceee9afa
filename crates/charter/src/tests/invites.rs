//! Invites: who makes one, how much it opens, and how it ends (CHARTER 2).

use ledger::{
    ItemId, ItemRef, Timestamp,
    charter_items::{CharterItem, Invite, Withdraw},
};

use super::{Scene, key};
use crate::Refused;

#[test]
fn an_invite_by_somebody_who_is_not_in_opens_nothing() {
    let mut scene = Scene::new(3);
    scene.knock(1);
    // Who only knocked cannot write on: a ticket is not enough to fill everyone's disk.
    let (ticket, expires) = (key(77), Timestamp::from_ms(1));
    let invite = Invite { ticket: ticket.id(), expires, knocks_max: 1 };
    let items = vec![CharterItem::Invite(invite)];
    assert_eq!(scene.write_on(1, Vec::new(), items.clone()), Err(Refused::GoesOn));
    scene.tell(1, 0);
    scene.vouch_first(0, 1);
    // Still not by a past that lacks the admission.
    assert_eq!(scene.write_on(1, Vec::new(), items.clone()), Err(Refused::GoesOn));
    scene.tell(0, 1);
    let entry = scene.write(1, items);
    scene.tell(1, 2);
    (scene.known, scene.invite) = (entry, ItemId::of(&entry, 0));
    let knock = scene.knock_item(2, &ticket, scene.invite);
    assert!(scene.write_on(2, vec![entry], vec![knock]).is_ok());
}

#[test]
fn an_invite_is_withdrawn_by_an_entry_that_knows_it() {
    let mut scene = Scene::new(2);
    let invite = scene.invite;
    let withdraw = |invite| vec![CharterItem::Withdraw(Withdraw { invite: ItemRef::Id(invite) })];
    assert!(!scene.roll(0).invites[&invite].withdrawn);
    scene.write(0, withdraw(invite));
    assert!(scene.roll(0).invites[&invite].withdrawn);
    // A knock from before it, or by somebody who did not know, is a knock all the same: whether a
    // ticket has ended is asked at the door.
    scene.knock(1);
    scene.tell(1, 0);
    assert_eq!(scene.roll(0).invites[&invite].knocks, 0, "a guest is beside the charter");
    scene.vouch_first(0, 1);
    assert_eq!(scene.roll(0).invites[&invite].knocks, 1);
}

#[test]
fn an_invite_beyond_the_bounds_is_void_on_every_node() {
    const DAY_MS: u64 = 24 * 60 * 60 * 1000;
    // The entries of a scene have this stamp.
    let stamp = Timestamp::from_ms(1_000);
    let mut scene = Scene::new(3);
    scene.knock(1);
    scene.tell(1, 0);
    scene.vouch_first(0, 1);
    scene.tell(0, 1);
    let ticket = key(77);
    let invite = |knocks_max, last_ms| {
        let expires = stamp.plus_ms(last_ms);
        CharterItem::Invite(Invite { ticket: ticket.id(), expires, knocks_max })
    };
    let table = [
        (100, 30 * DAY_MS, true),
        (101, 30 * DAY_MS, false),
        (100, 30 * DAY_MS + 1, false),
        (4_000_000_000, DAY_MS, false),
        (1, 4_000 * DAY_MS, false),
        (0, 0, true),
    ];
    for (knocks_max, last_ms, holds) in table {
        let entry = scene.write(1, vec![invite(knocks_max, last_ms)]);
        let id = ItemId::of(&entry, 0);
        scene.tell(1, 0);
        for who in [0, 1] {
            assert_eq!(scene.roll(who).invites.contains_key(&id), holds, "{knocks_max} {last_ms}");
        }
        // A knock on a void one is refused like one on none, and withdrawing it does nothing.
        scene.tell(1, 2);
        (scene.known, scene.invite) = (entry, id);
        let knock = scene.knock_item(2, &ticket, id);
        if !holds {
            assert_eq!(scene.write_on(2, vec![entry], vec![knock]), Err(Refused::Begins));
            let invite = ItemRef::Id(id);
            scene.write(1, vec![CharterItem::Withdraw(Withdraw { invite })]);
            assert!(!scene.roll(1).invites.contains_key(&id));
        }
    }
    let knock = scene.knock_item(2, &ticket, scene.invite);
    assert!(scene.write_on(2, vec![scene.known], vec![knock]).is_ok());
}
