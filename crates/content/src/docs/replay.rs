//! Playing a document again from nothing, in slices.

use documents::Document;
use ledger::{ItemId, content_items::ContentItem};
use replica::Replica;
use store::{Batch, Direction, Key, Store, StoreError, Table};

use super::{DocumentRow, LISTED, View, content_hash, listed_under, replay_key, save};
use crate::{
    content::{Content, News},
    limits::{EDITS_LISTED, item_cost},
    place::Loc,
    read::Reading,
    tables,
};

/// A document that is being played again, as far as it is.
#[derive(Debug)]
pub(crate) struct Replay {
    id: ItemId,
    /// The next of its edits, by its number in their list.
    next: u64,
    document: Option<Document>,
    row: Option<DocumentRow>,
}

impl Content {
    /// Plays a document again, those of its edits that count, as far as `budget` reaches.
    pub(crate) fn replay(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        id: ItemId,
        budget: usize,
    ) -> Result<(), StoreError> {
        let begun = self.replaying.take().filter(|replay| replay.id == id);
        let mut replay = begun.unwrap_or(Replay { id, next: 0, document: None, row: None });
        let list = tables::edits(self.space, &id);
        loop {
            let numbers = replay.next..=u64::MAX;
            let edits =
                store.scan(Table::Rows, &list, numbers, Direction::Ascending, EDITS_LISTED)?;
            if edits.is_empty() {
                return self.replayed(store, replay);
            }
            for (number, bytes) in edits {
                replay.next = number + 1;
                self.spent += 1;
                if let Ok(loc) = ledger::decode::<Loc>(&bytes)
                    && self.ends.counts(&loc.device, loc.seq)
                {
                    self.replay_edit(store, replica, &mut replay, loc)?;
                }
                if self.spent >= budget as u64 {
                    self.replaying = Some(replay);
                    return Ok(());
                }
            }
        }
    }

    fn replay_edit(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        replay: &mut Replay,
        loc: Loc,
    ) -> Result<(), StoreError> {
        let entries = replica.content_entries(store, loc.device, loc.seq, 1)?;
        let Some(entry) = entries.first() else { return Ok(()) };
        let items = self.open_body(replica, entry).unwrap_or_default();
        let Some(item @ ContentItem::Edit(edit)) = items.get(usize::from(loc.index)) else {
            return Ok(());
        };
        let reading = Reading { entry, loc, id: ItemId::of(&entry.id, loc.index) };
        if let (None, Some(schema)) = (&replay.document, edit.schema) {
            replay.document = Some(Document::new(replay.id, schema));
        }
        let Some(document) = &mut replay.document else { return Ok(()) };
        self.spent += item_cost(item);
        self.play(document, &reading, edit);
        if edit.document.is_none() {
            replay.row = self.row(store, document, Some(&reading))?;
        }
        Ok(())
    }

    fn replayed(&mut self, store: &mut impl Store, replay: Replay) -> Result<(), StoreError> {
        let Replay { id, document, row, .. } = replay;
        let mut batch = Batch::default();
        self.cache.forget(&id);
        match document {
            Some(document) => {
                let row = row.map(|row| DocumentRow {
                    view: View::of(&document),
                    content: content_hash(&document),
                    ..row
                });
                self.work.saved_bytes += save(self.space, &document, row, &mut batch);
                self.cache.put(document);
            }
            None => {
                batch.remove(tables::snapshot(self.space, &id));
                for schema in LISTED.iter().copied().map(listed_under) {
                    let group = tables::documents(self.space, schema);
                    batch.remove(Key::new(Table::Rows, group, tables::number_of(&id)));
                }
            }
        }
        batch.remove(replay_key(self.space, &id));
        store.write(batch)?;
        self.replays.remove(&id);
        self.news.push(News::Document(id));
        Ok(())
    }
}
