//! Nodes: an engine while the machine is on, a disk always.

use std::collections::BTreeMap;

use api::{Answer, Failure};
use engine::{AskId, Config, Engine, Input, Sabotage};
use ledger::{NodeKey, PeerId, Timestamp};
use store::MemoryStore;

use super::World;
use crate::simulator::{
    checkers::promises::Promises,
    draw::{chance, range},
};

/// One machine.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) peer: PeerId,
    key: NodeKey,
    pub(crate) engine: Option<Engine<MemoryStore>>,
    pub(crate) store: Option<MemoryStore>,
    /// Counts starts: what was under way for an earlier one comes to nothing.
    pub(crate) incarnation: u64,
    pub(crate) answers: BTreeMap<AskId, Result<Answer, Failure>>,
    pub(crate) next_ask: u64,
    pub(crate) promises: Promises,
    ticked: Option<u64>,
}

impl Node {
    pub(super) fn new(n: usize) -> Self {
        let key = NodeKey::from_seed(&[n as u8; 32]);
        Self {
            peer: key.peer_id().clone(),
            key,
            engine: None,
            store: Some(MemoryStore::default()),
            incarnation: 0,
            answers: BTreeMap::new(),
            next_ask: 0,
            promises: Promises::default(),
            ticked: None,
        }
    }

    pub(super) fn tick_at(&self) -> Option<u64> {
        let at = self.engine.as_ref()?.next_deadline()?.as_ms();
        // Time moves on between two ticks, as it does on a machine.
        Some(at.max(self.ticked.map_or(0, |last| last + 1)))
    }
}

impl World {
    /// Feeds an input, then carries out what comes of it.
    pub(super) fn input(&mut self, node: usize, input: Input) {
        let now = self.now;
        let one = &mut self.nodes[node];
        let Some(engine) = &mut one.engine else { return };
        if input == Input::Tick {
            one.ticked = Some(now);
        }
        engine.handle(Timestamp::from_ms(now), input);
        self.carry_out(node);
    }

    /// Starts a machine from its disk.
    pub(super) fn start(&mut self, node: usize) {
        let seed = std::array::from_fn(|_| range(&mut self.rng, 0, 255) as u8);
        let sabotage = self.sabotage.filter(|sabotage| {
            // The stranger is not the one with the bug.
            *sabotage != Sabotage::MembershipNotJudged || node != self.stranger()
        });
        let one = &mut self.nodes[node];
        let Some(store) = one.store.take() else { return };
        let config = Config { key: one.key.clone(), announce: Vec::new(), sabotage };
        let engine = Engine::new(config, store, seed).unwrap();
        if let Err(why) = one.promises.check(&engine) {
            self.fail(format!("node {node} lost what it promised: {why}"));
        }
        let one = &mut self.nodes[node];
        one.engine = Some(engine);
        one.incarnation += 1;
        one.ticked = None;
        self.note("start", node);
        self.input(node, Input::Listening { address: format!("sim/{node}") });
    }

    /// Takes the power away: what was not flushed is lost, perhaps but for its beginning.
    pub(super) fn crash(&mut self, node: usize) {
        for (a, b) in self.network.doomed(Some(node)) {
            self.cut(a, b);
        }
        let Some(engine) = self.nodes[node].engine.take() else { return };
        self.note("crash", node);
        let mut store = engine.into_store();
        let unflushed = store.unflushed();
        let keep = range(&mut self.rng, 0, unflushed as u64) as usize;
        self.counters.crashes += 1;
        self.counters.lost_writes += (unflushed - keep) as u64;
        store.crash(keep);
        if chance(&mut self.rng, 200) {
            self.counters.lost_indexes += 1;
            store.lose_index();
        }
        self.nodes[node].store = Some(store);
    }

    /// Puts a question and waits up to `ms` for the answer.
    pub(super) fn ask(
        &mut self,
        node: usize,
        ask: api::Ask,
        ms: u64,
    ) -> Option<Result<Answer, Failure>> {
        self.nodes[node].engine.as_ref()?;
        let id = AskId(self.nodes[node].next_ask);
        self.nodes[node].next_ask += 1;
        let incarnation = self.nodes[node].incarnation;
        self.input(node, Input::Ask { ask: id, what: ask });
        let until = self.now + ms;
        while self.now < until && self.failure.is_none() {
            if let Some(answer) = self.nodes[node].answers.remove(&id) {
                return Some(answer);
            }
            if self.nodes[node].incarnation != incarnation {
                return None;
            }
            let soon = (self.now + 50).min(until);
            self.pass(soon);
        }
        self.nodes[node].answers.remove(&id)
    }
}
