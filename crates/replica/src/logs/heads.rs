//! What two nodes have of a log that branches: told by entries, as lengths say nothing behind a
//! stem. Where an end is not known to the other side, it is told places before it, each twice as
//! far back as the last, as a block locator of Bitcoin does.

use std::collections::BTreeMap;

use ledger::{DeviceId, Tip};
use store::{Store, StoreError};

use super::{Log, Logs};

impl Logs {
    /// Places of a device's log by which another node finds what it shares with this one: of each
    /// branch its end, then ever further back, and its first.
    pub(crate) fn places(
        &self,
        store: &impl Store,
        device: DeviceId,
    ) -> Result<Vec<Tip>, StoreError> {
        let mut places = Vec::new();
        for (log, tip) in self.of(device) {
            let first = self.begins(&log) + 1;
            let mut back = (0..u64::BITS).map(|n| (1u64 << n) - 1);
            let mut lengths: Vec<_> =
                back.by_ref().map_while(|n| tip.length.checked_sub(n)).collect();
            lengths.retain(|length| *length > first);
            lengths.push(first);
            for length in lengths {
                places.push(Tip { length, head: self.id_at(store, log, length - 1)? });
            }
        }
        Ok(places)
    }

    /// What of a device's log nobody has who has these entries: of which branch, and from where.
    /// None where an entry is told that is not here, and not enough to see what is shared.
    pub(crate) fn lacking(
        &self,
        store: &impl Store,
        device: DeviceId,
        told: &[Tip],
    ) -> Result<Option<Vec<(Log, u64)>>, StoreError> {
        if self.is_full(device) && told.iter().all(|tip| tip.length == 0) && !told.is_empty() {
            // It keeps as many branches itself, and others.
            return Ok(Some(Vec::new()));
        }
        let (mut has, mut strange) = (BTreeMap::<Log, u64>::new(), false);
        for tip in told {
            let Some(seq) = tip.length.checked_sub(1) else { continue };
            match self.find(store, device, seq, tip.head)? {
                Some(log) => self.covers(&mut has, log, tip.length),
                None => strange = true,
            }
        }
        // Where as many branches are kept as may be, what is strange stays so: the other side takes
        // until it has as many.
        let reaches_back = told.iter().any(|tip| tip.length == 1) || self.is_full(device);
        if strange && !reaches_back {
            return Ok(None);
        }
        let from = |log: Log| has.get(&log).copied().unwrap_or_else(|| self.begins(&log));
        let lacks = |(log, tip): (Log, Tip)| (from(log) < tip.length).then(|| (log, from(log)));
        Ok(Some(self.of(device).filter_map(lacks).collect()))
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
