//! Reading: a fold over stored entries, in slices, repeatable from zero.
//!
//! Each log is read in its order. An item whose dependencies are not there waits by itself and
//! holds up nothing but what builds on it; an entry under a key that is not held holds up the
//! rest of its log, so that an author's edits are always played in their order. All that an
//! item changes is one batch; an item that is read twice changes nothing the second time.

mod wait;

pub use wait::Waiting;

use std::collections::BTreeSet;

use ledger::{
    DeviceId, Entry, HeaderKind, ItemId, Journal,
    content_items::{ContentBody, ContentItem, WordBody},
};
use replica::Replica;
use store::{Batch, Key, Store, StoreError, Table};

use crate::{
    body::{self, At},
    content::Content,
    counting::{Ends, write_edge},
    docs::replay_key,
    limits::{bytes_cost, item_cost},
    place::{Kind, Loc, Place},
    tables,
};

/// An item that is being read, with what surrounds it.
pub(crate) struct Reading<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) loc: Loc,
    pub(crate) id: ItemId,
}

impl Content {
    /// Reads for about `budget` units of work (an item is at least one), and at least one item.
    /// True if more is to be done.
    pub fn read_slice(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        budget: usize,
    ) -> Result<bool, StoreError> {
        self.keep_recount(store)?;
        self.spent = 0;
        while self.spent < budget as u64 {
            if let Some(loc) = self.woken.front().copied() {
                self.read_woken(store, replica, loc)?;
                self.woken.pop_front();
            } else if let Some(log) = self.next_log(replica) {
                self.read_log(store, replica, log, budget)?;
            } else if let Some(document) = self.replays.first().copied() {
                self.replay(store, replica, document, budget)?;
            } else {
                return Ok(false);
            }
        }
        Ok(self.is_behind(replica))
    }

    /// As [`read_slice`](Self::read_slice), of one log and nothing else: so that what was just
    /// written shows, however much of other logs is yet to be read.
    pub fn read_own(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        log: DeviceId,
        budget: usize,
    ) -> Result<(), StoreError> {
        self.keep_recount(store)?;
        self.spent = 0;
        let length = replica.frontier(Journal::Content).length(&log);
        while self.spent < budget as u64
            && self.cursor(&log).0 < length
            && !self.locked.contains_key(&log)
        {
            self.read_log(store, replica, log, budget)?;
        }
        Ok(())
    }

    /// The charter has changed: ends may have come or gone. Documents that they touch are played
    /// again, and what waited for an item of the charter is read, in later slices.
    pub fn recount(&mut self, store: &impl Store, replica: &Replica) -> Result<(), StoreError> {
        self.wake_by_charter(store, replica)?;
        self.close_ends(store, replica)
    }

    fn close_ends(&mut self, store: &impl Store, replica: &Replica) -> Result<(), StoreError> {
        let ends = Ends::closed(store, self.space, &replica.roll().ends)?;
        for (log, seqs) in self.ends.changes(&ends) {
            let numbers = seqs.start.saturating_mul(1 << 10)..=seqs.end.saturating_mul(1 << 10) - 1;
            let group = tables::touched(self.space, &log);
            let order = store::Direction::Ascending;
            for (_, bytes) in store.scan(Table::Reading, &group, numbers, order, usize::MAX)? {
                if let Ok(document) = ledger::decode(&bytes) {
                    self.replays.insert(document);
                }
            }
        }
        if self.ends != ends {
            self.recounted = true;
            self.replaying = None;
        }
        self.ends = ends;
        Ok(())
    }

    /// Notes in the store by which ends is counted from now on, and what is to be played again for
    /// it, before anything is read by them: ends that come and go while the node is down are only
    /// seen by what was noted.
    fn keep_recount(&mut self, store: &mut impl Store) -> Result<(), StoreError> {
        if !self.recounted {
            return Ok(());
        }
        let mut batch = Batch::default();
        batch.put(tables::ends(self.space), self.ends.encode());
        for document in &self.replays {
            batch.put(replay_key(self.space, document), ledger::encode(document));
        }
        store.write(batch)?;
        self.recounted = false;
        Ok(())
    }

