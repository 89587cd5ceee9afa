//! A body: the list of items that an entry holds, known kinds and unknown ones.

use std::ops::Range;

use minicbor::{Decoder, Encode, Encoder, data::Type, decode, encode};

use crate::{bounded::Bounded, limits::ITEMS_MAX};

/// The items of one body.
pub type Body<T> = Bounded<T, ITEMS_MAX>;

/// An item of a kind that this version does not know: kept and forwarded as it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unknown {
    /// Its kind number.
    pub kind: u16,
    /// Its payload, one CBOR value.
    pub payload: Vec<u8>,
}

/// How deeply an unknown payload may nest: more than any of ours, less than a stack.
pub(crate) const DEPTH_MAX: u32 = 16;

impl Unknown {
    pub(crate) fn decode_payload(kind: u16, d: &mut Decoder<'_>) -> Result<Self, decode::Error> {
        let start = d.position();
        skip(d, DEPTH_MAX)?;
        let payload = d.input()[start..d.position()].to_vec();
        Ok(Self { kind, payload })
    }
}

impl<C> Encode<C> for Unknown {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.writer_mut().write_all(&self.payload).map_err(encode::Error::write)
    }
}

/// Steps over one value in its one encoding, so that whoever knows the kind takes it too: shortest
/// heads, keys ascending; of integers, strings, lists, maps, truth values and null. A length is a
/// claim: each step reads real bytes.
pub(crate) fn skip(d: &mut Decoder<'_>, depth: u32) -> Result<(), decode::Error> {
    let deeper =
        || depth.checked_sub(1).ok_or_else(|| decode::Error::message("an item nested too deeply"));
    let open = || decode::Error::message("an open-ended list or map");
    let kind = d.datatype()?;
    if !head_is_shortest(&d.input()[d.position()..]) {
        return Err(decode::Error::message("a longer head than needed, or an open-ended value"));
    }
    match kind {
        Type::Array => {
            let (length, depth) = (d.array()?.ok_or_else(open)?, deeper()?);
            (0..length).try_for_each(|_| skip(d, depth))
        }
        Type::Map => {
            let (length, depth) = (d.map()?.ok_or_else(open)?, deeper()?);
            (0..length).try_fold(0..0, |last, _| skip_pair(d, depth, last)).map(|_| ())
        }
        Type::Tag | Type::Simple | Type::Undefined | Type::F16 | Type::F32 | Type::F64 => {
            Err(decode::Error::message("a value of a sort that no item has"))
        }
        _ => d.skip(),
    }
}

/// Steps over a key after `last` in the order of their bytes, and over its value.
fn skip_pair(
    d: &mut Decoder<'_>,
    depth: u32,
    last: Range<usize>,
) -> Result<Range<usize>, decode::Error> {
    let start = d.position();
    skip(d, depth)?;
    let key = start..d.position();
    if d.input()[last] >= d.input()[key.clone()] {
        return Err(decode::Error::message("the keys of a map ascend"));
    }
    skip(d, depth)?;
    Ok(key)
}

/// Whether the first value of `bytes` says its number or length in the fewest bytes.
pub(crate) fn head_is_shortest(bytes: &[u8]) -> bool {
    let argument = |length| -> Option<u64> {
        let bytes = bytes.get(1..=length)?;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    };
    match bytes.first().map(|first| first & 31) {
        Some(0..24) => true,
        Some(24) => argument(1) >= Some(24),
        Some(25) => argument(2) > Some(u8::MAX.into()),
        Some(26) => argument(4) > Some(u16::MAX.into()),
        Some(27) => argument(8) > Some(u32::MAX.into()),
        _ => false,
    }
}

/// Defines the closed list of item kinds of one journal: an enum that travels as
/// `[kind, payload]`, with `Unknown` for every other kind.
macro_rules! item_kinds {
    (
        $(#[$doc:meta])* $name:ident {
            $($(#[$vdoc:meta])* $kind:literal $variant:ident($ty:ty),)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub enum $name {
            $($(#[$vdoc])* $variant($ty),)*
            /// A kind from a newer version.
            Unknown($crate::Unknown),
        }

        impl $name {
            /// The kind's number in the CDDL.
            pub fn kind(&self) -> u16 {
                match self {
                    $(Self::$variant(_) => $kind,)*
                    Self::Unknown(unknown) => unknown.kind,
                }
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                ctx: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.array(2)?.u16(self.kind())?;
                match self {
                    $(Self::$variant(payload) => payload.encode(e, ctx),)*
                    Self::Unknown(unknown) => unknown.encode(e, ctx),
                }
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(
                d: &mut minicbor::Decoder<'b>,
                ctx: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                if d.array()? != Some(2) {
                    return Err(minicbor::decode::Error::message("an item is [kind, payload]"));
                }
                match d.u16()? {
                    $($kind => <$ty>::decode(d, ctx).map(Self::$variant),)*
                    kind => $crate::Unknown::decode_payload(kind, d).map(Self::Unknown),
                }
            }
        }
    };
}
pub(crate) use item_kinds;

#[cfg(test)]
mod tests;
