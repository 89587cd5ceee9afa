//! Time as the pure crates know it: a number that somebody else read from a clock.

use crate::limits::INTEGER_MAX;

/// Milliseconds since 1970 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The time `ms` milliseconds after 1970; times past the year 287396 are that year.
    pub const fn from_ms(ms: u64) -> Self {
        Self(if ms > INTEGER_MAX { INTEGER_MAX } else { ms })
    }

    /// Milliseconds since 1970 UTC.
    pub const fn as_ms(self) -> u64 {
        self.0
    }

    /// This time and `ms` milliseconds.
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self::from_ms(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this time, zero if it is not earlier.
    pub const fn since_ms(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl<C> minicbor::Encode<C> for Timestamp {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.u64(self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Timestamp {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        match d.u64()? {
            ms if ms <= INTEGER_MAX => Ok(Self(ms)),
            _ => Err(minicbor::decode::Error::message("a time past what JSON carries exactly")),
        }
    }
}
