//! Playing a document again from nothing, in slices.

use documents::Document;
use ledger::{ItemId, content_items::ContentItem};
use replica::Replica;
use store::{Batch, Direction, Store, StoreError};

use crate::{
    cache::Replay,
    content::{Content, News},
    items::Reading,
    limits::{EDITS_LISTED, FEW_EDITS, item_cost},
    place::Loc,
    rows::ItemIs,
    table::ALL,
    tables,
};

impl Content {
    /// A document, to be edited: with all that was read of it, so that the edit builds on it.
    pub fn document(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        id: &ItemId,
    ) -> Result<Option<Document>, StoreError> {
        self.save_documents(store)?;
        while !self.recount.is_over() {
            self.count_on(store, usize::MAX)?;
        }
        while self.replays.contains(id) {
            self.replay(store, replica, *id, usize::MAX)?;
        }
        let mut document = self.load(store, replica, id)?;
        if document.is_none() && !self.comes_to_nothing(store, id)? {
            self.replay(store, replica, *id, usize::MAX)?;
            document = self.cache.take(id);
        }
        if let Some(document) = &document {
            self.cache.put(document.clone());
        }
        Ok(document)
    }

    /// Plays a document again, those of its edits that count, as far as `budget` reaches.
    pub(crate) fn replay(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        id: ItemId,
        budget: usize,
    ) -> Result<(), StoreError> {
        let begun = self.replaying.take().filter(|replay| replay.id == id);
        let mut replay =
            begun.unwrap_or(Replay { id, next: 0, document: None, made: None, lacks: None });
        let list = tables::edits(self.rows, &id);
        loop {
            let numbers = replay.next..=u64::MAX;
            let edits = list.scan(store, numbers, Direction::Ascending, EDITS_LISTED)?;
            if edits.is_empty() {
                return self.replayed(store, replay);
            }
            for (number, spot) in edits {
                let loc = self.logs.loc(spot)?;
                replay.next = number + 1;
                self.spent += 1;
                if self.counts(&loc) {
                    self.replay_edit(store, replica, &mut replay, loc)?;
                }
                if self.spent >= budget as u64 {
                    self.replaying = Some(replay);
                    return Ok(());
                }
            }
        }
    }

    /// Whether no edit of a document counts.
    fn comes_to_nothing(&self, store: &impl Store, id: &ItemId) -> Result<bool, StoreError> {
        let mut counts = false;
        let mut unknown = None;
        tables::edits(self.rows, id).each(store, ALL, |_, spot| match self.logs.loc(spot) {
            Ok(loc) => counts |= self.counts(&loc),
            Err(error) => unknown = Some(error),
        })?;
        unknown.map_or(Ok(!counts), Err)
    }

    /// A document of a few edits that has no snapshot, played from these; none where one is lost.
    pub(super) fn play_few(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        id: &ItemId,
    ) -> Result<Option<Document>, StoreError> {
        let list = tables::edits(self.rows, id);
        let edits = list.scan(store, ALL, Direction::Ascending, FEW_EDITS as usize + 1)?;
        if edits.len() as u64 > FEW_EDITS {
            return Ok(None);
        }
        let mut replay = Replay { id: *id, next: 0, document: None, made: None, lacks: None };
        for (_, spot) in edits {
            let loc = self.logs.loc(spot)?;
            self.spent += 1;
            if self.counts(&loc) {
                self.replay_edit(store, replica, &mut replay, loc)?;
            }
        }
        Ok(replay.document.filter(|_| replay.lacks.is_none()))
    }

    fn replay_edit(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        replay: &mut Replay,
        loc: Loc,
    ) -> Result<(), StoreError> {
        let Some(opened) = self.open_entry(store, replica, loc.log(), loc.seq)? else {
            if replica.content_entry(store, loc.log(), loc.seq)?.is_none() {
                replay.lacks.get_or_insert(loc);
            }
            return Ok(());
        };
        // Where one was lost that of another branch may stand by now: that one comes no more here.
        if self.item_row(store, &loc)?.is_some_and(|row| row.entry != opened.entry.id) {
            return Ok(());
        }
        let item = opened.items.get(usize::from(loc.index));
        let Some(item @ ContentItem::Edit(edit)) = item else { return Ok(()) };
        let stands = self.doubtful(store, loc)?;
        let reading = Reading::of(loc.log(), &opened.entry, stands, loc.index);
        if let (None, Some(schema)) = (&replay.document, edit.schema) {
            replay.document = Some(Document::new(replay.id, schema));
        }
        let Some(document) = &mut replay.document else { return Ok(()) };
        self.spent += item_cost(item);
        self.play(replica, document, &reading, edit);
        if edit.document.is_none() {
            replay.made = Some(reading.made());
        }
        Ok(())
    }

    /// Whether the edit that stood there made its document.
    fn lacks_maker(&self, store: &impl Store, lacks: Option<Loc>) -> Result<bool, StoreError> {
        let Some(loc) = lacks else { return Ok(false) };
        let row = self.item_row(store, &loc)?;
        Ok(row.is_some_and(|row| matches!(row.is, ItemIs::Edit { document: None, .. })))
    }

    fn replayed(&mut self, store: &mut impl Store, replay: Replay) -> Result<(), StoreError> {
        let Replay { id, document, made, lacks, .. } = replay;
        let mut batch = Batch::default();
        match document {
            Some(document) => {
                self.save(store, &document, made, &mut batch)?;
                self.cache.put(document);
            }
            // What was known of it stays listed until what made it comes again.
            None if self.lacks_maker(store, lacks)? => {
                batch.remove(tables::snapshot(self.rows, &id));
                self.cache.forget(&id);
            }
            None => self.unlist(store, &id, &mut batch)?,
        }
        tables::replays(self.rows).remove(store, &id, &mut batch)?;
        let lacking = tables::lacking(self.rows);
        match lacks {
            Some(loc) => lacking.put(store, vec![(id, loc)], &mut batch)?,
            None => lacking.remove(store, &id, &mut batch)?,
        }
        store.write(batch)?;
        self.replays.remove(&id);
        match lacks {
            Some(loc) => _ = self.lacking.insert(id, loc),
            None => _ = self.lacking.remove(&id),
        }
        let is_news = !self.reads_again();
        self.news.extend(is_news.then_some(News::Document(id)));
        Ok(())
    }
}
