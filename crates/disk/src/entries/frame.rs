//! The plain bytes of a segment: its header, and what stands in front of each record. They are
//! checked under a key, so that a reader who has lost the thread finds the next record.

use crate::{
    key::{Keys, NONCE_BYTES, TAG_BYTES},
    position::Position,
};

/// Bytes of a segment at most; tests begin new ones sooner.
pub(crate) const SEGMENT_BYTES_MAX: u64 = if cfg!(test) { 1 << 20 } else { 64 << 20 };

/// Bytes of a segment's header: magic, number, where the one before it ended, check.
pub(crate) const HEADER_BYTES: u64 = 48;

/// Bytes in front of a record: its length, and a check of it.
pub(crate) const FRAME_BYTES: u64 = 8;

/// Bytes of a sealed record at least.
const SEALED_BYTES_MIN: u64 = (NONCE_BYTES + TAG_BYTES) as u64;

/// Bytes of a sealed record at most: alone in a segment.
pub(crate) const SEALED_BYTES_MAX: u64 = SEGMENT_BYTES_MAX - HEADER_BYTES - FRAME_BYTES;

const MAGIC: &[u8; 16] = b"groundwork seg 1";

/// The header of a segment.
pub(crate) fn header(keys: &Keys, segment: u64, previous_end: u64) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&segment.to_be_bytes());
    bytes.extend_from_slice(&previous_end.to_be_bytes());
    let check: [u8; 16] = keys.check(&bytes);
    bytes.extend_from_slice(&check);
    bytes
}

/// Where the segment before it ended, if these bytes are the header of `segment`.
pub(crate) fn previous_end(keys: &Keys, segment: u64, bytes: &[u8]) -> Option<u64> {
    let previous_end = u64::from_be_bytes(bytes.get(24..32)?.try_into().ok()?);
    (bytes == header(keys, segment, previous_end)).then_some(previous_end)
}

/// What stands in front of a sealed record of `length` bytes.
pub(crate) fn frame(keys: &Keys, at: Position, length: u32) -> [u8; FRAME_BYTES as usize] {
    let length = length.to_be_bytes();
    let check: [u8; 4] = keys.check(&[at.encode().as_slice(), &length].concat());
    let mut bytes = [0; FRAME_BYTES as usize];
    bytes[..4].copy_from_slice(&length);
    bytes[4..].copy_from_slice(&check);
    bytes
}

/// The length of the sealed record behind these bytes, if they are the frame of one.
pub(crate) fn length(keys: &Keys, at: Position, bytes: [u8; FRAME_BYTES as usize]) -> Option<u64> {
    let [a, b, c, d, ..] = bytes;
    let length = u32::from_be_bytes([a, b, c, d]);
    // Most of what is no frame ends here, before anything is hashed.
    let fits = (SEALED_BYTES_MIN..=SEALED_BYTES_MAX).contains(&u64::from(length));
    (fits && bytes == frame(keys, at, length)).then_some(u64::from(length))
}
