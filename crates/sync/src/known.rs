//! What a peer is known to have of one journal.

use std::collections::BTreeMap;

use log::{DeviceId, Frontier, FrontierDigest};

/// What a peer has of one journal: what it told, and since then what was sent to it and what it
/// sent.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Known {
    told: Option<FrontierDigest>,
    since: BTreeMap<DeviceId, u64>,
    /// What was sent and not yet receipted: log and length.
    unreceipted: BTreeMap<DeviceId, u64>,
}

impl Known {
    /// The peer told its frontier, which replaces what was known. What is on its way to the peer
    /// at that moment is sent once more, and taken once.
    pub fn told(&mut self, digest: FrontierDigest) {
        self.told = Some(digest);
        self.since.clear();
    }

    /// Whether the peer has told its frontier: before that nothing is sent.
    pub fn is_told(&self) -> bool {
        self.told.is_some()
    }

    /// The peer has, or is about to have, `length` entries of a log.
    pub fn reaches(&mut self, device: DeviceId, length: u64) {
        let known = self.since.entry(device).or_default();
        *known = (*known).max(length);
    }

    /// Entries up to `length` of a log are on their way to the peer.
    pub fn offered(&mut self, device: DeviceId, length: u64) {
        self.reaches(device, length);
        let offered = self.unreceipted.entry(device).or_default();
        *offered = (*offered).max(length);
    }

    /// The peer has `length` entries of a log on its disk.
    pub fn receipted(&mut self, device: DeviceId, length: u64) {
        self.reaches(device, length);
        if self.unreceipted.get(&device).is_some_and(|offered| *offered <= length) {
            self.unreceipted.remove(&device);
        }
    }

    /// Whether all that was sent is on the peer's disk, as it said.
    pub fn is_receipted(&self) -> bool {
        self.unreceipted.is_empty()
    }

    /// How many entries of a log the peer has.
    pub fn length(&self, device: &DeviceId) -> u64 {
        let told = self.told.as_ref().map_or(0, |told| told.length(device));
        told.max(self.since.get(device).copied().unwrap_or(0))
    }

    /// How many entries of `mine` the peer lacks.
    pub fn lacks(&self, mine: &Frontier) -> u64 {
        mine.iter().map(|(device, tip)| tip.length.saturating_sub(self.length(device))).sum()
    }

    /// Whether `mine` has all that the peer told.
    pub fn is_reached_by(&self, mine: &Frontier) -> bool {
        let mine = mine.digest();
        let length = |start: u64| {
            mine.logs.iter().filter(|(log, _)| *log == start).map(|(_, length)| *length).max()
        };
        let told = self.told.as_ref();
        told.is_some_and(|told| told.logs.iter().all(|(log, n)| length(*log) >= Some(*n)))
    }

    /// Whether the peer told the lengths that `mine` has, and other heads: a log has two
    /// different entries at one place.
    pub fn differs(&self, mine: &Frontier) -> bool {
        let digest = mine.digest();
        self.told
            .as_ref()
            .is_some_and(|told| told.logs == digest.logs && told.heads != digest.heads)
    }
}
