//! Places in the entry file, and the bytes by which records and index name them.

use crate::key::TAG_BYTES;

/// Bytes of an encoded position.
pub(crate) const POSITION_BYTES: usize = 16;

/// A place in the entry file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Position {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
}

/// The end of a record, and the tag by which it is told from any other that ended there; both
/// zero where there is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Mark {
    pub(crate) end: Position,
    pub(crate) tag: [u8; TAG_BYTES],
}

impl Position {
    pub(crate) fn encode(self) -> [u8; POSITION_BYTES] {
        let mut bytes = [0; POSITION_BYTES];
        bytes[..8].copy_from_slice(&self.segment.to_be_bytes());
        bytes[8..].copy_from_slice(&self.offset.to_be_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (segment, offset) = bytes.split_at_checked(8)?;
        let segment = u64::from_be_bytes(segment.try_into().ok()?);
        Some(Self { segment, offset: u64::from_be_bytes(offset.try_into().ok()?) })
    }
}

impl Mark {
    pub(crate) fn encode(self) -> Vec<u8> {
        [self.end.encode().as_slice(), &self.tag].concat()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (end, tag) = bytes.split_at_checked(POSITION_BYTES)?;
        Some(Self { end: Position::decode(end)?, tag: tag.try_into().ok()? })
    }
}
