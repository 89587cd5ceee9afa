//! A founded space, and content logs written by hand.

use std::{collections::BTreeMap, sync::Arc};

use charter::{Device, Roll};
use ledger::{
    Bounded, DeviceId, DeviceKey, Entry, ForkProof, Frontier, Hash, HeaderKind, ItemRef, Journal,
    KeyId, MemberId, NodeKey, Run, SealKey, SpaceId, Timestamp, Unsigned,
    charter_items::{
        Act, Admit, Approve, Card, CharterBody, CharterItem, End, Fraction, Genesis, Invite, Knock,
        Propose, Rekey, Thresholds,
    },
};
use store::{Batch, MemoryStore};

use crate::{Arrival, Branch, Door, Guest, Log, Replica, TakeError, Taken};

pub(super) fn key(n: u8) -> DeviceKey {
    DeviceKey::from_seed(&[n; 32])
}

pub(super) fn run(entries: &[Entry]) -> Run {
    Run::of(entries).unwrap()
}

/// A space that the first key founded, with its card and an invite: three charter entries.
pub(super) struct World {
    pub(super) space: SpaceId,
    pub(super) charter: Vec<Entry>,
}

impl World {
    pub(super) fn new() -> Self {
        let now = Timestamp::from_ms(1);
        let fraction = |numerator, denominator| Fraction { numerator, denominator };
        let thresholds = Thresholds { grave: fraction(2, 3), other: fraction(1, 2) };
        let (device, zone) = (key(1).id(), "Europe/Rome".try_into().unwrap());
        let genesis = Genesis { version: 1, thresholds, zone, device, refounds: None };
        let (key_id, seals) = (KeyId::from_bytes([5; 32]), Bounded::default());
        let rekey = Rekey { key: key_id, seals, succeeds: Bounded::default() };
        let items = vec![CharterItem::Genesis(genesis), CharterItem::Rekey(rekey)];
        let genesis = Replica::genesis(&key(1), now, items.try_into().unwrap()).unwrap();
        let mut store = MemoryStore::default();
        let (mut replica, _) =
            Replica::found(&mut store, genesis.clone(), Batch::default()).unwrap();
        let space = replica.space();
        let mut charter = vec![genesis];
        let invite = Invite { ticket: key(9).id(), expires: now, knocks_max: 1 };
        for item in [CharterItem::Card(card(&space, 1)), CharterItem::Invite(invite)] {
            let entry = replica.sign_charter(&store, &key(1), now, vec![item]).unwrap();
            replica.append(&mut store, entry.clone(), Batch::default()).unwrap();
            charter.push(entry);
        }
        Self { space, charter }
    }

    /// A knock of a key on the invite, and the card behind it.
    pub(super) fn guest(&self, n: u8) -> [Entry; 2] {
        self.guest_called(n, 1)
    }

    /// As [`World::guest`], under another name: another knock of the same key.
    pub(super) fn guest_called(&self, n: u8, name: u8) -> [Entry; 2] {
        let (known, signature) = (self.charter[2].id, key(9).sign(b"", b""));
        let (invite, name) = (ledger::ItemId::of(&known, 0), vec![name; 16].try_into().unwrap());
        let mut knock = Knock { invite, known, name, ticket_signature: signature };
        knock.sign(&key(9), &self.space, &key(n).id());
        let sign = |seq, backlink, heads, item| {
            let body: CharterBody = Bounded::one(item);
            let (journal, stamp) = (self.space.charter_journal(), Timestamp::from_ms(1));
            let (kind, body) = (HeaderKind::Charter(heads), ledger::encode(&body));
            Unsigned { journal, seq, stamp, backlink, kind, body }.sign(&key(n)).unwrap()
        };
        let first = sign(0, None, Bounded::one(known), CharterItem::Knock(knock));
        let card = CharterItem::Card(card(&self.space, n));
        let second = sign(1, Some(first.id), Bounded::default(), card);
        [first, second]
    }

    /// What could stand next in the founder's charter log: an empty list.
    pub(super) fn next_in_charter(&self) -> Entry {
        let (journal, backlink) = (self.space.charter_journal(), Some(self.charter[2].id));
        let (stamp, kind) = (Timestamp::from_ms(1), HeaderKind::Charter(Default::default()));
        let unsigned = Unsigned { journal, seq: 3, stamp, backlink, kind, body: vec![0x80] };
        unsigned.sign(&key(1)).unwrap()
    }

    /// The first `count` entries of the content log of a key, this many bytes in each body.
    pub(super) fn log(&self, n: u8, count: u64, bytes: usize) -> Vec<Entry> {
        self.continued(n, &[], count, bytes)
    }

    /// `count` more entries behind those of a log.
    pub(super) fn continued(&self, n: u8, on: &[Entry], count: u64, bytes: usize) -> Vec<Entry> {
        let mut log = on.to_vec();
        for _ in 0..count {
            let seq = log.last().map_or(0, |last| last.seq() + 1);
            let backlink = log.last().map(|last| last.id);
            log.push(self.entry(n, seq, backlink, vec![seq as u8; bytes]));
        }
        log.split_off(on.len())
    }

