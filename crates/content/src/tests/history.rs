//! Random histories, with logs that fork: whatever the order in which entries and ends come, and
//! wherever the process dies, a node shows what one shows that read everything afresh under the
//! same roll.

use ledger::{
    Entry, ItemId, ItemRef, Unknown,
    content_items::{ClaimState, ContentItem, Key, ObjectRef, Operation, Schema, Value, WordBody},
};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use super::{
    items::{claim_body, edit, id, make_as, post_body, profile_body, put, text, undo, word},
    node::Node,
    world::World,
};

const HISTORIES: u64 = 300;

struct Random(ChaCha8Rng);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() % bound as u64) as usize
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        (!from.is_empty()).then(|| from[self.below(from.len())])
    }
}

/// What there is to build on.
#[derive(Default)]
struct Known {
    /// Edits by their document.
    edits: Vec<(ItemId, ItemId)>,
    documents: Vec<ItemId>,
    words: Vec<ItemId>,
    claims: Vec<ItemId>,
}

struct History {
    random: Random,
    world: World,
    known: Known,
    stamp: u64,
}

impl History {
    fn new(seed: u64) -> Self {
        let mut random = Random(ChaCha8Rng::seed_from_u64(seed));
        let authors = 2 + random.below(4);
        let world = World::new(seed, authors);
        let mut history = Self { random, world, known: Known::default(), stamp: 0 };
        for _ in 0..8 + history.random.below(24) {
            if history.random.one_in(8) {
                history.fork();
            }
            history.entry();
        }
        history
    }

    /// Somebody's home is copied, or went back to an older copy.
    fn fork(&mut self) {
        let log = self.random.below(self.world.logs.len());
        let author = self.world.first_log_of(log);
        let at = self.random.below(self.world.logs[log].len() + 1);
        let branch = self.world.fork(author, 0);
        self.world.logs[branch] = self.world.logs[log][..at].to_vec();
    }

    fn entry(&mut self) {
        // Clocks stand still and go back.
        self.stamp = (self.stamp + self.random.below(4) as u64).saturating_sub(1);
        let author = self.random.below(self.world.keys.len());
        let items: Vec<_> = (0..1 + self.random.below(3)).map(|n| self.item(n)).collect();
        let entry = self.world.write(author, self.stamp, items.clone());
        for (index, item) in (0..).zip(&items) {
            self.learn(&entry, index, item);
        }
    }

    fn learn(&mut self, entry: &Entry, index: u16, item: &ContentItem) {
        let id = id(entry, index);
        match item {
            ContentItem::Edit(edit) => {
                let document = edit.document.map_or(id, |document| document.resolve(&entry.id));
                self.known.edits.push((document, id));
                if edit.document.is_none() {
                    self.known.documents.push(id);
                }
            }
            ContentItem::Word(word) => {
                self.known.words.push(id);
                if matches!(word.body, WordBody::Claim(_)) {
                    self.known.claims.push(id);
                }
            }
            _ => {}
        }
    }

    fn item(&mut self, index: usize) -> ContentItem {
        let (document, any) = (self.random.pick(&self.known.documents), self.any());
        match (self.random.below(12), document) {
            (0, _) | (1..=5, None) => {
                let is_need = self.random.one_in(2);
                make_as(if is_need { Schema::Need } else { Schema::Campaign }, "made")
            }
            (1..=5, Some(document)) => self.edit(document),
            (6, Some(document)) => self.claim(document),
            (7, _) => match self.random.pick(&self.known.claims) {
                Some(claim) => self.claim(claim),
                None => word(None, None, profile_body("first name")),
            },
            (8, _) => match self.random.pick(&self.known.words) {
                Some(replaced) if self.random.one_in(2) => undo(ItemRef::Id(replaced)),
                Some(replaced) => word(any, Some(ItemRef::Id(replaced)), self.body()),
                None => word(None, None, self.body()),
            },
            (9, _) if index > 0 => word(Some(ItemRef::Here(index as u16 - 1)), None, self.body()),
            (10, _) => ContentItem::Unknown(Unknown { kind: 70, payload: vec![0x80] }),
            _ => word(any, None, self.body()),
        }
    }

    fn any(&mut self) -> Option<ItemRef> {
        let edit = self.random.pick(&self.known.edits).map(|(_, edit)| edit);
        let word = self.random.pick(&self.known.words);
        let id = if self.random.one_in(2) { edit } else { word };
        id.filter(|_| self.random.one_in(2)).map(ItemRef::Id)
    }

