//! The world: nodes, their clocks and disks, the network between them, and time.

mod effects;
mod nodes;
mod phases;

use std::collections::BTreeMap;

use engine::{Input, Sabotage};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use store::WriteId;

use super::{
    draw::range,
    network::{Network, Weather},
};
use nodes::Node;

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) trace: ledger::Hash,
    pub(crate) counters: Counters,
}

/// What a run exercised.
#[derive(Debug, Default, Clone)]
pub(crate) struct Counters {
    pub(crate) nodes: u64,
    pub(crate) frames: u64,
    pub(crate) commands: u64,
    pub(crate) answers: u64,
    pub(crate) refused: u64,
    pub(crate) crashes: u64,
    pub(crate) lost_writes: u64,
    pub(crate) lost_indexes: u64,
    pub(crate) partitions: u64,
    pub(crate) cut_connections: u64,
    pub(crate) duplicates: u64,
    pub(crate) reordered: u64,
    pub(crate) admitted: u64,
}

impl Counters {
    fn all(&self) -> [(&'static str, u64); 13] {
        [
            ("nodes", self.nodes),
            ("frames", self.frames),
            ("commands", self.commands),
            ("answers", self.answers),
            ("refused", self.refused),
            ("crashes", self.crashes),
            ("lost writes", self.lost_writes),
            ("lost indexes", self.lost_indexes),
            ("partitions", self.partitions),
            ("cut connections", self.cut_connections),
            ("duplicates", self.duplicates),
            ("reordered", self.reordered),
            ("admitted", self.admitted),
        ]
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.nodes += other.nodes;
        self.frames += other.frames;
        self.commands += other.commands;
        self.answers += other.answers;
        self.refused += other.refused;
        self.crashes += other.crashes;
        self.lost_writes += other.lost_writes;
        self.lost_indexes += other.lost_indexes;
        self.partitions += other.partitions;
        self.cut_connections += other.cut_connections;
        self.duplicates += other.duplicates;
        self.reordered += other.reordered;
        self.admitted += other.admitted;
    }

    /// A fault that never happens tests nothing.
    pub(crate) fn assert_all(&self) {
        for (what, count) in self.all() {
            assert!(count > 0, "the seeds exercised no {what}");
        }
    }
}

/// What is going to happen.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "most events are inputs")]
enum Event {
    /// To one incarnation of a node.
    Input(usize, u64, Input),
    /// A disk finishes.
    Flush(usize, u64, WriteId),
    /// A machine starts again.
    Start(usize),
    /// A connection comes about, or not.
    Connect(usize, usize),
    /// A connection breaks.
    Cut(usize, usize),
}

/// Everything there is.
pub(crate) struct World {
    rng: ChaCha20Rng,
    now: u64,
    sequence: u64,
    queue: BTreeMap<(u64, u64), Event>,
    nodes: Vec<Node>,
    network: Network,
    weather: Weather,
    sabotage: Option<Sabotage>,
    trace: Vec<u8>,
    counters: Counters,
    failure: Option<String>,
}

impl World {
    pub(crate) fn new(seed: u64, sabotage: Option<Sabotage>) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let count = range(&mut rng, 2, 6) as usize;
        let weather = Weather::draw(&mut rng);
        let nodes = (0..count + 1).map(Node::new).collect();
        let counters = Counters { nodes: count as u64, ..Counters::default() };
        Self {
            rng,
            now: 1_700_000_000_000,
            sequence: 0,
            queue: BTreeMap::new(),
            nodes,
            network: Network::default(),
            weather,
            sabotage,
            trace: Vec::new(),
            counters,
            failure: None,
        }
    }

    /// The last node is nobody's: it knocks, and nobody vouches for it.
    fn stranger(&self) -> usize {
        self.nodes.len() - 1
    }

    fn at(&mut self, delay_ms: u64, event: Event) {
        self.sequence += 1;
        self.queue.insert((self.now + delay_ms, self.sequence), event);
    }

    /// Notes what happened, for comparing two runs of one seed.
    fn note(&mut self, what: &str, node: usize) {
        self.note_bytes(what, node, &[]);
    }

    fn note_bytes(&mut self, what: &str, node: usize, bytes: &[u8]) {
        let bytes = ledger::Hash::of(bytes);
        let at = [self.now.to_be_bytes(), (node as u64).to_be_bytes()].concat();
        let line = [what.as_bytes(), &at, bytes.as_bytes()].concat();
        let before = std::mem::take(&mut self.trace);
        self.trace = ledger::Hash::of(&[before, line].concat()).as_bytes().to_vec();
    }

    fn fail(&mut self, why: String) {
        self.failure.get_or_insert(why);
    }

    /// Lets time pass until `until`, doing what is due.
    fn pass(&mut self, until: u64) {
        loop {
            let event = self.queue.first_key_value().map(|((at, _), _)| *at);
            let tick = self.nodes.iter().filter_map(Node::tick_at).min();
            match (event, tick) {
                (Some(at), tick) if at <= until && tick.is_none_or(|tick| at <= tick) => {
                    self.now = self.now.max(at);
                    if let Some((_, event)) = self.queue.pop_first() {
                        self.happen(event);
                    }
                }
                (_, Some(tick)) if tick <= until => {
                    self.now = self.now.max(tick);
                    let due = |node: &Node| node.tick_at().is_some_and(|at| at <= tick);
                    if let Some(node) = self.nodes.iter().position(due) {
                        self.input(node, Input::Tick);
                    }
                }
                _ => break,
            }
            if self.failure.is_some() {
                return;
            }
        }
        self.now = self.now.max(until);
    }
}
