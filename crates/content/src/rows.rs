//! Rows of documents and of words, as lists have them.

use documents::{
    Document,
    campaign::{self, CampaignView},
    need::{self, NeedView},
    space::{self, SpaceView},
    words::Version,
};
use ledger::{
    EntryId, Hash, ItemId, MemberId, Timestamp,
    content_items::{Schema, WordBody},
};
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode, encode::Write};

use crate::place::Loc;

/// A document as lists have it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct DocumentRow {
    /// The id of the edit that made it.
    #[n(0)]
    pub id: ItemId,
    /// Where that edit stands.
    #[n(1)]
    pub loc: Loc,
    /// The entry of that edit.
    #[n(2)]
    pub entry: EntryId,
    /// When it was made, by its author's clock.
    #[n(3)]
    pub stamp: Timestamp,
    /// Its fields, those that show, as its schema has them.
    #[n(4)]
    pub view: DocumentView,
    /// The hash of its whole content, conflicts included.
    #[n(5)]
    pub content: Hash,
    /// Where it stands in lists, if its author's clock was in doubt when it came.
    #[n(6)]
    pub stands: Option<Timestamp>,
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
    /// Where the word stands.
    pub loc: Loc,
    /// The entry that holds it, on which items of the same body name each other.
    pub entry: EntryId,
    /// When it was said, by its author's clock.
    pub stamp: Timestamp,
    /// The member whose device wrote it.
    pub author: MemberId,
    /// What it is about; none for the space itself.
    pub subject: Option<ItemId>,
    /// The word of the same author that it replaces.
    pub replaces: Option<ItemId>,
    /// The word itself: a post, a name, a claim, or that an earlier one is undone.
    pub body: WordBody,
    /// The first word that it and those before it replace; itself, if it replaces none.
    pub root: ItemId,
    /// Where it stands in lists, if its author's clock was in doubt when it came.
    pub stands: Option<Timestamp>,
    /// Under which number a post's news was told last; none where it was not.
    pub cursor: Option<u64>,
}

/// What the store keeps of one: not what the rest says.
#[derive(Encode, Decode)]
struct KeptWord {
    #[n(0)]
    loc: Loc,
    #[n(1)]
    entry: EntryId,
    #[n(2)]
    stamp: Timestamp,
    #[n(3)]
    author: MemberId,
    #[n(4)]
    subject: Option<ItemId>,
    #[n(5)]
    replaces: Option<ItemId>,
    #[n(6)]
    body: WordBody,
    /// None where it is the first itself.
    #[n(7)]
    root: Option<ItemId>,
    #[n(8)]
    stands: Option<Timestamp>,
    #[n(9)]
    cursor: Option<u64>,
}

impl<C> Encode<C> for WordRow
where
    KeptWord: Encode<C>,
{
    fn encode<W: Write>(
        &self,
        encoder: &mut Encoder<W>,
        context: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        let Self { loc, entry, stamp, author, subject, replaces, stands, cursor, .. } = *self;
        let root = Some(self.root).filter(|root| *root != self.id);
        let body = self.body.clone();
        let kept =
            KeptWord { loc, entry, stamp, author, subject, replaces, body, root, stands, cursor };
        kept.encode(encoder, context)
    }
}

impl<'b, C> Decode<'b, C> for WordRow
where
    KeptWord: Decode<'b, C>,
{
    fn decode(decoder: &mut Decoder<'b>, context: &mut C) -> Result<Self, decode::Error> {
        let kept = KeptWord::decode(decoder, context)?;
        let KeptWord { loc, entry, stamp, author, subject, replaces, body, root, stands, cursor } =
            kept;
        let id = ItemId::of(&entry, loc.index);
        let root = root.unwrap_or(id);
        Ok(Self { id, loc, entry, stamp, author, subject, replaces, body, root, stands, cursor })
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
