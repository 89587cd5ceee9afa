//! What the header of every version says: enough to place it in its log and to check signature,
//! chain and body, whatever else it holds.

use minicbor::{Decode, Decoder, data::Type};

use super::HEADER_VERSION;
use crate::{
    codec::DecodeError,
    hash::Hash,
    ids::{DeviceId, EntryId, JournalId},
    items::{DEPTH_MAX, skip},
    limits::{BODY_BYTES_MAX, HEADER_BYTES_MAX, INTEGER_MAX},
};

/// The greatest key of a header of this version.
const KEY_MAX: u64 = 9;

/// What the header of every version says, under keys that keep their meaning for good.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Envelope {
    pub(crate) journal: JournalId,
    pub(crate) device: DeviceId,
    pub(crate) seq: u64,
    pub(crate) backlink: Option<EntryId>,
    pub(crate) body_length: u32,
    pub(crate) body_hash: Hash,
    /// Whether its version, or a key of it, is above those that this program knows.
    pub(crate) is_newer: bool,
}

#[derive(Decode)]
#[cbor(map)]
struct Wire {
    #[n(0)]
    version: u64,
    #[n(1)]
    journal: JournalId,
    #[n(2)]
    device: DeviceId,
    #[n(3)]
    seq: u64,
    #[n(5)]
    backlink: Option<EntryId>,
    #[n(8)]
    body_length: u32,
    #[n(9)]
    body_hash: Hash,
}

impl Envelope {
    /// The envelope of the header in `bytes`: a map of whole numbers in its one encoding.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > HEADER_BYTES_MAX {
            return Err(DecodeError::Rule("longer than a header can be"));
        }
        let mut walked = Decoder::new(bytes);
        skip(&mut walked, DEPTH_MAX + 1)?;
        if walked.position() != bytes.len() {
            return Err(DecodeError::NotCanonical);
        }
        let (keys, wire) = (keys(bytes)?, minicbor::decode::<Wire>(bytes)?);
        let is_newer = wire.version > HEADER_VERSION.into() || keys.last() > Some(&KEY_MAX);
        let Wire { version, journal, device, seq, backlink, body_length, body_hash } = wire;
        if version == 0 {
            return Err(DecodeError::Rule("of another version than 1"));
        }
        let envelope = Self { journal, device, seq, backlink, body_length, body_hash, is_newer };
        envelope.validate()?;
        Ok(envelope)
    }

    /// The rules between fields that hold in every version.
    fn validate(&self) -> Result<(), DecodeError> {
        if self.seq > INTEGER_MAX {
            return Err(DecodeError::Rule("a sequence number past its limit"));
        }
        if (self.seq == 0) != self.backlink.is_none() {
            return Err(DecodeError::Rule("a backlink stands exactly in entries after the first"));
        }
        if self.body_length as usize > BODY_BYTES_MAX {
            return Err(DecodeError::Rule("a body past its limit"));
        }
        if self.journal == JournalId::GENESIS && self.seq > 0 {
            return Err(DecodeError::Rule("a genesis is the first entry, without heads"));
        }
        Ok(())
    }
}

/// The keys of the map in `bytes`, which ascend; what is absent is left out.
fn keys(bytes: &[u8]) -> Result<Vec<u64>, minicbor::decode::Error> {
    let mut d = Decoder::new(bytes);
    let length = d.map()?.ok_or_else(|| minicbor::decode::Error::message("an open-ended map"))?;
    let mut keys = Vec::new();
    for _ in 0..length {
        keys.push(d.u64()?);
        if d.datatype()? == Type::Null {
            return Err(minicbor::decode::Error::message("absent fields are left out"));
        }
        d.skip()?;
    }
    Ok(keys)
}
