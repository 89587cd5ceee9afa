//! Where a run belongs: it is placed by its backlink, and by what stands at its own places.

use ledger::{DeviceId, Entry, EntryId};
use store::{Store, StoreError};

use super::{Branch, Log, Logs, damaged};
use crate::{
    limits::{BRANCHES_MAX, BRANCHES_WANTED_MAX},
    refused::{Refused, TakeError},
};

/// Where the entries of a run belong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Placed {
    /// The branch whose part the last of them is, or will be.
    pub(crate) log: Log,
    /// How many of them are here.
    pub(crate) known: usize,
    /// The branch that the first of the others begins, if it does.
    pub(crate) begins: Option<Branch>,
}

impl Logs {
    /// Where a run belongs, which is one of this journal and has an entry. With as many branches as
    /// are kept unasked, one more begins only where it `may_branch`.
    ///
    /// Refuses as [`followed`](Self::followed) does; and with `TooManyBranches` a run that would
    /// begin one branch more than [`BRANCHES_MAX`] beside the first, or, where it `may_branch`,
    /// than [`BRANCHES_WANTED_MAX`]. Of the store's errors `Damaged` says that an entry within a
    /// log is missing.
    pub(crate) fn place(
        &self,
        store: &impl Store,
        run: &[Entry],
        may_branch: bool,
    ) -> Result<Placed, TakeError> {
        let mut log = self.followed(store, &run[0])?;
        let mut known = 0;
        loop {
            let left = &run[known..];
            let here = self.shared(store, log, left)?;
            known += here.same;
            let Some(sibling) = here.other else {
                return Ok(Placed { log, known, begins: None });
            };
            let entry = &run[known];
            let (begins, root) = (entry.seq(), entry.id);
            let mut branches = self.branches_of(log.device);
            let is_it = |branch: &&Branch| branch.parent == log.branch && branch.root == root;
            match branches.find(is_it) {
                Some(branch) => log = branch.log,
                None => {
                    let (parent, log) = (log.branch, self.next_branch(log.device, may_branch)?);
                    let branch = Branch { log, parent, begins, root, sibling };
                    return Ok(Placed { log, known, begins: Some(branch) });
                }
            }
        }
    }

    /// The branch that has what the entry follows; for the first of a log, what came first. Costs
    /// what [`find`](Self::find) does.
    ///
    /// `Gap` where no branch is so long that it could have it, which what lies between may mend;
    /// `Fork` where one is, and has another entry there.
    fn followed(&self, store: &impl Store, entry: &Entry) -> Result<Log, TakeError> {
        let (device, first) = (entry.device(), entry.seq());
        let Some(backlink) = entry.header.backlink else { return Ok(Log::from(device)) };
        if let Some(log) = self.find(store, device, first.saturating_sub(1), backlink)? {
            return Ok(log);
        }
        let have = self.of(device).map(|(_, tip)| tip.length).max().unwrap_or(0);
        Err(if have < first { Refused::Gap { first, have } } else { Refused::Fork }.into())
    }

    /// The branch in which the entry with this id stands at place `seq` of a device's log; none
    /// where it is not here. Costs up to one entry that is read from the store for each branch, of
    /// which there are [`BRANCHES_WANTED_MAX`] beside the first at most.
    pub(super) fn find(
        &self,
        store: &impl Store,
        device: DeviceId,
        seq: u64,
        id: EntryId,
    ) -> Result<Option<Log>, StoreError> {
        for (log, tip) in self.of(device) {
            let is_tip = tip.head == id && tip.length == seq + 1;
            let is_within = seq >= self.begins(&log) && seq < tip.length;
            if is_tip || is_within && self.id_at(store, log, seq)? == id {
                return Ok(Some(log));
            }
        }
        Ok(None)
    }

    /// The id of the entry at place `seq` of a branch. `Damaged` where the branch has none there:
    /// `seq` must not be before the branch begins, nor at its end or past it.
    pub(super) fn id_at(
        &self,
        store: &impl Store,
        log: Log,
        seq: u64,
    ) -> Result<EntryId, StoreError> {
        if let Some(tip) = self.tips.get(&log).filter(|tip| tip.length == seq + 1) {
            return Ok(tip.head);
        }
        let found = self.read(store, log, seq, 1)?.pop().filter(|entry| entry.seq() == seq);
        found.map(|entry| entry.id).ok_or_else(|| damaged("an entry within a log"))
    }

    /// What of `run`, which begins before or at its end, a branch has.
    fn shared(&self, store: &impl Store, log: Log, run: &[Entry]) -> Result<Shared, StoreError> {
        let have = self.length(&log).saturating_sub(run.first().map_or(0, Entry::seq));
        let both = run.len().min(usize::try_from(have).unwrap_or(usize::MAX));
        let whole = Shared { same: both, other: None };
        let Some(last) = both.checked_sub(1).map(|last| &run[last]) else { return Ok(whole) };
        // The chain makes the last common place tell for all before it.
        if self.id_at(store, log, last.seq())? == last.id {
            return Ok(whole);
        }
        let here = self.read(store, log, run[0].seq(), both)?;
        let pairs = here.iter().zip(run).enumerate();
        let mut differing = pairs.filter(|(_, (here, entry))| here.id != entry.id);
        let first = differing.next().map(|(same, (here, _))| Shared { same, other: Some(here.id) });
        first.ok_or_else(|| damaged("an entry within a log"))
    }

    /// What the next branch of a log is; `TooManyBranches` where as many are kept as are kept
    /// unasked, or, where it `may_branch`, as may be.
    fn next_branch(&self, device: DeviceId, may_branch: bool) -> Result<Log, Refused> {
        let kept = Log { device, branch: 0 }..=Log { device, branch: u16::MAX };
        let kept = self.rows.range(kept).map(|(log, _)| log.branch);
        let (here, last) = (kept.clone().count(), kept.max().unwrap_or(0));
        let max = if may_branch { BRANCHES_WANTED_MAX } else { BRANCHES_MAX };
        let branch = last.checked_add(1).filter(|_| here < max);
        branch.map(|branch| Log { device, branch }).ok_or(Refused::TooManyBranches)
    }
}

/// How far a branch and a run are the same.
struct Shared {
    same: usize,
    /// The branch's entry where they differ first; none where one of both ends before that.
    other: Option<EntryId>,
}
