mod converge;
mod fuzz;
mod rules;
mod schemas;

use log::{
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
mod zz_perf {
    use super::*;
    #[test]
    fn perf() {
        let mut desk = Desk::new(vec![put("t", shared(""))]);
        let id = desk.id();
        let long = "x".repeat(65536);
        for n in 0..32 {
            let t = std::time::Instant::now();
            let del = if n == 0 { 0 } else { 65536 };
            let p = desk.next(1, vec![splice(made(id, 0), 0, del, &long)]);
            if n % 4 == 0 || p != Played::Applied {
                eprintln!("{n} {p:?} direct {:?}", t.elapsed());
            }
        }
        let t = std::time::Instant::now();
        let last = desk.document.heads();
        desk.on(2, &[id], vec![put("a", Value::Null)]);
        eprintln!("small fork {:?}", t.elapsed());
        let t = std::time::Instant::now();
        eprintln!("{:?}", desk.on(3, &last, vec![put("b", Value::Null)]).1);
        eprintln!("big fork {:?}", t.elapsed());
        let t = std::time::Instant::now();
        let s = desk.document.save();
        eprintln!("save {} {:?}", s.len(), t.elapsed());
        let t = std::time::Instant::now();
        Document::load(&s).unwrap();
        eprintln!("load {:?}", t.elapsed());
    }
    #[test]
    fn perf_ops() {
        let mut desk = Desk::new(vec![put("m", Value::Map)]);
        let id = desk.id();
        let mut n = 0u64;
        loop {
            let ops = (0..1000)
                .map(|k| Operation::Put {
                    object: made(id, 0),
                    key: field(&(k % 900).to_string()),
                    value: Value::Int((n * 1000 + k) as i64),
                })
                .collect();
            let t = std::time::Instant::now();
            let p = desk.next(1, ops);
            n += 1;
            if n % 20 == 1 {
                eprintln!("{n} {p:?} direct {:?}", t.elapsed());
            }
            if p != Played::Applied {
                break;
            }
        }
        let last = desk.document.heads();
        desk.on(2, &[id], vec![put("a", Value::Null)]);
        let t = std::time::Instant::now();
        eprintln!("{:?}", desk.on(3, &last, vec![put("b", Value::Null)]).1);
        eprintln!("big fork {:?}", t.elapsed());
    }
    #[test]
    fn perf_small() {
        let mut desk = Desk::new(vec![put("m", Value::Map)]);
        let id = desk.id();
        let mut n = 0;
        loop {
            let t = std::time::Instant::now();
            let p = desk.next((n % 5) as u8, vec![put("x", Value::Int(n))]);
            n += 1;
            if n % 10000 == 1 {
                eprintln!("{n} {p:?} direct {:?}", t.elapsed());
            }
            if p != Played::Applied || n > 20000 {
                break;
            }
        }
        let last = desk.document.heads();
        desk.on(2, &[id], vec![put("a", Value::Null)]);
        let t = std::time::Instant::now();
        eprintln!("{:?}", desk.on(9, &last, vec![put("b", Value::Null)]).1);
        eprintln!("big fork {n} {:?}", t.elapsed());
    }
}
