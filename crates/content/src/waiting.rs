//! Items that wait for what they build on.

use ledger::{ItemId, content_items::ContentItem};
use replica::Replica;
use store::{Batch, Direction, Store, StoreError};

use crate::{
    content::Content,
    items::Reading,
    place::{Loc, Waiting},
    table::{ALL, List},
    tables,
};

impl Content {
    /// Items that wait, at most `limit`, for `why`.
    pub fn waiting(&self, store: &impl Store, limit: usize) -> Result<Vec<Waiting>, StoreError> {
        let list = tables::waiting(self.space);
        let found = list.scan(store, ALL, Direction::Ascending, limit)?;
        Ok(found.into_iter().map(|(_, waiting)| waiting).collect())
    }

    /// Where items stand that a newer version wrote and this one passes over, at most `limit`, for
    /// `why`.
    pub fn newer(&self, store: &impl Store, limit: usize) -> Result<Vec<Loc>, StoreError> {
        let found = tables::newer(self.space).scan(store, ALL, Direction::Ascending, limit)?;
        Ok(found.into_iter().map(|(_, loc)| loc).collect())
    }

    /// Notes that an item waits for `missing`, and where it is an edit, that its author's later
    /// ones in that document wait behind it: automerge numbers an actor's changes, so these are
    /// played in their order.
    pub(crate) fn wait(
        &mut self,
        store: &mut impl Store,
        item: &ContentItem,
        reading: &Reading<'_>,
        missing: ItemId,
    ) -> Result<(), StoreError> {
        let waiting = Waiting { loc: reading.loc, missing };
        let mut batch = Batch::default();
        tables::waiting(self.space).of(&reading.id).put(&waiting, &mut batch);
        tables::waiting_for(self.space, &missing).of(&reading.id).put(&waiting, &mut batch);
        if let Some(stalled) = self.stalled(item, reading) {
            stalled.at(reading.loc.number()).put(&reading.id, &mut batch);
        }
        store.write(batch).map(|_| ())
    }

    /// The last of the edits of the same author in the same document that stand before this one
    /// and wait: this one has to wait behind it.
    pub(crate) fn stalled_behind(
        &self,
        store: &impl Store,
        item: &ContentItem,
        reading: &Reading<'_>,
    ) -> Result<Option<ItemId>, StoreError> {
        let Some(stalled) = self.stalled(item, reading) else { return Ok(None) };
        let Some(before) = reading.loc.number().checked_sub(1) else { return Ok(None) };
        let found = stalled.scan(store, 0..=before, Direction::Descending, 1)?;
        Ok(found.first().map(|(_, id)| *id))
    }

    /// An item has been read: what waited for it is read soon.
    pub(crate) fn wake(
        &mut self,
        store: &impl Store,
        item: &ContentItem,
        reading: &Reading<'_>,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        // It may have waited itself.
        tables::waiting(self.space).of(&reading.id).remove(batch);
        if let Some(stalled) = self.stalled(item, reading) {
            stalled.at(reading.loc.number()).remove(batch);
        }
        let list = tables::waiting_for(self.space, &reading.id);
        for (number, waiting) in list.scan(store, ALL, Direction::Ascending, usize::MAX)? {
            self.work.woken += 1;
            self.woken.push_back(waiting.loc);
            list.at(number).remove(batch);
        }
        Ok(())
    }

    /// After a start: what waited for something that is there by now was woken and not read.
    pub(crate) fn wake_satisfied(&mut self, store: &impl Store) -> Result<(), StoreError> {
        for waiting in tables::waiting(self.space).all(store)? {
            if self.place(store, &waiting.missing)?.is_some() {
                self.woken.push_back(waiting.loc);
            }
        }
        Ok(())
    }

    /// The charter has changed: what waited for an item of it is read soon.
    pub(crate) fn wake_by_charter(
        &mut self,
        store: &impl Store,
        replica: &Replica,
    ) -> Result<(), StoreError> {
        let mut waiting = tables::waiting(self.space).all(store)?;
        self.work.woken += waiting.len() as u64;
        waiting.retain(|waiting| replica.has_item(&waiting.missing));
        self.woken.extend(waiting.into_iter().map(|waiting| waiting.loc));
        Ok(())
    }

    /// The waiting edits of this one's author in its document; none where it is no edit.
    fn stalled(&self, item: &ContentItem, reading: &Reading<'_>) -> Option<List<ItemId>> {
        let ContentItem::Edit(edit) = item else { return None };
        Some(tables::stalled(self.space, &reading.document(edit), &reading.loc.device))
    }
}
