//! Closed sets of entries: logs are chains, so how much of each log says it all.

use std::collections::BTreeMap;

use ledger::DeviceId;

/// How many entries of each log are in a closed set.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Clock(BTreeMap<DeviceId, u64>);

impl Clock {
    pub(crate) fn length(&self, device: &DeviceId) -> u64 {
        self.0.get(device).copied().unwrap_or(0)
    }

    /// Whether the entry at this place is in the set.
    pub(crate) fn has(&self, device: &DeviceId, seq: u64) -> bool {
        seq < self.length(device)
    }

    /// Whether all of `other` is in the set.
    pub(crate) fn includes(&self, other: &Self) -> bool {
        other.0.iter().all(|(device, length)| self.length(device) >= *length)
    }

    /// How many entries are in the set.
    pub(crate) fn entries(&self) -> u64 {
        self.0.values().sum()
    }

    /// Adds a log's entries up to and with `seq`.
    pub(crate) fn add(&mut self, device: DeviceId, seq: u64) {
        let length = self.0.entry(device).or_default();
        *length = (*length).max(seq + 1);
    }

    /// Adds all of another set.
    pub(crate) fn join(&mut self, other: &Self) {
        for (device, length) in &other.0 {
            let mine = self.0.entry(*device).or_default();
            *mine = (*mine).max(*length);
        }
    }
}
