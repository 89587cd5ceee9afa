mod converge;
mod fuzz;
mod rules;
mod schemas;
mod weights;

use ledger::{
    DeviceId, EntryId, ItemId, ItemRef,
    content_items::{Edit, Key, ObjectRef, Operation, Schema, Value},
};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use super::{Document, EditRule, Played};

/// A small seeded generator.
struct Random(ChaCha8Rng);

impl Random {
    fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() % bound as u64) as usize
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

fn device(number: u8) -> DeviceId {
    DeviceId::from_bytes([number; 32])
}

fn entry(number: u64) -> EntryId {
    EntryId::from_bytes(*ItemId::of(&EntryId::default(), number as u16).as_bytes())
}

fn void(rule: EditRule) -> Played {
    Played::Void(rule)
}

fn field(name: &str) -> Key {
    Key::Field(name.try_into().unwrap())
}

fn text(text: &str) -> Value {
    Value::Text(text.try_into().unwrap())
}

fn shared(text: &str) -> Value {
    Value::SharedText(text.try_into().unwrap())
}

fn put(name: &str, value: Value) -> Operation {
    Operation::Put { object: ObjectRef::Root, key: field(name), value }
}

fn splice(object: ObjectRef, position: u32, delete: u32, text: &str) -> Operation {
    Operation::Splice { object, position, delete, text: text.try_into().unwrap() }
}

fn insert(object: ObjectRef, position: u32, value: Value) -> Operation {
    Operation::Insert { object, position, value }
}

fn add(name: &str, by: i64) -> Operation {
    Operation::Increment { object: ObjectRef::Root, key: field(name), by }
}

/// What operation `number` of the edit made that the operation stands in.
fn own(number: u16) -> ObjectRef {
    ObjectRef::Made { edit: ItemRef::Here(0), number }
}

fn made(edit: ItemId, number: u16) -> ObjectRef {
    ObjectRef::Made { edit: ItemRef::Id(edit), number }
}

/// The edit that makes a document.
fn birth(operations: Vec<Operation>) -> Edit {
    Edit {
        document: None,
        schema: Some(Schema::Campaign),
        heads: Default::default(),
        operations: operations.try_into().unwrap(),
    }
}

fn edit(document: ItemId, heads: &[ItemId], operations: Vec<Operation>) -> Edit {
    let heads: Vec<_> = heads.iter().copied().map(ItemRef::Id).collect();
    Edit {
        document: Some(ItemRef::Id(document)),
        schema: None,
        heads: heads.try_into().unwrap(),
        operations: operations.try_into().unwrap(),
    }
}

/// A document, and the entries that its edits stand in.
struct Desk {
    document: Document,
    entries: u64,
}

impl Desk {
    fn new(operations: Vec<Operation>) -> Self {
        let id = ItemId::of(&entry(0), 0);
        let mut document = Document::new(id, Schema::Campaign);
        document.play(&device(0), id, entry(0), &birth(operations));
        Self { document, entries: 1 }
    }

    fn id(&self) -> ItemId {
        self.document.id()
    }

    /// Plays an edit of a device on these edits.
    fn on(&mut self, by: u8, heads: &[ItemId], operations: Vec<Operation>) -> (ItemId, Played) {
        let edit = edit(self.id(), heads, operations);
        self.play(by, &edit)
    }

    /// Plays an edit of a device on all that there is.
    fn next(&mut self, by: u8, operations: Vec<Operation>) -> Played {
        let heads = self.document.heads();
        self.on(by, &heads, operations).1
    }

    fn play(&mut self, by: u8, edit: &Edit) -> (ItemId, Played) {
        let entry = entry(self.entries);
        self.entries += 1;
        let id = ItemId::of(&entry, 0);
        (id, self.document.play(&device(by), id, entry, edit))
    }

    fn field(&self, name: &str) -> serde_json::Value {
        self.document.canonical()["map"][name].clone()
    }
}
