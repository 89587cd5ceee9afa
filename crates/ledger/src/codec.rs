//! Deterministic CBOR (RFC 8949, 4.2.1) with integer keys: one value, one encoding.

use minicbor::{Decode, Decoder, Encode};

use crate::extension::{self, Lists};

/// Why bytes are not a value of the wanted shape.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The bytes are not CBOR of this shape, or break a bound of it.
    #[error("malformed: {0}")]
    Malformed(#[from] minicbor::decode::Error),
    /// The bytes decode, but not to their own encoding: keys out of order, longer integers than
    /// needed, bytes after the end.
    #[error("not the one encoding of its value")]
    NotCanonical,
    /// It is well formed, and has a version or keys that this program does not know: nobody's
    /// fault, and not to be judged before this program is updated (DESIGN 5).
    #[error("from a newer version")]
    Newer,
    /// The value has the right shape and breaks a rule between its fields.
    #[error("breaks a rule of its shape: {0}")]
    Rule(&'static str),
}

/// The one encoding of `value`.
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    match minicbor::encode(value, &mut bytes) {
        Ok(()) => bytes,
        // INVARIANT: writing to a Vec cannot fail, and no encoder of ours returns an error.
        Err(error) => unreachable!("encoding to memory: {error}"),
    }
}

/// The value whose one encoding is `bytes`; anything else is refused.
///
/// Decoding, then encoding again and comparing, refuses every other spelling at once: keys out
/// of order or twice, long integers, indefinite lengths, and trailing bytes. Where the only
/// difference are further keys, a newer version wrote it ([`DecodeError::Newer`]).
pub fn decode<'b, T: Decode<'b, ()> + Encode<()>>(bytes: &'b [u8]) -> Result<T, DecodeError> {
    let value: T = minicbor::decode(bytes)?;
    let known = encode(&value);
    match () {
        () if known == bytes => Ok(value),
        () if extension::extends(bytes, &known, Lists::Closed) => Err(DecodeError::Newer),
        () => Err(DecodeError::NotCanonical),
    }
}

/// As [`decode`], of what is only said and never signed or hashed: what a newer version adds at
/// the end of a list, or under further keys, is passed over.
pub fn decode_said<'b, T: Decode<'b, ()> + Encode<()>>(bytes: &'b [u8]) -> Result<T, DecodeError> {
    let value: T = minicbor::decode(bytes)?;
    let known = encode(&value);
    let is_said = known == bytes || extension::extends(bytes, &known, Lists::Open);
    if is_said { Ok(value) } else { Err(DecodeError::NotCanonical) }
}

/// The next byte string, if it has exactly `N` bytes.
pub(crate) fn fixed_bytes<const N: usize>(
    d: &mut Decoder<'_>,
) -> Result<[u8; N], minicbor::decode::Error> {
    d.bytes()?
        .try_into()
        .map_err(|_| minicbor::decode::Error::message("a byte string of another length"))
}
