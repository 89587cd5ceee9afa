//! The same edits in any causal order make the same document.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

const AUTHORS: usize = 5;
const EDITS: usize = 60;
const HISTORIES: u64 = 120;

/// An edit, and the edits that have to be played before it.
struct Written {
    id: ItemId,
    author: DeviceId,
    entry: EntryId,
    edit: Edit,
    after: Vec<usize>,
    played: Played,
}

/// What one author has.
struct Replica {
    document: Document,
    has: BTreeSet<usize>,
    own_last: Option<usize>,
}

struct History {
    random: Random,
    document: ItemId,
    written: Vec<Written>,
    replicas: Vec<Replica>,
}

impl History {
    fn generate(seed: u64) -> Self {
        let document = ItemId::of(&entry(0), 0);
        let replica = || Replica {
            document: Document::new(document, Schema::Campaign),
            has: BTreeSet::new(),
            own_last: None,
        };
        let replicas = (0..AUTHORS).map(|_| replica()).collect();
        let mut history =
            Self { random: Random::new(seed), document, written: Vec::new(), replicas };
        history.write(0);
        while history.written.len() < EDITS {
            let author = history.random.below(AUTHORS);
            if history.random.one_in(3) {
                let what = history.random.below(history.written.len());
                history.receive(author, what);
            } else {
                history.receive(author, 0);
                history.write(author);
            }
        }
        history
    }

    /// Plays an edit to an author, and before it all that it needs.
    fn receive(&mut self, author: usize, what: usize) {
        if self.replicas[author].has.contains(&what) {
            return;
        }
        for before in self.written[what].after.clone() {
            self.receive(author, before);
        }
        let (written, replica) = (&self.written[what], &mut self.replicas[author]);
        let Written { id, author, entry, edit, .. } = written;
        let played = replica.document.play(author, *id, *entry, edit);
        assert_eq!(played, written.played, "two authors judge an edit differently");
        replica.has.insert(what);
    }

    fn write(&mut self, by: usize) {
        let number = self.written.len();
        let (edit, mut after) =
            if number == 0 { (birth(self.operations(by)), Vec::new()) } else { self.change(by) };
        let (author, entry) = (device(by as u8), entry(number as u64));
        let id = ItemId::of(&entry, 0);
        let replica = &mut self.replicas[by];
        after.extend(replica.own_last);
        let played = replica.document.play(&author, id, entry, &edit);
        replica.has.insert(number);
        replica.own_last = Some(number);
        self.written.push(Written { id, author, entry, edit, after, played });
    }

    /// An edit on the author's heads, or on anything else that they have; sometimes on nothing
    /// that there is.
    fn change(&mut self, by: usize) -> (Edit, Vec<usize>) {
        let mut heads = self.replicas[by].document.heads().into_inner();
        if self.random.one_in(6) {
            let has: Vec<_> = self.replicas[by].has.iter().copied().collect();
            let count = 1 + self.random.below(3);
            heads = (0..count).map(|_| self.written[*self.random.pick(&has)].id).collect();
        }
        let after = self.written.iter().enumerate().filter(|(_, one)| heads.contains(&one.id));
        let after = after.map(|(at, _)| at).collect();
        if self.random.one_in(40) {
            heads.push(ItemId::from_bytes([9; 32]));
        }
        let document =
            if self.random.one_in(60) { ItemId::from_bytes([8; 32]) } else { self.document };
        (edit(document, &heads, self.operations(by)), after)
    }

    fn operations(&mut self, by: usize) -> Vec<Operation> {
        let count = self.random.below(5);
        (0..count).map(|at| self.operation(by, at as u16)).collect()
    }

    fn operation(&mut self, by: usize, at: u16) -> Operation {
        let (object, hint) = self.object(by, at);
        let key = match (&hint, self.random.below(40)) {
            (Some(Value::List), 1..) | (_, 0) => Key::Position(self.position()),
            _ => {
                let names = ["a", "b", "c", "d", "e", "ä", "a", "b", "c", "d", ""];
                let name = names[self.random.below(names.len())];
                field(name)
            }
        };
        let kind = match hint {
            Some(Value::List) => *self.random.pick(&[0, 1, 1, 1, 1, 1, 2, 3]),
            Some(Value::SharedText(_)) => *self.random.pick(&[4, 4, 4, 4, 4, 4, 4, 4, 4, 0]),
            _ if self.random.one_in(15) => *self.random.pick(&[1, 4]),
            _ => *self.random.pick(&[0, 0, 0, 0, 2, 3]),
        };
        match kind {
            0 => Operation::Put { object, key, value: self.value() },
            1 => Operation::Insert { object, position: self.position(), value: self.value() },
            2 => Operation::Delete { object, key },
            3 => {
                let by = *self.random.pick(&[1, -1, 7, 1 << 32, i64::MIN, i64::MAX]);
                Operation::Increment { object, key, by }
            }
            _ => {
                let text = *self.random.pick(&["", "x", "héllo", "👩‍🌾", "日本語", "\u{0}\n"]);
                let position = self.position();
                let delete = *self.random.pick(&[0, 0, 0, 0, 0, 0, 1, 1, 2, u32::MAX]);
                splice(object, position, delete, text)
            }
        }
    }

