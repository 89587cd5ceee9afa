//! Writing this home's own entries.

use ledger::{
    Bounded, DeviceKey, Entry, HeaderKind, Journal, JournalId, KeyId, SpaceId, Timestamp, Unsigned,
    charter_items::{CharterBody, CharterItem},
    limits::STAMP_AHEAD_MS_MAX,
};
use store::{Batch, Store, StoreError, WriteId};

use super::{Replica, take_charter::admitted};
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
        replica.set_clock(genesis.header.stamp);
        let write = replica.append(store, genesis, extra)?;
        Ok((replica, write))
    }

    /// Signs the next charter entry of `key`'s log, its heads all tips that are here and the guests
    /// that it proposes to admit. A device whose log forks writes nothing more, nor does one of
    /// which something may be lost.
    pub fn sign_charter(
        &self,
        store: &impl Store,
        key: &DeviceKey,
        now: Timestamp,
        items: Vec<CharterItem>,
    ) -> Result<Entry, TakeError> {
        let items: CharterBody = items.try_into().map_err(|_| damaged("too many items"))?;
        let device = key.id();
        let end = self.charter.end_of(&device);
        let is_branching = end.is_none() && self.charter.frontier().log(&device).is_some();
        if self.is_forked(Journal::Charter, &device) || is_branching {
            return Err(Refused::OwnFork.into());
        }
        if !self.charter_lost.is_empty() {
            return Err(Refused::OwnHole.into());
        }
        let knocks = admitted(&items).filter_map(|knock| self.guests.get(&knock));
        let guests = knocks.map(|guest| guest.last().id);
        let kind = HeaderKind::Charter(self.charter.heads_for(&device, guests));
        let last = end.map(|end| self.entries.by_id(store, &end.head)).transpose()?.flatten();
        Ok(self.sign(Journal::Charter, key, now, kind, last, ledger::encode(&items))?)
    }

    /// Signs the next content entry of `key`'s log; the body is encrypted under `epoch`. A device
    /// whose log forks, or has a hole, writes nothing more.
    pub fn sign_content(
        &self,
        store: &impl Store,
        key: &DeviceKey,
        now: Timestamp,
        epoch: KeyId,
        body: Vec<u8>,
    ) -> Result<Entry, TakeError> {
        let kind = HeaderKind::Content(epoch);
        if self.is_forked(Journal::Content, &key.id()) {
            return Err(Refused::OwnFork.into());
        }
        if self.has_hole(&key.id()) {
            return Err(Refused::OwnHole.into());
        }
        let length = self.content.frontier().length(&key.id());
        let last = match length.checked_sub(1) {
            None => None,
            Some(seq) => {
                let last = self.content.read(store, key.id().into(), seq, 1)?.pop();
                Some(last.ok_or_else(|| damaged("the end of a log"))?)
            }
        };
        Ok(self.sign(Journal::Content, key, now, kind, last, body)?)
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
        match &entry.header.kind {
            HeaderKind::Charter(_) => self.append_charter(store, entry, extra),
            HeaderKind::Content(_) => {
                self.content.must_have_room(&entry.device())?;
                let entries = [entry];
                let placed = self.content.place(store, &entries, false)?;
                if placed.begins.is_some() || placed.known > 0 {
                    return Err(Refused::OwnFork.into());
                }
                Ok(self.store_content(store, placed, &entries, extra)?)
            }
        }
    }

    fn append_charter(
        &mut self,
        store: &mut impl Store,
        entry: Entry,
        extra: Batch,
    ) -> Result<WriteId, TakeError> {
        self.hear(&entry)?;
        let id = entry.id;
        self.heard.add(entry);
        let settled = self.settle_with(store, false, extra);
        if matches!(&settled, Ok(changes) if changes.write.is_some()) && self.has_charter_entry(&id)
        {
            return Ok(settled?.write.unwrap_or_default());
        }
        // It was never said that it is written, so nothing may take it later.
        self.heard.remove(&id);
        let heard = self.heard.take();
        self.read_again(store, heard)?;
        Err(settled
            .map_or_else(TakeError::from, |_| Refused::Charter(charter::Refused::Order).into()))
    }

    fn sign(
        &self,
        journal: Journal,
        key: &DeviceKey,
        now: Timestamp,
        kind: HeaderKind,
        last: Option<Entry>,
        body: Vec<u8>,
    ) -> Result<Entry, StoreError> {
        let (seq, backlink, stamp) = match last {
            None => (0, None, Timestamp::default()),
            Some(last) => (last.seq() + 1, Some(last.id), last.header.stamp),
        };
        let journal = journal.id(self.space);
        // A clock that was mended is mended: what it said while it was far ahead binds nobody.
        let is_near = stamp <= now.plus_ms(STAMP_AHEAD_MS_MAX);
        let stamp = if is_near { now.max(stamp) } else { now };
        let unsigned = Unsigned { journal, seq, stamp, backlink, kind, body };
        unsigned.sign(key).map_err(|_| damaged("an entry too long to sign"))
    }
}
