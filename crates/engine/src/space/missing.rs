//! Charter entries that came and build on what nobody here has: they are refused, and told by `why`
//! until their log goes on.

use std::collections::BTreeMap;

use ledger::DeviceId;

use crate::limits::MISSING_MAX;

/// Of each log the first place at which an entry was refused for its past.
#[derive(Debug, Default)]
pub(crate) struct Missing(BTreeMap<DeviceId, u64>);

impl Missing {
    /// The past of an entry is not here. Of more logs than are told nothing is noted.
    pub(crate) fn lacks(&mut self, log: DeviceId, seq: u64) {
        if self.0.len() < MISSING_MAX || self.0.contains_key(&log) {
            let first = self.0.entry(log).or_insert(seq);
            *first = seq.min(*first);
        }
    }

    /// A log has so many entries here by now.
    pub(crate) fn reached(&mut self, log: &DeviceId, length: u64) {
        if self.0.get(log).is_some_and(|seq| *seq < length) {
            self.0.remove(log);
        }
    }

    /// The logs, and the place of each at which it waits.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&DeviceId, u64)> {
        self.0.iter().map(|(log, seq)| (log, *seq))
    }
}
