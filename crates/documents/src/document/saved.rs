//! A document as bytes that may vanish: a cache, never the truth.
//!
//! The bytes carry their own hash, because automerge panics on some damaged documents (FACTS 4):
//! what is not byte for byte what this program wrote is refused before automerge sees it.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, ChangeHash, LoadOptions, ReadDoc, TextEncoding};
use ledger::{Hash, ItemId, content_items::Schema};
use minicbor::{Decode, Encode};

use super::{Author, Document, EditRule, Made, Outcome, PlayedEdit, actor};

/// Raised when the envelope, or how edits are played, changes: older bytes are then refused.
const VERSION: u16 = 3;

/// Bytes of the hash in front.
pub(super) const HASH_BYTES: usize = 32;

/// Why saved bytes are no document. In each case the caller plays the edits again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// They are not what was written.
    #[error("the saved document is damaged")]
    Damaged,
    /// Another version of this program wrote them.
    #[error("the saved document is of another version")]
    Version,
    /// Automerge does not take them.
    #[error("automerge does not load the saved document")]
    Automerge,
    /// Their parts contradict each other.
    #[error("the saved document contradicts itself")]
    Inconsistent,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Saved {
    #[n(0)]
    id: ItemId,
    #[n(1)]
    schema: Schema,
    #[cbor(n(2), with = "minicbor::bytes")]
    automerge: Vec<u8>,
    #[n(3)]
    edits: Vec<SavedEdit>,
    /// What each author's next edit builds on.
    #[n(4)]
    last: Vec<(Author, Vec<Hash>)>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct SavedEdit {
    #[n(0)]
    id: ItemId,
    #[n(1)]
    author: Author,
    #[n(2)]
    weight: u64,
    #[n(3)]
    outcome: SavedOutcome,
}

#[derive(Encode, Decode)]
#[cbor(flat)]
enum SavedOutcome {
    #[n(0)]
    Change {
        #[n(0)]
        hash: Hash,
        #[n(1)]
        made: BTreeMap<u16, Made>,
    },
    #[n(1)]
    Passed {
        #[n(0)]
        on: Vec<Hash>,
        #[n(1)]
        rule: Option<EditRule>,
    },
}

impl Document {
    /// The document as bytes for [`load`](Self::load).
    pub fn save(&self) -> Vec<u8> {
        let edits = self.edits.iter().map(|(id, record)| SavedEdit {
            id: *id,
            author: record.author,
            weight: record.weight,
            outcome: match &record.outcome {
                Outcome::Change { hash, made } => {
                    SavedOutcome::Change { hash: Hash::from_bytes(hash.0), made: made.clone() }
                }
                Outcome::Passed { on, rule } => SavedOutcome::Passed {
                    on: on.iter().map(|hash| Hash::from_bytes(hash.0)).collect(),
                    rule: *rule,
                },
            },
        });
        let saved = Saved {
            id: self.id,
            schema: self.schema,
            automerge: self.automerge.save(),
            edits: edits.collect(),
            last: self
                .last
                .iter()
                .map(|(author, on)| {
                    (*author, on.iter().map(|hash| Hash::from_bytes(hash.0)).collect())
                })
                .collect(),
        };
        seal(&saved)
    }

    /// The document that [`save`](Self::save) wrote.
    pub fn load(bytes: &[u8]) -> Result<Self, LoadError> {
        let saved = unseal(bytes)?;
        let options = LoadOptions::new().text_encoding(TextEncoding::UnicodeCodePoint);
        let automerge = Automerge::load_with_options(&saved.automerge, options)
            .map_err(|_| LoadError::Automerge)?;
        let mut document = Self { automerge, ..Self::new(saved.id, saved.schema) };
        for edit in saved.edits {
            // Each once, in the order in which they were saved.
            if document.edits.last_key_value().is_some_and(|(last, _)| *last >= edit.id) {
                return Err(LoadError::Inconsistent);
            }
            let outcome = match edit.outcome {
                SavedOutcome::Change { hash, made } => {
                    let hash = ChangeHash(*hash.as_bytes());
                    if document.changes.insert(hash, edit.id).is_some() {
                        return Err(LoadError::Inconsistent);
                    }
                    Outcome::Change { hash, made }
                }
                SavedOutcome::Passed { on, rule } => {
                    let on = on.iter().map(|hash| ChangeHash(*hash.as_bytes())).collect();
                    Outcome::Passed { on, rule }
                }
            };
            let SavedEdit { id, author, weight, .. } = edit;
            *document.weights.entry(author).or_default() += weight;
            document.edits.insert(id, PlayedEdit { author, weight, outcome });
        }
        for (author, on) in saved.last {
            let on = on.iter().map(|hash| ChangeHash(*hash.as_bytes())).collect();
            document.last.insert(author, on);
        }
        document.check()?;
        Ok(document)
    }

    /// That edits and automerge's changes are the same, and what these build on.
    fn check(&mut self) -> Result<(), LoadError> {
        let metas = self.automerge.get_changes_meta(&[]);
        if metas.len() != self.changes.len() {
            return Err(LoadError::Inconsistent);
        }
        for meta in metas {
            let edit = self.changes.get(&meta.hash).and_then(|edit| self.edits.get(edit));
            let author = edit.ok_or(LoadError::Inconsistent)?.author;
            if *meta.actor != actor(&author, &self.id) {
                return Err(LoadError::Inconsistent);
            }
            self.deps.insert(meta.hash, meta.deps.clone());
        }
        let known: BTreeSet<_> = self.changes.keys().collect();
        let passed_on_known = self.edits.values().all(|record| match &record.outcome {
            Outcome::Passed { on, .. } => on.iter().all(|hash| known.contains(hash)),
            Outcome::Change { made, .. } => {
                made.keys().all(|number| self.is_object(record, *number))
            }
        });
        let authors: BTreeSet<_> = self.edits.values().map(|record| record.author).collect();
        let last_of_authors = self.last.keys().copied().collect::<BTreeSet<_>>() == authors
            && self.last.values().flatten().all(|hash| known.contains(hash));
        if passed_on_known && last_of_authors { Ok(()) } else { Err(LoadError::Inconsistent) }
    }

    fn is_object(&self, record: &PlayedEdit, number: u16) -> bool {
        let Outcome::Change { hash, .. } = &record.outcome else { return false };
        let object = self.changes.get(hash).and_then(|edit| self.made(edit, number));
        object.is_some_and(|(id, _)| self.automerge.object_type(&id).is_ok())
    }
}

fn seal(saved: &Saved) -> Vec<u8> {
    sealed(&ledger::encode(&(VERSION, saved)))
}

/// Bytes with their hash in front.
pub(super) fn sealed(rest: &[u8]) -> Vec<u8> {
    [digest(rest).as_bytes().as_slice(), rest].concat()
}

fn unseal(bytes: &[u8]) -> Result<Saved, LoadError> {
    let (hash, rest) = bytes.split_at_checked(HASH_BYTES).ok_or(LoadError::Damaged)?;
    if hash != digest(rest).as_bytes() {
        return Err(LoadError::Damaged);
    }
    // The version first: another one has another shape.
    let mut decoder = minicbor::Decoder::new(rest);
    let version = decoder.array().and_then(|_| decoder.u16());
    if version.map_err(|_| LoadError::Damaged)? != VERSION {
        return Err(LoadError::Version);
    }
    let (_, saved) = ledger::decode::<(u16, Saved)>(rest).map_err(|_| LoadError::Damaged)?;
    Ok(saved)
}

fn digest(bytes: &[u8]) -> Hash {
    ledger::tagged("groundwork 1 saved document", &[bytes])
}
