//! A space without a charter: authors with logs written by hand, and rolls.

use std::sync::Arc;

use charter::{Device, Member, Roll, Standing};
use ledger::{
    DeviceId, DeviceKey, Entry, Hash, HeaderKind, MemberId, SpaceId, Timestamp, Unsigned,
    charter_items::{CharterItem, End, Fraction, Genesis, Invite, Rekey, Thresholds},
    content_items::{ContentBody, ContentItem},
};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use replica::Replica;
use seal::Secret;
use store::{Batch, MemoryStore};

use crate::body::{self, At, Packing};

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
        let rekey = Rekey {
            key: secret(1).key_id(),
            seals: ledger::Bounded::default(),
            succeeds: ledger::Bounded::default(),
        };
        let items = vec![CharterItem::Genesis(genesis), CharterItem::Rekey(rekey)];
        let items = items.try_into().unwrap();
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

    /// Has an author's key sign another entry at a place of its log: what is written from now on by
    /// the author whose number this is stands in that branch.
    pub(super) fn fork(&mut self, author: usize, at: usize) -> usize {
        self.keys.push(DeviceKey::from_seed(&[author as u8 + 1; 32]));
        self.logs.push(self.logs[author][..at].to_vec());
        self.logs.len() - 1
    }

    /// The first of the logs that have this one's key.
    pub(super) fn first_log_of(&self, log: usize) -> usize {
        let device = self.device(log);
        self.keys.iter().position(|key| key.id() == device).unwrap()
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
        let body =
            body::close(&Packing::default(), &epoch.content_key(), at, &items, &mut self.rng)
                .unwrap();
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
            kind: HeaderKind::Content(epoch.key_id()),
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
            roll.devices
                .insert(self.device(author), Device { member, card: None, ended, depth: 0 });
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
