//! Hashes of what counts, by which two nodes are compared.

use ledger::{Hash, ItemId, tagged};
use store::{Direction, Store, StoreError, Table};

use crate::{content::Content, docs::LISTED, tables};

/// Word kinds that this version lists.
const WORD_KINDS: std::ops::RangeInclusive<u16> = 0..=4;

/// Hashes of what counts in one space's content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fingerprint {
    /// Of all documents, whole.
    pub documents: Hash,
    /// Of the ids of all words that count.
    pub words: Hash,
}

impl Content {
    /// What counts here, as hashes.
    pub fn fingerprint(&self, store: &impl Store) -> Result<Fingerprint, StoreError> {
        let mut documents = Vec::new();
        for schema in LISTED {
            for row in self.documents(store, *schema)? {
                documents.push([*row.id.as_bytes(), *row.content.as_bytes()].concat());
            }
        }
        documents.sort_unstable();
        let mut words = Vec::new();
        for kind in WORD_KINDS {
            let group = tables::words(self.space, kind);
            let all = 0..=u64::MAX;
            for (_, bytes) in
                store.scan(Table::Rows, &group, all, Direction::Ascending, usize::MAX)?
            {
                let Ok(id) = ledger::decode::<ItemId>(&bytes) else { continue };
                let place = self.place(store, &id)?;
                if place.is_some_and(|place| self.ends.counts(&place.loc.device, place.loc.seq)) {
                    words.push(*id.as_bytes());
                }
            }
        }
        words.sort_unstable();
        Ok(Fingerprint {
            documents: tagged("groundwork 1 documents", &[&documents.concat()]),
            words: tagged("groundwork 1 words", &[&words.concat()]),
        })
    }
}
