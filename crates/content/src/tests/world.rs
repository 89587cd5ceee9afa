//! A space without a charter: authors with logs written by hand, and nodes that are given a roll.

use std::{collections::BTreeMap, sync::Arc};

use charter::{Device, Member, Roll, Standing};
use log::{
    DeviceId, DeviceKey, Entry, Hash, ItemId, JournalKind, MemberId, Run, SpaceId, Timestamp,
    Unsigned,
    charter_items::{CharterItem, End, Fraction, Genesis, Invite, Thresholds},
    content_items::{ContentBody, ContentItem, Schema},
};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use replica::Replica;
use seal::Secret;
use store::{Batch, MemoryStore, Order, Store, StoreError};

use crate::{
    Content, DocumentRow, Fingerprint, Loc, ShownClaim, ShownPost,
    body::{self, At},
};

/// Authors, each with one device and one log.
pub(super) struct World {
    pub(super) space: SpaceId,
    pub(super) keys: Vec<DeviceKey>,
    pub(super) logs: Vec<Vec<Entry>>,
    pub(super) rng: ChaCha8Rng,
}

/// The secret of an epoch.
pub(super) fn secret(n: u8) -> Secret {
    Secret::from_bytes([n; 32])
}

impl World {
    pub(super) fn new(seed: u64, authors: usize) -> Self {
        let key = |n: usize| DeviceKey::from_seed(&[n as u8 + 1; 32]);
        Self {
            space: SpaceId::from_bytes([7; 32]),
            keys: (0..authors).map(key).collect(),
            logs: vec![Vec::new(); authors],
            rng: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    pub(super) fn device(&self, author: usize) -> DeviceId {
        self.keys[author].id()
    }

    pub(super) fn member(&self, author: usize) -> MemberId {
        MemberId::from(Hash::of(self.device(author).as_bytes()))
    }

    /// Gives the space a charter: its genesis, and an invite by the first author.
    pub(super) fn found(&mut self) -> (Entry, Entry) {
        let fraction = |numerator, denominator| Fraction { numerator, denominator };
        let thresholds = Thresholds { grave: fraction(2, 3), other: fraction(1, 2) };
        let device = self.device(0);
        let zone = "Europe/Rome".try_into().unwrap();
        let genesis = Genesis { version: 1, thresholds, zone, device, refounds: None };
        let items = vec![CharterItem::Genesis(genesis)].try_into().unwrap();
        let genesis = Replica::genesis(&self.keys[0], Timestamp::default(), items).unwrap();
        let mut store = MemoryStore::default();
        let (replica, _) = Replica::found(&mut store, genesis.clone(), Batch::default()).unwrap();
        self.space = replica.space();
        let invite = Invite { ticket: device, expires: Timestamp::default(), knocks_max: 1 };
        let items = vec![CharterItem::Invite(invite)];
        let now = Timestamp::default();
        let invite = replica.sign_charter(&store, &self.keys[0], now, items).unwrap();
        (genesis, invite)
    }

    /// The next entry of an author's log, under the first epoch.
    pub(super) fn write(&mut self, author: usize, stamp: u64, items: Vec<ContentItem>) -> Entry {
        self.write_under(&secret(1), author, stamp, items)
    }

    pub(super) fn write_under(
        &mut self,
        epoch: &Secret,
        author: usize,
        stamp: u64,
        items: Vec<ContentItem>,
    ) -> Entry {
        let at = self.at(epoch, author);
        let items: ContentBody = items.try_into().unwrap();
        let body = body::close(&epoch.content_key(), at, &items, &mut self.rng).unwrap();
        self.sign(epoch, author, stamp, body)
    }

    /// The next entry of an author's log, whose body holds these bytes, whatever they are.
    pub(super) fn write_bytes(&mut self, author: usize, plain: &[u8]) -> Entry {
        let epoch = secret(1);
        let At { journal, device, seq, key } = self.at(&epoch, author);
        let at = seal::AssociatedData { journal, device, seq, key };
        let body = seal::seal_body(&epoch.content_key(), at, plain, &mut self.rng).unwrap();
        self.sign(&epoch, author, 1, body)
    }

    pub(super) fn at(&self, epoch: &Secret, author: usize) -> At {
        let (journal, device) = (self.space.content_journal(), self.device(author));
        At { journal, device, seq: self.logs[author].len() as u64, key: epoch.key_id() }
    }

    pub(super) fn sign(
        &mut self,
        epoch: &Secret,
        author: usize,
        stamp: u64,
        body: Vec<u8>,
    ) -> Entry {
        let log = &mut self.logs[author];
        let unsigned = Unsigned {
            journal: self.space.content_journal(),
            seq: log.len() as u64,
            stamp: Timestamp::from_ms(stamp),
            backlink: log.last().map(|last| last.id),
            kind: JournalKind::Content(epoch.key_id()),
            body,
        };
        let entry = unsigned.sign(&self.keys[author]).unwrap();
        log.push(entry.clone());
        entry
    }

    /// A roll in which all are in, and these logs end after so many entries.
    pub(super) fn roll(&self, ends: &[(usize, u64)]) -> Arc<Roll> {
        let mut roll = Roll::default();
        for author in 0..self.keys.len() {
            let member = self.member(author);
            let ended = ends.iter().any(|(log, _)| *log == author);
            roll.members.insert(member, Member { standing: Standing::In, say: true });
            roll.devices.insert(self.device(author), Device { member, card: None, ended });
        }
        for (author, length) in ends {
            let device = self.device(*author);
            let last = length
                .checked_sub(1)
                .and_then(|last| self.logs[*author].get(last as usize).map(|entry| entry.id));
            roll.ends.insert(device, End { device, length: *length, last });
        }
        Arc::new(roll)
    }
}

/// One member's home.
pub(super) struct Node {
    pub(super) store: MemoryStore,
    pub(super) replica: Replica,
    pub(super) content: Content,
}

/// All that a node shows, and what waits.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Shown {
    documents: Vec<(DocumentRow, Vec<ItemId>, String)>,
    posts: BTreeMap<ItemId, ShownPost>,
    claims: Vec<ShownClaim>,
    names: Vec<Option<String>>,
    fingerprint: Fingerprint,
    waiting: Vec<Loc>,
    unread: u64,
}

impl Node {
    /// A home that holds the first epoch's secret.
    pub(super) fn new(world: &World) -> Self {
        let mut node = Self::without_key(world);
        node.learn(1);
        node
    }

