//! Writing this home's own entries.

use ledger::{
    Bounded, DeviceKey, Entry, JournalId, JournalKind, KeyId, SpaceId, Timestamp, Unsigned,
    charter_items::{CharterBody, CharterItem},
};
use store::{Batch, Store, StoreError, WriteId};

use super::{Replica, Which, charter_body};
use crate::{journal::damaged, refused::TakeError};

impl Replica {
    /// Signs the first entry of a new space, whose id is its hash.
    pub fn genesis(
        key: &DeviceKey,
        now: Timestamp,
        items: CharterBody,
    ) -> Result<Entry, ledger::DecodeError> {
        Unsigned {
            journal: JournalId::GENESIS,
            seq: 0,
            stamp: now,
            backlink: None,
            kind: JournalKind::Charter(Bounded::default()),
            body: ledger::encode(&items),
        }
        .sign(key)
    }

    /// Founds the space of a genesis entry in the store, `extra` with it.
    pub fn found(
        store: &mut impl Store,
        genesis: Entry,
        extra: Batch,
    ) -> Result<(Self, WriteId), TakeError> {
        let mut replica = Self::open(store, SpaceId::from(genesis.id))?;
        let body = charter_body(&genesis).ok_or_else(|| damaged("a genesis"))?;
        replica.charter.check(&genesis, &body).map_err(crate::Refused::from)?;
        let write = replica.store(store, Which::Charter, vec![(genesis, Some(body))], extra)?;
        Ok((replica, write))
    }

    /// Signs the next charter entry of `key`'s log, its heads all tips that are here.
    pub fn sign_charter(
        &self,
        store: &impl Store,
        key: &DeviceKey,
        now: Timestamp,
        items: Vec<CharterItem>,
    ) -> Result<Entry, StoreError> {
        let heads = self.charter.tips_for(&key.id());
        // INVARIANT: `tips_for` names at most as many heads as fit.
        let heads = heads.try_into().unwrap_or_default();
        let items: CharterBody = items.try_into().map_err(|_| damaged("too many items"))?;
        let kind = JournalKind::Charter(heads);
        self.sign(store, Which::Charter, key, now, kind, ledger::encode(&items))
    }

    /// Signs the next content entry of `key`'s log; the body is encrypted under `epoch`.
    pub fn sign_content(
        &self,
        store: &impl Store,
        key: &DeviceKey,
        now: Timestamp,
        epoch: KeyId,
        body: Vec<u8>,
    ) -> Result<Entry, StoreError> {
        self.sign(store, Which::Content, key, now, JournalKind::Content(epoch), body)
    }

    /// Stores an entry of this home's own, `extra` with it.
    pub fn append(
        &mut self,
        store: &mut impl Store,
        entry: Entry,
        extra: Batch,
    ) -> Result<WriteId, TakeError> {
        match charter_body(&entry) {
            Some(body) => {
                self.charter.check(&entry, &body).map_err(crate::Refused::from)?;
                Ok(self.store(store, Which::Charter, vec![(entry, Some(body))], extra)?)
            }
            None => Ok(self.store(store, Which::Content, vec![(entry, None)], extra)?),
        }
    }

    fn sign(
        &self,
        store: &impl Store,
        which: Which,
        key: &DeviceKey,
        now: Timestamp,
        kind: JournalKind,
        body: Vec<u8>,
    ) -> Result<Entry, StoreError> {
        let journal = self.journal(which);
        let (seq, backlink, last) = match journal.frontier().tip(&key.id()) {
            None => (0, None, Timestamp::default()),
            Some(tip) => {
                let last = journal.read(store, key.id(), tip.length - 1, 1)?;
                let last = last.first().ok_or_else(|| damaged("the end of a log"))?;
                (tip.length, Some(tip.head), last.header.stamp)
            }
        };
        let journal = match which {
            Which::Charter => self.space.charter_journal(),
            Which::Content => self.space.content_journal(),
        };
        let unsigned = Unsigned { journal, seq, stamp: now.max(last), backlink, kind, body };
        unsigned.sign(key).map_err(|_| damaged("an entry too long to sign"))
    }
}
