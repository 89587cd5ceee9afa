//! A document: edits, played into automerge.
//!
//! No automerge bytes come from elsewhere: they can be bombs or poison (FACTS 4). Each node makes
//! them itself from the same edits. An edit is played on exactly what it builds on, so that its
//! automerge change has the same hash on every node. What it builds on is what its heads name, and
//! its author's own last edit, named or not, because automerge numbers an actor's changes.

mod canonical;
mod fork;
mod operations;
mod play;
mod read;
mod rule;
mod saved;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use automerge::{ActorId, Automerge, ChangeHash, ObjId, TextEncoding};
use ledger::{
    Bounded, DeviceId, EntryId, Hash, ItemId, content_items::Schema, limits::EDIT_HEADS_MAX,
};
use minicbor::{Decode, Encode};

use fork::Fork;
pub use rule::EditRule;
pub use saved::LoadError;

/// What became of an edit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Played {
    /// It is part of the document. It may have changed nothing, as a field set to what it was.
    Applied,
    /// It broke a rule, and none of it is part of the document.
    Void(EditRule),
}

/// One automerge document, built by playing edits.
///
/// Two nodes that played the same edits have the same [`canonical`](Self::canonical) content and
/// the same [`heads`](Self::heads), whatever the order, as long as each edit came after those
/// that it builds on and each author's edits came in the order of their log.
#[derive(Clone, Debug)]
pub struct Document {
    id: ItemId,
    schema: Schema,
    automerge: Automerge,
    /// Every edit played, applied or void.
    edits: BTreeMap<ItemId, PlayedEdit>,
    /// The edit that each automerge change stands for.
    changes: BTreeMap<ChangeHash, ItemId>,
    /// What each change builds on, by which its past is found; of one that was loaded also its
    /// author's change before, which is in that past.
    deps: BTreeMap<ChangeHash, Vec<ChangeHash>>,
    /// What each author's last edit left their next one to build on: its change, or what it built
    /// on itself where it passed.
    last: BTreeMap<Author, Vec<ChangeHash>>,
    /// What the edits of each author weigh, void and empty ones too.
    weights: BTreeMap<Author, u64>,
    /// The weight of all histories of which forks were made.
    forked: u64,
    /// The fork on which an edit was last played, for its author's next one.
    fork: Option<Fork>,
}

/// Who writes edits in their order: a device, or behind a fork of its log one branch of that, which
/// is known by its first entry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct Author(#[n(0)] Hash);

impl From<&DeviceId> for Author {
    fn from(device: &DeviceId) -> Self {
        Self(Hash::from_bytes(*device.as_bytes()))
    }
}

impl From<&EntryId> for Author {
    fn from(branch: &EntryId) -> Self {
        Self(Hash::from_bytes(*branch.as_bytes()))
    }
}

/// What is known of an edit that was played.
#[derive(Clone, PartialEq, Eq, Debug)]
struct PlayedEdit {
    author: Author,
    weight: u64,
    outcome: Outcome,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Outcome {
    /// It is this change.
    Change { hash: ChangeHash, made: BTreeMap<u16, Made> },
    /// It changed nothing or is void, and what builds on it builds on these instead.
    Passed { on: Vec<ChangeHash>, rule: Option<EditRule> },
}

/// An object that an operation made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
struct Made {
    /// The number that automerge gave to the operation.
    #[n(0)]
    counter: u64,
    /// How many objects it is inside of.
    #[n(1)]
    depth: u8,
}

impl Document {
    /// A document without content: the first edit to play is the one that made it.
    pub fn new(id: ItemId, schema: Schema) -> Self {
        Self {
            id,
            schema,
            automerge: Automerge::new_with_encoding(TextEncoding::UnicodeCodePoint),
            edits: BTreeMap::new(),
            changes: BTreeMap::new(),
            deps: BTreeMap::new(),
            last: BTreeMap::new(),
            weights: BTreeMap::new(),
            forked: 0,
            fork: None,
        }
    }

    /// The document's id: that of the edit that made it.
    pub fn id(&self) -> ItemId {
        self.id
    }

    /// What the document is, as the edit that made it says.
    pub fn schema(&self) -> Schema {
        self.schema
    }

    /// What became of an edit; none if it was not played, or came when its author's weight here
    /// was used up: of those nothing is kept.
    pub fn played(&self, edit: &ItemId) -> Option<Played> {
        self.edits.get(edit).map(|record| record.outcome.played())
    }

    /// The edits for a new edit to name as what it builds on, sorted.
    ///
    /// Of more concurrent ones than an edit can name, some: the rest stay concurrent with it and
    /// are named by a later one. An author's own last one counts whether it is named or not.
    pub fn heads(&self) -> Bounded<ItemId, EDIT_HEADS_MAX> {
        let heads = self.automerge.get_heads();
        let mut edits: Vec<_> =
            heads.iter().filter_map(|hash| self.changes.get(hash)).copied().collect();
        if edits.is_empty() {
            edits.push(self.id);
        }
        edits.sort_unstable();
        Bounded::first_of(edits)
    }

    /// What all edits that were played weigh, as [`limits`](crate::limits) count it.
    pub fn weight(&self) -> u64 {
        self.weights.values().sum()
    }

    /// What one author's edits weigh.
    fn weight_by(&self, author: &Author) -> u64 {
        self.weights.get(author).copied().unwrap_or(0)
    }

    /// The weight of all that was gone over, since this was made or loaded, to play edits beside
    /// others: by it the caller knows what playing has cost.
    pub fn forked(&self) -> u64 {
        self.forked
    }

    /// The automerge object that operation `number` of `edit` made, with its depth.
    fn made(&self, edit: &ItemId, number: u16) -> Option<(ObjId, u8)> {
        let record = self.edits.get(edit)?;
        let Outcome::Change { made, .. } = &record.outcome else { return None };
        let made = made.get(&number)?;
        // The index is a hint of automerge's to itself, which it checks.
        let actor = actor(&record.author, &self.id);
        Some((ObjId::Id(made.counter, actor, 0), made.depth))
    }
}

impl Outcome {
    fn played(&self) -> Played {
        match self {
            Self::Passed { rule: Some(rule), .. } => Played::Void(*rule),
            _ => Played::Applied,
        }
    }
}

/// The automerge actor of an author in one document. Half a hash: two devices of one space do not
/// meet in it by chance, and a device that looked for a meeting would need 2^64 keys.
fn actor(author: &Author, document: &ItemId) -> ActorId {
    let hash =
        ledger::tagged("groundwork 1 automerge actor", &[author.0.as_bytes(), document.as_bytes()]);
    ActorId::from(&hash.as_bytes()[..16])
}