    fn body(&mut self) -> WordBody {
        match self.random.below(4) {
            0 => profile_body(&format!("name {}", self.random.below(9))),
            1 => claim_body(ClaimState::Offered),
            _ => post_body(&format!("post {}", self.random.below(9))),
        }
    }

    fn claim(&mut self, of: ItemId) -> ContentItem {
        use ClaimState::{Accepted, Disputed, Done, Offered, Released};
        let state = self.random.pick(&[Accepted, Disputed, Done, Offered, Released]).unwrap();
        word(Some(ItemRef::Id(of)), None, claim_body(state))
    }

    /// An edit on any of the document's edits that there are, one of them or a few.
    fn edit(&mut self, document: ItemId) -> ContentItem {
        let of = |(of, edit): &(ItemId, ItemId)| (*of == document).then_some(ItemRef::Id(*edit));
        let edits: Vec<_> = self.known.edits.iter().filter_map(of).collect();
        let mut heads = Vec::new();
        for _ in 0..1 + self.random.below(3) {
            heads.extend(self.random.pick(&edits));
        }
        let number = self.random.below(9);
        let tags = ObjectRef::Made { edit: ItemRef::Id(document), number: 2 };
        let value = text(&format!("value {number}"));
        let operation = match self.random.below(5) {
            0 => Operation::Increment {
                object: ObjectRef::Root,
                key: Key::Field("n".try_into().unwrap()),
                by: number as i64,
            },
            1 => Operation::Insert { object: tags, position: 0, value },
            2 => put("new", Value::Map),
            3 => Operation::Delete { object: tags, key: Key::Position(number as u32 / 4) },
            _ => put(["title", "goal", "place"][number % 3], value),
        };
        let mut item = edit(ItemRef::Id(document), heads, vec![operation]);
        if let (ContentItem::Edit(edit), true) = (&mut item, self.random.one_in(30)) {
            edit.schema = Some(Schema::Need);
        }
        item
    }

    fn ends(&mut self) -> Vec<(usize, u64)> {
        let authors = self.world.keys.len();
        let mut ends = Vec::new();
        for author in 0..authors {
            let length = self.world.logs[author].len();
            if self.random.one_in(2) {
                ends.push((author, self.random.below(length + 1) as u64));
            }
        }
        ends
    }

    /// A node to which all entries came, in some order, while ends came, moved and went, and
    /// which died and started now and then.
    fn lived_through(&mut self, last: &[(usize, u64)]) -> Node {
        let mut node = Node::new(&self.world);
        let mut left: Vec<usize> =
            self.world.logs.iter().enumerate().flat_map(|(n, log)| vec![n; log.len()]).collect();
        let mut next = vec![0; self.world.logs.len()];
        while !left.is_empty() {
            match self.random.below(14) {
                0..=6 => {
                    let log = left.swap_remove(self.random.below(left.len()));
                    node.take(&self.world.logs[log][next[log]]);
                    next[log] += 1;
                }
                7 => {
                    let ends = self.ends();
                    node.end(&self.world, &ends);
                }
                8 => node.reopen(),
                9 => {
                    let ends = self.ends();
                    let roll = self.world.roll(&ends);
                    node.reopen_under(roll);
                }
                _ => _ = node.slice(1 + self.random.below(6)),
            }
        }
        node.end(&self.world, last);
        for _ in 0..self.random.below(4) {
            node.slice(1);
            node.reopen();
        }
        node.read();
        node
    }
}

/// Lives through these histories, each twice in an order of its own.
fn live_through(seeds: impl Iterator<Item = u64>) {
    for seed in seeds {
        let mut history = History::new(seed);
        let ends = history.ends();
        let mut one = history.lived_through(&ends);
        let mut two = history.lived_through(&ends);
        let shown = one.shown();
        assert_eq!(shown, one.read_afresh().shown(), "seed {seed}");
        assert_eq!(shown, two.shown(), "seed {seed}");
        assert_eq!(
            one.replica.frontier(ledger::Journal::Content),
            two.replica.frontier(ledger::Journal::Content)
        );
    }
}

// Two tests, as tests run beside each other.

#[test]
fn any_order_of_entries_and_ends_shows_what_reading_afresh_shows() {
    live_through((0..HISTORIES).step_by(2));
}

#[test]
fn any_other_order_of_entries_and_ends_does_too() {
    live_through((1..HISTORIES).step_by(2));
}
