//! The content's logs: what stands in them, how far they are taken, and what both sides of a
//! session have of one that branches.

use std::ops::Range;

use ledger::{
    DeviceId, Entry, EntryId, Journal, Run, Tip, charter_items::End, limits::RUN_ENTRIES_MAX,
};
use store::{Batch, Key, Store, StoreError, WriteId};

use super::Replica;
use crate::{
    limits::PAST_END_MAX,
    logs::{Branch, Log, Loss, Placed},
    refused::Refused,
    stored::Stored,
};

impl Replica {
    /// The run of a content log, or of a branch of one, from `from` on.
    pub fn content_run(
        &self,
        store: &impl Store,
        log: impl Into<Log>,
        from: u64,
    ) -> Result<Option<Run>, StoreError> {
        self.content.run(store, log.into(), from)
    }

    /// Up to `limit` entries of one content log, or of a branch of one, from `from` on.
    pub fn content_entries(
        &self,
        store: &impl Store,
        log: impl Into<Log>,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.content.read(store, log.into(), from, limit)
    }

    /// The entry at a place of a content log, or of a branch of one, and when it came.
    pub fn content_entry(
        &self,
        store: &impl Store,
        log: Log,
        seq: u64,
    ) -> Result<Option<Stored>, StoreError> {
        let found = self.content.stored(store, log, seq, 1)?.pop();
        Ok(found.filter(|stored| stored.entry.seq() == seq))
    }

    /// All content logs and their branches, with how many entries stand before the end of each.
    pub fn content_logs(&self) -> impl Iterator<Item = (Log, u64)> {
        self.content.iter()
    }

    /// All content logs and their branches, with how many entries there are of each to be read: of
    /// one with a hole, which is told as long as that, also what stands behind it.
    pub fn readable_logs(&self) -> impl Iterator<Item = (Log, u64)> {
        self.content.readable()
    }

    /// How many entries of a branch stand before the first that is lost.
    pub fn content_length(&self, log: &Log) -> u64 {
        self.content.length(log)
    }

    /// Content entries that were here and cannot be read any more, each with what is known of it.
    pub fn lost(
        &self,
        store: &impl Store,
        limit: usize,
    ) -> Result<Vec<(Log, u64, Loss)>, StoreError> {
        let lost = self.content.lost().take(limit);
        lost.map(|(log, seq)| Ok((log, seq, self.content.loss(store, log, seq)?))).collect()
    }

    /// Whether an entry of a device's content log is lost.
    pub fn has_hole(&self, device: &DeviceId) -> bool {
        self.content.has_hole(*device)
    }

    /// Whether of a device's log in a journal more may have been here than anything knows of; the
    /// device was made when the store got what stands at `since`.
    pub fn may_lack(
        &self,
        store: &impl Store,
        journal: Journal,
        device: &DeviceId,
        since: &Key,
    ) -> Result<bool, StoreError> {
        match journal {
            Journal::Charter => self.entries.may_lack(store, since),
            Journal::Content => self.content.may_lack(store, *device, since),
        }
    }

    /// Where content logs branch: one for each branch but the first of a device.
    pub fn content_branches(&self) -> impl Iterator<Item = &Branch> {
        self.content.branches()
    }

    /// Where a branch begins; none of what came first of a log.
    pub fn content_branch(&self, log: &Log) -> Option<&Branch> {
        self.content.branch(log)
    }

    /// Before which entry of each content log all count that no entry of another device builds on:
    /// its end, by the roll of now, and the end of the stem of one that forks. A log that is not
    /// among these has none.
    pub fn content_ends(&self) -> impl Iterator<Item = (Log, u64)> {
        let ended = self.roll.ends.iter().map(|(device, end)| (Log::from(*device), end.length));
        let stems = self.content.branches().map(|branch| {
            let log = Log::from(branch.log.device);
            (log, self.content.stem(branch.log.device).unwrap_or(branch.begins))
        });
        let branches = self.content.branches().map(|branch| (branch.log, branch.begins));
        ended.chain(stems).chain(branches)
    }

    /// The last entry at or before a place of a branch beside which there is another one: behind a
    /// fork, what each branch has is as if another device had written it. None before the first.
    pub fn content_root(&self, log: &Log, seq: u64) -> Option<EntryId> {
        let own = self.content.branch(log).map(|branch| (branch.begins, branch.root));
        let parts = self.content.branches_of(log.device).filter(|branch| branch.parent() == *log);
        let roots = parts.map(|branch| (branch.begins, branch.sibling)).chain(own);
        let before = roots.filter(|(begins, _)| *begins <= seq);
        before.max_by_key(|(begins, _)| *begins).map(|(_, root)| root)
    }

