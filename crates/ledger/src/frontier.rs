//! How much of each log of a journal a node has.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use crate::{
    bounded::{Bounded, TooLong},
    hash::{Hash, tagged},
    ids::{DeviceId, EntryId},
    limits::LOGS_MAX,
};

/// Where one log ends on a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Encode, Decode)]
pub struct Tip {
    /// How many entries the log has.
    #[n(0)]
    pub length: u64,
    /// The hash of the last one.
    #[n(1)]
    pub head: EntryId,
}

/// Where one log ends on a node. A device that signs two entries at one place makes branches, of
/// which each has a tip; what both share is the *stem* (DESIGN 5).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct LogTips {
    /// Ascending; one, unless the log forks.
    tips: Vec<Tip>,
    stem: Option<u64>,
}

/// The tips of a journal's logs, each log that has an entry: no more than a journal can have.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Frontier(BTreeMap<DeviceId, LogTips>);

/// A frontier as it travels: per log eight bytes of the device and the length, and one digest
/// over all full heads and stems, so that equal lengths with different entries are noticed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct FrontierDigest {
    /// (first eight bytes of the device, how many entries before the stem), ascending.
    #[n(0)]
    pub logs: Bounded<(u64, u64), LOGS_MAX>,
    /// The digest over devices, lengths, heads and stems.
    #[n(1)]
    pub heads: Hash,
}

impl LogTips {
    /// The tips of a log, and how long its stem is, where it is known to fork.
    pub fn new(mut tips: Vec<Tip>, stem: Option<u64>) -> Self {
        tips.sort_unstable();
        Self { tips, stem }
    }

    /// The last entry of each branch, ascending by length.
    pub fn tips(&self) -> &[Tip] {
        &self.tips
    }

    /// How many entries all branches share; none where no fork is known.
    pub fn stem(&self) -> Option<u64> {
        self.stem
    }

    /// How many entries there are before the stem ends.
    pub fn length(&self) -> u64 {
        let longest = self.tips.last().map_or(0, |tip| tip.length);
        self.stem.map_or(longest, |stem| stem.min(longest))
    }
}

impl Frontier {
    /// Where one log ends, by its longest branch; none where it has no entry.
    pub fn tip(&self, device: &DeviceId) -> Option<Tip> {
        self.0.get(device)?.tips.last().copied()
    }

    /// One log, with all its branches.
    pub fn log(&self, device: &DeviceId) -> Option<&LogTips> {
        self.0.get(device)
    }

    /// How many entries of one log there are; of one that forks, before the end of its stem.
    pub fn length(&self, device: &DeviceId) -> u64 {
        self.0.get(device).map_or(0, LogTips::length)
    }

    /// Moves the tip of a log of one branch. One log more than a journal can have changes nothing.
    pub fn set(&mut self, device: DeviceId, tip: Tip) -> Result<(), TooLong> {
        if self.0.len() >= LOGS_MAX && !self.0.contains_key(&device) {
            return Err(TooLong { length: self.0.len() + 1, max: LOGS_MAX });
        }
        self.set_log(device, LogTips::new(vec![tip], None));
        Ok(())
    }

    /// Moves all tips of a log; one without any is forgotten. How many logs there are is for who
    /// takes them to bound: of more than a journal can have a digest tells no lengths.
    pub fn set_log(&mut self, device: DeviceId, log: LogTips) {
        if log.tips.is_empty() {
            self.0.remove(&device);
        } else {
            self.0.insert(device, log);
        }
    }

    /// The tips of all logs, by device.
    pub fn iter(&self) -> impl Iterator<Item = (&DeviceId, &Tip)> {
        self.0.iter().flat_map(|(device, log)| log.tips.iter().map(move |tip| (device, tip)))
    }

    /// All logs by device, each with all its branches.
    pub fn logs_by_device(&self) -> impl Iterator<Item = (&DeviceId, &LogTips)> {
        self.0.iter()
    }

    /// The devices of all logs, ascending.
    pub fn devices(&self) -> impl Iterator<Item = &DeviceId> {
        self.0.keys()
    }

    /// The logs that are known to fork, and how long their stems are.
    pub fn stems(&self) -> impl Iterator<Item = (&DeviceId, u64)> {
        self.0.iter().filter_map(|(device, log)| Some((device, log.stem?)))
    }

    /// How many logs have an entry.
    pub fn logs(&self) -> usize {
        self.0.len()
    }

    /// How many entries all logs have together, each by its longest branch.
    pub fn entries(&self) -> u64 {
        self.0.values().filter_map(|log| log.tips.last()).map(|tip| tip.length).sum()
    }

    /// One hash over all full heads and stems: equal frontiers have equal ones.
    pub fn hash(&self) -> Hash {
        let mut bytes = Vec::with_capacity(self.0.len() * 72);
        for (device, tip) in self.iter() {
            bytes.extend_from_slice(device.as_bytes());
            bytes.extend_from_slice(&tip.length.to_be_bytes());
            bytes.extend_from_slice(tip.head.as_bytes());
        }
        let mut stems = Vec::new();
        for (device, stem) in self.stems() {
            stems.extend_from_slice(device.as_bytes());
            stems.extend_from_slice(&stem.to_be_bytes());
        }
        if !stems.is_empty() {
            // By its hash, so that no tip can be taken for a stem.
            bytes.extend_from_slice(tagged("groundwork 1 stems", &[&stems]).as_bytes());
        }
        tagged("groundwork 1 frontier", &[&bytes])
    }

    /// The short form that is told to a peer.
    pub fn digest(&self) -> FrontierDigest {
        let logs = Bounded::first_of(self.0.iter().map(|(d, log)| (short(d), log.length())));
        FrontierDigest { logs, heads: self.hash() }
    }
}

impl FrontierDigest {
    /// How many entries of `device`'s log the teller has; zero where two devices share the eight
    /// bytes, which costs a transfer of what the other side has and nothing else.
    pub fn length(&self, device: &DeviceId) -> u64 {
        let wanted = short(device);
        let mut found = self.logs.iter().filter(|(start, _)| *start == wanted);
        match (found.next(), found.next()) {
            (Some((_, length)), None) => *length,
            _ => 0,
        }
    }
}

fn short(device: &DeviceId) -> u64 {
    let mut start = [0; 8];
    start.copy_from_slice(&device.as_bytes()[..8]);
    u64::from_be_bytes(start)
}

#[cfg(test)]
mod tests;
