//! Playing one edit: what it builds on, and whether its change is made there or on a fork.

use std::collections::{BTreeMap, BTreeSet};

use automerge::ChangeHash;
use ledger::{
    EntryId, ItemId,
    content_items::{Edit, ObjectRef},
};

use super::{
    Author, Document, EditRule, Outcome, Played, PlayedEdit, actor,
    operations::{Objects, commit, object_of, weight_of},
};
use crate::limits::AUTHOR_WEIGHT_MAX;

impl Document {
    /// Plays an edit of `author`, whose id is `edit_id` and which stands in `entry`.
    ///
    /// The caller has played every edit of this document that it builds on, and its author's
    /// earlier ones in the order of their log. An edit that was played before changes nothing, nor
    /// does one of an author whose weight is used up: not even that it came is kept.
    pub fn play(
        &mut self,
        author: impl Into<Author>,
        edit_id: ItemId,
        entry: EntryId,
        edit: &Edit,
    ) -> Played {
        let author = &author.into();
        if let Some(record) = self.edits.get(&edit_id) {
            return record.outcome.played();
        }
        if self.weight_by(author) > AUTHOR_WEIGHT_MAX {
            return Played::Void(EditRule::Full);
        }
        let weight = weight_of(edit);
        *self.weights.entry(*author).or_default() += weight;
        let own: BTreeSet<_> = self.last.get(author).into_iter().flatten().copied().collect();
        let outcome = match self.builds_on(edit_id, &entry, edit, own.clone()) {
            Ok(on) => self.play_on(&on, author, edit_id, &entry, edit),
            Err(rule) => Outcome::Passed { on: own.into_iter().collect(), rule: Some(rule) },
        };
        let last = match &outcome {
            Outcome::Change { hash, .. } => {
                self.changes.insert(*hash, edit_id);
                vec![*hash]
            }
            Outcome::Passed { on, .. } => on.clone(),
        };
        self.last.insert(*author, last);
        let played = outcome.played();
        self.edits.insert(edit_id, PlayedEdit { author: *author, weight, outcome });
        played
    }

    /// What an edit would come to here if its author wrote it now.
    pub fn would_play(&self, author: impl Into<Author>, edit: &Edit) -> Played {
        let entry = EntryId::default();
        self.clone().play(author, ItemId::of(&entry, 0), entry, edit)
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

    /// Plays an edit on exactly these changes: on the document where its heads are among them, for
    /// then all else is in their past; else on a fork, from which the document takes the one new
    /// change. Never in an isolated transaction, whose operation numbers depend on what else the
    /// document has (FACTS 4).
    fn play_on(
        &mut self,
        on: &BTreeSet<ChangeHash>,
        author: &Author,
        edit_id: ItemId,
        entry: &EntryId,
        edit: &Edit,
    ) -> Outcome {
        let passed = |on: Vec<ChangeHash>, rule| Outcome::Passed { on, rule };
        let actor = actor(author, &self.id);
        let heads = self.automerge.get_heads();
        let mut fork = if heads.iter().all(|head| on.contains(head)) {
            None
        } else {
            match self.fork_on(author, on) {
                Ok(fork) => Some(fork),
                Err(_) => {
                    return passed(on.iter().copied().collect(), Some(EditRule::Unmergeable));
                }
            }
        };
        let base = fork.as_ref().map_or(heads, |fork| fork.automerge.get_heads());
        let objects = self.objects_of(edit_id, entry, edit);
        let target = match &mut fork {
            Some(fork) => &mut fork.automerge,
            None => &mut self.automerge,
        };
        let outcome = match commit(target, &actor, &objects, edit) {
            Ok((Some(hash), made)) => {
                let new = fork.as_mut().and_then(|fork| {
                    fork.played(hash);
                    fork.automerge.get_last_local_change()
                });
                match new.map(|change| self.automerge.apply_changes([change])) {
                    Some(Err(_)) => passed(base, Some(EditRule::Unmergeable)),
                    _ => {
                        self.deps.insert(hash, base);
                        Outcome::Change { hash, made }
                    }
                }
            }
            Ok((None, _)) => passed(base, None),
            Err(rule) => passed(base, Some(rule)),
        };
        if let Some(fork) = fork {
            self.keep_fork(fork);
        }
        outcome
    }

    /// The objects of earlier edits that this one names, as far as this document has them.
    fn objects_of(&self, edit_id: ItemId, entry: &EntryId, edit: &Edit) -> Objects {
        let mut earlier = BTreeMap::new();
        let mut own = BTreeSet::new();
        for operation in &edit.operations {
            let named = object_of(operation);
            if let ObjectRef::Made { edit, number } = named {
                let edit = edit.resolve(entry);
                if edit == edit_id {
                    own.insert(*named);
                } else if let Some(object) = self.made(&edit, *number) {
                    earlier.insert(*named, object);
                }
            }
        }
        Objects { earlier, own }
    }
}
