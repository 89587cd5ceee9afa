//! Applying an edit that is read.

use documents::Document;
use ledger::content_items::{Edit, Schema};
use replica::Replica;
use store::{Batch, Store, StoreError};

use crate::{
    content::{Content, News},
    items::Reading,
    place::Kind,
    tables,
};

impl Content {
    pub(crate) fn apply_edit(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        reading: &Reading<'_>,
        edit: &Edit,
        batch: &mut Batch,
    ) -> Result<Kind, StoreError> {
        let id = reading.document(edit);
        let (space, loc) = (self.space, reading.loc);
        let list = tables::edits(space, &id);
        list.at(list.next(store)?).put(&loc, batch);
        tables::touched(space, &loc.device).at(loc.number()).put(&id, batch);
        // A document that is to be played again comes upon this edit in its list.
        if self.counts(&loc) && !self.replays.contains(&id) {
            let document = match edit.document {
                None => edit.schema.map(|schema| Document::new(id, schema)),
                Some(_) => self.load(store, &id)?,
            };
            match document {
                Some(mut document) => {
                    self.play(&mut document, reading, edit);
                    let made = match edit.document {
                        None => Some(reading.made()),
                        Some(_) => {
                            let row = self.document_row(store, document.schema(), &id)?;
                            row.map(|row| row.made())
                        }
                    };
                    self.save(document, made, batch);
                    self.news.push(News::Document(id));
                }
                // The snapshot is lost or of another version: the edits are the truth.
                None => {
                    tables::replays(space).of(&id).put(&id, batch);
                    self.replays.insert(id);
                }
            }
        }
        let made = edit.schema.filter(|_| edit.document.is_none());
        if made == Some(Schema::Space) {
            self.note_own_document(store, replica, reading, batch)?;
        }
        Ok(Kind::Edit { document: id, makes: made.map(Schema::number) })
    }

    /// Notes the space's own document. A log is read in its order, and an edit that makes a
    /// document waits for nothing: so the first that is read is the first of the log.
    fn note_own_document(
        &self,
        store: &impl Store,
        replica: &Replica,
        reading: &Reading<'_>,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let own = tables::own_document(self.space);
        let is_founders = replica.founder() == Some(reading.loc.device);
        if is_founders && own.get(store)?.is_none() {
            own.put(&reading.id, batch);
        }
        Ok(())
    }
}
