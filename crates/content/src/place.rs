//! Where an item stands, and what is known of it without opening its entry.

use log::{DeviceId, ItemId, MemberId};
use minicbor::{Decode, Encode};

/// An item's place in the content journal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
pub struct Loc {
    /// The log.
    #[n(0)]
    pub device: DeviceId,
    /// The entry's place in it.
    #[n(1)]
    pub seq: u64,
    /// The item's index in the entry's body.
    #[n(2)]
    pub index: u16,
}

impl Loc {
    /// A number that orders the items of one log.
    pub(crate) fn number(&self) -> u64 {
        self.seq << 10 | u64::from(self.index)
    }
}

/// What an item that was read is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum Kind {
    /// An edit of a document.
    #[n(0)]
    Edit {
        /// The document.
        #[n(0)]
        document: ItemId,
    },
    /// A word.
    #[n(1)]
    Word {
        /// Its kind number.
        #[n(0)]
        kind: u16,
        /// Who wrote it.
        #[n(1)]
        author: MemberId,
        /// The first word in its slot; itself, if it replaces none.
        #[n(2)]
        root: ItemId,
        /// What it is about.
        #[n(3)]
        subject: Option<ItemId>,
    },
    /// Anything else.
    #[n(2)]
    Other {
        /// Its kind number.
        #[n(0)]
        kind: u16,
    },
}

/// Where an item stands and what it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Place {
    /// Where.
    #[n(0)]
    pub loc: Loc,
    /// What.
    #[n(1)]
    pub kind: Kind,
}

impl Kind {
    /// Whether this is the word `id` and the first of its slot.
    pub fn is_first(&self, id: &ItemId) -> bool {
        matches!(self, Self::Word { root, .. } if root == id)
    }
}
