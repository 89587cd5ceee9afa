//! `content_bodies.json`: every item of the content, every word, value and operation.

use ledger::{ItemRef, Unknown, content_items::*, encode};

use crate::{
    content_invalid,
    file::{Made, check, valid},
    fixed::*,
    read_body,
};

const KIND: &str = "content-body";

#[test]
fn content_bodies_hold() {
    let mut made = vec![valid(KIND, "no-items", vec![0x80])];
    made.extend(items().into_iter().map(|(name, item)| body(name, vec![item])));
    made.extend(
        words()
            .into_iter()
            .map(|(name, word)| body(&format!("word-{name}"), vec![ContentItem::Word(word)])),
    );
    made.extend(values().into_iter().map(|(name, value)| {
        let put = Operation::Put { object: ObjectRef::Root, key: field("a"), value };
        body(&format!("value-{name}"), vec![edit(vec![put])])
    }));
    made.extend(
        operations().into_iter().map(|(name, operation)| {
            body(&format!("operation-{name}"), vec![edit(vec![operation])])
        }),
    );
    made.extend(content_invalid::made(KIND));
    check("content_bodies.json", made, true, |_, _, bytes| {
        read_body::<ContentBody>(bytes, |body| body.iter().map(ContentItem::kind).collect())
    });
}

fn body(name: &str, items: Vec<ContentItem>) -> Made {
    valid(KIND, name, encode::<ContentBody>(&list(items)))
}

fn field(name: &str) -> Key {
    Key::Field(text(name))
}

fn edit(operations: Vec<Operation>) -> ContentItem {
    let heads = list(vec![reference(2)]);
    let document = Some(reference(1));
    ContentItem::Edit(Edit { document, schema: None, heads, operations: list(operations) })
}

fn items() -> Vec<(&'static str, ContentItem)> {
    let (subject, sealed) = (ItemRef::Here(0), blob(60));
    let sealed = Sealed { subject, seals: list(vec![sealed_secret(3), sealed_secret(4)]), sealed };
    let unknown = Unknown { kind: 65535, payload: vec![0x83, 0x40, 0xf6, 0x1a, 0, 1, 0, 0] };
    let both = vec![reference(2), ItemRef::Here(3)];
    let merges = Edit {
        document: Some(ItemRef::Here(0)),
        schema: None,
        heads: list(both),
        operations: list(vec![]),
    };
    vec![
        ("edit-space", makes(Schema::Space)),
        ("edit-campaign", makes(Schema::Campaign)),
        ("edit-need", makes(Schema::Need)),
        ("edit-aid-list", makes(Schema::AidList)),
        ("edit-unknown-schema", makes(Schema::Unknown(65535))),
        ("edit-that-merges", ContentItem::Edit(merges)),
        ("sealed", ContentItem::Sealed(sealed)),
        ("forget", ContentItem::Forget(Forget { items: list(vec![item(1), item(2)]) })),
        ("unknown-kind", ContentItem::Unknown(unknown)),
    ]
}

fn makes(schema: Schema) -> ContentItem {
    let value = Value::Text(text("Suppe"));
    let put = Operation::Put { object: ObjectRef::Root, key: field("title"), value };
    let (document, schema) = (None, Some(schema));
    ContentItem::Edit(Edit { document, schema, heads: list(vec![]), operations: list(vec![put]) })
}

fn words() -> Vec<(String, Word)> {
    let word = |body| Word { subject: Some(reference(1)), replaces: None, body };
    let post = |lang, campaign| {
        WordBody::Post(Post { text: text("Zwölf Portionen übrig 🥣"), lang, campaign })
    };
    let of_the_space = Word { subject: None, replaces: None, body: post(None, None) };
    let full = post(Some(text("de-DE")), Some(reference(5)));
    let full = Word { subject: Some(ItemRef::Here(1)), replaces: Some(reference(4)), body: full };
    let undone = WordBody::Undone(Undone {});
    let undone = Word { replaces: Some(reference(4)), ..word(undone) };
    let unknown = Unknown { kind: 5, payload: vec![0xa1, 0x00, 0x61, 0x61] };
    let mut words = vec![
        ("post".to_owned(), of_the_space),
        ("post-with-all".to_owned(), full),
        ("profile".to_owned(), word(WordBody::Profile(Profile { name: text("Ana") }))),
        ("undone".to_owned(), undone),
        ("guest-key".to_owned(), word(WordBody::GuestKey(GuestKey { key: blob(32) }))),
        ("unknown-kind".to_owned(), word(WordBody::Unknown(unknown))),
    ];
    use ClaimState::*;
    for state in [Offered, UnderWay, Done, Released, Accepted, Declined, Disputed] {
        let name = format!("claim-{state:?}").to_ascii_lowercase();
        words.push((name, word(WordBody::Claim(Claim { state }))));
    }
    words
}

fn values() -> Vec<(&'static str, Value)> {
    vec![
        ("null", Value::Null),
        ("false", Value::Bool(false)),
        ("true", Value::Bool(true)),
        ("int", Value::Int(24)),
        ("int-least", Value::Int(i64::MIN)),
        ("int-greatest", Value::Int(i64::MAX)),
        ("text", Value::Text(text("é\n\0"))),
        ("bytes", Value::Bytes(blob(24))),
        ("bytes-none", Value::Bytes(blob(0))),
        ("time", Value::Time(time(1))),
        ("counter", Value::Counter(-25)),
        ("map", Value::Map),
        ("list", Value::List),
        ("shared-text", Value::SharedText(text("Notizen"))),
    ]
}

fn operations() -> Vec<(&'static str, Operation)> {
    let object = ObjectRef::Made { edit: reference(3), number: 256 };
    let here = ObjectRef::Made { edit: ItemRef::Here(0), number: 0 };
    let (key, value) = (Key::Position(23), Value::Bool(true));
    let splice = Operation::Splice { object, position: 70_000, delete: 2, text: text("ja") };
    vec![
        ("put-in-a-map", Operation::Put { object: here, key: field(""), value: value.clone() }),
        ("put-in-a-list", Operation::Put { object, key: key.clone(), value: value.clone() }),
        ("insert", Operation::Insert { object, position: u32::MAX, value }),
        ("delete-a-field", Operation::Delete { object: ObjectRef::Root, key: field("title") }),
        ("delete-a-position", Operation::Delete { object, key: key.clone() }),
        ("increment", Operation::Increment { object: here, key, by: -1 }),
        ("splice", splice),
    ]
}
