//! Rows and their version: rows of another shape have another version, so that no program reads
//! what another one wrote.

use ledger::{
    Entry, Hash, Unknown,
    content_items::{ClaimState, ContentItem, Forget, GuestKey, Schema, Undone, WordBody},
};
use store::Table;

use super::{
    items::{
        at, claim, claim_body, edit, make_as, post, profile_body, put, reply, revise, text, title,
        undo, word,
    },
    node::Node,
    world::World,
};
use crate::ROWS_VERSION;

/// The version of the rows, and what they hash to. Whoever changes what rows say, adds a kind of
/// item, a word, a schema or a field that lists show raises `ROWS_VERSION` in `tables.rs`, and puts
/// what the test then says here: else the next start shows a person half of what they have.
const ROWS: (u8, &str) = (8, "4072b76d2a5405472c47af8da57e534f87da6034665afabb904b9cbc62445dc6");

/// One item of each kind.
fn of_each_kind(made: &Entry) -> Vec<ContentItem> {
    let kinds = [ContentItem::Forget(Forget { items: Default::default() })];
    let newer = ContentItem::Unknown(Unknown { kind: 77, payload: vec![0x80] });
    let (need, said) = (at(made, 1), at(made, 5));
    let mut items: Vec<_> = kinds.into_iter().chain([newer]).collect();
    items.extend([
        word(None, None, profile_body("Ana")),
        reply(said, "a reply"),
        revise(said, "said better"),
        claim(need, ClaimState::Offered),
        word(
            Some(need),
            None,
            WordBody::GuestKey(GuestKey { key: vec![1; 32].try_into().unwrap() }),
        ),
        word(None, None, WordBody::Unknown(Unknown { kind: 88, payload: vec![0x80] })),
        // Void: it undoes nothing, and says what only the other side says.
        word(None, None, WordBody::Undone(Undone {})),
        word(Some(need), None, claim_body(ClaimState::Accepted)),
        title(at(made, 0), vec![at(made, 0)], "another name"),
        edit(said, vec![], vec![put("of", text("no document"))]),
    ]);
    // Whoever adds a kind is told by these that it is to stand above.
    for item in &items {
        match item {
            ContentItem::Edit(_)
            | ContentItem::Word(_)
            | ContentItem::Sealed(_)
            | ContentItem::Forget(_)
            | ContentItem::Unknown(_) => {}
        }
        if let ContentItem::Word(word) = item {
            match word.body {
                WordBody::Post(_)
                | WordBody::Profile(_)
                | WordBody::Claim(_)
                | WordBody::Undone(_)
                | WordBody::GuestKey(_)
                | WordBody::Unknown(_) => {}
            }
        }
    }
    items
}

/// A document of each schema.
fn of_each_schema() -> Vec<ContentItem> {
    let schemas =
        [Schema::Campaign, Schema::Need, Schema::Space, Schema::AidList, Schema::Unknown(999)];
    for schema in schemas {
        match schema {
            Schema::Space
            | Schema::Campaign
            | Schema::Need
            | Schema::AidList
            | Schema::Unknown(_) => {}
        }
    }
    schemas.map(|schema| make_as(schema, "made")).into()
}

#[test]
fn rows_of_another_shape_have_another_version() {
    let mut world = World::new(1, 3);
    let (genesis, _) = world.found();
    let documents = [of_each_schema(), vec![post("said")]].concat();
    let made = world.write(0, 1, documents);
    let items = world.write(1, 2, of_each_kind(&made));
    // Dated after its time; on what is not here; of a second branch; and taken back.
    let doubtful = world.write(2, u64::MAX / 4, vec![post("tomorrow"), post("tomorrow too")]);
    let missing = world.write(0, 3, vec![post("missing")]);
    let waits = world.write(2, 4, vec![reply(at(&missing, 0), "to what is not here")]);
    let branch = world.fork(1, 0);
    let other = world.write(branch, 2, vec![post("with the same key"), undo(at(&made, 5))]);
    let mut node = Node::new(&world);
    node.take(&genesis);
    node.end(&world, &[]);
    node.take_and_read(&[&made, &items, &doubtful, &waits, &other]);
    node.end(&world, &[(2, 1)]);
    node.read();
    let rows = node.store.rows().filter(|(key, _)| key.table != Table::Documents);
    let told = rows.map(|(key, value)| format!("{key:?} {value:?}\n")).collect::<String>();
    let hash = Hash::of(told.as_bytes()).to_string();
    assert_eq!((ROWS_VERSION, &*hash), ROWS, "rows have another shape: raise their version");
}
