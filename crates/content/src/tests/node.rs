//! A member's home that is given a roll, and all that it shows.

use std::{collections::BTreeMap, sync::Arc};

use charter::Roll;
use documents::claims::ClaimRow;
use ledger::{Entry, ItemId, Run, Timestamp, content_items::Schema};
use replica::Replica;
use store::{Batch, Direction, MemoryStore, Store, StoreError};

use super::world::{World, secret};
use crate::{Content, DocumentRow, Fingerprint, Loc, News, ShownPost, Wanted};

/// One member's home.
pub(super) struct Node {
    pub(super) store: MemoryStore,
    pub(super) replica: Replica,
    pub(super) content: Content,
    /// What its clock shows.
    pub(super) now: Timestamp,
}

/// All that a node shows, and what waits.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Shown {
    documents: Vec<(DocumentRow, Vec<ItemId>, String)>,
    posts: BTreeMap<ItemId, ShownPost>,
    claims: Vec<ClaimRow>,
    names: Vec<Option<String>>,
    fingerprint: Fingerprint,
    waiting: Vec<Loc>,
    unread: u64,
}

impl ShownPost {
    /// Its text; none where it says nothing.
    pub(super) fn text(&self) -> Option<String> {
        self.says.post().map(|post| post.text.to_string())
    }
}

impl Shown {
    /// The only document, whole.
    pub(super) fn document(&self) -> &str {
        let [(.., document)] = self.documents.as_slice() else { panic!("{self:?}") };
        document
    }
}

impl Node {
    /// A home that holds the first epoch's secret.
    pub(super) fn new(world: &World) -> Self {
        let mut node = Self::without_key(world);
        node.learn(1);
        node
    }

    pub(super) fn without_key(world: &World) -> Self {
        let store = MemoryStore::default();
        let mut replica = Replica::open(&store, world.space).unwrap();
        replica.set_roll(world.roll(&[]));
        let content = Content::open(&store, &replica).unwrap();
        Self { store, replica, content, now: Timestamp::default() }
    }

    pub(super) fn learn(&mut self, epoch: u8) {
        let mut batch = Batch::default();
        self.content.learn(secret(epoch));
        self.content.keys.keep(self.content.space, &mut batch);
        self.store.write(batch).unwrap();
        self.content.keys.kept();
    }

    pub(super) fn take(&mut self, entry: &Entry) {
        let run = Run::of(std::slice::from_ref(entry)).unwrap();
        self.replica.set_clock(self.now);
        self.replica.take(&mut self.store, run, replica::Door::MEMBER).unwrap();
    }

    pub(super) fn end(&mut self, world: &World, ends: &[(usize, u64)]) {
        self.replica.set_roll(world.roll(ends));
        self.content.recount(&self.store, &self.replica).unwrap();
        self.count();
    }

    /// Counts what is to be counted anew, a unit at a time, and reads nothing.
    pub(super) fn count(&mut self) {
        while !self.content.recount.is_over() {
            self.content.spent = 0;
            self.content.count_on(&mut self.store, 1).unwrap();
        }
    }

    pub(super) fn slice(&mut self, budget: usize) -> bool {
        self.content.read_slice(&mut self.store, &self.replica, budget).unwrap()
    }

    pub(super) fn read(&mut self) {
        while self.slice(5) {}
        assert!(!self.content.is_behind(&self.replica));
    }

    /// Reads until a write fails, the one after `after` more. How many failed.
    pub(super) fn read_until_failure(&mut self, after: u64, error: StoreError) -> usize {
        self.store.faults.write = Some((after, error));
        loop {
            match self.content.read_slice(&mut self.store, &self.replica, 3) {
                Ok(true) => {}
                Ok(false) => break,
                Err(_) => return 1,
            }
        }
        self.store.faults.write = None;
        0
    }

    /// Another node with the same store, freshly started.
    pub(super) fn copy(&self) -> Self {
        let store = self.store.clone();
        let mut replica = Replica::open(&store, self.replica.space()).unwrap();
        replica.set_roll(self.replica.roll().clone());
        let content = Content::open(&store, &replica).unwrap();
        Self { store, replica, content, now: self.now }
    }

    pub(super) fn take_and_read(&mut self, entries: &[&Entry]) {
        for entry in entries {
            self.take(entry);
            self.read();
        }
    }

