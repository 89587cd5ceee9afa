//! What rows keep of items, of documents, and of what was told.

use documents::{
    Document,
    campaign::{self, CampaignView},
    need::{self, NeedView},
    space::{self, SpaceView},
    words::{Judged, Version, WordRule},
};
use ledger::{
    EntryId, Hash, ItemId, Timestamp,
    content_items::{Schema, WordBody},
};
use minicbor::{Decode, Encode};
use replica::Log;
use store::StoreError;

use crate::{
    logs::Logs,
    place::{Kind, Loc, Spot},
};

/// What is kept of an item that was read.
#[derive(Encode, Decode)]
pub(crate) struct ItemRow {
    /// Its entry: with the item's index there, its id.
    #[n(0)]
    pub(crate) entry: EntryId,
    /// What it is.
    #[n(1)]
    pub(crate) is: ItemIs,
}

/// What an item is, as its row has it.
#[derive(Encode, Decode)]
#[cbor(flat)]
pub(crate) enum ItemIs {
    /// An edit of a document; of the one that it makes, if it names none.
    #[n(0)]
    Edit {
        #[n(0)]
        document: Option<ItemId>,
        #[n(1)]
        makes: Option<u16>,
    },
    /// A word.
    #[n(1)]
    Word(#[n(0)] KeptWord),
    /// What shows nowhere, by the number of its kind.
    #[n(2)]
    Other {
        #[n(0)]
        kind: u16,
    },
}

/// A word that was judged.
#[derive(Encode, Decode)]
pub(crate) struct KeptWord {
    #[n(0)]
    pub(crate) stamp: Timestamp,
    /// The kind number of its slot.
    #[n(1)]
    pub(crate) kind: u16,
    /// None where it stands in no slot.
    #[n(2)]
    pub(crate) says: Option<Says>,
    #[n(3)]
    pub(crate) cursor: Option<u64>,
    #[n(4)]
    pub(crate) subject: Option<ItemId>,
    #[n(5)]
    pub(crate) replaces: Option<ItemId>,
    /// None where it is the first itself.
    #[n(6)]
    pub(crate) root: Option<ItemId>,
    #[n(7)]
    pub(crate) stands: Option<Timestamp>,
    #[n(8)]
    pub(crate) rule: Option<WordRule>,
}

/// What a word says, as far as rows have it: the text of a post stands in its entry alone.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum Says {
    /// A post.
    #[n(0)]
    Post {
        /// The campaign that it belongs to.
        #[n(0)]
        campaign: Option<ItemId>,
    },
    /// A name, a claim, a key, or that an earlier word is undone.
    #[n(1)]
    Other(#[n(0)] WordBody),
}

/// A document as lists have it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DocumentRow {
    /// The id of the edit that made it.
    pub id: ItemId,
    /// Where that edit stands.
    pub loc: Loc,
    /// The entry of that edit.
    pub entry: EntryId,
    /// When it was made, by its author's clock.
    pub stamp: Timestamp,
    /// Its fields, those that show, as its schema has them.
    pub view: DocumentView,
    /// The hash of its whole content, conflicts included.
    pub content: Hash,
    /// Where it stands in lists, if its author's clock was in doubt when it came.
    pub stands: Option<Timestamp>,
}

/// What the store keeps of one.
#[derive(Encode, Decode)]
pub(crate) struct KeptDocument {
    #[n(0)]
    spot: Spot,
    #[n(1)]
    entry: EntryId,
    #[n(2)]
    stamp: Timestamp,
    #[n(3)]
    view: DocumentView,
    #[n(4)]
    content: Hash,
    #[n(5)]
    stands: Option<Timestamp>,
}

/// Some notices of posts that were told, in the order of their numbers.
#[derive(Encode, Decode, Default)]
pub(crate) struct Chunk {
    /// The logs, and how many entries of each had been read by then.
    #[n(0)]
    pub(crate) logs: Vec<(Log, u64)>,
    /// The number of each notice, which of the logs its word stands in, and where there.
    #[n(1)]
    pub(crate) notices: Vec<(u64, u32, u64)>,
}

