//! Documents: edits played in an order in which each comes after what it builds on, snapshots of
//! what came of it, and a row for the lists.
//!
//! The edits of a document are listed in the order in which this node played them. When an end
//! comes or goes, those that count are played again from nothing.

mod replay;

use std::collections::BTreeSet;

use documents::{
    Document,
    campaign::{self, CampaignView},
    need::{self, NeedView},
    space::{self, SpaceView},
};
use ledger::{
    EntryId, Hash, ItemId, SpaceId, Timestamp,
    content_items::{Edit, Schema},
};
use minicbor::{Decode, Encode};
use replica::Replica;
use store::{Batch, Direction, Group, Key, Store, StoreError, Table};

pub(crate) use replay::Replay;

use crate::{
    content::{Content, News},
    limits::bytes_cost,
    place::{Kind, Loc},
    read::Reading,
    tables,
};

/// A document as lists have it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct DocumentRow {
    /// Its id.
    #[n(0)]
    pub id: ItemId,
    /// Where the edit that made it stands.
    #[n(1)]
    pub loc: Loc,
    /// The entry of that edit.
    #[n(2)]
    pub entry: EntryId,
    /// When it was made, by its author's clock.
    #[n(3)]
    pub stamp: Timestamp,
    /// What it shows.
    #[n(4)]
    pub view: View,
    /// The hash of its whole content, conflicts included.
    #[n(5)]
    pub content: Hash,
}