    /// The process ends and starts again; under the same roll.
    pub(super) fn reopen(&mut self) {
        let roll = self.replica.roll().clone();
        self.reopen_under(roll);
    }

    /// The process ends, the roll changes, the process starts.
    pub(super) fn reopen_under(&mut self, roll: Arc<Roll>) {
        self.replica = Replica::open(&self.store, self.replica.space()).unwrap();
        self.replica.set_roll(roll);
        self.content = Content::open(&self.store, &self.replica).unwrap();
    }

    /// Tells its news as an engine does, posts under the numbers behind `last`. What was told, and
    /// the last number.
    pub(super) fn tell(&mut self, mut last: u64) -> (Vec<News>, u64) {
        let news = self.content.take_news();
        let mut batch = Batch::default();
        for one in &news {
            if let News::Post { post, word } = one {
                last += 1;
                self.content.has_told(&self.store, (post, word), last, &mut batch).unwrap();
            }
        }
        self.store.write(batch).unwrap();
        (news, last)
    }

    /// Keeps what was told, numbers having come as far as `last`, under the next, which it gives.
    pub(super) fn keep_told(&mut self, last: u64) -> u64 {
        let mut batch = Batch::default();
        self.content.keep_told(&self.store, last + 1, &mut batch).unwrap();
        self.store.write(batch).unwrap();
        self.content.told_is_kept();
        last + 1
    }

    /// A node with the same entries under the same roll that has read them all afresh.
    pub(super) fn read_afresh(&self) -> Self {
        let mut zero = self.copy();
        zero.store.lose_index();
        zero.reopen();
        zero.read();
        zero
    }

    pub(super) fn rows(&self) -> Vec<DocumentRow> {
        let schemas = [Schema::Space, Schema::Campaign, Schema::Need, Schema::Unknown(999)];
        let of = |schema| self.content.documents(&self.store, schema).unwrap();
        schemas.into_iter().flat_map(of).collect()
    }

    pub(super) fn posts(&self) -> Vec<ShownPost> {
        self.posts_in(Direction::Ascending, usize::MAX)
    }

    pub(super) fn posts_in(&self, order: Direction, limit: usize) -> Vec<ShownPost> {
        let wanted = Wanted { campaign: None, limit, order };
        self.content.posts(&self.store, &self.replica, wanted).unwrap()
    }

    pub(super) fn post(&self, id: &ItemId) -> ShownPost {
        self.content.post(&self.store, &self.replica, id).unwrap().unwrap()
    }

    pub(super) fn claims(&self, need: &ItemId) -> Result<Vec<ClaimRow>, StoreError> {
        self.content.claims(&self.store, self.replica.roll(), need)
    }

    pub(super) fn shown(&mut self) -> Shown {
        let mut documents = Vec::new();
        let mut claims = Vec::new();
        for row in self.rows() {
            let document =
                self.content.document(&mut self.store, &self.replica, &row.id).unwrap().unwrap();
            claims.extend(self.claims(&row.id).unwrap());
            documents.push((row, document.heads().into_inner(), document.canonical().to_string()));
        }
        let members: Vec<_> = self.replica.roll().members.keys().copied().collect();
        let name = |member| self.content.name(&self.store, member).unwrap();
        let waiting = self.content.waiting(&self.store, usize::MAX).unwrap();
        // Which branch of a log came first is no difference.
        let nowhere = |loc: Loc| Loc { branch: 0, ..loc };
        let mut waiting: Vec<_> = waiting.into_iter().map(|waiting| nowhere(waiting.loc)).collect();
        waiting.sort_unstable();
        for (row, ..) in &mut documents {
            row.loc = nowhere(row.loc);
        }
        let mut posts = self.posts();
        posts.iter_mut().for_each(|post| post.first.loc = nowhere(post.first.loc));
        Shown {
            documents,
            posts: posts.into_iter().map(|post| (post.first.id, post)).collect(),
            claims,
            names: members.iter().map(name).collect(),
            fingerprint: self.content.fingerprint(&self.store).unwrap(),
            waiting,
            unread: self.content.unread(&self.replica),
        }
    }

    /// Asserts that this node shows what it would, had it read everything afresh.
    pub(super) fn assert_as_afresh(&mut self) {
        assert_eq!(self.shown(), self.read_afresh().shown());
    }

    pub(super) fn waits(&self) -> usize {
        self.content.waiting(&self.store, usize::MAX).unwrap().len()
    }
}
