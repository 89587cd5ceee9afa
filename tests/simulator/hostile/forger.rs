//! A member's keys in the hands of somebody who writes what they like.

use content::Content;
use ledger::{
    Bounded, DeviceId, DeviceKey, Entry, EntryId, HeaderKind, Journal, Run, SpaceId, Timestamp,
    Unsigned,
    charter_items::{CharterBody, CharterItem},
    content_items::ContentItem,
};
use minicbor::{Decode, Encode};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use replica::{Door, Replica};
use store::{Batch, Direction, Group, MemoryStore, Store, Table};
use sync::SpaceRun;

/// A home in one space, without the engine that would keep to the rules.
pub(crate) struct Forger {
    pub(crate) space: SpaceId,
    pub(crate) key: DeviceKey,
    pub(crate) store: MemoryStore,
    pub(crate) replica: Replica,
    content: Content,
    rng: ChaCha20Rng,
    pub(crate) now: Timestamp,
    /// Charter entries that it signed behind a fork of its own.
    by_hand: Vec<Entry>,
}

/// What an engine's store keeps of a space, as far as it is needed here.
#[derive(Encode, Decode)]
struct Keys {
    #[n(0)]
    space: SpaceId,
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    device_seed: [u8; 32],
}

impl Forger {
    /// Takes over a home from its store.
    pub(crate) fn of(store: MemoryStore, space: SpaceId, now: u64) -> Self {
        let group = Group::of(&[b"spaces"]);
        let all = store.scan(Table::Facts, &group, 0..=u64::MAX, Direction::Ascending, 64);
        let keys = all.unwrap().into_iter().filter_map(|(_, bytes)| minicbor::decode(&bytes).ok());
        let keys: Keys = keys.into_iter().find(|keys: &Keys| keys.space == space).unwrap();
        let replica = Replica::open(&store, space).unwrap();
        let content = Content::open(&store, &replica).unwrap();
        Self {
            space,
            key: DeviceKey::from_seed(&keys.device_seed),
            store,
            replica,
            content,
            rng: ChaCha20Rng::seed_from_u64(7),
            now: Timestamp::from_ms(now),
            by_hand: Vec::new(),
        }
    }

    /// The same keys and logs once more: what the two write from here on are forks of each other.
    pub(crate) fn twin(&self) -> Self {
        let mut twin = Self::of(self.store.clone(), self.space, self.now.as_ms());
        twin.rng = ChaCha20Rng::seed_from_u64(8);
        twin
    }

    pub(crate) fn device(&self) -> DeviceId {
        self.key.id()
    }

    /// The next charter entry with these items; behind a fork of its own too, which no home does.
    pub(crate) fn charter(&mut self, items: Vec<CharterItem>) -> EntryId {
        let Ok(entry) = self.replica.sign_charter(&self.store, &self.key, self.now, items.clone())
        else {
            return self.charter_by_hand(&[], items);
        };
        let id = entry.id;
        self.replica.append(&mut self.store, entry, Batch::default()).unwrap();
        id
    }

    /// An entry behind its last one, on these others, which its own replica does not have.
    pub(crate) fn charter_by_hand(
        &mut self,
        heads: &[EntryId],
        items: Vec<CharterItem>,
    ) -> EntryId {
        let own = self.own_charter(0);
        let last = own.last().map(|(seq, id)| (*seq + 1, Some(*id)));
        let items: CharterBody = items.try_into().unwrap();
        let (seq, backlink) = last.unwrap_or_default();
        let unsigned = Unsigned {
            journal: Journal::Charter.id(self.space),
            seq,
            stamp: self.now,
            backlink,
            kind: HeaderKind::Charter(Bounded::first_of(heads.iter().copied())),
            body: ledger::encode(&items),
        };
        let entry = unsigned.sign(&self.key).unwrap();
        self.by_hand.push(entry.clone());
        entry.id
    }

    /// The places and ids of its charter entries from `from` on.
    fn own_charter(&self, from: u64) -> Vec<(u64, EntryId)> {
        let all = (0..).map_while(|n| self.replica.charter_arrival(n));
        let own = all.filter(|arrival| arrival.device == self.device());
        let own = own.map(|arrival| (arrival.seq, arrival.id));
        let by_hand = self.by_hand.iter().map(|entry| (entry.seq(), entry.id));
        own.chain(by_hand).filter(|(seq, _)| *seq >= from).collect()
    }

    /// The next content entry with these items.
    pub(crate) fn content(&mut self, items: Vec<ContentItem>) -> Entry {
        self.replica.set_clock(self.now);
        let (replica, now) = (&self.replica, self.now);
        let entry =
            self.content.write(&self.store, replica, &self.key, now, items, &mut self.rng).unwrap();
        self.replica.append(&mut self.store, entry.clone(), Batch::default()).unwrap();
        entry
    }

    /// Takes an entry of somebody else's, if it can be taken.
    pub(crate) fn take(&mut self, entry: &Entry) {
        _ = self.replica.take(&mut self.store, super::guest::run(entry), Door::MEMBER);
    }

    /// How much of its own log of a journal there is.
    pub(crate) fn length(&self, journal: Journal) -> u64 {
        self.replica.frontier(journal).length(&self.device())
    }

    /// The lengths of its own logs, charter and content.
    pub(crate) fn lengths(&self) -> [u64; 2] {
        Journal::ALL.map(|journal| self.length(journal))
    }

    /// Its own log from `from` on, as runs.
    pub(crate) fn runs(&self, journal: Journal, mut from: u64) -> Vec<SpaceRun> {
        let space = self.space;
        if journal == Journal::Charter {
            let own = self.own_charter(from);
            return own
                .iter()
                .map(|(_, id)| SpaceRun { space, run: self.charter_run(id) })
                .collect();
        }
        let mut runs = Vec::new();
        while from < self.length(journal) {
            let run = self.replica.content_run(&self.store, self.device(), from).unwrap().unwrap();
            from += run.entries.len() as u64;
            runs.push(SpaceRun { space, run });
        }
        runs
    }

    fn charter_run(&self, id: &EntryId) -> Run {
        let by_hand = self.by_hand.iter().find(|entry| entry.id == *id);
        match by_hand {
            Some(entry) => Run::of(std::slice::from_ref(entry)).unwrap(),
            None => self.replica.known_run(&self.store, id).unwrap().unwrap(),
        }
    }
}
