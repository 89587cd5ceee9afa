//! Ends that come and go: what counts is worked out anew, and the documents that this touches are
//! played again. All in slices, and before anything else is read.

use std::{
    collections::{BTreeSet, VecDeque},
    ops::Range,
};

use replica::{Branch, Log, Replica};
use store::{Batch, Direction, Store, StoreError};

use crate::{
    content::Content,
    counting::{Closing, Ends, pinned},
    limits::ROWS_OF_UNIT,
    place::{Kind, Loc},
    tables,
};

/// What is to be counted anew, as far as it is.
#[derive(Debug, Default)]
pub(crate) struct Recount {
    /// Ends that are being worked out.
    closing: Option<Closing>,
    /// Entries of logs that begin or cease to count, from the item of this number on.
    touched: VecDeque<(Log, u64, Range<u64>)>,
    /// Whether rows are counted by ends of which the store does not know.
    is_unkept: bool,
    /// Whether working them out failed on the way.
    pub(crate) has_failed: bool,
}

impl Recount {
    pub(crate) fn is_over(&self) -> bool {
        self.closing.is_none() && self.touched.is_empty() && !self.is_unkept && !self.has_failed
    }
}

impl Content {
    /// The charter has changed: ends may have come or gone. What they touch, and what waited for an
    /// item of the charter, is read in later slices.
    pub fn recount(&mut self, store: &impl Store, replica: &Replica) -> Result<(), StoreError> {
        self.opened = None;
        self.is_of_another = !self.logs.are_of(replica.roll());
        self.wake_by_charter(store, replica)?;
        if self.pinned != pinned(replica) {
            self.close_ends(replica);
        }
        Ok(())
    }

    /// A log may have branched: what that ends is counted anew before anything else is read.
    pub(crate) fn follow_branches(&mut self, replica: &Replica) {
        let has_new = replica.content_branches().count() != self.newest_ends().branches();
        if has_new || std::mem::take(&mut self.recount.has_failed) {
            self.close_ends(replica);
        }
    }

    /// The ends that are being worked out, or those by which is counted.
    fn newest_ends(&self) -> &Ends {
        self.recount.closing.as_ref().map_or(&self.ends, Closing::ends)
    }

    pub(crate) fn close_ends(&mut self, replica: &Replica) {
        // Behind a fork each branch is an author of its own, in documents too.
        let is_new = |branch: &&Branch| !self.newest_ends().has(&branch.log);
        let new: Vec<_> = replica.content_branches().filter(is_new).copied().collect();
        for branch in new {
            let (parent, begins) = (branch.parent(), branch.begins);
            let others = replica.content_branches().filter(|other| other.parent() == parent);
            let further = others.map(|other| other.begins).filter(|other| *other > begins);
            self.touch(parent, begins..further.min().unwrap_or(u64::MAX));
        }
        self.pinned = pinned(replica);
        self.recount.closing = Some(Closing::of(replica));
    }

    /// An item that counts builds on these entries, which count from now on.
    pub(crate) fn reach(&mut self, store: &impl Store, targets: &[Loc]) -> Result<(), StoreError> {
        let mut ends = self.ends.clone();
        for target in targets {
            ends.reach(store, self.rows, &self.logs, (target.log(), target.seq))?;
        }
        self.count_by(ends);
        Ok(())
    }

    /// The documents that these entries of a log edit are to be played again.
    fn touch(&mut self, log: Log, seqs: Range<u64>) {
        self.recount.is_unkept = true;
        self.recount.touched.push_back((log, *Loc::numbers(seqs.clone()).start(), seqs));
    }

    /// From now on it is counted by these ends.
    fn count_by(&mut self, ends: Ends) {
        for (log, seqs) in self.ends.changes(&ends) {
            self.touch(log, seqs);
        }
        if self.ends != ends {
            self.named.get_mut().clear();
            self.recount.is_unkept = true;
            self.replaying = None;
        }
        self.ends = ends;
    }

    /// Counts on, as far as `budget` reaches. Ends that come and go while the node is down are only
    /// seen by what the store knows: so what is counted by is noted, with what is to be played
    /// again for it, before anything is read by it.
    pub(crate) fn count_on(
        &mut self,
        store: &mut impl Store,
        budget: usize,
    ) -> Result<(), StoreError> {
        while !self.recount.is_over() && !self.is_spent(budget) {
            self.spent += 1;
            if let Some(closing) = &mut self.recount.closing {
                let done = closing.is_done_after(store, self.rows, &self.logs, ROWS_OF_UNIT);
                if !matches!(done, Ok(false))
                    && let Some(closing) = self.recount.closing.take()
                {
                    // One that failed has passed over something, and is begun anew.
                    self.recount.has_failed = done.is_err();
                    done?;
                    self.count_by(closing.into_ends());
                }
            } else if let Some((log, from, seqs)) = self.recount.touched.pop_front() {
                let rest = self.play_touched(store, log, from, &seqs);
                let again = rest.as_ref().map_or(Some(from), |rest| *rest);
                let left = again.map(|from| (log, from, seqs));
                left.into_iter().for_each(|left| self.recount.touched.push_front(left));
                rest?;
            } else {
                self.keep_recount(store)?;
            }
        }
        Ok(())
    }

    /// Has some of the documents played again that these entries of a log edit: the number from
    /// which on there may be more.
    fn play_touched(
        &mut self,
        store: &mut impl Store,
        log: Log,
        from: u64,
        seqs: &Range<u64>,
    ) -> Result<Option<u64>, StoreError> {
        let numbers = from..=*Loc::numbers(seqs.clone()).end();
        let list = tables::read(self.rows, &log);
        let rows = list.scan(store, numbers, Direction::Ascending, ROWS_OF_UNIT)?;
        let last = rows.last().map(|(number, _)| *number);
        let may_be_more = rows.len() == ROWS_OF_UNIT;
        let mut documents = BTreeSet::new();
        for (number, row) in rows {
            let id = row.id(&Loc::of(log, number));
            if let Kind::Edit { document, .. } = row.kind(id) {
                documents.insert(document);
            }
        }
        let mut batch = Batch::default();
        let noted = documents.iter().map(|document| (*document, ())).collect();
        tables::replays(self.rows).put(store, noted, &mut batch)?;
        if !batch.is_empty() {
            store.write(batch)?;
        }
        documents.into_iter().for_each(|document| self.play_again(document));
        Ok(last.filter(|_| may_be_more).and_then(|last| last.checked_add(1)))
    }

    fn keep_recount(&mut self, store: &mut impl Store) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        self.ends.note(self.rows, &mut batch);
        store.write(batch)?;
        self.recount.is_unkept = false;
        Ok(())
    }
}
