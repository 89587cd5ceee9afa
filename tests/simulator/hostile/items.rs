//! Items that a hostile member writes, each of which an engine would not: many, large, or on what
//! is not theirs.

use ledger::{
    Blob, Bounded, DeviceId, EntryId, Hash, ItemId, ItemRef, NodeKey, PeerId, SealKey, SpaceId,
    Timestamp,
    charter_items::{Act, Admit, Approve, Card, CharterItem, Invite, Propose, Report},
    content_items::{ContentItem, Edit, Operation, Post, Profile, Word, WordBody},
};

fn word(subject: Option<ItemRef>, body: WordBody) -> ContentItem {
    ContentItem::Word(Word { subject, replaces: None, body })
}

pub(crate) fn post_on(subject: Option<ItemRef>, text: &str) -> ContentItem {
    let text = text.try_into().unwrap();
    word(subject, WordBody::Post(Post { text, lang: None, campaign: None }))
}

pub(crate) fn post(text: &str) -> ContentItem {
    post_on(None, text)
}

/// A post under something that nobody has, so that it waits for ever.
pub(crate) fn waiting(text: &str) -> ContentItem {
    post_on(Some(ItemRef::Id(ItemId::from_bytes([9; 32]))), text)
}

pub(crate) fn renaming(name: &str) -> ContentItem {
    word(None, WordBody::Profile(Profile { name: name.try_into().unwrap() }))
}

pub(crate) fn edit(document: ItemId, on: ItemRef, operations: Vec<Operation>) -> ContentItem {
    ContentItem::Edit(Edit {
        document: Some(ItemRef::Id(document)),
        schema: None,
        heads: Bounded::one(on),
        operations: operations.try_into().unwrap(),
    })
}

/// Edits of a document that change nothing, side by side.
pub(crate) fn empty_edits(document: ItemId, edits: u64) -> Vec<ContentItem> {
    (0..edits).map(|_| edit(document, ItemRef::Id(document), Vec::new())).collect()
}

/// A post of so many hashes: 64 bytes each, of which half cannot be compressed away.
pub(crate) fn filler(name: &str, hashes: usize) -> ContentItem {
    let hashes = (0..hashes).map(|k| Hash::of(format!("{name} {k}").as_bytes()));
    let text: String = hashes.map(|hash| hash.to_string()).collect();
    post(&text)
}

/// 4 kB of charter each.
pub(crate) fn reports(reports: u8) -> Vec<CharterItem> {
    let report = |n: u8| {
        let text: Blob<_> = vec![n; 4_000].try_into().unwrap();
        CharterItem::Report(Report { mandate: ItemId::from_bytes([n; 32]), text })
    };
    (0..reports).map(report).collect()
}

pub(crate) fn invite(ticket: DeviceId, expires: Timestamp, knocks_max: u32) -> CharterItem {
    CharterItem::Invite(Invite { ticket, expires, knocks_max })
}

/// So many proposals to admit one knock, all approved.
pub(crate) fn proposals(knock: EntryId, proposals: usize) -> Vec<CharterItem> {
    let admit = || CharterItem::Propose(Propose { act: Act::Admit(Admit { knock }), reason: None });
    let approve = (0..proposals as u16).map(ItemRef::Here).collect::<Vec<_>>();
    let mut items: Vec<_> = (0..proposals).map(|_| admit()).collect();
    items.push(CharterItem::Approve(Approve { acts: approve.try_into().unwrap() }));
    items
}

/// A card that this node signs, and that claims the PeerId of another.
pub(crate) fn borrowed_card(
    node: &NodeKey,
    claims: &PeerId,
    space: &SpaceId,
    device: &DeviceId,
) -> CharterItem {
    let card = Card::sign(node, SealKey::from_bytes([1; 32]), space, device);
    CharterItem::Card(Card { peer: claims.clone(), ..card })
}
