//! What a content entry can say once it is decrypted (DESIGN 5 and 7).

mod edit;
mod word;

use minicbor::{Decode, Encode};

pub use edit::{Edit, Key, ObjectRef, Operation, Schema, Value};
pub use word::{Claim, ClaimState, GuestKey, Post, Profile, Undone, Word, WordBody};

use crate::{
    bounded::{Blob, Bounded},
    charter_items::SealedSecret,
    ids::{ItemId, ItemRef},
    items::{Body, item_kinds},
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

impl ContentItem {
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
