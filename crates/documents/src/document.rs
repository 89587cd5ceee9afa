//! A document: edits, played into automerge.
//!
//! No automerge bytes come from elsewhere: they can be bombs or poison (FACTS 4). Each node makes
//! them itself from the same edits. An edit is played on exactly what it builds on, so that its
//! automerge change has the same hash on every node. What it builds on is what its heads name, and
//! its author's own last edit, named or not, because automerge numbers an actor's changes.

mod canonical;
mod play;
mod read;
mod rule;
mod saved;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ActorId, Automerge, ChangeHash, ObjId, TextEncoding};
use ledger::{
    DeviceId, EntryId, ItemId,
    content_items::{Edit, Schema},
    limits::EDIT_HEADS_MAX,
};
use minicbor::{Decode, Encode};

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
    /// Each author's last change.
    last: BTreeMap<DeviceId, ChangeHash>,
}

/// What is known of an edit that was played.
#[derive(Clone, PartialEq, Eq, Debug)]
struct PlayedEdit {
    author: DeviceId,
    outcome: Outcome,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Outcome {
    /// It is this change.
    Change { hash: ChangeHash, weight: u64, made: BTreeMap<u16, Made> },
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
            last: BTreeMap::new(),
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

    /// Plays an edit of `author`, whose id is `edit_id` and which stands in `entry`.
    ///
    /// The caller has played every edit of this document that it builds on, and its author's
    /// earlier ones in the order of their log. An edit that was played before changes nothing.
    pub fn play(
        &mut self,
        author: &DeviceId,
        edit_id: ItemId,
        entry: EntryId,
        edit: &Edit,
    ) -> Played {
        if let Some(record) = self.edits.get(&edit_id) {
            return record.outcome.played();
        }
        let own: BTreeSet<_> = self.last.get(author).copied().into_iter().collect();
        let outcome = match self.builds_on(edit_id, &entry, edit, own.clone()) {
            Ok(on) => self.play_on(&on, author, edit_id, &entry, edit),
            Err(rule) => Outcome::Passed { on: own.into_iter().collect(), rule: Some(rule) },
        };
        if let Outcome::Change { hash, .. } = &outcome {
            self.changes.insert(*hash, edit_id);
            self.last.insert(*author, *hash);
        }
        let played = outcome.played();
        self.edits.insert(edit_id, PlayedEdit { author: *author, outcome });
        played
    }

    /// What became of an edit; none if it was not played.
    pub fn played(&self, edit: &ItemId) -> Option<Played> {
        self.edits.get(edit).map(|record| record.outcome.played())
    }

    /// The edits for a new edit to name as what it builds on, sorted.
    ///
    /// Of more concurrent ones than an edit can name, some: the rest stay concurrent with it and
    /// are named by a later one. An author's own last one counts whether it is named or not.
    pub fn heads(&self) -> Vec<ItemId> {
        let heads = self.automerge.get_heads();
        let mut edits: Vec<_> =
            heads.iter().filter_map(|hash| self.changes.get(hash)).copied().collect();
        edits.sort_unstable();
        edits.truncate(EDIT_HEADS_MAX);
        if edits.is_empty() {
            edits.push(self.id);
        }
        edits
    }

    /// What the document's history weighs, as [`limits`](crate::limits) count it.
    pub fn weight(&self) -> u64 {
        self.weight_of(&self.automerge.get_heads().into_iter().collect())
    }

    /// The whole content with all conflicts, for comparing two nodes.
    ///
    /// Keys are sorted. Each field and each list element is the list of its concurrent values, the
    /// one that shows last. Values other than truth values, whole numbers and texts that are
    /// replaced whole are objects of one key that tells what they are.
    pub fn canonical(&self) -> serde_json::Value {
        canonical::document(self)
    }

    /// The changes that an edit builds on, `own` among them; or why it cannot be played at all.
    fn builds_on(
        &self,
        edit_id: ItemId,
        entry: &EntryId,
        edit: &Edit,
        own: BTreeSet<ChangeHash>,
    ) -> Result<BTreeSet<ChangeHash>, EditRule> {
        match edit.document {
            None if edit_id != self.id => return Err(EditRule::OtherDocument),
            None if !edit.heads.is_empty() || edit.schema != Some(self.schema) => {
                return Err(EditRule::Shape);
            }
            None => {}
            Some(document) if document.resolve(entry) != self.id => {
                return Err(EditRule::OtherDocument);
            }
            Some(_) if edit.heads.is_empty() || edit.schema.is_some() => {
                return Err(EditRule::Shape);
            }
            Some(_) => {}
        }
        let mut on = own;
        for head in &edit.heads {
            match self.edits.get(&head.resolve(entry)).map(|record| &record.outcome) {
                Some(Outcome::Change { hash, .. }) => _ = on.insert(*hash),
                Some(Outcome::Passed { on: instead, .. }) => on.extend(instead),
                None => return Err(EditRule::ForeignHead),
            }
        }
        Ok(on)
    }

    /// The greatest weight of the histories that end in these changes.
    fn weight_of(&self, on: &BTreeSet<ChangeHash>) -> u64 {
        let weight = |hash| match &self.edits.get(self.changes.get(hash)?)?.outcome {
            Outcome::Change { weight, .. } => Some(*weight),
            Outcome::Passed { .. } => None,
        };
        on.iter().filter_map(weight).max().unwrap_or(0)
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

/// The automerge actor of a device in one document. Half a hash: two devices of one space do not
/// meet in it by chance, and a device that looked for a meeting would need 2^64 keys.
fn actor(author: &DeviceId, document: &ItemId) -> ActorId {
    let hash =
        ledger::tagged("groundwork 1 automerge actor", &[author.as_bytes(), document.as_bytes()]);
    ActorId::from(&hash.as_bytes()[..16])
}