/// What a document shows.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum DocumentView {
    /// The fields of a campaign.
    #[n(0)]
    Campaign(#[n(0)] CampaignView),
    /// The fields of a need; its claims are words.
    #[n(1)]
    Need(#[n(0)] NeedView),
    /// The name that a space's document gives it, empty where it gives none.
    #[n(2)]
    Space(#[n(0)] String),
    /// Something that this version does not show.
    #[n(3)]
    Other,
}

/// Where and when a document was made: what of its row no later edit changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made {
    pub(crate) loc: Loc,
    pub(crate) entry: EntryId,
    pub(crate) stamp: Timestamp,
    pub(crate) stands: Option<Timestamp>,
}

/// A word that holds, as lists have it; whether it counts is asked of its place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WordRow {
    /// The word's id.
    pub id: ItemId,
    /// Where the word stands, and so whose it is.
    pub loc: Loc,
    /// When it was said, by its author's clock.
    pub stamp: Timestamp,
    /// What it is about; none for the space itself.
    pub subject: Option<ItemId>,
    /// The word of the same author that it replaces.
    pub replaces: Option<ItemId>,
    /// What it says.
    pub says: Says,
    /// The first word that it and those before it replace; itself, if it replaces none.
    pub root: ItemId,
    /// Where it stands in lists, if its author's clock was in doubt when it came.
    pub stands: Option<Timestamp>,
    /// Under which number a post's news was told last; none where it was not.
    pub cursor: Option<u64>,
}

impl ItemRow {
    /// The item's id, where it stands at `loc`.
    pub(crate) fn id(&self, loc: &Loc) -> ItemId {
        ItemId::of(&self.entry, loc.index)
    }

    /// What the item `id` is.
    pub(crate) fn kind(&self, id: ItemId) -> Kind {
        match &self.is {
            ItemIs::Edit { document, makes } => {
                Kind::Edit { document: document.unwrap_or(id), makes: *makes }
            }
            ItemIs::Word(word) => Kind::Word(word.judged(id)),
            ItemIs::Other { kind } => Kind::Other { kind: *kind },
        }
    }

    /// The word that it is, if it stands in a slot.
    pub(crate) fn word(self, loc: Loc) -> Option<WordRow> {
        let id = self.id(&loc);
        let ItemIs::Word(word) = self.is else { return None };
        let KeptWord { stamp, says, cursor, subject, replaces, root, stands, .. } = word;
        let (says, root) = (says?, root.unwrap_or(id));
        Some(WordRow { id, loc, stamp, subject, replaces, says, root, stands, cursor })
    }
}

impl KeptWord {
    pub(crate) fn judged(&self, id: ItemId) -> Judged {
        let Self { kind, subject, root, rule, .. } = *self;
        Judged { kind, subject, root: root.unwrap_or(id), rule }
    }
}

impl Chunk {
    /// Each notice's number, and the word that it was about.
    pub(crate) fn notices(self) -> impl Iterator<Item = (u64, Loc)> {
        let Self { logs, notices } = self;
        let place = move |(number, log, place): (u64, u32, u64)| {
            let (log, _) = logs.get(log as usize)?;
            Some((number, Loc::of(*log, place)))
        };
        notices.into_iter().filter_map(place)
    }
}

impl KeptDocument {
    pub(crate) fn of(row: DocumentRow, logs: &Logs) -> Self {
        let DocumentRow { loc, entry, stamp, view, content, stands, .. } = row;
        Self { spot: logs.spot(&loc), entry, stamp, view, content, stands }
    }

    pub(crate) fn row(self, logs: &Logs) -> Result<DocumentRow, StoreError> {
        let Self { spot, entry, stamp, view, content, stands } = self;
        let loc = logs.loc(spot)?;
        let id = ItemId::of(&entry, loc.index);
        Ok(DocumentRow { id, loc, entry, stamp, view, content, stands })
    }
}

impl DocumentView {
    pub(crate) fn of(document: &Document) -> Self {
        match document.schema() {
            Schema::Campaign => Self::Campaign(campaign::view(document)),
            Schema::Need => Self::Need(need::view(document)),
            Schema::Space => {
                let SpaceView { name, .. } = space::view(document);
                Self::Space(name)
            }
            _ => Self::Other,
        }
    }
}

impl DocumentRow {
    /// The row of a document, with what it shows now.
    pub(crate) fn of(document: &Document, made: Made) -> Self {
        let Made { loc, entry, stamp, stands } = made;
        let content = Hash::of(document.canonical().to_string().as_bytes());
        let view = DocumentView::of(document);
        Self { id: document.id(), loc, entry, stamp, view, content, stands }
    }

    /// The time at which it stands in lists.
    pub fn listed_at(&self) -> Timestamp {
        self.stands.unwrap_or(self.stamp)
    }

    /// Where and when its document was made.
    pub(crate) fn made(&self) -> Made {
        Made { loc: self.loc, entry: self.entry, stamp: self.stamp, stands: self.stands }
    }
}

impl WordRow {
    /// The time at which it stands in lists.
    pub fn listed_at(&self) -> Timestamp {
        self.stands.unwrap_or(self.stamp)
    }

    pub(crate) fn version(&self) -> Version {
        Version {
            id: self.id,
            device: self.loc.device,
            place: (self.loc.seq, self.loc.index),
            stamp: self.stamp,
            replaces: self.replaces,
        }
    }
}
