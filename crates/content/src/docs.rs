//! Documents: snapshots of what came of their edits, and a row for the lists.
//!
//! The edits of a document are listed in the order in which this node played them. When an end
//! comes or goes, those that count are played again from nothing.

mod edit;
mod replay;

use std::{collections::BTreeSet, ops::RangeInclusive};

use documents::Document;
use ledger::{
    ItemId,
    content_items::{Edit, Schema},
};
use store::{Batch, Store, StoreError};

use crate::{
    content::Content,
    items::Reading,
    limits::bytes_cost,
    rows::{DocumentRow, Made, View},
    table::{ALL, List},
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
        let row = self.listed(schema).of(id).get(store)?;
        Ok(row.filter(|row| row.id == *id))
    }

    /// What the space is called, by its own document: the first that its founder's device made.
    /// Whoever else makes one names nothing; all may edit the founder's.
    pub fn space_name(&self, store: &impl Store) -> Result<Option<String>, StoreError> {
        let Some(id) = tables::own_document(self.space).get(store)? else { return Ok(None) };
        let row = self.document_row(store, Schema::Space, &id)?;
        Ok(row.and_then(|row| match row.view {
            View::Space(name) if !name.is_empty() => Some(name),
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
        self.listed(schema).between(store, numbers)
    }

    /// A document with all that was played of it; none where its snapshot is lost, or of another
    /// version.
    fn load(&mut self, store: &impl Store, id: &ItemId) -> Result<Option<Document>, StoreError> {
        if let Some(document) = self.cache.take(id) {
            return Ok(Some(document));
        }
        let bytes = store.get(&tables::snapshot(self.space, id))?;
        self.spent += bytes_cost(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64));
        Ok(bytes.and_then(|bytes| Document::load(&bytes).ok()))
    }

    fn play(&mut self, document: &mut Document, reading: &Reading<'_>, edit: &Edit) {
        let heads: BTreeSet<_> = edit.heads.iter().map(|head| reading.resolve(*head)).collect();
        // Whatever does not build on just the heads is played on a fork, made of all the history.
        if edit.document.is_some() && !heads.iter().eq(document.heads().iter()) {
            self.spent += bytes_cost(document.weight());
        }
        self.work.operations += edit.operations.len() as u64;
        document.play(&reading.loc.device, reading.id, reading.entry.id, edit);
    }

    /// To `batch`: a document as it is now, and its row, unless what made it is not known.
    fn save(&mut self, document: Document, made: Option<Made>, batch: &mut Batch) {
        let id = document.id();
        let saved = document.save();
        self.work.saved_bytes += saved.len() as u64;
        batch.put(tables::snapshot(self.space, &id), saved);
        if let Some(made) = made {
            let row = DocumentRow::of(&document, made);
            self.listed(document.schema()).of(&id).put(&row, batch);
        }
        self.cache.put(document);
    }

    /// To `batch`: nothing that counts has made this document.
    fn unlist(&mut self, id: &ItemId, batch: &mut Batch) {
        batch.remove(tables::snapshot(self.space, id));
        for schema in LISTED {
            self.listed(*schema).of(id).remove(batch);
        }
        self.cache.forget(id);
    }

    fn listed(&self, schema: Schema) -> List<DocumentRow> {
        let number = match schema {
            Schema::Unknown(_) => u16::MAX,
            known => known.number(),
        };
        tables::documents(self.space, number)
    }
}
