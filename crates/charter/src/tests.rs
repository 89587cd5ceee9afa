//! People who write charter entries on their own nodes and meet, as histories for tests.

mod admission;
mod agreement;
mod cards;
mod devices;
mod entries;
mod forks;
mod invites;
mod order;
mod thresholds;

use std::{collections::BTreeSet, sync::Arc};

use ledger::{
    Blob, Bounded, DeviceId, DeviceKey, Entry, EntryId, Frontier, HeaderKind, ItemId, ItemRef,
    JournalId, MemberId, NodeKey, SealKey, SpaceId, Text, Timestamp, Tip, Unsigned,
    charter_items::{
        Act, Admit, Approve, Card, CharterBody, CharterItem, Fraction, Genesis, Invite, Knock,
        Propose, Rekey, Thresholds,
    },
};

use crate::{Charter, Refused, Roll};

/// Somebody with a device, and what their node has.
pub(super) struct Person {
    pub(super) key: Arc<DeviceKey>,
    pub(super) charter: Charter,
    pub(super) has: Vec<(Entry, CharterBody)>,
    /// The genesis or the knock, whose hash is the member.
    first: Option<EntryId>,
}

/// A space and its people; person 0 founded it, the others may knock.
pub(super) struct Scene {
    pub(super) space: SpaceId,
    pub(super) people: Vec<Person>,
    pub(super) ticket: Arc<DeviceKey>,
    /// Of the founder: for any number of knocks.
    pub(super) invite: ItemId,
    /// The entry that has it, which the ticket names.
    pub(super) known: EntryId,
}

pub(super) fn key(n: u8) -> DeviceKey {
    DeviceKey::from_seed(&[n; 32])
}

/// The node key of the home of `key(n)`.
pub(super) fn node_key(n: u8) -> NodeKey {
    NodeKey::from_seed(&[n + 100; 32])
}

pub(super) fn card(space: &SpaceId, n: u8) -> Card {
    Card::sign(&node_key(n), SealKey::from_bytes([n; 32]), space, &device(n))
}

/// A ticket of its own for so many knocks.
pub(super) fn invite_item(knocks_max: u32) -> CharterItem {
    let expires = Timestamp::from_ms(9_000);
    CharterItem::Invite(Invite { ticket: key(201).id(), expires, knocks_max })
}

pub(super) fn fraction(numerator: u8, denominator: u8) -> Fraction {
    Fraction { numerator, denominator }
}

pub(super) fn genesis_items(key: &DeviceKey, thresholds: Thresholds) -> Vec<CharterItem> {
    let zone = Text::try_from("Europe/Berlin").unwrap();
    let genesis = Genesis { version: 1, thresholds, zone, device: key.id(), refounds: None };
    let rekey = Rekey {
        key: ledger::KeyId::from_bytes([9; 32]),
        seals: Bounded::default(),
        succeeds: Bounded::default(),
    };
    vec![CharterItem::Genesis(genesis), CharterItem::Rekey(rekey)]
}

pub(super) fn usual() -> Thresholds {
    Thresholds { grave: fraction(2, 3), other: fraction(1, 2) }
}

pub(super) fn sign(
    key: &DeviceKey,
    journal: JournalId,
    tip: Option<(u64, EntryId)>,
    heads: Vec<EntryId>,
    items: Vec<CharterItem>,
) -> (Entry, CharterBody) {
    let body: CharterBody = items.try_into().unwrap();
    let unsigned = Unsigned {
        journal,
        seq: tip.map_or(0, |(length, _)| length),
        stamp: Timestamp::from_ms(1_000),
        backlink: tip.map(|(_, head)| head),
        kind: HeaderKind::Charter(heads.try_into().unwrap()),
        body: ledger::encode(&body),
    };
    (unsigned.sign(key).unwrap(), body)
}

impl Scene {
    /// A space that one person founded, with a card and a ticket, and `n` people in all.
    pub(super) fn new(n: u8) -> Self {
        let founder = key(1);
        let items = genesis_items(&founder, usual());
        let genesis = sign(&founder, JournalId::GENESIS, None, Vec::new(), items);
        let space = SpaceId::from(genesis.0.id);
        let person = |n: u8| Person {
            key: key(n + 1).into(),
            charter: Charter::new(space),
            has: Vec::new(),
            first: None,
        };
        let people = (0..n).map(person).collect();
        let (ticket, invite, known) = (key(200).into(), ItemId::default(), EntryId::default());
        let mut scene = Self { space, people, ticket, invite, known };
        scene.people[0].first = Some(genesis.0.id);
        scene.people[0].take(&genesis).unwrap();
        scene.write(0, vec![CharterItem::Card(card(&space, 1))]);
        let (ticket, expires) = (scene.ticket.id(), Timestamp::from_ms(9_000));
        let invite = CharterItem::Invite(Invite { ticket, expires, knocks_max: 100 });
        scene.known = scene.write(0, vec![invite]);
        scene.invite = ItemId::of(&scene.known, 0);
        scene
    }

    /// Writes an entry on a person's node, on all that it has.
    pub(super) fn write(&mut self, who: usize, items: Vec<CharterItem>) -> EntryId {
        let person = &self.people[who];
        let guests = items.iter().filter_map(|item| match item {
            CharterItem::Propose(Propose { act: Act::Admit(admit), .. }) => {
                person.guest(&admit.knock)
            }
            _ => None,
        });
        let heads = person.charter.heads_for(&person.key.id(), guests).into_inner();
        self.write_on(who, heads, items).unwrap()
    }

