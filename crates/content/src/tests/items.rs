//! Items by hand.

use ledger::{
    Entry, ItemId, ItemRef,
    content_items::{
        Claim, ClaimState, ContentItem, Edit, Key, ObjectRef, Operation, Post, Profile, Schema,
        Undone, Value, Word, WordBody,
    },
};

/// The id of an item.
pub(super) fn id(entry: &Entry, index: u16) -> ItemId {
    ItemId::of(&entry.id, index)
}

/// An item by its place.
pub(super) fn at(entry: &Entry, index: u16) -> ItemRef {
    ItemRef::Id(id(entry, index))
}

pub(super) fn put(name: &str, value: Value) -> Operation {
    Operation::Put { object: ObjectRef::Root, key: Key::Field(name.try_into().unwrap()), value }
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.try_into().unwrap())
}

/// Makes a campaign with a title, a counter and a list (operation 2).
pub(super) fn make(title: &str) -> ContentItem {
    make_as(Schema::Campaign, title)
}

/// Makes a document with a title, a counter and a list (operation 2).
pub(super) fn make_as(schema: Schema, title: &str) -> ContentItem {
    let operations =
        vec![put("title", text(title)), put("n", Value::Counter(0)), put("tags", Value::List)];
    ContentItem::Edit(Edit {
        document: None,
        schema: Some(schema),
        heads: Default::default(),
        operations: operations.try_into().unwrap(),
    })
}

/// Edits a document.
pub(super) fn edit(
    document: ItemRef,
    heads: Vec<ItemRef>,
    operations: Vec<Operation>,
) -> ContentItem {
    let (heads, operations) = (heads.try_into().unwrap(), operations.try_into().unwrap());
    ContentItem::Edit(Edit { document: Some(document), schema: None, heads, operations })
}

/// Gives a campaign another title.
pub(super) fn title(document: ItemRef, heads: Vec<ItemRef>, to: &str) -> ContentItem {
    edit(document, heads, vec![put("title", text(to))])
}

pub(super) fn word(
    subject: Option<ItemRef>,
    replaces: Option<ItemRef>,
    body: WordBody,
) -> ContentItem {
    ContentItem::Word(Word { subject, replaces, body })
}

pub(super) fn post_body(text: &str) -> WordBody {
    WordBody::Post(Post { text: text.try_into().unwrap(), lang: None, campaign: None })
}

pub(super) fn post(text: &str) -> ContentItem {
    word(None, None, post_body(text))
}

pub(super) fn reply(to: ItemRef, text: &str) -> ContentItem {
    word(Some(to), None, post_body(text))
}

pub(super) fn revise(replaces: ItemRef, text: &str) -> ContentItem {
    word(None, Some(replaces), post_body(text))
}

pub(super) fn undo(replaces: ItemRef) -> ContentItem {
    word(None, Some(replaces), WordBody::Undone(Undone {}))
}

pub(super) fn profile_body(name: &str) -> WordBody {
    WordBody::Profile(Profile { name: name.try_into().unwrap() })
}

pub(super) fn profile(name: &str) -> ContentItem {
    word(None, None, profile_body(name))
}

pub(super) fn claim_body(state: ClaimState) -> WordBody {
    WordBody::Claim(Claim { state })
}

pub(super) fn claim(of: ItemRef, state: ClaimState) -> ContentItem {
    word(Some(of), None, claim_body(state))
}
