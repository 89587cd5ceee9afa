//! For tests: what a newer version may write.

use super::{NewerRun, Sent, Wire};
use crate::{
    codec::{self, DecodeError},
    entry::{Entry, Unsigned},
    run::Run,
    sign::{DeviceKey, ENTRY_DOMAIN},
};

/// The header's bytes under version 2, with a key 10 at its end.
fn of_version_2(entry: &Entry) -> Vec<u8> {
    let mut bytes = entry.header.encode();
    // Map head, key 0, version: all below 24, so one byte each.
    bytes[0] += 1;
    bytes[2] = 2;
    bytes.extend([0x0a, 0xf5]);
    bytes
}

impl NewerRun {
    /// The run of `before`, entries of this version, and of `last` under version 2 behind them.
    pub fn by_hand(before: &[Entry], last: Unsigned, key: &DeviceKey) -> Result<Self, DecodeError> {
        let parts = if before.is_empty() { Vec::new() } else { Run::of(before)?.entries.to_vec() };
        let last = last.sign(key)?;
        let header = of_version_2(&last);
        let signature = key.sign(ENTRY_DOMAIN, &header);
        let first = before.first().unwrap_or(&last).header.clone();
        let long = |_| DecodeError::Rule("longer than a run can be");
        let (header, body) = (header.try_into(), last.body.unwrap_or_default().try_into());
        let whole = Sent::Whole { header: header.map_err(long)?, body: body.map_err(long)? };
        let entries: Vec<_> = parts.into_iter().map(Sent::Parts).chain([whole]).collect();
        Self::decode(&codec::encode(&Wire {
            journal: first.journal,
            device: first.device,
            first_seq: first.seq,
            backlink: first.backlink,
            entries: entries.try_into().map_err(long)?,
            signature,
        }))
    }
}
