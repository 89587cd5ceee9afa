//! Slots: the words of one member that stand in each other's place.

use ledger::{Hash, ItemId, MemberId};

/// What a slot is found by: a hash of whose it is and what it is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Slot(Hash);

impl Slot {
    fn of(kind: &[u8; 4], ids: &[&[u8]]) -> Self {
        Self(Hash::of(&[kind.as_slice(), &ids.concat()].concat()))
    }

    /// A post and what became of it, by its first word.
    pub(crate) fn post(first: &ItemId) -> Self {
        Self::of(b"post", &[first.as_bytes()])
    }

    /// What a member is called.
    pub(crate) fn profile(member: &MemberId) -> Self {
        Self::of(b"prof", &[member.as_bytes()])
    }

    /// What a member says of taking on a need.
    pub(crate) fn claim(need: &ItemId, by: &MemberId) -> Self {
        Self::of(b"clai", &[need.as_bytes(), by.as_bytes()])
    }

    /// What the poster of a need answers to a member who claims it.
    pub(crate) fn answer(need: &ItemId, claimant: &MemberId) -> Self {
        Self::of(b"answ", &[need.as_bytes(), claimant.as_bytes()])
    }

    /// The guest key that a member gave for an invite.
    pub(crate) fn guest_key(invite: &ItemId, by: &MemberId) -> Self {
        Self::of(b"gues", &[invite.as_bytes(), by.as_bytes()])
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}
