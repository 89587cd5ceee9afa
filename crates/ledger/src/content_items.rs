//! What a content entry can say once it is decrypted (DESIGN 5 and 7).

mod edit;
mod word;

use minicbor::{Decode, Decoder, Encode};

pub use edit::{Edit, Key, ObjectRef, Operation, Schema, Value};
pub use word::{Claim, ClaimState, GuestKey, Post, Profile, Undone, Word, WordBody};

use crate::{
    bounded::{Blob, Bounded},
    charter_items::SealedSecret,
    codec::{self, DecodeError},
    ids::{ItemId, ItemRef},
    items::{Body, Unknown, item_kinds},
    limits::{NAMED_MAX, SEALED_BYTES_MAX},
};

/// The items of one content entry.
pub type ContentBody = Body<ContentItem>;

item_kinds! {
    /// One item of a content entry.
    ContentItem {
        /// Changes a document, or makes one.
        0 Edit(Edit),
        /// A member's own item on a subject.
        1 Word(Word),
        /// Details for a few, under a key of their own.
        2 Sealed(Sealed),
        /// Asks every node to forget bodies.
        3 Forget(Forget),
    }
}

/// Details for a few (a contact, an address), readable by those whose device has a seal.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Sealed {
    /// The need or offer that they belong to.
    #[n(0)]
    pub subject: ItemRef,
    /// The item's own key, sealed to each reader.
    #[n(1)]
    pub seals: Bounded<SealedSecret, NAMED_MAX>,
    /// The details, encrypted under that key.
    #[n(2)]
    pub sealed: Blob<SEALED_BYTES_MAX>,
}

/// Asks every node to forget the bodies of the entries that made these items.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Forget {
    /// Items of which each has an entry to itself.
    #[n(0)]
    pub items: Bounded<ItemId, NAMED_MAX>,
}

/// The items in a content body's bytes. One of a known kind that has keys of a newer version is
/// as one of an unknown kind: the others are read all the same.
pub fn decode_body(bytes: &[u8]) -> Result<ContentBody, DecodeError> {
    match codec::decode(bytes) {
        Err(DecodeError::Newer) => decode_each(bytes),
        read => read,
    }
}

fn decode_each(bytes: &[u8]) -> Result<ContentBody, DecodeError> {
    let (mut d, mut items) = (Decoder::new(bytes), Vec::new());
    for _ in 0..d.array()?.unwrap_or_default() {
        let start = d.position();
        d.skip()?;
        let item = &bytes[start..d.position()];
        items.push(match codec::decode(item) {
            Err(DecodeError::Newer) => decode_newer(item)?,
            read => read?,
        });
    }
    items.try_into().map_err(|_| DecodeError::Rule("more items than a body has"))
}

fn decode_newer(item: &[u8]) -> Result<ContentItem, minicbor::decode::Error> {
    let mut d = Decoder::new(item);
    d.array()?;
    let kind = d.u16()?;
    Unknown::decode_payload(kind, &mut d).map(ContentItem::Unknown)
}

impl ContentItem {
    /// Whether this version cannot say what it does.
    pub fn is_newer(&self) -> bool {
        match self {
            Self::Edit(edit) => matches!(edit.schema, Some(Schema::Unknown(_))),
            Self::Word(word) => matches!(word.body, WordBody::Unknown(_)),
            Self::Sealed(_) | Self::Forget(_) => false,
            Self::Unknown(_) => true,
        }
    }

    /// The items that this one builds on: it waits until they are there, and where it counts,
    /// they count (DESIGN 6).
    pub fn builds_on(&self) -> Vec<ItemRef> {
        match self {
            Self::Edit(edit) => edit.document.iter().chain(&edit.heads).copied().collect(),
            Self::Word(word) => {
                let campaign = match &word.body {
                    WordBody::Post(post) => post.campaign,
                    _ => None,
                };
                word.subject.into_iter().chain(word.replaces).chain(campaign).collect()
            }
            Self::Sealed(sealed) => vec![sealed.subject],
            Self::Forget(_) | Self::Unknown(_) => Vec::new(),
        }
    }
}
