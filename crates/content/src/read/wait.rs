//! Items that wait for what they build on.

use log::{ItemId, content_items::ContentItem};
use minicbor::{Decode, Encode};
use store::{Batch, Key, Order, Store, StoreError, Table};

use super::{Reading, item_document};
use crate::{content::Content, place::Loc, tables};

/// An item that waits, and for what.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Waiting {
    /// Where it stands.
    #[n(0)]
    pub loc: Loc,
    /// The item that it waits for.
    #[n(1)]
    pub missing: ItemId,
}

impl Content {
    /// Items that wait, at most `limit`, for `why`.
    pub fn waiting(&self, store: &impl Store, limit: usize) -> Result<Vec<Waiting>, StoreError> {
        let group = tables::waiting(self.space);
        let all = 0..=u64::MAX;
        let found = store.scan(Table::Reading, &group, all, Order::Ascending, limit)?;
        Ok(found.into_iter().filter_map(|(_, bytes)| log::decode(&bytes).ok()).collect())
    }

    /// Notes that an item waits for `missing`, and where it is an edit, that its author's later
    /// ones in that document wait behind it.
    pub(super) fn wait(
        &mut self,
        store: &mut impl Store,
        reading: &Reading<'_>,
        item: &ContentItem,
        missing: ItemId,
        mut batch: Batch,
    ) -> Result<(), StoreError> {
        let number = tables::number_of(&reading.id);
        let waiting = Waiting { loc: reading.loc, missing };
        let all = Key::new(Table::Reading, tables::waiting(self.space), number);
        batch.put(all, log::encode(&waiting));
        let of_missing = tables::waiting_for(self.space, &missing);
        batch.put(Key::new(Table::Reading, of_missing, number), log::encode(&waiting));
        if let Some(document) = item_document(item, reading) {
            let key = tables::stalled(self.space, &document, &reading.loc.device);
            let stalled: Option<Stalled> =
                store.get(&key)?.and_then(|bytes| log::decode(&bytes).ok());
            if stalled.is_none_or(|stalled| stalled.number <= reading.loc.number()) {
                let last = Stalled { number: reading.loc.number(), item: reading.id };
                batch.put(key, log::encode(&last));
            }
        }
        store.write(batch).map(|_| ())
    }

    /// The waiting edit of the same author in the same document that this one has to wait behind.
    pub(super) fn stalled_behind(
        &self,
        store: &impl Store,
        item: &ContentItem,
        reading: &Reading<'_>,
    ) -> Result<Option<ItemId>, StoreError> {
        let Some(document) = item_document(item, reading) else { return Ok(None) };
        let key = tables::stalled(self.space, &document, &reading.loc.device);
        let stalled: Option<Stalled> = store.get(&key)?.and_then(|bytes| log::decode(&bytes).ok());
        Ok(stalled.map(|stalled| stalled.item).filter(|item| *item != reading.id))
    }

    /// An item has been read: what waited for it is read soon.
    pub(super) fn wake(
        &mut self,
        store: &impl Store,
        reading: &Reading<'_>,
        item: &ContentItem,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        // It may have waited itself.
        let number = tables::number_of(&reading.id);
        let waited = Key::new(Table::Reading, tables::waiting(self.space), number);
        if store.get(&waited)?.is_some() {
            batch.remove(waited);
        }
        if let Some(document) = item_document(item, reading) {
            let key = tables::stalled(self.space, &document, &reading.loc.device);
            if let Some(bytes) = store.get(&key)?
                && log::decode::<Stalled>(&bytes).is_ok_and(|last| last.item == reading.id)
            {
                batch.remove(key);
            }
        }
        let group = tables::waiting_for(self.space, &reading.id);
        let all = 0..=u64::MAX;
        for (number, bytes) in
            store.scan(Table::Reading, &group, all, Order::Ascending, usize::MAX)?
        {
            if let Ok(waiting) = log::decode::<Waiting>(&bytes) {
                self.woken.push_back(waiting.loc);
            }
            batch.remove(Key::new(Table::Reading, group.clone(), number));
        }
        Ok(())
    }

    /// After a start: what waited for something that is there by now was woken and not read.
    pub(crate) fn wake_satisfied(&mut self, store: &impl Store) -> Result<(), StoreError> {
        for waiting in self.waiting(store, usize::MAX)? {
            if self.place(store, &waiting.missing)?.is_some() {
                self.woken.push_back(waiting.loc);
            }
        }
        Ok(())
    }
}

/// The last waiting edit of one author in one document.
#[derive(Clone, Copy, Encode, Decode)]
struct Stalled {
    #[n(0)]
    number: u64,
    #[n(1)]
    item: ItemId,
}
