//! Items that wait for what they build on.

use std::collections::BTreeSet;

use ledger::{ItemId, content_items::ContentItem};
use replica::{Log, Replica};
use store::{Batch, Direction, Store, StoreError};

use crate::{
    content::Content,
    items::Reading,
    limits::{WAITING_BYTES_MAX, WAITING_ROW_BYTES},
    place::{Held, Loc, Waiting},
    table::{ALL, List},
    tables,
};

impl Content {
    /// Items that wait, at most `limit`, for `why`.
    pub fn waiting(&self, store: &impl Store, limit: usize) -> Result<Vec<Waiting>, StoreError> {
        let mut found = Vec::new();
        for log in self.waiting_bytes.keys() {
            let list = tables::waiting(self.rows, log);
            let rows = list.scan(store, ALL, Direction::Ascending, limit - found.len())?;
            found.extend(rows.into_iter().map(|(_, waiting)| waiting));
            if found.len() == limit {
                break;
            }
        }
        Ok(found)
    }

    /// Where items stand that a newer version wrote and this one passes over, at most `limit`, for
    /// `why`.
    pub fn newer(&self, store: &impl Store, limit: usize) -> Result<Vec<Loc>, StoreError> {
        let mut found = Vec::new();
        for log in self.logs.iter() {
            let left = limit - found.len();
            let newer = tables::newer(self.rows, log);
            let numbers = newer.numbers(store, ALL, Direction::Ascending, left)?;
            found.extend(numbers.into_iter().map(|number| Loc::of(*log, number)));
        }
        Ok(found)
    }

    /// Whether anything waits.
    pub fn waits(&self) -> bool {
        !self.waiting_bytes.is_empty()
    }

    /// Notes that an item waits for `missing`, and where it is an edit, that its author's later
    /// ones in that document wait behind it: automerge numbers an actor's changes, so these are
    /// played in their order.
    pub(crate) fn wait(
        &mut self,
        store: &mut impl Store,
        item: &ContentItem,
        reading: &Reading,
        missing: ItemId,
    ) -> Result<(), StoreError> {
        let loc = reading.loc;
        let mut batch = Batch::default();
        // One that was woken may wait for something else then.
        let before = self.waiting_at(store, loc)?;
        let bytes = match before {
            Some(before) => before.bytes,
            None => {
                let Reading { entry, stamp, stands, .. } = *reading;
                let held = Held { entry, stamp, stands, item: item.clone() };
                let held = ledger::encode(&held);
                let bytes = WAITING_ROW_BYTES + held.len() as u64;
                tables::held(self.rows, &loc.log()).at(loc.number()).put_encoded(held, &mut batch);
                bytes
            }
        };
        let other = before.filter(|before| before.missing != missing);
        let is_new = before.is_none() || other.is_some();
        if let Some(before) = other {
            let waiting_for = tables::waiting_for(self.rows, &before.missing);
            waiting_for.remove(store, &reading.id, &mut batch)?;
        }
        let waiting = Waiting { loc, missing, bytes };
        tables::waiting(self.rows, &loc.log()).at(loc.number()).put(&waiting, &mut batch);
        let waiting_for = tables::waiting_for(self.rows, &missing);
        waiting_for.put(store, vec![(reading.id, loc)], &mut batch)?;
        if let Some(stalled) = self.stalled(item, reading) {
            stalled.at(reading.loc.number()).put(&reading.id, &mut batch);
        }
        store.write(batch)?;
        if before.is_none() {
            *self.waiting_bytes.entry(loc.log()).or_default() += bytes;
        }
        self.work.waited += u64::from(is_new);
        Ok(())
    }

    /// The row of an item that waits; none where it does not.
    pub(crate) fn waiting_at(
        &self,
        store: &impl Store,
        loc: Loc,
    ) -> Result<Option<Waiting>, StoreError> {
        if !self.waiting_bytes.contains_key(&loc.log()) {
            return Ok(None);
        }
        tables::waiting(self.rows, &loc.log()).at(loc.number()).get(store)
    }

    /// Whether as much of an author's waits as may, or more, in all branches of their log.
    pub(crate) fn is_crowded(&self, log: &Log) -> bool {
        let branch = |branch| Log { branch, ..*log };
        let own = self.waiting_bytes.range(branch(0)..=branch(u16::MAX));
        own.map(|(_, bytes)| bytes).sum::<u64>() > WAITING_BYTES_MAX
    }

