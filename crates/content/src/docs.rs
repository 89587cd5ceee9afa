//! Documents: snapshots of what came of their edits, and a row for the lists.
//!
//! The edits of a document are listed in the order in which this node played them. When an end
//! comes or goes, those that count are played again from nothing.

mod edit;
mod replay;

use std::ops::RangeInclusive;

use documents::{Author, Document, EditRule, Played};
use ledger::{
    ItemId,
    content_items::{Edit, Schema},
};
use replica::Replica;
use store::{Batch, Store, StoreError};

use crate::{
    content::{Content, News},
    items::Reading,
    limits::{FEW_EDITS, bytes_cost},
    place::Loc,
    rows::{DocumentRow, DocumentView, KeptDocument, Made},
    table::{ALL, ById},
    tables,
};

/// The schemas under which documents are listed.
pub(crate) const LISTED: &[Schema] =
    &[Schema::Space, Schema::Campaign, Schema::Need, Schema::AidList, Schema::Unknown(u16::MAX)];

impl Content {
    /// How many documents are kept in memory, so that the next edit need not load one.
    pub fn open_documents(&self) -> usize {
        self.cache.len()
    }

    /// All documents of a schema that count.
    pub fn documents(
        &self,
        store: &impl Store,
        schema: Schema,
    ) -> Result<Vec<DocumentRow>, StoreError> {
        self.documents_between(store, schema, ALL)
    }

    /// One document, if it is of this schema and counts.
    pub fn document_row(
        &self,
        store: &impl Store,
        schema: Schema,
        id: &ItemId,
    ) -> Result<Option<DocumentRow>, StoreError> {
        let row = self.listed(schema).get(store, id)?;
        row.map(|row| row.row(&self.logs)).transpose()
    }

    /// What the space is called, by its own document: the first that its founder's device made.
    /// Whoever else makes one names nothing; all may edit the founder's.
    pub fn space_name(&self, store: &impl Store) -> Result<Option<String>, StoreError> {
        let Some(id) = tables::own_document(self.rows).get(store)? else { return Ok(None) };
        let row = self.document_row(store, Schema::Space, &id)?;
        Ok(row.and_then(|row| match row.view {
            DocumentView::Space(name) if !name.is_empty() => Some(name),
            _ => None,
        }))
    }

    /// Documents of a schema whose ids begin with these numbers.
    pub(crate) fn documents_between(
        &self,
        store: &impl Store,
        schema: Schema,
        numbers: RangeInclusive<u64>,
    ) -> Result<Vec<DocumentRow>, StoreError> {
        let rows = self.listed(schema).between(store, numbers)?;
        rows.into_iter().map(|(_, row)| row.row(&self.logs)).collect()
    }

    /// What became of an edit; none as long as it was not read, or its document waits to be played
    /// again.
    pub fn played(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        document: &ItemId,
        edit: &ItemId,
    ) -> Result<Option<Played>, StoreError> {
        self.save_documents(store)?;
        let read = self.place(store, edit)?.is_some_and(|place| self.counts(&place.loc));
        if !read || self.replays.contains(document) || !self.recount.is_over() {
            return Ok(None);
        }
        let Some(document) = self.load(store, replica, document)? else { return Ok(None) };
        // Of those that came when their author's weight was used up a document keeps nothing.
        let played = document.played(edit).unwrap_or(Played::Void(EditRule::Full));
        self.cache.put(document);
        Ok(Some(played))
    }

    /// A document with all that was played of it; none where its snapshot is lost, or of another
    /// version, or where it has none and one of its few edits is lost.
    fn load(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        id: &ItemId,
    ) -> Result<Option<Document>, StoreError> {
        if let Some(document) = self.cache.take(id) {
            return Ok(Some(document));
        }
        let Some(bytes) = store.get(&tables::snapshot(self.rows, id))? else {
            return self.play_few(store, replica, id);
        };
        self.spent += bytes_cost(bytes.len() as u64);
        Ok(Document::load(&bytes).ok())
    }

    fn play(
        &mut self,
        replica: &Replica,
        document: &mut Document,
        reading: &Reading,
        edit: &Edit,
    ) -> Played {
        let forked = document.forked();
        let Loc { device, seq, .. } = reading.loc;
        let root = replica.content_root(&reading.loc.log(), seq);
        let author = root.as_ref().map_or_else(|| Author::from(&device), Author::from);
        let played = document.play(author, reading.id, reading.entry, edit);
        self.spent += bytes_cost(document.forked() - forked);
        self.work.operations += edit.operations.len() as u64;
        played
    }

    /// Has a document be played again, with what counts of its edits; what is not saved of it, and
    /// is open, is let go.
    pub(crate) fn play_again(&mut self, id: ItemId) {
        self.unsaved.remove(&id);
        self.cache.forget(&id);
        self.replays.insert(id);
    }

    /// Saves the documents that edits were played into: each once, whatever their number.
    pub(crate) fn save_documents(&mut self, store: &mut impl Store) -> Result<(), StoreError> {
        while let Some((id, mut unsaved)) = self.unsaved.pop_first() {
            unsaved.document.forget_fork();
            let mut batch = Batch::default();
            let saved = self.save(store, &unsaved.document, unsaved.made, &mut batch);
            let saved =
                saved.and_then(|()| tables::replays(self.rows).remove(store, &id, &mut batch));
            if let Err(error) = saved.and_then(|()| store.write(batch).map(drop)) {
                self.unsaved.insert(id, unsaved);
                return Err(error);
            }
            self.cache.put(unsaved.document);
            self.news.extend(unsaved.is_news.then_some(News::Document(id)));
        }
        self.unsaved_bytes = 0;
        Ok(())
    }

    /// To `batch`: a document as it is now, and its row, unless what made it is not known. What a
    /// few edits come to is played from these whenever it is opened.
    fn save(
        &mut self,
        store: &impl Store,
        document: &Document,
        made: Option<Made>,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let id = document.id();
        if tables::edits(self.rows, &id).next(store)? > FEW_EDITS {
            let saved = document.save();
            self.work.saved_bytes += saved.len() as u64;
            batch.put(tables::snapshot(self.rows, &id), saved);
        }
        if let Some(made) = made {
            let row = KeptDocument::of(DocumentRow::of(document, made), &self.logs);
            self.listed(document.schema()).put(store, vec![(id, row)], batch)?;
        }
        Ok(())
    }

    /// To `batch`: nothing that counts has made this document.
    fn unlist(
        &mut self,
        store: &impl Store,
        id: &ItemId,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        batch.remove(tables::snapshot(self.rows, id));
        for schema in LISTED {
            self.listed(*schema).remove(store, id, batch)?;
        }
        self.cache.forget(id);
        Ok(())
    }

    fn listed(&self, schema: Schema) -> ById<KeptDocument> {
        let number = match schema {
            Schema::Unknown(_) => u16::MAX,
            known => known.number(),
        };
        tables::documents(self.rows, number)
    }
}
