//! Items of stored entries: opened, and what stands around one that is being read.

use ledger::{
    Entry, HeaderKind, ItemId, ItemRef,
    content_items::{ContentBody, ContentItem, Edit},
};
use replica::Replica;
use store::{Store, StoreError};

use crate::{
    body::{self, At},
    content::Content,
    limits::bytes_cost,
    place::Loc,
    rows::Made,
};

/// An item that is being read, with what surrounds it.
pub(crate) struct Reading<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) loc: Loc,
    pub(crate) id: ItemId,
}

impl<'a> Reading<'a> {
    /// The item at an index of an entry.
    pub(crate) fn of(entry: &'a Entry, index: u16) -> Self {
        let loc = Loc { device: entry.device(), seq: entry.seq(), index };
        Self { entry, loc, id: ItemId::of(&entry.id, index) }
    }

    /// What the item names, where it names an item of its own entry too.
    pub(crate) fn resolve(&self, named: ItemRef) -> ItemId {
        named.resolve(&self.entry.id)
    }

    /// What a document that is made here has from here.
    pub(crate) fn made(&self) -> Made {
        Made { loc: self.loc, entry: self.entry.id, stamp: self.entry.header.stamp }
    }

    /// The document that an edit, which this is, changes: the one that it makes, if it names none.
    pub(crate) fn document(&self, edit: &Edit) -> ItemId {
        edit.document.map_or(self.id, |document| self.resolve(document))
    }
}

impl Content {
    /// The items of an entry: none where its body is forgotten or cannot be read for good; `None`
    /// where its key is not held, and then its log waits.
    pub(crate) fn open_body(&mut self, replica: &Replica, entry: &Entry) -> Option<ContentBody> {
        let (HeaderKind::Content(epoch), Some(sealed)) = (&entry.header.kind, &entry.body) else {
            return Some(ContentBody::default());
        };
        let Some(key) = self.keys.content_key(epoch) else {
            self.locked.insert(entry.device(), *epoch);
            return None;
        };
        self.work.entries += 1;
        self.spent += bytes_cost(sealed.len() as u64);
        let journal = replica.space().content_journal();
        let at = At { journal, device: entry.device(), seq: entry.seq(), key: *epoch };
        Some(body::open(key, at, sealed).unwrap_or_default())
    }

    /// The item at a place, and its entry; none where that cannot be opened, or has no such item.
    pub(crate) fn item_at(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        loc: Loc,
    ) -> Result<Option<(Entry, ContentItem)>, StoreError> {
        let entries = replica.content_entries(store, loc.device, loc.seq, 1)?;
        let Some(entry) = entries.into_iter().next() else { return Ok(None) };
        let items = self.open_body(replica, &entry).unwrap_or_default();
        let item = items.into_iter().nth(usize::from(loc.index));
        Ok(item.map(|item| (entry, item)))
    }
}
