//! Reading: a fold over stored entries, in slices, repeatable from zero.
//!
//! Each log is read in its order. An item whose dependencies are not there waits by itself and
//! holds up nothing but what builds on it; an entry under a key that is not held holds up the
//! rest of its log, so that an author's edits are always played in their order. All that an
//! item changes is one batch; an item that is read twice changes nothing the second time.

mod wait;

pub use wait::Waiting;

use std::collections::BTreeSet;

use log::{
    DeviceId, Entry, ItemId, JournalKind,
    content_items::{ContentBody, ContentItem, WordBody},
};
use replica::Replica;
use store::{Batch, Key, Store, StoreError, Table};

use crate::{
    body::{self, At},
    content::Content,
    counting::{Ends, write_edge},
    place::{Kind, Loc, Place},
    tables,
};

/// An item that is being read, with what surrounds it.
pub(crate) struct Reading<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) loc: Loc,
    pub(crate) id: ItemId,
}

impl<'a> Reading<'a> {
    fn new(entry: &'a Entry, index: u16) -> Self {
        let loc = Loc { device: entry.device(), seq: entry.seq(), index };
        Self { entry, loc, id: ItemId::of(&entry.id, index) }
    }
}

impl Content {
    /// Reads up to `budget` entries, waiting items or documents. True if more is to be done.
    pub fn read_slice(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        budget: usize,
    ) -> Result<bool, StoreError> {
        let mut left = budget;
        while left > 0 {
            if let Some(loc) = self.woken.pop_front() {
                self.read_woken(store, replica, loc)?;
                left -= 1;
            } else if let Some(log) = self.next_log(replica) {
                left -= self.read_log(store, replica, log, left)?.min(left);
            } else if let Some(document) = self.replays.pop_first() {
                self.replay(store, replica, document)?;
                left -= 1;
            } else {
                return Ok(false);
            }
        }
        Ok(self.is_behind(replica))
    }

    /// The charter has changed: ends may have come or gone. Documents that they touch are played
    /// again, in later slices.
    pub fn recount(&mut self, store: &impl Store, replica: &Replica) -> Result<(), StoreError> {
        let ends = Ends::closed(store, self.space, &replica.roll().ends)?;
        for (log, seqs) in self.ends.changes(&ends) {
            let numbers = seqs.start.saturating_mul(1 << 10)..=seqs.end.saturating_mul(1 << 10) - 1;
            let group = tables::touched(self.space, &log);
            let order = store::Order::Ascending;
            for (_, bytes) in store.scan(Table::Reading, &group, numbers, order, usize::MAX)? {
                if let Ok(document) = log::decode(&bytes) {
                    self.replays.insert(document);
                }
            }
        }
        self.ends = ends;
        Ok(())
    }

    /// Reads up to `limit` entries of one log; how many.
    fn read_log(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        log: DeviceId,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let from = self.cursors.get(&log).copied().unwrap_or(0);
        let entries = replica.content_entries(store, log, from, limit)?;
        let mut count = 0;
        for entry in &entries {
            count += 1;
            let Some(items) = self.open_body(replica, entry) else { break };
            // How far the log is read is written with the last item: most entries have one.
            let mut read = Batch::default();
            read.put(tables::cursor(self.space, &log), log::encode(&(entry.seq() + 1)));
            for (index, item) in items.iter().enumerate() {
                let is_last = index + 1 == items.len();
                let batch = if is_last { std::mem::take(&mut read) } else { Batch::default() };
                let reading = Reading::new(entry, index as u16);
                self.read_item(store, replica, &reading, item, true, batch)?;
            }
            write(store, read)?;
            self.cursors.insert(log, entry.seq() + 1);
        }
        Ok(count.max(1))
    }

    /// The items of an entry: none where its body is forgotten or cannot be read for good; `None`
    /// where its key is not held, and then its log waits.
    pub(crate) fn open_body(&mut self, replica: &Replica, entry: &Entry) -> Option<ContentBody> {
        let (JournalKind::Content(epoch), Some(sealed)) = (&entry.header.kind, &entry.body) else {
            return Some(ContentBody::default());
        };
        let Some(key) = self.keys.content_key(epoch) else {
            self.locked.insert(entry.device(), *epoch);
            return None;
        };
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
        let entries = replica.content_entries(store, loc.device, loc.seq, 1)?;
        let Some(entry) = entries.first() else { return Ok(()) };
        let Some(items) = self.open_body(replica, entry) else { return Ok(()) };
        match items.get(usize::from(loc.index)) {
            Some(item) => {
                let reading = Reading::new(entry, loc.index);
                self.read_item(store, replica, &reading, item, false, Batch::default())
            }
            None => Ok(()),
        }
    }

    /// Reads one item: makes it wait, or applies it and wakes what waited for it. What is in
    /// `batch` is written with it, in each case.
    fn read_item(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        reading: &Reading<'_>,
        item: &ContentItem,
        in_order: bool,
        mut batch: Batch,
    ) -> Result<(), StoreError> {
        let loc = reading.loc;
        if store.get(&tables::place(self.space, &reading.id))?.is_some() {
            return write(store, batch);
        }
        let mut targets = BTreeSet::new();
        for named in needs(item) {
            let id = named.resolve(&reading.entry.id);
            match self.place(store, &id)? {
                Some(place) => _ = targets.insert((place.loc, id)),
                None if replica.has_item(&id) => {}
                None => return self.wait(store, reading, item, id, batch),
            }
        }
        if in_order && let Some(before) = self.stalled_behind(store, item, reading)? {
            return self.wait(store, reading, item, before, batch);
        }
        for (target, id) in &targets {
            if target.device != loc.device {
                let group = tables::edges(self.space, &target.device);
                let number = tables::number_of(&reading.id) ^ tables::number_of(id);
                let key = Key::new(Table::Reading, group, number);
                batch.put(key, write_edge(target.seq, loc));
            }
        }
        let kind = self.apply(store, replica, reading, item, &mut batch)?;
        batch.put(tables::place(self.space, &reading.id), log::encode(&Place { loc, kind }));
        self.wake(store, reading, item, &mut batch)?;
        write(store, batch)?;
        if targets.iter().any(|(target, _)| !self.ends.counts(&target.device, target.seq)) {
            self.recount(store, replica)?;
        }
        Ok(())
    }

    /// Where an item stands that was read.
    pub fn place(&self, store: &impl Store, id: &ItemId) -> Result<Option<Place>, StoreError> {
        let bytes = store.get(&tables::place(self.space, id))?;
        // Rows that cannot be read are as good as none: they are written again.
        Ok(bytes.and_then(|bytes| log::decode(&bytes).ok()))
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
            ContentItem::Edit(edit) => self.apply_edit(store, reading, edit, batch),
            ContentItem::Word(word) => self.apply_word(store, replica, reading, word, batch),
            other => Ok(Kind::Other { kind: other.kind() }),
        }
    }
}

/// Writes what there is to write.
fn write(store: &mut impl Store, batch: Batch) -> Result<(), StoreError> {
    if batch.is_empty() { Ok(()) } else { store.write(batch).map(|_| ()) }
}

/// What an item waits for. An invite is of the charter, so its guest key waits for nothing.
fn needs(item: &ContentItem) -> Vec<log::ItemRef> {
    match item {
        ContentItem::Word(word) if matches!(word.body, WordBody::GuestKey(_)) => Vec::new(),
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
