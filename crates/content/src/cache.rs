//! Documents in memory: those that are open, so that the next edit need not load one, those that
//! this slice has played edits into, and the one that is being played again.

use std::collections::BTreeMap;

use documents::Document;
use ledger::ItemId;

use crate::{place::Loc, rows::Made};

/// Documents kept open: at 40 to 600 KB each, some ten megabytes.
const DOCUMENTS_MAX: usize = 32;

/// Open documents, the one that was used longest ago first to go.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    documents: BTreeMap<ItemId, (u64, Document)>,
    uses: u64,
}

/// A document that edits are played into.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) document: Document,
    /// None where what made it is not known.
    pub(crate) made: Option<Made>,
    /// Whether it is as the store has it.
    pub(crate) is_saved: bool,
    /// Whether any edit was played into it since that nobody was told of.
    pub(crate) is_news: bool,
}

/// A document that is being played again, as far as it is.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) id: ItemId,
    /// The next of its edits, by its number in their list.
    pub(crate) next: u64,
    /// None before the edit that makes it.
    pub(crate) document: Option<Document>,
    pub(crate) made: Option<Made>,
    /// Where the first of its edits stood whose entry is lost.
    pub(crate) lacks: Option<Loc>,
}

impl Cache {
    pub(crate) fn take(&mut self, id: &ItemId) -> Option<Document> {
        self.documents.remove(id).map(|(_, document)| document)
    }

    pub(crate) fn put(&mut self, document: Document) {
        self.uses += 1;
        self.documents.insert(document.id(), (self.uses, document));
        if self.documents.len() > DOCUMENTS_MAX {
            let oldest = self.documents.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(id) = oldest.map(|(id, _)| *id) {
                self.documents.remove(&id);
            }
        }
    }

    pub(crate) fn forget(&mut self, id: &ItemId) {
        self.documents.remove(id);
    }

    pub(crate) fn len(&self) -> usize {
        self.documents.len()
    }
}
