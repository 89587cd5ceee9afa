//! Where an item stands, and what is known of it without opening its entry.

use std::ops::{Range, RangeInclusive};

use documents::words::Judged;
use ledger::{DeviceId, EntryId, ItemId, Timestamp, content_items::ContentItem};
use minicbor::{Decode, Encode};
use replica::Log;

/// Bits of an index: a body has at most as many items.
const INDEX_BITS: u32 = ledger::limits::ITEMS_MAX.ilog2();

/// An item's place in the content journal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
pub struct Loc {
    /// The device whose log it stands in: its author.
    #[n(0)]
    pub device: DeviceId,
    /// The sequence number of its entry.
    #[n(1)]
    pub seq: u64,
    /// The item's index in the entry's body.
    #[n(2)]
    pub index: u16,
    /// Which branch of the log, as [`Log`] counts them.
    #[n(3)]
    pub branch: u16,
}

impl Loc {
    /// The log, or the branch of it, that the item stands in.
    pub fn log(&self) -> Log {
        Log { device: self.device, branch: self.branch }
    }

    /// The item of a log that has a [`number`](Self::number).
    pub(crate) fn of(log: Log, number: u64) -> Self {
        let index = (number & ((1 << INDEX_BITS) - 1)) as u16;
        Self { device: log.device, seq: number >> INDEX_BITS, index, branch: log.branch }
    }

    /// A number that orders the items of one log.
    pub(crate) fn number(&self) -> u64 {
        self.seq << INDEX_BITS | u64::from(self.index)
    }

    /// The numbers of all items of these entries, of which there is one.
    pub(crate) fn numbers(seqs: Range<u64>) -> RangeInclusive<u64> {
        let first = |seq: u64| seq.saturating_mul(1 << INDEX_BITS);
        first(seqs.start)..=first(seqs.end) - 1
    }
}

/// The place of an item that was read, as rows name it: in a few bytes, by the number that its log
/// has in them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
pub(crate) struct Spot {
    /// The log, by its number in [`Logs`](crate::logs::Logs).
    #[n(0)]
    pub(crate) log: u32,
    /// The item, by its number in the log.
    #[n(1)]
    pub(crate) number: u64,
}

/// How far one log has been read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub(crate) struct Cursor {
    /// The entry of the next item.
    #[n(0)]
    pub(crate) seq: u64,
    /// The item's index there.
    #[n(1)]
    pub(crate) index: u16,
    /// The stamp of the last entry before whose stamp is not doubtful.
    #[n(2)]
    pub(crate) steady: Option<Timestamp>,
}

/// What an item that was read is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An edit of a document, void or not: that says the document.
    Edit {
        /// The id of the document that it changes or makes.
        document: ItemId,
        /// The number of the document's schema, where this edit made it.
        makes: Option<u16>,
    },
    /// A word, and the rule by which it is void, if it is.
    Word(Judged),
    /// An item that shows nowhere: sealed, forgetting, of a newer version, by no member, an edit of
    /// no document.
    Other {
        /// The kind number of the item.
        kind: u16,
    },
}

/// Where an item stands and what it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Its place in the journal, by which it is told whether it counts.
    pub loc: Loc,
    /// All that is known of it without opening its entry.
    pub kind: Kind,
}

/// An item that waits, and for what.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Waiting {
    /// The place of the item that waits.
    #[n(0)]
    pub loc: Loc,
    /// The item that it builds on, which is not here.
    #[n(1)]
    pub missing: ItemId,
    /// The bytes that it takes up while it waits.
    #[n(2)]
    pub bytes: u64,
}

/// An item that waits, itself, with what of its entry it is read with: so that it is read once its
/// time comes, and not the whole entry each time.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct Held {
    #[n(0)]
    pub(crate) entry: EntryId,
    #[n(1)]
    pub(crate) stamp: Timestamp,
    #[n(2)]
    pub(crate) stands: Option<Timestamp>,
    #[n(3)]
    pub(crate) item: ContentItem,
}

impl Kind {
    /// The number of the schema of the document that this edit made.
    pub(crate) fn makes(&self) -> Option<u16> {
        match self {
            Self::Edit { makes, .. } => *makes,
            _ => None,
        }
    }
}
