//! Ids as people read, type and read them aloud (CONTRACT 3).
//!
//! A kind prefix, the bytes in lower-case Crockford base32, and two check characters: the first
//! ten bits of BLAKE3 over prefix and bytes. Input folds case, O to 0 and I, L to 1.

use crate::{
    base32::{self, ALPHABET},
    hash::Hash,
};

/// Characters of 32 bytes in base32.
const BODY_CHARS: usize = 52;

/// Characters of a whole id after its prefix.
const FULL_CHARS: usize = BODY_CHARS + 2;

/// The fewest characters after the prefix that a short form has.
pub const SHORT_CHARS_MIN: usize = 4;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $prefix:literal)*) => {
        /// What an id names; its prefix tells.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
        pub enum IdKind {
            $($(#[$doc])* #[doc = concat!("Ids begin with `", $prefix, "`.")] $name,)*
        }

        impl IdKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// What the ids of this kind begin with.
            pub const fn prefix(self) -> &'static str {
                match self { $(Self::$name => $prefix,)* }
            }
        }
    };
}

kinds! {
    /// A space.
    Space "sp_"
    /// A member.
    Member "me_"
    /// A device.
    Device "de_"
    /// An act.
    Act "ac_"
    /// An invite.
    Invite "in_"
    /// A document.
    Document "do_"
    /// An update: a post.
    Update "up_"
    /// A claim.
    Claim "cl_"
    /// Any other word.
    Word "wo_"
    /// An entry.
    Entry "en_"
    /// An epoch.
    Key "ke_"
}

/// What a person typed as an id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IdQuery {
    /// A whole id, its check characters right.
    Full(IdKind, [u8; 32]),
    /// The beginning of one: base32 characters, folded, at least [`SHORT_CHARS_MIN`].
    Prefix(IdKind, String),
}

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// No kind has this prefix.
    #[error("an id begins with its kind, like up_ or me_")]
    UnknownPrefix,
    /// A character that base32 does not have.
    #[error("{0:?} is no character of an id")]
    Character(char),
    /// Shorter than a short form, or longer than a whole id.
    #[error("an id has 4 to 54 characters after its prefix, this has {0}")]
    Length(usize),
    /// The check characters differ: one character was mistyped.
    #[error("the check characters do not fit: a character is wrong")]
    Check,
}

/// The full form of an id.
pub fn format(kind: IdKind, bytes: &[u8; 32]) -> String {
    let check = check_bits(kind, bytes);
    let mut text = String::with_capacity(kind.prefix().len() + FULL_CHARS);
    text.push_str(kind.prefix());
    text.push_str(&base32::encode(bytes));
    for shift in [5, 0] {
        text.push(char::from(ALPHABET[usize::from(check >> shift & 31)]));
    }
    text
}

/// The shortest form of an id that no other of `others`, full forms of the same kind, begins
/// with, of at least four characters after the prefix.
pub fn shorten<'a>(full: &str, others: impl IntoIterator<Item = &'a str>) -> String {
    let prefix = full.find('_').map_or(0, |at| at + 1);
    let mut chars = prefix + SHORT_CHARS_MIN;
    for other in others {
        if other != full {
            let same = full.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
            chars = chars.max(same + 1);
        }
    }
    full[..chars.min(full.len())].to_owned()
}

/// Reads what a person typed.
pub fn parse(text: &str) -> Result<IdQuery, IdError> {
    let folded = text.trim().to_ascii_lowercase();
    let kind = IdKind::ALL.iter().copied().find(|kind| folded.starts_with(kind.prefix()));
    let kind = kind.ok_or(IdError::UnknownPrefix)?;
    let chars = fold(&folded[kind.prefix().len()..])?;
    match chars.len() {
        FULL_CHARS => {
            let bytes = base32::decode(&chars[..BODY_CHARS]).ok_or(IdError::Check)?;
            let bytes = bytes.try_into().map_err(|_| IdError::Check)?;
            let whole = format(kind, &bytes);
            if whole[kind.prefix().len()..] == chars {
                Ok(IdQuery::Full(kind, bytes))
            } else {
                Err(IdError::Check)
            }
        }
        length if (SHORT_CHARS_MIN..FULL_CHARS).contains(&length) => {
            Ok(IdQuery::Prefix(kind, chars))
        }
        length => Err(IdError::Length(length)),
    }
}

/// The first `chars` base32 characters of `bytes` in upper case: the code of a need or an offer.
pub fn code(bytes: &[u8; 32], chars: usize) -> String {
    let mut text = base32::encode(bytes);
    text.truncate(chars);
    text.to_ascii_uppercase()
}

/// Folds what a person typed as a code or the body of an id to the alphabet, lower case.
pub fn fold(text: &str) -> Result<String, IdError> {
    let fold = |c| base32::fold(c).ok_or(IdError::Character(c));
    text.chars().map(fold).collect()
}

fn check_bits(kind: IdKind, bytes: &[u8; 32]) -> u16 {
    let hash = Hash::of(&[kind.prefix().as_bytes(), bytes].concat());
    let [first, second, ..] = *hash.as_bytes();
    u16::from_be_bytes([first, second]) >> 6
}

#[cfg(test)]
mod tests;