    pub(super) fn without_key(world: &World) -> Self {
        let store = MemoryStore::default();
        let mut replica = Replica::open(&store, world.space).unwrap();
        replica.set_roll(world.roll(&[]));
        let content = Content::open(&store, &replica).unwrap();
        Self { store, replica, content }
    }

    pub(super) fn learn(&mut self, epoch: u8) {
        let mut batch = Batch::default();
        self.content.learn(secret(epoch), &mut batch);
        self.store.write(batch).unwrap();
    }

    pub(super) fn take(&mut self, entry: &Entry) {
        let run = Run::of(std::slice::from_ref(entry)).unwrap();
        self.replica.take(&mut self.store, run).unwrap();
    }

    pub(super) fn end(&mut self, world: &World, ends: &[(usize, u64)]) {
        self.replica.set_roll(world.roll(ends));
        self.content.recount(&self.store, &self.replica).unwrap();
    }

    pub(super) fn slice(&mut self, budget: usize) -> bool {
        self.content.read_slice(&mut self.store, &self.replica, budget).unwrap()
    }

    pub(super) fn read(&mut self) {
        while self.slice(5) {}
        assert!(!self.content.is_behind(&self.replica));
    }

    /// Reads until a write fails, the one after `after` more. How many failed.
    pub(super) fn read_until_failure(&mut self, after: u64, error: StoreError) -> usize {
        self.store.faults.write = Some((after, error));
        loop {
            match self.content.read_slice(&mut self.store, &self.replica, 3) {
                Ok(true) => {}
                Ok(false) => break,
                Err(_) => return 1,
            }
        }
        self.store.faults.write = None;
        0
    }

    /// Another node with the same store, freshly started.
    pub(super) fn copy(&self) -> Self {
        let store = self.store.clone();
        let mut replica = Replica::open(&store, self.replica.space()).unwrap();
        replica.set_roll(self.replica.roll().clone());
        let content = Content::open(&store, &replica).unwrap();
        Self { store, replica, content }
    }

    pub(super) fn take_and_read(&mut self, entries: &[&Entry]) {
        for entry in entries {
            self.take(entry);
            self.read();
        }
    }

    /// The process ends and starts again; under the same roll.
    pub(super) fn reopen(&mut self) {
        let roll = self.replica.roll().clone();
        self.reopen_under(roll);
    }

    /// The process ends, the roll changes, the process starts.
    pub(super) fn reopen_under(&mut self, roll: Arc<Roll>) {
        self.replica = Replica::open(&self.store, self.replica.space()).unwrap();
        self.replica.set_roll(roll);
        self.content = Content::open(&self.store, &self.replica).unwrap();
    }

    /// A node with the same entries under the same roll that has read them all afresh.
    pub(super) fn read_afresh(&self) -> Self {
        let mut zero = self.copy();
        zero.store.lose_index();
        zero.reopen();
        zero.read();
        zero
    }

    pub(super) fn rows(&self) -> Vec<DocumentRow> {
        let schemas = [Schema::Space, Schema::Campaign, Schema::Need, Schema::Unknown(999)];
        let of = |schema| self.content.documents(&self.store, schema).unwrap();
        schemas.into_iter().flat_map(of).collect()
    }

    pub(super) fn posts(&self) -> Vec<ShownPost> {
        let all = 0..=u64::MAX;
        self.content.posts(&self.store, all, Order::Ascending, usize::MAX).unwrap()
    }

    pub(super) fn shown(&mut self) -> Shown {
        let mut documents = Vec::new();
        let mut claims = Vec::new();
        for row in self.rows() {
            let document = self.content.document(&self.store, &row.id).unwrap().unwrap();
            claims.extend(self.content.claims(&self.store, &row.id).unwrap());
            documents.push((row, document.heads(), document.canonical().to_string()));
        }
        // Posts of one millisecond stand beside each other in the order in which they came.
        let without_number = |post: ShownPost| (post.first.id, ShownPost { number: 0, ..post });
        let members: Vec<_> = self.replica.roll().members.keys().copied().collect();
        let name = |member| self.content.name(&self.store, member).unwrap();
        let waiting = self.content.waiting(&self.store, usize::MAX).unwrap();
        let mut waiting: Vec<_> = waiting.into_iter().map(|waiting| waiting.loc).collect();
        waiting.sort_unstable();
        Shown {
            documents,
            posts: self.posts().into_iter().map(without_number).collect(),
            claims,
            names: members.iter().map(name).collect(),
            fingerprint: self.content.fingerprint(&self.store).unwrap(),
            waiting,
            unread: self.content.unread(&self.replica),
        }
    }

    /// Asserts that this node shows what it would, had it read everything afresh.
    pub(super) fn assert_as_afresh(&mut self) {
        assert_eq!(self.shown(), self.read_afresh().shown());
    }

    pub(super) fn waits(&self) -> usize {
        self.content.waiting(&self.store, usize::MAX).unwrap().len()
    }
}
