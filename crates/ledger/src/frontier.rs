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

/// The tips of a journal's logs, each log that has an entry: no more than a journal can have.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct Frontier(BTreeMap<DeviceId, Tip>);

/// A frontier as it travels: per log eight bytes of the device and the length, and one digest
/// over all full heads, so that equal lengths with different entries are noticed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct FrontierDigest {
    /// (first eight bytes of the device, length), ascending.
    #[n(0)]
    pub logs: Bounded<(u64, u64), LOGS_MAX>,
    /// The digest over devices, lengths and heads.
    #[n(1)]
    pub heads: Hash,
}

impl Frontier {
    /// Where one log ends; none where it has no entry.
    pub fn tip(&self, device: &DeviceId) -> Option<Tip> {
        self.0.get(device).copied()
    }

    /// How many entries of one log there are.
    pub fn length(&self, device: &DeviceId) -> u64 {
        self.0.get(device).map_or(0, |tip| tip.length)
    }

    /// Moves one log's tip. One log more than a journal can have changes nothing.
    pub fn set(&mut self, device: DeviceId, tip: Tip) -> Result<(), TooLong> {
        if self.0.len() >= LOGS_MAX && !self.0.contains_key(&device) {
            return Err(TooLong { length: self.0.len() + 1, max: LOGS_MAX });
        }
        self.0.insert(device, tip);
        Ok(())
    }

    /// All logs, by device.
    pub fn iter(&self) -> impl Iterator<Item = (&DeviceId, &Tip)> {
        self.0.iter()
    }

    /// How many logs have an entry.
    pub fn logs(&self) -> usize {
        self.0.len()
    }

    /// How many entries all logs have together.
    pub fn entries(&self) -> u64 {
        self.0.values().map(|tip| tip.length).sum()
    }

    /// One hash over all full heads: equal frontiers have equal ones.
    pub fn hash(&self) -> Hash {
        let mut bytes = Vec::with_capacity(self.0.len() * 72);
        for (device, tip) in &self.0 {
            bytes.extend_from_slice(device.as_bytes());
            bytes.extend_from_slice(&tip.length.to_be_bytes());
            bytes.extend_from_slice(tip.head.as_bytes());
        }
        tagged("groundwork 1 frontier", &[&bytes])
    }

    /// The short form that is told to a peer.
    pub fn digest(&self) -> FrontierDigest {
        // All of them: `set` takes no more.
        let logs = Bounded::first_of(self.0.iter().map(|(d, tip)| (short(d), tip.length)));
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
