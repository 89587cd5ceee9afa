//! Ends that come and go: what counts is worked out anew, and what they touch is played again.

use std::ops::Range;

use replica::{Branch, Log, Replica};
use store::{Batch, Store, StoreError};

use crate::{
    content::Content,
    counting::{Ends, pinned},
    place::{Kind, Loc},
    tables,
};

impl Content {
    /// The charter has changed: ends may have come or gone. Documents that they touch are played
    /// again, and what waited for an item of the charter is read, in later slices.
    pub fn recount(&mut self, store: &impl Store, replica: &Replica) -> Result<(), StoreError> {
        self.opened = None;
        self.wake_by_charter(store, replica)?;
        if self.pinned == pinned(replica) {
            return Ok(());
        }
        self.close_ends(store, replica)
    }

    /// A log may have branched: what that ends is counted anew before anything else is read.
    pub(crate) fn follow_branches(
        &mut self,
        store: &impl Store,
        replica: &Replica,
    ) -> Result<(), StoreError> {
        if replica.content_branches().count() == self.ends.branches() {
            return Ok(());
        }
        self.close_ends(store, replica)
    }

    pub(crate) fn close_ends(
        &mut self,
        store: &impl Store,
        replica: &Replica,
    ) -> Result<(), StoreError> {
        // Behind a fork each branch is an author of its own, in documents too.
        let is_new = |branch: &&Branch| !self.ends.has(&branch.log);
        let new: Vec<_> = replica.content_branches().filter(is_new).copied().collect();
        for branch in new {
            let (parent, begins) = (branch.parent(), branch.begins);
            let others = replica.content_branches().filter(|other| other.parent() == parent);
            let further = others.map(|other| other.begins).filter(|other| *other > begins);
            let changed = begins..further.min().unwrap_or(u64::MAX);
            self.play_touched(store, &parent, changed)?;
            self.recounted = true;
        }
        let ends = Ends::closed(store, self.space, &self.logs, replica)?;
        self.count_by(store, ends)?;
        self.pinned = pinned(replica);
        Ok(())
    }

    /// An item that counts builds on these entries, which count from now on.
    pub(crate) fn reach(&mut self, store: &impl Store, targets: &[Loc]) -> Result<(), StoreError> {
        let mut ends = self.ends.clone();
        for target in targets {
            ends.reach(store, self.space, &self.logs, (target.log(), target.seq))?;
        }
        self.count_by(store, ends)
    }

    /// The documents that these entries of a log edit are played again.
    fn play_touched(
        &mut self,
        store: &impl Store,
        log: &Log,
        seqs: Range<u64>,
    ) -> Result<(), StoreError> {
        tables::read(self.space, log).each(store, Loc::numbers(seqs), |number, row| {
            let id = row.id(&Loc::of(*log, number));
            if let Kind::Edit { document, .. } = row.kind(id) {
                self.play_again(document);
            }
        })
    }

    /// Documents that other ends touch are played again.
    fn count_by(&mut self, store: &impl Store, ends: Ends) -> Result<(), StoreError> {
        for (log, seqs) in self.ends.changes(&ends) {
            self.play_touched(store, &log, seqs)?;
        }
        if self.ends != ends {
            self.recounted = true;
            self.replaying = None;
        }
        self.ends = ends;
        Ok(())
    }

    /// Notes in the store by which ends is counted from now on, and what is to be played again for
    /// it, before anything is read by them: ends that come and go while the node is down are only
    /// seen by what was noted.
    pub(crate) fn keep_recount(&mut self, store: &mut impl Store) -> Result<(), StoreError> {
        if !self.recounted {
            return Ok(());
        }
        let mut batch = Batch::default();
        self.ends.note(self.space, &mut batch);
        for document in &self.replays {
            tables::replays(self.space).of(document).put(document, &mut batch);
        }
        store.write(batch)?;
        self.recounted = false;
        Ok(())
    }
}