    fn position(&mut self) -> u32 {
        *self.random.pick(&[0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 5, u32::MAX])
    }

    /// The root, or something made by any edit, there or not, and what it was made as.
    fn object(&mut self, by: usize, at: u16) -> (ObjectRef, Option<Value>) {
        if at > 0 && self.random.one_in(4) {
            return (own(self.random.below(usize::from(at) + 1) as u16), None);
        }
        if self.random.one_in(3) || self.written.is_empty() {
            return (ObjectRef::Root, None);
        }
        if self.random.one_in(20) {
            let written = self.random.below(self.written.len());
            return (made(self.written[written].id, self.random.below(6) as u16), None);
        }
        let has = self.replicas[by].has.iter().map(|at| &self.written[*at]);
        let mut objects = Vec::new();
        for written in has.filter(|written| written.played == Played::Applied) {
            for (number, operation) in (0..).zip(&written.edit.operations) {
                match operation {
                    Operation::Put { value, .. } | Operation::Insert { value, .. } => {
                        if matches!(value, Value::Map | Value::List | Value::SharedText(_)) {
                            objects.push((made(written.id, number), Some(value.clone())));
                        }
                    }
                    _ => {}
                }
            }
        }
        if objects.is_empty() {
            (ObjectRef::Root, None)
        } else {
            self.random.pick(&objects).clone()
        }
    }

    fn value(&mut self) -> Value {
        match self.random.below(13) {
            0 => Value::Null,
            1 => Value::Bool(true),
            2 => Value::Int(*self.random.pick(&[0, 1, i64::MIN, i64::MAX])),
            3 if self.random.one_in(15) => text(&"long".repeat(15_000)),
            3 => text(["", "x", "größer"][self.random.below(3)]),
            4 => Value::Bytes(vec![1, 2].try_into().unwrap()),
            5 => Value::Time(ledger::Timestamp::from_ms(1 << 52)),
            6 => Value::Counter(*self.random.pick(&[0, 5, -5, 1 << 32, i64::MAX, i64::MIN])),
            7 | 8 => Value::Map,
            9 | 10 => Value::List,
            _ => shared(["", "abc", "日本"][self.random.below(3)]),
        }
    }

    /// Plays all edits in another order that respects what comes after what.
    fn replay(&mut self, save: bool) -> Document {
        let mut document = Document::new(self.document, Schema::Campaign);
        let mut played = BTreeSet::new();
        while played.len() < self.written.len() {
            let is_ready = |at: &usize| {
                !played.contains(at)
                    && self.written[*at].after.iter().all(|before| played.contains(before))
            };
            let ready: Vec<_> = (0..self.written.len()).filter(is_ready).collect();
            let at = *self.random.pick(&ready);
            let Written { id, author, entry, edit, .. } = &self.written[at];
            let outcome = document.play(author, *id, *entry, edit);
            assert_eq!(outcome, self.written[at].played, "another order judges differently");
            played.insert(at);
            if save && self.random.one_in(10) {
                let loaded = Document::load(&document.save()).unwrap();
                assert_eq!(loaded.edits, document.edits);
                assert_eq!(loaded.last, document.last);
                document = loaded;
            }
        }
        document
    }
}

#[test]
fn the_same_edits_make_the_same_document_in_any_causal_order() {
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..HISTORIES {
        let mut history = History::generate(seed);
        let first = history.replay(false);
        for save in [false, true] {
            let other = history.replay(save);
            assert_eq!(other.canonical(), first.canonical(), "seed {seed}");
            assert_eq!(other.automerge.get_heads(), first.automerge.get_heads(), "seed {seed}");
            assert_eq!(other.heads(), first.heads(), "seed {seed}");
            assert_eq!(other.edits, first.edits, "seed {seed}");
        }
        for author in 0..AUTHORS {
            for what in 0..EDITS {
                history.receive(author, what);
            }
            let replica = &history.replicas[author].document;
            assert_eq!(replica.canonical(), first.canonical(), "seed {seed}");
        }
        for written in &history.written {
            *outcomes.entry(format!("{:?}", written.played)).or_default() += 1;
        }
    }
    // The generator reaches what it is for.
    let all = HISTORIES as usize * EDITS;
    assert!(outcomes["Applied"] > all / 3, "{outcomes:?}");
    use EditRule::*;
    for rule in [
        OtherDocument,
        ForeignHead,
        UnknownObject,
        WrongType,
        OutOfRange,
        NoCounter,
        CounterStep,
        Full,
    ] {
        let name = format!("{:?}", Played::Void(rule));
        assert!(outcomes.get(&name).is_some_and(|count| *count > 10), "{name} in {outcomes:?}");
    }
    assert!(!outcomes.contains_key("Void(Unmergeable)"), "{outcomes:?}");
}
