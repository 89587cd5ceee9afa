//! What a value in sled holds, before it is encrypted.

use crate::position::{POSITION_BYTES, Position};

/// Bytes up to which a kept value stands in the index itself: shorter than what it costs to look
/// it up in the entry file.
pub(crate) const INLINE_BYTES_MAX: usize = 256;

/// Bytes of one value in sled: of greater ones it makes files that it never syncs (FACTS 0.1).
pub(crate) const CHUNK_BYTES: usize = 3 * 1024;

const WHOLE: u8 = 0;
const CHUNKS: u8 = 1;
const INLINE: u8 = 2;
const ELSEWHERE: u8 = 3;
const REMOVED: u8 = 4;

/// A value in the index. Kept ones say where they come from, the removed ones too: so that what
/// the index has can be compared with what the entry file says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Value {
    /// Of an index table: the value.
    Whole(Vec<u8>),
    /// Of an index table: it stands in so many chunks.
    Chunks(u32),
    /// Kept: the value, and the record that it is from.
    Inline { at: Position, value: Vec<u8> },
    /// Kept: the record, and which put of it.
    Elsewhere { at: Position, put: u32 },
    /// Kept: removed by this record.
    Removed { at: Position },
}

impl Value {
    /// The value of a kept put.
    pub(crate) fn of_put(at: Position, put: u32, value: Option<&[u8]>) -> Self {
        match value {
            None => Self::Removed { at },
            Some(value) if value.len() <= INLINE_BYTES_MAX => {
                Self::Inline { at, value: value.to_vec() }
            }
            Some(_) => Self::Elsewhere { at, put },
        }
    }

    /// The record that a kept value is from.
    pub(crate) fn at(&self) -> Option<Position> {
        match self {
            Self::Inline { at, .. } | Self::Elsewhere { at, .. } | Self::Removed { at } => {
                Some(*at)
            }
            Self::Whole(_) | Self::Chunks(_) => None,
        }
    }

    /// Bytes of what it has with it.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Whole(value) | Self::Inline { value, .. } => value.len(),
            Self::Chunks(_) | Self::Elsewhere { .. } | Self::Removed { .. } => 0,
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Whole(value) => [&[WHOLE], value.as_slice()].concat(),
            Self::Chunks(count) => [&[CHUNKS], count.to_be_bytes().as_slice()].concat(),
            Self::Inline { at, value } => {
                [&[INLINE], at.encode().as_slice(), value.as_slice()].concat()
            }
            Self::Elsewhere { at, put } => {
                [&[ELSEWHERE], at.encode().as_slice(), &put.to_be_bytes()].concat()
            }
            Self::Removed { at } => [&[REMOVED], at.encode().as_slice()].concat(),
        }
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = bytes.split_first()?;
        let number = |bytes: &[u8]| Some(u32::from_be_bytes(bytes.try_into().ok()?));
        match *kind {
            WHOLE => return Some(Self::Whole(rest.to_vec())),
            CHUNKS => return Some(Self::Chunks(number(rest)?)),
            _ => {}
        }
        let (at, rest) = rest.split_at_checked(POSITION_BYTES)?;
        let at = Position::decode(at)?;
        match *kind {
            INLINE => Some(Self::Inline { at, value: rest.to_vec() }),
            ELSEWHERE => Some(Self::Elsewhere { at, put: number(rest)? }),
            REMOVED if rest.is_empty() => Some(Self::Removed { at }),
            _ => None,
        }
    }
}
