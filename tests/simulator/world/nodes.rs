//! Nodes: an engine while the machine is on, a disk always; or a script that only looks like one.

use std::{collections::BTreeMap, sync::Arc};

use api::{Answer, Failure, What};
use engine::{AskId, Config, Engine, Input, Sabotage};
use ledger::{NodeKey, PeerId, Timestamp};
use store::MemoryStore;

use super::World;
use crate::simulator::{
    checkers::promises::{Lengths, Promises, grown, lengths},
    clocks::Clock,
    draw::range,
    hostile::speaker::Speaker,
};

/// One machine.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) peer: PeerId,
    pub(crate) key: Arc<NodeKey>,
    pub(crate) engine: Option<Engine<MemoryStore>>,
    /// A script that speaks the protocol in the place of an engine.
    pub(crate) speaker: Option<Speaker>,
    pub(crate) store: Option<MemoryStore>,
    pub(crate) clock: Clock,
    /// Counts starts: what was under way for an earlier one comes to nothing.
    pub(crate) incarnation: u64,
    pub(crate) answers: BTreeMap<AskId, Result<Answer, Failure>>,
    pub(crate) next_ask: u64,
    pub(crate) promises: Promises,
    /// The logs in which the last command wrote, with their lengths behind it.
    pub(crate) wrote: Lengths,
    ticked: Option<u64>,
    /// When the engine wants its next tick, by true time; worked out once for each input.
    due: Option<u64>,
}

impl Node {
    pub(super) fn new(n: usize) -> Self {
        let key = Arc::new(NodeKey::from_seed(&[n as u8; 32]));
        Self {
            peer: key.peer_id().clone(),
            key,
            engine: None,
            speaker: None,
            store: Some(MemoryStore::default()),
            clock: Clock::right(),
            incarnation: 0,
            answers: BTreeMap::new(),
            next_ask: 0,
            promises: Promises::default(),
            wrote: Lengths::new(),
            ticked: None,
            due: None,
        }
    }

    /// Whether anybody answers at this node's address.
    pub(crate) fn is_on(&self) -> bool {
        self.engine.is_some() || self.speaker.is_some()
    }

    pub(super) fn tick_at(&self) -> Option<u64> {
        self.due
    }

    /// Takes the engine out: the machine is off.
    pub(crate) fn take_engine(&mut self) -> Option<Engine<MemoryStore>> {
        self.due = None;
        self.engine.take()
    }

    /// Time moves on between two ticks, as it does on a machine.
    fn note_due(&mut self) {
        let deadline = self.engine.as_ref().and_then(Engine::next_deadline);
        self.due = deadline.map(|deadline| {
            self.clock.when(deadline.as_ms()).max(self.ticked.map_or(0, |last| last + 1))
        });
    }
}

impl World {
    /// Feeds an input, then carries out what comes of it.
    pub(crate) fn input(&mut self, node: usize, input: Input) {
        let now = self.now;
        let one = &mut self.nodes[node];
        if let Some(speaker) = &mut one.speaker {
            let effects = speaker.handle(input);
            effects.into_iter().for_each(|effect| self.one_effect(node, effect));
            return;
        }
        let Some(engine) = &mut one.engine else { return };
        if input == Input::Tick {
            one.ticked = Some(now);
        }
        let shown = Timestamp::from_ms(one.clock.now(now));
        let command = match &input {
            Input::Ask { ask, what } => match &what.what {
                What::Command(command) => Some((*ask, command.clone())),
                What::Query(_) => None,
            },
            _ => None,
        };
        match command {
            Some((ask, command)) => {
                // A command is carried out at once: what it wrote is what it answers for.
                let before = lengths(engine);
                engine.handle(shown, input);
                one.wrote = grown(&before, &lengths(engine));
                one.promises.asked(ask, &command, &one.wrote, &engine.own_logs());
            }
            None => engine.handle(shown, input),
        }
        self.carry_out(node);
        self.nodes[node].note_due();
    }

    /// Starts a machine from its disk.
    pub(crate) fn start(&mut self, node: usize) {
        let seed = std::array::from_fn(|_| range(&mut self.rng, 0, 255) as u8);
        let sabotage = self.sabotage.filter(|sabotage| {
            // The stranger is not the one with the bug.
            *sabotage != Sabotage::MembershipNotJudged || Some(node) != self.stranger
        });
        let one = &mut self.nodes[node];
        let Some(store) = one.store.take() else { return };
        let config = Config { sabotage, ..Config::new(one.key.clone(), Vec::new()) };
        let engine = Engine::new(config, store, seed).unwrap();
        if let Err(why) = one.promises.check(&engine) {
            self.fail(format!("node {node} lost what it promised: {why}"));
        }
        let one = &mut self.nodes[node];
        one.engine = Some(engine);
        one.incarnation += 1;
        one.ticked = None;
        one.clock.started();
        self.note("start", node);
        self.input(node, Input::Listening { address: format!("sim/{node}") });
        let spaces = self.spaces_of(node);
        if let Err(why) = self.nodes[node].promises.check_used(&spaces) {
            self.fail(format!("node {node} lost what it promised: {why}"));
        }
    }

    /// Puts a question to a node, and does not wait for the answer.
    pub(crate) fn put(&mut self, node: usize, ask: api::Ask) -> AskId {
        let id = AskId(self.nodes[node].next_ask);
        self.nodes[node].next_ask += 1;
        self.input(node, Input::Ask { ask: id, what: ask });
        id
    }

    /// Puts a question and waits up to `ms` for the answer.
    pub(crate) fn ask(
        &mut self,
        node: usize,
        ask: api::Ask,
        ms: u64,
    ) -> Option<Result<Answer, Failure>> {
        self.nodes[node].engine.as_ref()?;
        let incarnation = self.nodes[node].incarnation;
        let id = self.put(node, ask);
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
