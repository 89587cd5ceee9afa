//! The world: nodes, their clocks and disks, the network between them, the collectives that
//! people make, and true time.

mod asking;
mod counters;
mod effects;
mod homes;
mod nodes;
mod phases;
mod report;
pub(crate) mod scene;

use std::collections::BTreeMap;

use engine::{Input, Sabotage};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use store::WriteId;

use super::{
    checkers::shown::{Members, Said},
    collectives::Collective,
    hostile::{holder::Holder, mole::Mole},
    network::{Network, Weather},
};
pub(crate) use counters::Counters;
pub(crate) use nodes::Node;

/// When every world begins: as good as any time.
pub(crate) const BEGINNING_MS: u64 = 1_700_000_000_000;

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) trace: ledger::Hash,
    pub(crate) counters: Counters,
}

/// What is going to happen.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "most are inputs, and each is there once")]
pub(crate) enum Event {
    /// To one incarnation of a node.
    Input(usize, u64, Input),
    /// A disk finishes.
    Flush(usize, u64, WriteId),
    /// A machine starts again.
    Start(usize),
    /// A machine whose disk failed is taken down, to be started again.
    Repair(usize, u64),
    /// There is room on a disk again.
    Freed(usize, u64),
    /// A connection comes about, or not.
    Connect(usize, ledger::PeerId, Vec<engine::Address>),
    /// A connection breaks.
    Cut(usize, usize),
}

/// Everything there is.
pub(crate) struct World {
    pub(super) rng: ChaCha20Rng,
    /// The true time.
    pub(super) now: u64,
    sequence: u64,
    queue: BTreeMap<(u64, u64), Event>,
    pub(super) nodes: Vec<Node>,
    pub(super) network: Network,
    pub(super) weather: Weather,
    pub(super) collectives: Vec<Collective>,
    /// How many nodes are of people who keep to the rules: the first ones.
    pub(super) people: usize,
    /// The node of somebody who knocks and for whom nobody vouches.
    pub(super) stranger: Option<usize>,
    /// The holder of a ticket who does not keep to the rules.
    pub(super) holder: Option<Holder>,
    /// A member who turns hostile.
    pub(super) mole: Option<Mole>,
    /// What people said to their nodes, in order.
    pub(super) said: Vec<Said>,
    /// Whose node has which member, by space; and of each claim that anybody looked at, its need.
    pub(super) members: BTreeMap<String, Members>,
    pub(super) claims: BTreeMap<String, String>,
    sabotage: Option<Sabotage>,
    trace: Vec<u8>,
    pub(super) counters: Counters,
    /// Whose home was copied, or went back to how it was.
    pub(super) copied: Option<usize>,
    failure: Option<String>,
}

impl World {
    /// A world in which so many nodes are off, the clocks are right and nothing goes wrong.
    pub(crate) fn calm(seed: u64, nodes: usize) -> Self {
        Self {
            rng: ChaCha20Rng::seed_from_u64(seed),
            now: BEGINNING_MS,
            sequence: 0,
            queue: BTreeMap::new(),
            nodes: (0..nodes).map(Node::new).collect(),
            network: Network::default(),
            weather: Weather::fair(),
            collectives: Vec::new(),
            people: nodes,
            stranger: None,
            holder: None,
            mole: None,
            said: Vec::new(),
            members: BTreeMap::new(),
            claims: BTreeMap::new(),
            sabotage: None,
            trace: Vec::new(),
            counters: Counters::default(),
            copied: None,
            failure: None,
        }
    }

    /// A world as the seed draws it, with so many people, a mole, a stranger and the holder of
    /// a ticket.
    pub(crate) fn drawn(seed: u64, people: usize, sabotage: Option<Sabotage>) -> Self {
        let mut world = Self { sabotage, ..Self::calm(seed, people + 3) };
        world.people = people;
        world.mole = Some(Mole::new(people));
        world.stranger = Some(people + 1);
        world.holder = Some(Holder { node: people + 2, guests: None });
        world.nodes[people + 2].store = None;
        world.place_speaker(people + 2);
        world.weather = Weather::draw(&mut world.rng);
        for node in 0..world.nodes.len() {
            world.nodes[node].clock = super::clocks::Clock::draw(&mut world.rng, world.now);
        }
        world.collectives = Collective::draw(&mut world.rng, people);
        world.counters.nodes = people as u64;
        world
    }

    pub(super) fn at(&mut self, delay_ms: u64, event: Event) {
        self.sequence += 1;
        self.queue.insert((self.now + delay_ms, self.sequence), event);
    }

    /// Notes what happened, for comparing two runs of one seed.
    pub(super) fn note(&mut self, what: &str, node: usize) {
        self.note_bytes(what, node, &[]);
    }

    fn note_bytes(&mut self, what: &str, node: usize, bytes: &[u8]) {
        let bytes = ledger::Hash::of(bytes);
        let at = [self.now.to_be_bytes(), (node as u64).to_be_bytes()].concat();
        let line = [what.as_bytes(), &at, bytes.as_bytes()].concat();
        let before = std::mem::take(&mut self.trace);
        self.trace = ledger::Hash::of(&[before, line].concat()).as_bytes().to_vec();
    }

    pub(super) fn fail(&mut self, why: String) {
        self.failure.get_or_insert(why);
    }

    /// What went wrong so far.
    pub(super) fn failed(&self) -> Result<(), String> {
        self.failure.clone().map_or(Ok(()), Err)
    }

    /// Lets time pass until `until`, doing what is due.
    pub(crate) fn pass(&mut self, until: u64) {
        loop {
            let event = self.queue.first_key_value().map(|((at, _), _)| *at);
            let ticks = self.nodes.iter().enumerate();
            let tick = ticks.filter_map(|(node, one)| Some((one.tick_at()?, node))).min();
            match (event, tick) {
                (Some(at), tick) if at <= until && tick.is_none_or(|(tick, _)| at <= tick) => {
                    self.now = self.now.max(at);
                    if let Some((_, event)) = self.queue.pop_first() {
                        self.happen(event);
                    }
                }
                (_, Some((tick, node))) if tick <= until => {
                    self.now = self.now.max(tick);
                    self.input(node, Input::Tick);
                }
                _ => break,
            }
            if self.failure.is_some() {
                return;
            }
        }
        self.now = self.now.max(until);
    }

    /// Lets so many milliseconds pass.
    pub(crate) fn wait(&mut self, ms: u64) {
        self.pass(self.now + ms);
    }
}
