//! What two nodes have of a log that branches: told by entries, as lengths say nothing behind a
//! stem. Where an end is not known to the other side, it is told places before it, each twice as
//! far back as the last, as a block locator of Bitcoin does.

use std::collections::BTreeMap;

use ledger::{DeviceId, Tip};
use store::{Store, StoreError};

use super::{Log, Logs};
use crate::limits::HEADS_LOOKED_UP_MAX;

impl Logs {
    /// Places of a device's log by which another node finds what it shares with this one: of each
    /// branch its end and its first, then ever further back from the end, at most
    /// [`HEADS_LOOKED_UP_MAX`] of all branches, of each as many.
    pub(crate) fn places(
        &self,
        store: &impl Store,
        device: DeviceId,
    ) -> Result<Vec<Tip>, StoreError> {
        let mut lengths = Vec::new();
        for (log, tip) in self.of(device) {
            let first = self.begins(&log) + 1;
            let back = (0..u64::BITS).map(|n| (1u64 << n) - 1);
            let back = back.map_while(|n| tip.length.checked_sub(n).filter(|n| *n > first));
            let told = back.chain([first]).enumerate();
            // The first comes behind the end.
            lengths.extend(
                told.map(|(n, length)| (if length == first { 1 } else { 2 * n }, log, length)),
            );
        }
        // Where there are too many of them, each branch is told by as many.
        lengths.sort_by_key(|(n, ..)| *n);
        lengths.truncate(HEADS_LOOKED_UP_MAX);
        let tip = |(_, log, length): (usize, Log, u64)| {
            Ok(Tip { length, head: self.id_at(store, log, length - 1)? })
        };
        lengths.into_iter().map(tip).collect()
    }

    /// What a node with these entries lacks of a device's log: each branch, and from which place.
    /// None where an entry is told that is not here, and no entry that is the first of the log:
    /// then it is not known what both have before places are told. Of a log with as many branches
    /// as are kept unasked (16 beside the first; 96 may be kept in all) an entry that is not here
    /// is passed over. Each told place costs what [`find`](Self::find) does. Who tells the same as
    /// is told here lacks nothing, and is not asked about.
    pub(crate) fn lacking(
        &self,
        store: &impl Store,
        device: DeviceId,
        told: &[Tip],
    ) -> Result<Option<Vec<(Log, u64)>>, StoreError> {
        let (mut has, mut strange) = (BTreeMap::<Log, u64>::new(), false);
        for tip in told {
            let Some(seq) = tip.length.checked_sub(1) else { continue };
            match self.find(store, device, seq, tip.head)? {
                Some(log) => self.covers(&mut has, log, tip.length),
                None => strange = true,
            }
        }
        // Where as many branches are kept as are kept unasked, what is strange stays so: it is not
        // taken here. The other side takes what is sent until it has as many.
        let reaches_back = told.iter().any(|tip| tip.length == 1) || self.is_full(device);
        if strange && !reaches_back {
            return Ok(None);
        }
        let from = |log: Log| has.get(&log).copied().unwrap_or_else(|| self.begins(&log));
        let lacks = |(log, tip): (Log, Tip)| (from(log) < tip.length).then(|| (log, from(log)));
        Ok(Some(self.of(device).filter_map(lacks).collect()))
    }

    /// Maps each branch that has a part before these ends, each a branch and how many entries
    /// stand before the end in it, to how long that part is: the branches that are given, and
    /// those that they part from.
    pub(crate) fn before(&self, ends: impl IntoIterator<Item = (Log, u64)>) -> BTreeMap<Log, u64> {
        let mut parts = BTreeMap::new();
        ends.into_iter().for_each(|(log, length)| self.covers(&mut parts, log, length));
        parts
    }

    /// Who has an entry has all before it.
    fn covers(&self, has: &mut BTreeMap<Log, u64>, log: Log, length: u64) {
        let (mut log, mut length) = (log, length);
        loop {
            let known = has.entry(log).or_default();
            *known = length.max(*known);
            let Some(branch) = self.branch(&log) else { return };
            (log, length) = (branch.parent(), branch.begins);
        }
    }
}