    /// Reads the next entry of one log, or as much of its items as `budget` leaves.
    fn read_log(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        log: DeviceId,
        budget: usize,
    ) -> Result<(), StoreError> {
        self.spent += 1;
        let (seq, first) = self.cursor(&log);
        let entries = replica.content_entries(store, log, seq, 1)?;
        let Some(entry) = entries.first() else { return Ok(()) };
        let Some(items) = self.open_body(replica, entry) else { return Ok(()) };
        self.work.entries += 1;
        let mut cursor = (seq + 1, 0);
        for (index, item) in (0..).zip(&items).skip(usize::from(first)) {
            if index > first && self.spent >= budget as u64 {
                cursor = (seq, index);
                break;
            }
            self.read_item(store, replica, entry, index, item)?;
        }
        let mut batch = Batch::default();
        batch.put(tables::cursor(self.space, &log), ledger::encode(&cursor));
        store.write(batch)?;
        self.cursors.insert(log, cursor);
        Ok(())
    }

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
        self.spent += bytes_cost(sealed.len() as u64);
        let journal = replica.space().content_journal();
        let at = At { journal, device: entry.device(), seq: entry.seq(), key: *epoch };
        Some(body::open(key, at, sealed).unwrap_or_default())
    }

    fn read_woken(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        loc: Loc,
    ) -> Result<(), StoreError> {
        self.spent += 1;
        let entries = replica.content_entries(store, loc.device, loc.seq, 1)?;
        let Some(entry) = entries.first() else { return Ok(()) };
        let Some(items) = self.open_body(replica, entry) else { return Ok(()) };
        self.work.entries += 1;
        match items.get(usize::from(loc.index)) {
            Some(item) => self.read_item(store, replica, entry, loc.index, item),
            None => Ok(()),
        }
    }

    /// Reads one item: makes it wait, or applies it and wakes what waited for it.
    fn read_item(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        entry: &Entry,
        index: u16,
        item: &ContentItem,
    ) -> Result<(), StoreError> {
        let loc = Loc { device: entry.device(), seq: entry.seq(), index };
        let reading = Reading { entry, loc, id: ItemId::of(&entry.id, index) };
        self.spent += item_cost(item);
        self.work.items += 1;
        if store.get(&tables::place(self.space, &reading.id))?.is_some() {
            return Ok(());
        }
        let mut batch = Batch::default();
        let mut targets = BTreeSet::new();
        for named in needs(item) {
            let id = named.resolve(&entry.id);
            match self.place(store, &id)? {
                Some(place) => _ = targets.insert((place.loc, id)),
                None if replica.has_item(&id) => {}
                None => return self.wait(store, &reading, item_document(item, &reading), id),
            }
        }
        if let Some(before) = self.stalled_behind(store, item, &reading)? {
            return self.wait(store, &reading, item_document(item, &reading), before);
        }
        for (target, id) in &targets {
            if target.device != loc.device {
                let group = tables::edges(self.space, &target.device);
                let number = tables::number_of(&reading.id) ^ tables::number_of(id);
                let key = Key::new(Table::Reading, group, number);
                batch.put(key, write_edge(target.seq, loc));
            }
        }
        let kind = self.apply(store, replica, &reading, item, &mut batch)?;
        batch.put(tables::place(self.space, &reading.id), ledger::encode(&Place { loc, kind }));
        self.wake(store, &reading, item, &mut batch)?;
        store.write(batch)?;
        let counts = |loc: &Loc| self.ends.counts(&loc.device, loc.seq);
        if counts(&loc) && !targets.iter().all(|(target, _)| counts(target)) {
            self.close_ends(store, replica)?;
            self.keep_recount(store)?;
        }
        Ok(())
    }

    /// Where an item stands that was read.
    pub fn place(&self, store: &impl Store, id: &ItemId) -> Result<Option<Place>, StoreError> {
        let bytes = store.get(&tables::place(self.space, id))?;
        // Rows that cannot be read are as good as none: they are written again.
        Ok(bytes.and_then(|bytes| ledger::decode(&bytes).ok()))
    }

    fn apply(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        reading: &Reading<'_>,
        item: &ContentItem,
        batch: &mut Batch,
    ) -> Result<Kind, StoreError> {
        match item {
            ContentItem::Edit(edit) => self.apply_edit(store, replica, reading, edit, batch),
            ContentItem::Word(word) => self.apply_word(store, replica, reading, word, batch),
            other => Ok(Kind::Other { kind: other.kind() }),
        }
    }
}

/// What an item waits for. An invite is of the charter, so its guest key does not wait for it.
fn needs(item: &ContentItem) -> Vec<ledger::ItemRef> {
    match item {
        ContentItem::Word(word) if matches!(word.body, WordBody::GuestKey(_)) => {
            word.replaces.into_iter().collect()
        }
        item => item.builds_on(),
    }
}

/// The document that an edit changes.
fn item_document(item: &ContentItem, reading: &Reading<'_>) -> Option<ItemId> {
    match item {
        ContentItem::Edit(edit) => {
            Some(edit.document.map_or(reading.id, |id| id.resolve(&reading.entry.id)))
        }
        _ => None,
    }
}
