//! Words: a member's own items on a subject, which only they change or undo (DESIGN 7).

use minicbor::{Decode, Encode};

use crate::{
    bounded::{Blob, Text},
    ids::ItemRef,
    items::item_kinds,
    limits::{NAME_BYTES_MAX, SEALED_BYTES_MAX, TAG_BYTES_MAX, TEXT_BYTES_MAX},
};

/// One word. Its slot is (author, kind, subject) where the kind has one word a subject, as a
/// profile; else the word that it first replaced, as for each of several posts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Word {
    /// What it is about: a document, a word, an act; none for the space itself.
    #[n(0)]
    pub subject: Option<ItemRef>,
    /// The author's word in this slot that this one replaces, the newest that they had.
    #[n(1)]
    pub replaces: Option<ItemRef>,
    /// What it says.
    #[n(2)]
    pub body: WordBody,
}

item_kinds! {
    /// What a word says.
    WordBody {
        /// A post, or a reply where the subject is a post.
        0 Post(Post),
        /// What a member is called here.
        1 Profile(Profile),
        /// Who takes on a need; its subject.
        2 Claim(Claim),
        /// Undoes the word that it replaces.
        3 Undone(Undone),
        /// The key that opens what newcomers with one ticket said; its subject the invite.
        4 GuestKey(GuestKey),
    }
}

/// A post.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Post {
    /// What it says, in as many lines as it takes.
    #[n(0)]
    pub text: Text<TEXT_BYTES_MAX>,
    /// The text's BCP 47 language, if said.
    #[n(1)]
    pub lang: Option<Text<TAG_BYTES_MAX>>,
    /// The campaign that it belongs to; none for the space's own feed.
    #[n(2)]
    pub campaign: Option<ItemRef>,
}

/// What a member is called here.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Profile {
    /// What they want to be called: no other has to be different, and it proves nothing.
    #[n(0)]
    pub name: Text<NAME_BYTES_MAX>,
}

/// Where a claim stands (DESIGN 7).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum ClaimState {
    /// The claimant offers to.
    #[n(0)]
    Offered,
    /// The claimant is at it.
    #[n(1)]
    UnderWay,
    /// The claimant says it is done; or, on a claim, the poster does.
    #[n(2)]
    Done,
    /// The claimant gives it back.
    #[n(3)]
    Released,
    /// The poster takes the offer.
    #[n(4)]
    Accepted,
    /// The poster declines it.
    #[n(5)]
    Declined,
    /// The poster says it was not done.
    #[n(6)]
    Disputed,
}

/// A claim of a need, or the poster's answer where the subject is a claim.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Claim {
    /// What the author says of it: the claimant of their own, the poster of the claim it answers.
    #[n(0)]
    pub state: ClaimState,
}

/// Undoes the word that it replaces.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Undone {}

/// The key that opens what newcomers with one ticket said. It is a secret of the members, so it is
/// not printed.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct GuestKey {
    /// The key, derived from the ticket's seed.
    #[n(0)]
    pub key: Blob<SEALED_BYTES_MAX>,
}

impl std::fmt::Debug for GuestKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GuestKey(..)")
    }
}
