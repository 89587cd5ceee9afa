//! Reading: a fold over stored entries, in slices, repeatable from zero.
//!
//! Each log is read in its order. An item whose dependencies are not there waits by itself and
//! holds up nothing but what builds on it; an entry under a key that is not held holds up the
//! rest of its log, so that an author's edits are always played in their order. All that an
//! item changes is one batch; an item that is read twice changes nothing the second time.

use std::collections::BTreeSet;

use ledger::{
    DeviceId, ItemId, ItemRef,
    content_items::{ContentItem, WordBody},
};
use replica::{Log, Replica};
use store::{Batch, Store, StoreError};

use crate::{
    content::Content,
    items::Reading,
    limits::{UNSAVED_BYTES_MAX, bytes_cost, item_cost},
    place::{Cursor, Held, Loc},
    rows::{ItemIs, ItemRow},
    tables,
};

impl Content {
    /// Reads for about `budget` units of work (an item is at least one), and at least one item.
    /// True if more is to be done.
    pub fn read_slice(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        budget: usize,
    ) -> Result<bool, StoreError> {
        self.begin_slice(store, replica)?;
        self.read_some(store, replica, budget)?;
        self.save_documents(store)?;
        self.end_reading_again(store, replica)?;
        Ok(self.is_behind(replica))
    }

    fn begin_slice(&mut self, store: &mut impl Store, replica: &Replica) -> Result<(), StoreError> {
        self.read_as_others(store, replica)?;
        self.follow_branches(replica);
        self.come_back(replica);
        self.spent = 0;
        Ok(())
    }

    /// What words come to hangs on whose device is whose: where the roll says another member of one
    /// than it did when that was read, all is read again.
    fn read_as_others(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
    ) -> Result<(), StoreError> {
        if !self.is_of_another {
            return Ok(());
        }
        let mut batch = Batch::default();
        self.rows.begin_anew(&mut batch);
        store.write(batch)?;
        let mut again = Self::open(store, replica)?;
        std::mem::swap(&mut again.keys, &mut self.keys);
        again.news = self.take_news();
        *self = again;
        Ok(())
    }

    /// Documents that lacked an edit which has come since are played again.
    fn come_back(&mut self, replica: &Replica) {
        let came = |(_, loc): &(&ItemId, &Loc)| replica.content_length(&loc.log()) > loc.seq;
        let came: Vec<_> = self.lacking.iter().filter(came).map(|(id, _)| *id).collect();
        for document in came {
            self.lacking.remove(&document);
            self.play_again(document);
        }
    }

    /// Whether something came again that was passed over.
    pub(crate) fn has_come_back(&self, replica: &Replica) -> bool {
        let came = |loc: &Loc| replica.content_length(&loc.log()) > loc.seq;
        self.next_skipped(replica).is_some() || self.lacking.values().any(came)
    }

    /// An entry that was passed over and has come since.
    fn next_skipped(&self, replica: &Replica) -> Option<(Log, u64)> {
        let firsts = self.skipped.iter().filter_map(|(log, seqs)| Some((*log, *seqs.first()?)));
        let mut open = firsts.filter(|(log, _)| self.can_read(replica, log));
        open.find(|(log, seq)| replica.content_length(log) > *seq)
    }

    /// What stands there is lost: reading goes on behind it.
    fn skip(&mut self, store: &mut impl Store, log: Log, seq: u64) -> Result<(), StoreError> {
        let cursor = Cursor { seq: seq + 1, index: 0, steady: self.cursor(&log).steady };
        let mut batch = Batch::default();
        tables::cursor(self.rows, &log).put(&cursor, &mut batch);
        tables::skipped(self.rows, &log).at(seq).put(&seq, &mut batch);
        store.write(batch)?;
        self.cursors.insert(log, cursor);
        self.skipped.entry(log).or_default().insert(seq);
        Ok(())
    }

