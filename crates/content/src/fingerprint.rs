//! Hashes of what counts, by which two nodes are compared.

use documents::words::Judged;
use ledger::{Hash, tagged};
use store::{Store, StoreError};

use crate::{
    content::Content,
    docs::LISTED,
    place::{Kind, Loc},
    tables,
};

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
        for log in self.logs.iter() {
            let Some(numbers) = self.ends.numbers(log) else { continue };
            tables::read(self.rows, log).each(store, numbers, |number, row| {
                let id = row.id(&Loc::of(*log, number));
                if let Kind::Word(Judged { kind, rule: None, .. }) = row.kind(id)
                    && WORD_KINDS.contains(&kind)
                {
                    words.push(*id.as_bytes());
                }
            })?;
        }
        words.sort_unstable();
        Ok(Fingerprint {
            documents: tagged("groundwork 1 documents", &[&documents.concat()]),
            words: tagged("groundwork 1 words", &[&words.concat()]),
        })
    }
}
