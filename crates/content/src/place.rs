//! Where an item stands, and what is known of it without opening its entry.

use documents::words::Judged;
use ledger::{DeviceId, ItemId};
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
        /// The number of the document's schema, where this edit made it.
        #[n(1)]
        makes: Option<u16>,
    },
    /// A word, and the rule by which it is void, if it is.
    #[n(1)]
    Word(#[n(0)] Judged),
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
        matches!(self, Self::Word(judged) if judged.root == *id)
    }

    /// The number of the schema of the document that this edit made.
    pub(crate) fn makes(&self) -> Option<u16> {
        match self {
            Self::Edit { makes, .. } => *makes,
            _ => None,
        }
    }
}