    pub(super) fn entry(
        &self,
        n: u8,
        seq: u64,
        backlink: Option<ledger::EntryId>,
        body: Vec<u8>,
    ) -> Entry {
        let (journal, kind) = (self.space.content_journal(), HeaderKind::Content(epoch()));
        let unsigned =
            Unsigned { journal, seq, stamp: Timestamp::from_ms(seq), backlink, kind, body };
        unsigned.sign(&key(n)).unwrap()
    }

    /// A node that has the charter.
    pub(super) fn node(&self) -> Node {
        let mut node = Node::empty(self.space);
        for entry in &self.charter {
            node.take(std::slice::from_ref(entry)).unwrap();
        }
        node
    }
}

pub(super) fn epoch() -> KeyId {
    KeyId::from_bytes([8; 32])
}

/// To admit who knocked.
pub(super) fn admit(knock: &Entry) -> Vec<CharterItem> {
    let propose = Propose { act: Act::Admit(Admit { knock: knock.id }), reason: None };
    let approve = Approve { acts: Bounded::one(ItemRef::Here(0)) };
    vec![CharterItem::Propose(propose), CharterItem::Approve(approve)]
}

fn card(space: &SpaceId, n: u8) -> Card {
    let node = NodeKey::from_seed(&[n + 100; 32]);
    Card::sign(&node, SealKey::from_bytes([n; 32]), space, &key(n).id())
}

/// One home.
pub(super) struct Node {
    pub(super) store: MemoryStore,
    pub(super) replica: Replica,
}

/// All that a replica answers.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Known {
    charter: Frontier,
    pub(super) content: Frontier,
    roll: Arc<Roll>,
    arrivals: Vec<Arrival>,
    guests: Vec<Guest>,
    forks: Vec<ForkProof>,
    branches: Vec<Branch>,
    newer: Vec<(Journal, DeviceId)>,
    runs: Vec<Vec<u8>>,
}

impl Node {
    pub(super) fn empty(space: SpaceId) -> Self {
        let store = MemoryStore::default();
        let replica = Replica::open(&store, space).unwrap();
        Self { store, replica }
    }

    pub(super) fn take(&mut self, entries: &[Entry]) -> Result<Taken, TakeError> {
        self.replica.take(&mut self.store, run(entries), Door::MEMBER)
    }

    /// Takes a log in runs, each as long as a run can be.
    pub(super) fn take_log(&mut self, entries: &[Entry]) {
        for run in entries.chunk_by(|one, _| !one.is_anchor()) {
            self.take(run).unwrap();
        }
    }

    /// Signs a charter entry with a key, on all that is here, and stores it.
    pub(super) fn writes(&mut self, n: u8, items: Vec<CharterItem>) -> Entry {
        let now = Timestamp::from_ms(3);
        let entry = self.replica.sign_charter(&self.store, &key(n), now, items).unwrap();
        self.replica.append(&mut self.store, entry.clone(), Batch::default()).unwrap();
        entry
    }

    pub(super) fn reopened(&self) -> Self {
        let store = self.store.clone();
        let replica = Replica::open(&store, self.replica.space()).unwrap();
        Self { store, replica }
    }

    /// The charter's roll with these ends.
    pub(super) fn end(&mut self, ends: &[(u8, u64)]) {
        let mut roll = Roll::clone(self.replica.roll());
        let end = |(n, length): &(u8, u64)| {
            let device = key(*n).id();
            (device, End { device, length: *length, last: None })
        };
        roll.ends = ends.iter().map(end).collect();
        self.replica.set_roll(Arc::new(roll));
    }

    /// A roll that knows these devices.
    pub(super) fn know(&mut self, devices: impl Iterator<Item = DeviceId>) {
        let device = |id: DeviceId| {
            let member = MemberId::from(Hash::of(id.as_bytes()));
            (id, Device { member, card: None, ended: false, depth: 0 })
        };
        let devices: BTreeMap<_, _> = devices.map(device).collect();
        let roll = Roll { devices, ..Roll::clone(self.replica.roll()) };
        self.replica.set_roll(Arc::new(roll));
    }

    pub(super) fn known(&self) -> Known {
        let Self { store, replica } = self;
        let arrivals: Vec<_> =
            (0..replica.charter_entries()).filter_map(|n| replica.charter_arrival(n)).collect();
        let charter = (0..arrivals.len()).map(|n| replica.charter_run(store, n).unwrap().unwrap());
        let mut runs: Vec<_> = charter.map(|run| run.encode()).collect();
        for (log, _) in replica.content_logs() {
            runs.extend(self.content_runs(log).iter().map(Run::encode));
        }
        Known {
            charter: replica.frontier(Journal::Charter).clone(),
            content: replica.frontier(Journal::Content).clone(),
            roll: replica.roll().clone(),
            arrivals,
            guests: replica.guests().map(|(_, guest)| guest.clone()).collect(),
            forks: replica.proofs().cloned().collect(),
            branches: replica.content_branches().copied().collect(),
            newer: replica.newer_logs().collect(),
            runs,
        }
    }

    /// A content log, as it is sent.
    pub(super) fn content_runs(&self, log: impl Into<Log>) -> Vec<Run> {
        let (log, mut runs, mut from) = (log.into(), Vec::new(), 0);
        while let Some(run) = self.replica.content_run(&self.store, log, from).unwrap() {
            from = run.first_seq + run.entries.len() as u64;
            runs.push(run);
        }
        runs
    }
}