    /// Reads an entry that was passed over, whole. `Damaged` where it is not here after all, by a
    /// hole of which nobody knows: it is asked for again once these rows are opened anew.
    fn read_skipped(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        log: Log,
        seq: u64,
    ) -> Result<(), StoreError> {
        self.spent += 1;
        let Some(opened) = self.open_entry(store, replica, log, seq)? else {
            if self.locked.contains_key(&log) {
                return Ok(());
            }
            if let Some(seqs) = self.skipped.get_mut(&log) {
                seqs.remove(&seq);
            }
            return Err(StoreError::Damaged { what: "an entry within a log".to_owned() });
        };
        let before = self.cursor(&log);
        let stands = self.stands(store, log, &opened)?;
        // What was read behind it says how late it is, and not it.
        self.cursors.insert(log, before);
        for (index, item) in (0..).zip(&opened.items) {
            let reading = Reading::of(log, &opened.entry, stands, index);
            self.read_item(store, replica, &reading, item)?;
        }
        self.to_keep.has_read(log);
        let mut batch = Batch::default();
        tables::skipped(self.rows, &log).at(seq).remove(&mut batch);
        store.write(batch)?;
        if let Some(seqs) = self.skipped.get_mut(&log) {
            seqs.remove(&seq);
        }
        Ok(())
    }

    fn read_some(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        budget: usize,
    ) -> Result<(), StoreError> {
        while !self.is_spent(budget) {
            if !self.recount.is_over() {
                self.count_on(store, budget)?;
            } else if let Some(loc) = self.woken.front().copied() {
                self.read_woken(store, replica, loc)?;
                self.woken.pop_front();
            } else if let Some((log, seq)) = self.next_skipped(replica) {
                self.read_skipped(store, replica, log, seq)?;
            } else if let Some(log) = self.next_log(replica) {
                self.read_log(store, replica, log, budget)?;
            } else if let Some(document) = self.replays.first().copied() {
                self.replay(store, replica, document, budget)?;
            } else {
                break;
            }
        }
        Ok(())
    }

    /// Whether a slice has done what it was given, or has as much to save as one may.
    pub(crate) fn is_spent(&self, budget: usize) -> bool {
        self.spent >= budget as u64 || self.unsaved_bytes > UNSAVED_BYTES_MAX
    }

    /// As [`read_slice`](Self::read_slice), of one log and nothing else: so that what was just
    /// written shows, however much of other logs is yet to be read.
    pub fn read_own(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        own: DeviceId,
        budget: usize,
    ) -> Result<(), StoreError> {
        self.begin_slice(store, replica)?;
        let log = Log::from(own);
        let length = replica.content_length(&log);
        while !self.is_spent(budget)
            && self.cursor(&log).seq < length
            && self.can_read(replica, &log)
        {
            match self.recount.is_over() {
                true => self.read_log(store, replica, log, budget)?,
                false => self.count_on(store, budget)?,
            }
        }
        self.save_documents(store)
    }

    /// Reads the next entry of one log, or as much of its items as `budget` leaves.
    fn read_log(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        log: Log,
        budget: usize,
    ) -> Result<(), StoreError> {
        self.spent += 1;
        let Cursor { seq, index: first, .. } = self.cursor(&log);
        let begins = replica.content_branch(&log).map_or(0, |branch| branch.begins);
        let seq = seq.max(begins);
        let Some(opened) = self.open_entry(store, replica, log, seq)? else {
            let is_locked = self.locked.contains_key(&log);
            return if is_locked { Ok(()) } else { self.skip(store, log, seq) };
        };
        let stands = self.stands(store, log, &opened)?;
        let steady = self.cursor(&log).steady;
        let mut cursor = Cursor { seq: seq + 1, index: 0, steady };
        for (index, item) in (0..).zip(&opened.items).skip(usize::from(first)) {
            if index > first && (self.is_spent(budget) || self.is_crowded(&log)) {
                cursor = Cursor { seq, index, steady };
                break;
            }
            let reading = Reading::of(log, &opened.entry, stands, index);
            self.read_item(store, replica, &reading, item)?;
        }
        let mut batch = Batch::default();
        tables::cursor(self.rows, &log).put(&cursor, &mut batch);
        store.write(batch)?;
        self.cursors.insert(log, cursor);
        self.to_keep.has_read(log);
        Ok(())
    }

