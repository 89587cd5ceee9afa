//! A part of a document's history, on which edits are played that do not build on all of it.
//!
//! An author's edits build on each other, so what one of them builds on is part of what the next
//! one does: their fork only ever grows, and is made anew for nobody but another author.

use std::collections::BTreeSet;

use automerge::{Automerge, AutomergeError, ChangeHash, ReadDoc};

use super::{Author, Document};

/// Changes by which a fork is led on one by one; with more it is made anew, all at once.
const LED_ON_MAX: usize = 16;

/// The part of a document's history that an author's edit builds on, and the changes that were
/// played on it. A document keeps one at a time, for the next edit of the same author.
#[derive(Clone, Debug)]
pub(super) struct Fork {
    author: Author,
    pub(super) automerge: Automerge,
    has: BTreeSet<ChangeHash>,
}

impl Fork {
    /// What was played on it is part of it.
    pub(super) fn played(&mut self, change: ChangeHash) {
        self.has.insert(change);
    }
}

impl Document {
    /// A fork that has these changes of an author's edit, and all in their past.
    pub(super) fn fork_on(
        &mut self,
        author: &Author,
        on: &BTreeSet<ChangeHash>,
    ) -> Result<Fork, AutomergeError> {
        if let Some(mut fork) = self.fork.take().filter(|fork| fork.author == *author) {
            let lacks = self.past(on, &fork.has);
            if lacks.len() <= LED_ON_MAX {
                let change = |hash: &ChangeHash| self.automerge.get_change_by_hash(hash);
                let changes: Vec<_> = lacks.iter().filter_map(change).collect();
                fork.automerge.apply_changes(changes)?;
                fork.has.extend(lacks);
                return Ok(fork);
            }
        }
        self.forked += self.weight();
        let all: Vec<_> = on.iter().copied().collect();
        let automerge = self.automerge.fork_at(&all)?;
        Ok(Fork { author: *author, automerge, has: self.past(on, &BTreeSet::new()) })
    }

    /// Keeps a fork for the next edit of its author.
    pub(super) fn keep_fork(&mut self, fork: Fork) {
        self.fork = Some(fork);
    }

    /// Lets go of what is kept only to play more edits of the same author soon.
    pub fn forget_fork(&mut self) {
        self.fork = None;
    }

    /// These changes and all in their past, but for those of `known`.
    fn past(
        &self,
        of: &BTreeSet<ChangeHash>,
        known: &BTreeSet<ChangeHash>,
    ) -> BTreeSet<ChangeHash> {
        let mut found = BTreeSet::new();
        let mut left: Vec<_> = of.iter().copied().collect();
        while let Some(hash) = left.pop() {
            if !known.contains(&hash) && found.insert(hash) {
                left.extend(self.deps.get(&hash).into_iter().flatten());
            }
        }
        found
    }
}