/// What a document shows.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum View {
    /// A campaign.
    #[n(0)]
    Campaign(#[n(0)] CampaignView),
    /// A need.
    #[n(1)]
    Need(#[n(0)] NeedView),
    /// The space.
    #[n(2)]
    Space(#[n(0)] String),
    /// Something that this version does not show.
    #[n(3)]
    Other,
}

impl View {
    fn of(document: &Document) -> Self {
        match document.schema() {
            Schema::Campaign => Self::Campaign(campaign::view(document)),
            Schema::Need => Self::Need(need::view(document)),
            Schema::Space => {
                let SpaceView { name, .. } = space::view(document);
                Self::Space(name)
            }
            _ => Self::Other,
        }
    }
}

/// The schemas under which documents are listed.
pub(crate) const LISTED: &[Schema] =
    &[Schema::Space, Schema::Campaign, Schema::Need, Schema::AidList, Schema::Unknown(u16::MAX)];

fn listed_under(schema: Schema) -> u16 {
    match schema {
        Schema::Unknown(_) => u16::MAX,
        known => known.number(),
    }
}

impl Content {
    pub(crate) fn apply_edit(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        reading: &Reading<'_>,
        edit: &Edit,
        batch: &mut Batch,
    ) -> Result<Kind, StoreError> {
        let id = edit.document.map_or(reading.id, |item| item.resolve(&reading.entry.id));
        let (space, loc) = (self.space, reading.loc);
        let list = tables::edits(space, &id);
        batch.put(Key::new(Table::Rows, list.clone(), next(store, &list)?), ledger::encode(&loc));
        let touched = tables::touched(space, &loc.device);
        batch.put(Key::new(Table::Reading, touched, loc.number()), ledger::encode(&id));
        // A document that is to be played again comes upon this edit in its list.
        if self.ends.counts(&loc.device, loc.seq) && !self.replays.contains(&id) {
            let document = match edit.document {
                None => edit.schema.map(|schema| Document::new(id, schema)),
                Some(_) => self.load(store, &id)?,
            };
            match document {
                Some(mut document) => {
                    self.play(&mut document, reading, edit);
                    let made = edit.document.is_none();
                    let row = self.row(store, &document, made.then_some(reading))?;
                    self.work.saved_bytes += save(space, &document, row, batch);
                    self.cache.put(document);
                    self.news.push(News::Document(id));
                }
                // The snapshot is lost or of another version: the edits are the truth.
                None => {
                    batch.put(replay_key(space, &id), ledger::encode(&id));
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

    fn play(&mut self, document: &mut Document, reading: &Reading<'_>, edit: &Edit) {
        let heads: BTreeSet<_> =
            edit.heads.iter().map(|head| head.resolve(&reading.entry.id)).collect();
        // Whatever does not build on just the heads is played on a fork, made of all the history.
        if edit.document.is_some() && !heads.iter().eq(&document.heads()) {
            self.spent += bytes_cost(document.weight());
        }
        self.work.operations += edit.operations.len() as u64;
        document.play(&reading.loc.device, reading.id, reading.entry.id, edit);
    }

    /// A document, to be edited: with all that was read of it, so that the edit builds on it.
    pub fn document(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
        id: &ItemId,
    ) -> Result<Option<Document>, StoreError> {
        while self.replays.contains(id) {
            self.replay(store, replica, *id, usize::MAX)?;
        }
        let document = self.load(store, id)?;
        if let Some(document) = &document {
            self.cache.put(document.clone());
        }
        Ok(document)
    }

    /// Documents that are open.
    pub fn open_documents(&self) -> usize {
        self.cache.len()
    }

    /// All documents of a schema that count.
    pub fn documents(
        &self,
        store: &impl Store,
        schema: Schema,
    ) -> Result<Vec<DocumentRow>, StoreError> {
        self.documents_between(store, schema, 0..=u64::MAX)
    }

    pub(crate) fn documents_between(
        &self,
        store: &impl Store,
        schema: Schema,
        numbers: std::ops::RangeInclusive<u64>,
    ) -> Result<Vec<DocumentRow>, StoreError> {
        let group = tables::documents(self.space, listed_under(schema));
        let found = store.scan(Table::Rows, &group, numbers, Direction::Ascending, usize::MAX)?;
        Ok(found.into_iter().filter_map(|(_, bytes)| ledger::decode(&bytes).ok()).collect())
    }

    /// One document's row.
    pub fn document_row(
        &self,
        store: &impl Store,
        schema: Schema,
        id: &ItemId,
    ) -> Result<Option<DocumentRow>, StoreError> {
        let group = tables::documents(self.space, listed_under(schema));
        let bytes = store.get(&Key::new(Table::Rows, group, tables::number_of(id)))?;
        let row = bytes.and_then(|bytes| ledger::decode::<DocumentRow>(&bytes).ok());
        Ok(row.filter(|row| row.id == *id))
    }

    /// What the space is called, by its own document: the first that its founder's device made.
    /// Whoever else makes one names nothing; all may edit the founder's.
    pub fn space_name(&self, store: &impl Store) -> Result<Option<String>, StoreError> {
        let own = store.get(&tables::own_document(self.space))?;
        let Some(id) = own.and_then(|bytes| ledger::decode(&bytes).ok()) else { return Ok(None) };
        let row = self.document_row(store, Schema::Space, &id)?;
        Ok(row.and_then(|row| match row.view {
            View::Space(name) if !name.is_empty() => Some(name),
            _ => None,
        }))
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
        let key = tables::own_document(self.space);
        let is_founders = replica.founder() == Some(reading.loc.device);
        if is_founders && store.get(&key)?.is_none() {
            batch.put(key, ledger::encode(&reading.id));
        }
        Ok(())
    }

    fn load(&mut self, store: &impl Store, id: &ItemId) -> Result<Option<Document>, StoreError> {
        if let Some(document) = self.cache.take(id) {
            return Ok(Some(document));
        }
        let bytes = store.get(&tables::snapshot(self.space, id))?;
        self.spent += bytes_cost(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64));
        Ok(bytes.and_then(|bytes| Document::load(&bytes).ok()))
    }

    /// The row of a document: made with it, and changed with it.
    fn row(
        &self,
        store: &impl Store,
        document: &Document,
        made: Option<&Reading<'_>>,
    ) -> Result<Option<DocumentRow>, StoreError> {
        let (view, content) = (View::of(document), content_hash(document));
        let id = document.id();
        Ok(match made {
            Some(made) => Some(DocumentRow {
                id,
                loc: made.loc,
                entry: made.entry.id,
                stamp: made.entry.header.stamp,
                view,
                content,
            }),
            None => self.document_row(store, document.schema(), &id)?.map(|row| DocumentRow {
                view,
                content,
                ..row
            }),
        })
    }
}

/// The documents that were to be played again when the node went down.
pub(crate) fn replays(store: &impl Store, space: SpaceId) -> Result<BTreeSet<ItemId>, StoreError> {
    let (group, all) = (tables::replays(space), 0..=u64::MAX);
    let found = store.scan(Table::Reading, &group, all, Direction::Ascending, usize::MAX)?;
    Ok(found.into_iter().filter_map(|(_, bytes)| ledger::decode(&bytes).ok()).collect())
}

/// Where it stands that a document is to be played again.
pub(crate) fn replay_key(space: SpaceId, id: &ItemId) -> Key {
    Key::new(Table::Reading, tables::replays(space), tables::number_of(id))
}

fn content_hash(document: &Document) -> Hash {
    Hash::of(document.canonical().to_string().as_bytes())
}

/// To `batch`: the document and its row. The bytes of it.
fn save(space: SpaceId, document: &Document, row: Option<DocumentRow>, batch: &mut Batch) -> u64 {
    let saved = document.save();
    let bytes = saved.len() as u64;
    batch.put(tables::snapshot(space, &document.id()), saved);
    if let Some(row) = row {
        let group = tables::documents(space, listed_under(document.schema()));
        let key = Key::new(Table::Rows, group, tables::number_of(&document.id()));
        batch.put(key, ledger::encode(&row));
    }
    bytes
}

/// The number behind the last of a group.
fn next(store: &impl Store, group: &Group) -> Result<u64, StoreError> {
    let last = store.scan(Table::Rows, group, 0..=u64::MAX, Direction::Descending, 1)?;
    Ok(last.first().map_or(0, |(number, _)| number + 1))
}
