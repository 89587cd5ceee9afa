//! Applying an edit that is read.

use documents::Document;
use ledger::{
    ItemId,
    content_items::{Edit, Schema},
};
use replica::Replica;
use store::{Batch, Store, StoreError};

use crate::{cache::Open, content::Content, items::Reading, rows::ItemIs, tables};

/// The kind number of an edit.
const EDIT: u16 = 0;

impl Content {
    pub(crate) fn apply_edit(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        reading: &Reading,
        edit: &Edit,
        batch: &mut Batch,
    ) -> Result<ItemIs, StoreError> {
        let id = reading.document(edit);
        let is_document = match edit.document {
            None => edit.schema.is_some(),
            Some(_) => self.is_document(store, &id)?,
        };
        if !is_document {
            return Ok(ItemIs::Other { kind: EDIT });
        }
        let loc = reading.loc;
        let list = tables::edits(self.rows, &id);
        list.at(list.next(store)?).put(&self.logs.spot(&loc), batch);
        // A document that is to be played again comes upon this edit in its list.
        if self.counts(&loc) && !self.replays.contains(&id) {
            match self.take_open(store, replica, reading, edit)? {
                Some(open) => self.play_open(store, replica, open, reading, edit, batch)?,
                // The snapshot is lost or of another version: the edits are the truth.
                None => {
                    tables::replays(self.rows).put(store, vec![(id, ())], batch)?;
                    self.replays.insert(id);
                }
            }
        }
        let made = edit.schema.filter(|_| edit.document.is_none());
        if made == Some(Schema::Space) {
            self.note_own_document(store, replica, reading, batch)?;
        }
        let document = edit.document.map(|_| id);
        Ok(ItemIs::Edit { document, makes: made.map(Schema::number) })
    }

    /// Whether an item has made a document. What is none never becomes one.
    fn is_document(&self, store: &impl Store, id: &ItemId) -> Result<bool, StoreError> {
        Ok(self.place(store, id)?.is_some_and(|place| place.kind.makes().is_some()))
    }

    /// The document that an edit changes or makes, as it is.
    fn take_open(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        reading: &Reading,
        edit: &Edit,
    ) -> Result<Option<Open>, StoreError> {
        let id = reading.document(edit);
        if edit.document.is_none() {
            let new = |schema| Open {
                document: Document::new(id, schema),
                made: Some(reading.made()),
                is_saved: true,
                is_news: false,
            };
            return Ok(edit.schema.map(new));
        }
        if let Some(open) = self.unsaved.remove(&id) {
            return Ok(Some(open));
        }
        let Some(document) = self.load(store, replica, &id)? else { return Ok(None) };
        let row = self.document_row(store, document.schema(), &id)?;
        Ok(Some(Open { document, made: row.map(|row| row.made()), is_saved: true, is_news: false }))
    }

    /// Plays an edit into its document, which is saved at the end of the slice. To `batch`: that it
    /// is to be played again, should the process end before that.
    fn play_open(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        mut open: Open,
        reading: &Reading,
        edit: &Edit,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let id = open.document.id();
        let saved = open.document.weight();
        self.play(replica, &mut open.document, reading, edit);
        // Whatever is kept of an edit weighs something.
        if open.is_saved && open.document.weight() == saved {
            self.cache.put(open.document);
            return Ok(());
        }
        if open.is_saved && !self.unsaved.is_empty() {
            self.unsaved_bytes += open.document.weight();
        }
        tables::replays(self.rows).put(store, vec![(id, ())], batch)?;
        let is_news = open.is_news || !self.is_old(&reading.loc);
        self.unsaved.insert(id, Open { is_saved: false, is_news, ..open });
        Ok(())
    }

    /// Notes the space's own document. A log is read in its order, and an edit that makes a
    /// document waits for nothing: so the first that is read is the first of the log. Where that
    /// forks, the one of the lower place is, then of the smaller id.
    fn note_own_document(
        &self,
        store: &impl Store,
        replica: &Replica,
        reading: &Reading,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let own = tables::own_document(self.rows);
        let is_founders = replica.founder() == Some(reading.loc.device);
        if !is_founders {
            return Ok(());
        }
        let before = match own.get(store)? {
            Some(id) => self.place(store, &id)?.map(|place| (place.loc.number(), id)),
            None => None,
        };
        if before.is_none_or(|before| (reading.loc.number(), reading.id) < before) {
            own.put(&reading.id, batch);
        }
        Ok(())
    }
}