    fn read_woken(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        loc: Loc,
    ) -> Result<(), StoreError> {
        self.spent += 1;
        let Some(waiting) = self.waiting_at(store, loc)? else { return Ok(()) };
        self.spent += bytes_cost(waiting.bytes);
        let held = tables::held(self.rows, &loc.log()).at(loc.number());
        let Some(Held { entry, stamp, stands, item }) = held.get(store)? else { return Ok(()) };
        let id = ItemId::of(&entry, loc.index);
        self.read_item(store, replica, &Reading { entry, stamp, stands, loc, id }, &item)
    }

    /// Reads one item: makes it wait, or applies it and wakes what waited for it.
    fn read_item(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        reading: &Reading,
        item: &ContentItem,
    ) -> Result<(), StoreError> {
        let loc = reading.loc;
        self.work.items += 1;
        self.spent += item_cost(item);
        if self.place(store, &reading.id)?.is_some() {
            return Ok(());
        }
        let mut batch = Batch::default();
        let mut targets = BTreeSet::new();
        for named in needs(item) {
            let id = reading.resolve(named);
            match self.place(store, &id)? {
                Some(place) => _ = targets.insert(place.loc),
                None if replica.has_item(&id) => {}
                None => return self.wait(store, item, reading, id),
            }
        }
        if let Some(before) = self.stalled_behind(store, item, reading)? {
            return self.wait(store, item, reading, before);
        }
        let targets: Vec<_> = targets.into_iter().collect();
        let mut builds_on = targets.clone();
        builds_on.retain(|target| target.log() != loc.log());
        builds_on.sort_by_key(Loc::log);
        for of_log in builds_on.chunk_by(|one, other| one.log() == other.log()) {
            let Some(first) = of_log.first() else { continue };
            let edges = tables::edges(self.rows, &first.log());
            for (number, target) in (edges.next(store)?..).zip(of_log) {
                edges.at(number).put(&(target.seq, self.logs.spot(&loc)), &mut batch);
            }
        }
        if !builds_on.is_empty() {
            let row = tables::builds_on(self.rows, &loc.log()).at(loc.number());
            row.put(&builds_on.iter().map(|loc| self.logs.spot(loc)).collect(), &mut batch);
        }
        if let Err(error) = self.apply(store, replica, reading, item, batch) {
            // It is read again, and must find the document as it was before.
            if let ContentItem::Edit(edit) = item {
                self.play_again(reading.document(edit));
            }
            return Err(error);
        }
        if self.counts(&loc) && !targets.iter().all(|target| self.counts(target)) {
            // What is not reached now is, when all is counted anew.
            let reached = self.reach(store, &builds_on);
            self.recount.has_failed |= reached.is_err();
            reached?;
        }
        Ok(())
    }

    /// Applies an item, notes where it stands and wakes what waited for it.
    fn apply(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        reading: &Reading,
        item: &ContentItem,
        mut batch: Batch,
    ) -> Result<(), StoreError> {
        let Reading { entry, loc, id, .. } = *reading;
        let is = match item {
            ContentItem::Edit(edit) => {
                self.apply_edit(store, replica, reading, edit, &mut batch)?
            }
            ContentItem::Word(word) => {
                self.apply_word(store, replica, reading, word, &mut batch)?
            }
            other => ItemIs::Other { kind: other.kind() },
        };
        let log = loc.log();
        let author = replica.roll().member_of(&log.device);
        self.logs.note(self.rows, &log, author, &mut batch);
        tables::read(self.rows, &log).at(loc.number()).put(&ItemRow { entry, is }, &mut batch);
        let place = tables::places(self.rows).of(&id);
        let mut spots = place.get(store)?.unwrap_or_default();
        spots.push(self.logs.spot(&loc));
        place.put(&spots, &mut batch);
        if item.is_newer() {
            tables::newer(self.rows, &log).at(loc.number()).mark(&mut batch);
        }
        let waited = self.wake(store, item, reading, &mut batch)?;
        store.write(batch)?;
        self.logs.add(log, author);
        if let Some(waiting) = waited {
            self.waits_no_more(&waiting);
        }
        Ok(())
    }
}

/// What an item waits for. An invite is of the charter, so its guest key does not wait for it.
fn needs(item: &ContentItem) -> Vec<ItemRef> {
    match item {
        ContentItem::Word(word) if matches!(word.body, WordBody::GuestKey(_)) => {
            word.replaces.into_iter().collect()
        }
        item => item.builds_on(),
    }
}
