//! Items that wait for what they build on.

use ledger::{ItemId, content_items::ContentItem};
use minicbor::{Decode, Encode};
use replica::Replica;
use store::{Batch, Direction, Key, Store, StoreError, Table};

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
        let found = store.scan(Table::Reading, &group, all, Direction::Ascending, limit)?;
        Ok(found.into_iter().filter_map(|(_, bytes)| ledger::decode(&bytes).ok()).collect())
    }

    /// Notes that an item waits for `missing`, and where it is an edit, that its author's later
    /// ones in that document wait behind it: automerge numbers an actor's changes, so these are
    /// played in their order.
    pub(super) fn wait(
        &mut self,
        store: &mut impl Store,
        reading: &Reading<'_>,
        document: Option<ItemId>,
        missing: ItemId,
    ) -> Result<(), StoreError> {
        let number = tables::number_of(&reading.id);
        let waiting = Waiting { loc: reading.loc, missing };
        let mut batch = Batch::default();
        let all = Key::new(Table::Reading, tables::waiting(self.space), number);
        batch.put(all, ledger::encode(&waiting));
        let of_missing = tables::waiting_for(self.space, &missing);
        batch.put(Key::new(Table::Reading, of_missing, number), ledger::encode(&waiting));
        if let Some(document) = document {
            let key = tables::stalled(self.space, &document, &reading.loc);
            batch.put(key, ledger::encode(&reading.id));
        }
        store.write(batch).map(|_| ())
    }

    /// The last of the edits of the same author in the same document that stand before this one
    /// and wait: this one has to wait behind it.
    pub(super) fn stalled_behind(
        &self,
        store: &impl Store,
        item: &ContentItem,
        reading: &Reading<'_>,
    ) -> Result<Option<ItemId>, StoreError> {
        let Some(document) = item_document(item, reading) else { return Ok(None) };
        let key = tables::stalled(self.space, &document, &reading.loc);
        let Some(before) = key.number.checked_sub(1) else { return Ok(None) };
        let found = store.scan(key.table, &key.group, 0..=before, Direction::Descending, 1)?;
        Ok(found.first().and_then(|(_, bytes)| ledger::decode(bytes).ok()))
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
        batch.remove(Key::new(Table::Reading, tables::waiting(self.space), number));
        if let Some(document) = item_document(item, reading) {
            batch.remove(tables::stalled(self.space, &document, &reading.loc));
        }
        let group = tables::waiting_for(self.space, &reading.id);
        let all = 0..=u64::MAX;
        for (number, bytes) in
            store.scan(Table::Reading, &group, all, Direction::Ascending, usize::MAX)?
        {
            self.work.woken += 1;
            if let Ok(waiting) = ledger::decode::<Waiting>(&bytes) {
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

    /// The charter has changed: what waited for an item of it is read soon.
    pub(super) fn wake_by_charter(
        &mut self,
        store: &impl Store,
        replica: &Replica,
    ) -> Result<(), StoreError> {
        let waiting = self.waiting(store, usize::MAX)?;
        self.work.woken += waiting.len() as u64;
        let woken = waiting.into_iter().filter(|waiting| replica.has_item(&waiting.missing));
        self.woken.extend(woken.map(|waiting| waiting.loc));
        Ok(())
    }
}