    /// An item that waited has been read.
    pub(crate) fn waits_no_more(&mut self, waiting: &Waiting) {
        let log = waiting.loc.log();
        let Some(bytes) = self.waiting_bytes.get_mut(&log) else { return };
        *bytes = bytes.saturating_sub(waiting.bytes);
        if *bytes == 0 {
            self.waiting_bytes.remove(&log);
        }
    }

    /// The last of the edits of the same author in the same document that stand before this one
    /// and wait: this one has to wait behind it.
    pub(crate) fn stalled_behind(
        &self,
        store: &impl Store,
        item: &ContentItem,
        reading: &Reading,
    ) -> Result<Option<ItemId>, StoreError> {
        let Some(stalled) = self.stalled(item, reading) else { return Ok(None) };
        let Some(before) = reading.loc.number().checked_sub(1) else { return Ok(None) };
        let found = stalled.scan(store, 0..=before, Direction::Descending, 1)?;
        Ok(found.first().map(|(_, id)| *id))
    }

    /// An item has been read: what waited for it is read soon. To `batch`: that it does not wait
    /// itself any more; the row of that, if it did.
    pub(crate) fn wake(
        &mut self,
        store: &impl Store,
        item: &ContentItem,
        reading: &Reading,
        batch: &mut Batch,
    ) -> Result<Option<Waiting>, StoreError> {
        let loc = reading.loc;
        let waited = self.waiting_at(store, loc)?;
        if let Some(waiting) = &waited {
            tables::waiting(self.rows, &loc.log()).at(loc.number()).remove(batch);
            tables::held(self.rows, &loc.log()).at(loc.number()).remove(batch);
            let waiting_for = tables::waiting_for(self.rows, &waiting.missing);
            waiting_for.remove(store, &reading.id, batch)?;
        }
        if let Some(stalled) = self.stalled(item, reading) {
            stalled.at(loc.number()).remove(batch);
        }
        if self.wake_for(store, &reading.id)?.iter().any(|waiting| waiting.device != loc.device) {
            self.served.insert(loc.log());
        }
        Ok(waited)
    }

    /// Branches in which something stood for which another author waited, since this was asked.
    pub fn take_served(&mut self) -> BTreeSet<Log> {
        std::mem::take(&mut self.served)
    }

    /// What waits for this item is read soon: these.
    fn wake_for(&mut self, store: &impl Store, id: &ItemId) -> Result<Vec<Loc>, StoreError> {
        let waiting = tables::waiting_for(self.rows, id).all(store)?;
        let waiting: Vec<_> = waiting.into_iter().map(|(_, loc)| loc).collect();
        self.work.woken += waiting.len() as u64;
        self.woken.extend(&waiting);
        Ok(waiting)
    }

    /// After a start: finds what waits, and wakes what waited for something that is there by now.
    pub(crate) fn find_waiting(
        &mut self,
        store: &impl Store,
        replica: &Replica,
    ) -> Result<(), StoreError> {
        for (log, _) in replica.readable_logs() {
            for waiting in tables::waiting(self.rows, &log).all(store)? {
                *self.waiting_bytes.entry(log).or_default() += waiting.bytes;
                let id = &waiting.missing;
                if self.place(store, id)?.is_some() || replica.has_item(id) {
                    self.woken.push_back(waiting.loc);
                }
            }
        }
        Ok(())
    }

    /// The charter has changed: what waited for an item of what came to it is read soon.
    pub(crate) fn wake_by_charter(
        &mut self,
        store: &impl Store,
        replica: &Replica,
    ) -> Result<(), StoreError> {
        let (order, here) = (replica.charter_order(), replica.charter_entries());
        // In another order, others are there than were seen.
        let seen = if order == self.charter_seen.0 { self.charter_seen.1 } else { 0 };
        for entry in (seen..here).filter_map(|n| replica.charter_arrival(n)) {
            let items = (0..).map(|index| ItemId::of(&entry.id, index));
            for id in items.take_while(|id| replica.has_item(id)) {
                self.wake_for(store, &id)?;
            }
        }
        self.charter_seen = (order, here);
        Ok(())
    }

    /// The waiting edits of this one's author in its document; none where it is no edit.
    fn stalled(&self, item: &ContentItem, reading: &Reading) -> Option<List<ItemId>> {
        let ContentItem::Edit(edit) = item else { return None };
        Some(tables::stalled(self.rows, &reading.document(edit), &reading.loc.log()))
    }
}
