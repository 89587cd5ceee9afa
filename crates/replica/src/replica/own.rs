//! Writing this home's own entries.

use ledger::{
    Bounded, DeviceKey, Entry, HeaderKind, Journal, JournalId, KeyId, SpaceId, Timestamp, Unsigned,
    charter_items::{CharterBody, CharterItem},
    limits::STAMP_AHEAD_MS_MAX,
};
use store::{Batch, Store, StoreError, WriteId};

use super::{Replica, charter_body};
use crate::{
    logs::damaged,
    refused::{Refused, TakeError},
};

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
            kind: HeaderKind::Charter(Bounded::default()),
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
        let body = charter_body(&genesis)?;
        replica.charter.check(&genesis, &body).map_err(Refused::from)?;
        let write = replica.store(store, Journal::Charter, vec![(genesis, Some(body))], extra)?;
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
        let items: CharterBody = items.try_into().map_err(|_| damaged("too many items"))?;
        let kind = HeaderKind::Charter(self.charter.tips_for(&key.id()));
        self.sign(store, Journal::Charter, key, now, kind, ledger::encode(&items))
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
        self.sign(store, Journal::Content, key, now, HeaderKind::Content(epoch), body)
    }

    /// Stores an entry of this home's own, `extra` with it.
    pub fn append(
        &mut self,
        store: &mut impl Store,
        entry: Entry,
        extra: Batch,
    ) -> Result<WriteId, TakeError> {
        if entry.body.is_none() {
            return Err(Refused::NoBody.into());
        }
        let journal = match &entry.header.kind {
            HeaderKind::Charter(_) => Journal::Charter,
            HeaderKind::Content(_) => Journal::Content,
        };
        self.logs(journal).must_have_room(&entry.device())?;
        let body = match journal {
            Journal::Charter => {
                let body = charter_body(&entry)?;
                self.charter.check(&entry, &body).map_err(Refused::from)?;
                Some(body)
            }
            Journal::Content => None,
        };
        Ok(self.store(store, journal, vec![(entry, body)], extra)?)
    }

    fn sign(
        &self,
        store: &impl Store,
        journal: Journal,
        key: &DeviceKey,
        now: Timestamp,
        kind: HeaderKind,
        body: Vec<u8>,
    ) -> Result<Entry, StoreError> {
        let logs = self.logs(journal);
        let (seq, backlink, last) = match logs.frontier().tip(&key.id()) {
            None => (0, None, Timestamp::default()),
            Some(tip) => {
                let last = logs.read(store, key.id(), tip.length - 1, 1)?;
                let last = last.first().ok_or_else(|| damaged("the end of a log"))?;
                (tip.length, Some(tip.head), last.header.stamp)
            }
        };
        let journal = journal.id(self.space);
        // A clock that was mended is mended: what it said while it was far ahead binds nobody.
        let is_near = last <= now.plus_ms(STAMP_AHEAD_MS_MAX);
        let stamp = if is_near { now.max(last) } else { now };
        let unsigned = Unsigned { journal, seq, stamp, backlink, kind, body };
        unsigned.sign(key).map_err(|_| damaged("an entry too long to sign"))
    }
}