    /// What a node with these entries lacks of a device's content log: each branch, and from which
    /// place. None where that cannot be said, for one is told that is not here: then it can be once
    /// this node has told its [`content_places`](Self::content_places). Each told place costs up to
    /// one entry that is read from the store for each branch of the log that is here.
    pub fn content_lacking(
        &self,
        store: &impl Store,
        device: DeviceId,
        told: &[Tip],
    ) -> Result<Option<Vec<(Log, u64)>>, StoreError> {
        self.content.lacking(store, device, told)
    }

    /// As [`content_lacking`](Self::content_lacking), but no more than what stands before these
    /// `ends`, each a branch and how many entries stand before the end in it: of which branch, from
    /// which place, and up to how many entries at least. Nothing where that cannot be said.
    pub fn content_wanted(
        &self,
        store: &impl Store,
        device: DeviceId,
        told: &[Tip],
        ends: impl IntoIterator<Item = (Log, u64)>,
    ) -> Result<Vec<(Log, Range<u64>)>, StoreError> {
        let parts = self.content.before(ends);
        let lacking = self.content.lacking(store, device, told)?.unwrap_or_default();
        let wanted = |(log, from): (Log, u64)| {
            let to = parts.get(&log).copied().unwrap_or(0);
            (from < to).then_some((log, from..to))
        };
        Ok(lacking.into_iter().filter_map(wanted).collect())
    }

    /// A branch of a content log, and those that it goes on from.
    pub fn content_before(&self, log: Log) -> impl Iterator<Item = Log> {
        self.content.before([(log, self.content.length(&log))]).into_keys()
    }

    /// Content logs of which as many branches are kept as are kept unasked: of others what somebody
    /// builds on is here only once it was asked for.
    pub fn full_logs(&self) -> impl Iterator<Item = &DeviceId> {
        self.content.full()
    }

    /// Entries of a device's content log by which another node finds what both have, at most
    /// [`HEADS_LOOKED_UP_MAX`](crate::limits::HEADS_LOOKED_UP_MAX): ends and firsts of its branches
    /// and places ever further back.
    pub fn content_places(
        &self,
        store: &impl Store,
        device: DeviceId,
    ) -> Result<Vec<Tip>, StoreError> {
        self.content.places(store, device)
    }

    /// How many entries of a content log are sent and taken: all, or up to a bound past its end.
    /// A run never goes over a multiple of what one holds, because an anchor stands there; so of
    /// two nodes with a bound there, none has a run that is half before it.
    pub fn content_length_max(&self, device: &DeviceId) -> u64 {
        let runs = RUN_ENTRIES_MAX as u64;
        let bound = |end: &End| end.length.saturating_add(PAST_END_MAX) / runs * runs;
        self.roll.ends.get(device).map_or(u64::MAX, bound)
    }

    /// Refuses what begins further past the end of a content log than is taken.
    pub(super) fn must_not_be_past_end(&self, device: &DeviceId, seq: u64) -> Result<(), Refused> {
        match self.roll.ends.get(device) {
            Some(end) if seq >= self.content_length_max(device) => {
                Err(Refused::PastEnd { end: end.length })
            }
            _ => Ok(()),
        }
    }

    /// Writes content entries that were checked, and `extra` with them, then counts them as had.
    pub(super) fn store_content(
        &mut self,
        store: &mut impl Store,
        placed: Placed,
        entries: &[Entry],
        extra: Batch,
    ) -> Result<WriteId, StoreError> {
        let log = placed.begins.map_or(placed.log, |branch| branch.log);
        let mut batch = Batch::default();
        placed.begins.iter().for_each(|branch| self.content.put_branch(&mut batch, branch));
        entries.iter().for_each(|entry| self.content.fill(&mut batch, log, entry, self.now));
        batch.append(extra);
        let write = if batch.is_empty() { store.last_write() } else { store.write(batch)? };
        placed.begins.into_iter().for_each(|branch| self.content.branched(branch));
        if let [first, ..] = entries
            && let Some(last) = entries.last()
        {
            self.content.wrote(store, log, (first.seq(), last))?;
        }
        Ok(write)
    }

    /// How many entries of a device's content log there are, by its longest branch.
    pub(super) fn longest(&self, device: &DeviceId) -> u64 {
        self.frontier(Journal::Content).tip(device).map_or(0, |tip| tip.length)
    }
}
