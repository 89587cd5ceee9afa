//! The header of an entry: what is signed, hashed and chained (DESIGN 5).

mod envelope;

pub(crate) use envelope::Envelope;

use minicbor::{Decode, Encode};

use crate::{
    bounded::Bounded,
    codec::{self, DecodeError},
    hash::Hash,
    ids::{DeviceId, EntryId, JournalId, KeyId},
    limits::{BODY_BYTES_MAX, HEADER_BYTES_MAX, HEADS_MAX, INTEGER_MAX},
    time::Timestamp,
};

/// The version of the entry format that this program writes and reads.
pub(crate) const HEADER_VERSION: u8 = 1;

/// What only the headers of one of the two journals have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HeaderKind {
    /// The charter: the tips of the other charter logs that the author had, ascending.
    Charter(Bounded<EntryId, HEADS_MAX>),
    /// The content: the epoch whose content key encrypts the body.
    Content(KeyId),
}

/// The header of an entry. Made by [`crate::Unsigned`] or read by [`Header::decode`], so every
/// header that exists is well formed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// The journal; [`JournalId::GENESIS`] in the first entry of a space.
    pub journal: JournalId,
    /// The author's device, whose key signs.
    pub device: DeviceId,
    /// The place in the device's log, from zero.
    pub seq: u64,
    /// When it was written, by the author's own clock; gates no validity.
    pub stamp: Timestamp,
    /// The header before this one in the log; none at seq 0.
    pub backlink: Option<EntryId>,
    /// What only one journal's headers have: a charter's heads, or the content's epoch.
    pub kind: HeaderKind,
    /// Bytes of the body, as it is carried.
    pub body_length: u32,
    /// BLAKE3 of the body, which still holds when the body is forgotten.
    pub body_hash: Hash,
}

/// Why a header is refused.
pub type HeaderError = DecodeError;

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[n(0)]
    version: u8,
    #[n(1)]
    journal: JournalId,
    #[n(2)]
    device: DeviceId,
    #[n(3)]
    seq: u64,
    #[n(4)]
    stamp: Timestamp,
    #[n(5)]
    backlink: Option<EntryId>,
    #[n(6)]
    heads: Option<Bounded<EntryId, HEADS_MAX>>,
    #[n(7)]
    key: Option<KeyId>,
    #[n(8)]
    body_length: u32,
    #[n(9)]
    body_hash: Hash,
}

impl Header {
    /// The bytes that are signed and hashed.
    pub fn encode(&self) -> Vec<u8> {
        let (heads, key) = match &self.kind {
            HeaderKind::Charter(heads) => (Some(heads.clone()), None),
            HeaderKind::Content(key) => (None, Some(*key)),
        };
        codec::encode(&Wire {
            version: HEADER_VERSION,
            journal: self.journal,
            device: self.device,
            seq: self.seq,
            stamp: self.stamp,
            backlink: self.backlink,
            heads,
            key,
            body_length: self.body_length,
            body_hash: self.body_hash,
        })
    }

    /// The header in `bytes`, or the rule that refuses it. Of a newer version's only the
    /// envelope is checked, by which its place and its signature hold.
    pub fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
        if bytes.len() > HEADER_BYTES_MAX {
            return Err(DecodeError::Rule("longer than a header can be"));
        }
        Self::decode_known(bytes).map_err(|error| match Envelope::decode(bytes) {
            Ok(envelope) if envelope.is_newer => DecodeError::Newer,
            Err(broken) if matches!(error, DecodeError::Newer) => broken,
            _ => error,
        })
    }

    fn decode_known(bytes: &[u8]) -> Result<Self, HeaderError> {
        let wire: Wire = codec::decode(bytes)?;
        if wire.version != HEADER_VERSION {
            return Err(DecodeError::Rule("of another version than 1"));
        }
        let kind = match (wire.heads, wire.key) {
            (Some(heads), None) => HeaderKind::Charter(heads),
            (None, Some(key)) => HeaderKind::Content(key),
            _ => return Err(DecodeError::Rule("needs either heads or a key id")),
        };
        let header = Self {
            journal: wire.journal,
            device: wire.device,
            seq: wire.seq,
            stamp: wire.stamp,
            backlink: wire.backlink,
            kind,
            body_length: wire.body_length,
            body_hash: wire.body_hash,
        };
        header.validate()?;
        Ok(header)
    }

    /// The hash that backlinks, heads and ids name.
    pub fn id(&self) -> EntryId {
        Hash::of(&self.encode()).into()
    }

    /// Whether this is the first entry of a space.
    pub fn is_genesis(&self) -> bool {
        self.journal == JournalId::GENESIS
    }

    /// The rules between fields: the genesis is a charter entry at seq 0 without heads; a
    /// backlink stands exactly after seq 0; heads ascend; numbers fit their limits.
    pub(crate) fn validate(&self) -> Result<(), HeaderError> {
        if self.seq > INTEGER_MAX {
            return Err(DecodeError::Rule("a sequence number past its limit"));
        }
        if (self.seq == 0) != self.backlink.is_none() {
            return Err(DecodeError::Rule("a backlink stands exactly in entries after the first"));
        }
        if self.body_length as usize > BODY_BYTES_MAX {
            return Err(DecodeError::Rule("a body past its limit"));
        }
        match &self.kind {
            HeaderKind::Charter(heads) => {
                if !heads.is_sorted_by(|a, b| a < b) {
                    return Err(DecodeError::Rule("heads ascend without repeats"));
                }
                if self.is_genesis() && !(self.seq == 0 && heads.is_empty()) {
                    return Err(DecodeError::Rule("a genesis is the first entry, without heads"));
                }
            }
            HeaderKind::Content(_) if self.is_genesis() => {
                return Err(DecodeError::Rule("a genesis is a charter entry"));
            }
            HeaderKind::Content(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
