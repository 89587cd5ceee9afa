//! Items of stored entries: opened, and what stands around one that is being read.

use std::sync::Arc;

use ledger::{
    Entry, EntryId, HeaderKind, ItemId, ItemRef, KeyId, Run, RunEntry, Timestamp,
    content_items::{ContentBody, ContentItem, Edit},
};
use replica::{Log, Replica, Stored};
use store::{Store, StoreError};

use crate::{
    body::{self, At, Opened},
    content::Content,
    limits::bytes_cost,
    place::Loc,
    rows::Made,
};

/// An item that is being read, with what surrounds it.
pub(crate) struct Reading {
    pub(crate) entry: EntryId,
    pub(crate) stamp: Timestamp,
    /// Where the entry stands in lists, if its stamp is doubtful.
    pub(crate) stands: Option<Timestamp>,
    pub(crate) loc: Loc,
    pub(crate) id: ItemId,
}

impl Reading {
    /// The item at an index of an entry.
    pub(crate) fn of(log: Log, entry: &Entry, stands: Option<Timestamp>, index: u16) -> Self {
        let Log { device, branch } = log;
        let loc = Loc { device, seq: entry.seq(), index, branch };
        let (stamp, id) = (entry.header.stamp, ItemId::of(&entry.id, index));
        Self { entry: entry.id, stamp, stands, loc, id }
    }

    /// What the item names, where it names an item of its own entry too.
    pub(crate) fn resolve(&self, named: ItemRef) -> ItemId {
        named.resolve(&self.entry)
    }

    /// What a document that is made here has from here.
    pub(crate) fn made(&self) -> Made {
        Made { loc: self.loc, entry: self.entry, stamp: self.stamp, stands: self.stands }
    }

    /// The document that an edit, which this is, changes: the one that it makes, if it names none.
    pub(crate) fn document(&self, edit: &Edit) -> ItemId {
        edit.document.map_or(self.id, |document| self.resolve(document))
    }
}

/// What an entry is to whoever reads it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Weight {
    /// Items in it; one where it cannot be read.
    pub items: u64,
    /// Bytes of its body.
    pub bytes: u64,
    /// Bytes that it unpacks to; as many where it cannot be read.
    pub plain_bytes: u64,
}

/// The items of a body, and what it weighed to come to them.
#[derive(Default)]
struct Unpacked {
    items: ContentBody,
    bytes: u64,
}

impl Content {
    /// What each entry of a content run of this space is to read, in order. What cannot be opened
    /// weighs its body; nothing is verified, and nothing is kept.
    pub fn weigh(&self, run: &Run) -> Vec<Weight> {
        let mut key = None;
        let weigh = |(seq, entry): (u64, &RunEntry)| {
            key = entry.key.or(key);
            let body = entry.body.as_ref().map_or(&[][..], |body| body);
            let bytes = body.len() as u64;
            let unread = Weight { items: 1, bytes, plain_bytes: bytes };
            let opened = key.and_then(|key| {
                let at = At { journal: run.journal, device: run.device, seq, key };
                let plain =
                    body::unpack(&self.packing, self.keys.content_key(&key)?, at, body).ok()?;
                let items = body::items(&plain).map_or(1, |items| items.len().max(1));
                Some(Weight { items: items as u64, bytes, plain_bytes: plain.len() as u64 })
            });
            opened.unwrap_or(unread)
        };
        (run.first_seq..).zip(run.entries.iter()).map(weigh).collect()
    }

    /// The entry at a place, opened. None where there is none, or where its key is not held, and
    /// then its log waits.
    pub(crate) fn open_entry(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        log: Log,
        seq: u64,
    ) -> Result<Option<Arc<Opened>>, StoreError> {
        let is_it = |opened: &&Arc<Opened>| (opened.log, opened.entry.seq()) == (log, seq);
        if let Some(opened) = self.opened.as_ref().filter(is_it) {
            return Ok(Some(opened.clone()));
        }
        let stored = replica.content_entry(store, log, seq)?;
        let Some(Stored { entry, came }) = stored else { return Ok(None) };
        let Some(items) = self.open_body(replica, log, &entry) else { return Ok(None) };
        let opened = Arc::new(Opened { log, entry, came, items });
        self.opened = Some(opened.clone());
        Ok(Some(opened))
    }

    /// The items of an entry; `None` where its key is not held.
    fn open_body(&mut self, replica: &Replica, log: Log, entry: &Entry) -> Option<ContentBody> {
        match self.unpack(replica, entry) {
            Ok(Unpacked { items, bytes }) => {
                self.work.entries += u64::from(bytes > 0);
                self.spent += bytes_cost(bytes);
                Some(items)
            }
            Err(epoch) => {
                self.locked.insert(log, epoch);
                None
            }
        }
    }

    /// The items of an entry; none where they cannot be read. The key where that is not held.
    fn unpack(&self, replica: &Replica, entry: &Entry) -> Result<Unpacked, KeyId> {
        let (HeaderKind::Content(epoch), Some(sealed)) = (&entry.header.kind, &entry.body) else {
            return Ok(Unpacked::default());
        };
        let key = self.keys.content_key(epoch).ok_or(*epoch)?;
        let journal = replica.space().content_journal();
        let at = At { journal, device: entry.device(), seq: entry.seq(), key: *epoch };
        let plain = body::unpack(&self.packing, key, at, sealed).unwrap_or_default();
        let bytes = (sealed.len() + plain.len()) as u64;
        Ok(Unpacked { items: body::items(&plain).unwrap_or_default(), bytes })
    }

    /// The item `id` that was read before, from its entry; none where that is lost, or where
    /// another one stands in its place by now. The entry is kept: its next item need not open it
    /// again.
    pub(crate) fn item(
        &self,
        store: &impl Store,
        replica: &Replica,
        loc: &Loc,
        id: &ItemId,
    ) -> Result<Option<ContentItem>, StoreError> {
        let mut shown = self.shown.borrow_mut();
        let is_it = |(entry, _): &&(EntryId, ContentBody)| ItemId::of(entry, loc.index) == *id;
        if shown.as_ref().filter(is_it).is_none() {
            let Some(stored) = replica.content_entry(store, loc.log(), loc.seq)? else {
                return Ok(None);
            };
            let Ok(Unpacked { items, .. }) = self.unpack(replica, &stored.entry) else {
                return Ok(None);
            };
            *shown = Some((stored.entry.id, items));
        }
        let items = shown.as_ref().filter(is_it).map(|(_, items)| items);
        Ok(items.and_then(|items| items.get(usize::from(loc.index)).cloned()))
    }
}