    pub(super) fn write_on(
        &mut self,
        who: usize,
        heads: Vec<EntryId>,
        items: Vec<CharterItem>,
    ) -> Result<EntryId, Refused> {
        let journal = self.space.charter_journal();
        let person = &mut self.people[who];
        let own: Vec<_> =
            person.has.iter().filter(|(entry, _)| entry.device() == person.key.id()).collect();
        let tip = own.last().map(|(entry, _)| (own.len() as u64, entry.id));
        let written = sign(&person.key, journal, tip, heads, items);
        person.take(&written)?;
        Ok(written.0.id)
    }

    /// `to` gets all that `from` has.
    pub(super) fn tell(&mut self, from: usize, to: usize) {
        let all = self.people[from].has.clone();
        for entry in &all {
            if !self.people[to].charter.knows_entry(&entry.0.id) {
                self.people[to].take(entry).unwrap();
            }
        }
    }

    /// Everybody gets everything.
    pub(super) fn meet(&mut self) {
        let n = self.people.len();
        (1..n).for_each(|one| self.tell(one, 0));
        (1..n).for_each(|one| self.tell(0, one));
    }

    pub(super) fn knock_item(&self, who: usize, ticket: &DeviceKey, invite: ItemId) -> CharterItem {
        let mut knock = Knock {
            invite,
            known: self.known,
            name: Blob::try_from(vec![who as u8; 20]).unwrap(),
            ticket_signature: ledger::Signature::from_bytes([0; 64]),
        };
        knock.sign(ticket, &self.space, &self.people[who].key.id());
        CharterItem::Knock(knock)
    }

    /// A person knocks with the founder's ticket, having what the founder has; their card follows.
    pub(super) fn knock(&mut self, who: usize) {
        let card = card(&self.space, who as u8 + 1);
        self.knock_with(who, card);
    }

    pub(super) fn knock_with(&mut self, who: usize, card: Card) {
        self.tell(0, who);
        let knock = self.knock_item(who, &self.ticket.clone(), self.invite);
        // A newcomer has seen one entry, the one that the ticket names.
        let entry = self.write_on(who, vec![self.known], vec![knock]).unwrap();
        self.people[who].first = Some(entry);
        self.write_on(who, Vec::new(), vec![CharterItem::Card(card)]).unwrap();
    }

    pub(super) fn member(&self, who: usize) -> MemberId {
        MemberId::from(self.people[who].first.expect("somebody who founded or knocked"))
    }

    /// Puts a newcomer's admission and approves nothing.
    pub(super) fn propose(&mut self, who: usize, newcomer: usize) -> ItemId {
        let knock = self.people[newcomer].first.expect("who knocked");
        let propose = Propose { act: Act::Admit(Admit { knock }), reason: None };
        ItemId::of(&self.write(who, vec![CharterItem::Propose(propose)]), 0)
    }

    /// Puts a newcomer's admission and approves it in the same entry.
    pub(super) fn vouch_first(&mut self, who: usize, newcomer: usize) -> ItemId {
        let knock = self.people[newcomer].first.expect("who knocked");
        let propose = Propose { act: Act::Admit(Admit { knock }), reason: None };
        let approve = Approve { acts: Bounded::one(ItemRef::Here(0)) };
        let items = vec![CharterItem::Propose(propose), CharterItem::Approve(approve)];
        ItemId::of(&self.write(who, items), 0)
    }

    pub(super) fn approve(&mut self, who: usize, act: ItemId) -> EntryId {
        let acts = Bounded::one(ItemRef::Id(act));
        self.write(who, vec![CharterItem::Approve(Approve { acts })])
    }

    /// Newcomer after newcomer is let in by as many as it takes for a say, everybody present.
    pub(super) fn everyone_gets_a_say(&mut self) {
        for newcomer in 1..self.people.len() {
            self.knock(newcomer);
            self.tell(newcomer, 0);
            let act = self.vouch_first(0, newcomer);
            for voucher in 1..newcomer {
                self.tell(voucher - 1, voucher);
                if !self.roll(voucher).has_say(&self.member(newcomer)) {
                    self.approve(voucher, act);
                }
            }
            self.meet();
            assert!(self.roll(0).has_say(&self.member(newcomer)), "person {newcomer}");
        }
    }

    pub(super) fn roll(&mut self, who: usize) -> std::sync::Arc<Roll> {
        self.people[who].charter.now(&BTreeSet::new())
    }
}

impl Person {
    /// The card behind a knock, or the knock, where no other device has named it.
    fn guest(&self, knock: &EntryId) -> Option<EntryId> {
        let of_knock = self.has.iter().map(|(entry, _)| entry).filter(|entry| {
            entry.id == *knock || (entry.seq() == 1 && entry.header.backlink == Some(*knock))
        });
        let last = of_knock.max_by_key(|entry| entry.seq()).map(|entry| entry.id);
        last.filter(|id| !self.charter.has_entry(id))
    }

    pub(super) fn take(&mut self, entry: &(Entry, CharterBody)) -> Result<(), Refused> {
        self.charter.add(&entry.0, entry.1.clone())?;
        self.has.push(entry.clone());
        Ok(())
    }

    pub(super) fn frontier(&self) -> Frontier {
        frontier(self.has.iter().map(|(entry, _)| entry))
    }
}

pub(super) fn frontier<'a>(entries: impl Iterator<Item = &'a Entry>) -> Frontier {
    let mut frontier = Frontier::default();
    for entry in entries {
        let tip = Tip { length: entry.seq() + 1, head: entry.id };
        if frontier.length(&entry.device()) < tip.length {
            frontier.set(entry.device(), tip).unwrap();
        }
    }
    frontier
}

pub(super) fn device(n: u8) -> DeviceId {
    key(n).id()
}
