//! Homes that are copied and restored, by which their logs fork.

use api::Command;

use super::{Event, Node, World};
use crate::simulator::{
    clocks::Clock,
    draw::{chance, range},
    people,
};

/// Simulated milliseconds for which a home and its copy both run, at most.
const COPIED_MS_MAX: u64 = 30_000;

impl World {
    /// What a node's disk would hold after a power cut now.
    fn durable(&mut self, node: usize) -> store::MemoryStore {
        let one = &mut self.nodes[node];
        let mut copy = match (&mut one.engine, &one.store) {
            (Some(engine), _) => engine.store_mut().clone(),
            (None, Some(store)) => store.clone(),
            (None, None) => store::MemoryStore::default(),
        };
        copy.faults = store::Faults::default();
        copy.crash(0);
        copy
    }

    /// Copies a node's home onto another machine, whose clock is right, and starts it there; both
    /// run. The copy's number.
    pub(crate) fn copy_home(&mut self, node: usize) -> usize {
        self.copy_home_onto(node, Clock::right())
    }

    fn copy_home_onto(&mut self, node: usize, clock: Clock) -> usize {
        let copy = self.nodes.len();
        let store = Some(self.durable(node));
        let mut machine = Node::new(copy);
        (machine.peer, machine.store) = (self.nodes[node].peer.clone(), store);
        (machine.key, machine.clock) = (self.nodes[node].key.clone(), clock);
        self.nodes.push(machine);
        self.start(copy);
        copy
    }

    /// Keeps a node's home as it is on its disk now, to go back to.
    pub(crate) fn back_up(&mut self, node: usize) -> store::MemoryStore {
        self.durable(node)
    }

    /// A machine goes back to an older copy of its home: what it promised since is not its own.
    pub(crate) fn restore_home(&mut self, node: usize, backup: store::MemoryStore) {
        self.crash(node);
        self.nodes[node].promises = super::super::checkers::promises::Promises::default();
        self.nodes[node].store = Some(backup);
        self.start(node);
    }

    /// Stops a machine, does something to its disk, and starts it again: what it promised since is
    /// not its own any more.
    pub(crate) fn lose<T>(
        &mut self,
        node: usize,
        what: impl FnOnce(&mut store::MemoryStore) -> T,
    ) -> T {
        for (a, b) in self.network.doomed(Some(node)) {
            self.cut(a, b);
        }
        self.nodes[node].promises = super::super::checkers::promises::Promises::default();
        let mut store = self.nodes[node].take_engine().expect("a node that is on").into_store();
        store.crash(usize::MAX);
        // What could not be read still cannot be.
        let damaged = std::mem::take(&mut store.faults.damaged);
        store.faults = store::Faults { damaged, ..store::Faults::default() };
        let done = what(&mut store);
        self.nodes[node].store = Some(store);
        self.start(node);
        done
    }

    /// Something in a running node's store cannot be read any more.
    pub(crate) fn rot(&mut self, node: usize, what: impl Fn(&store::Key) -> bool) {
        let store = self.nodes[node].engine.as_mut().expect("a node that is on").store_mut();
        let keys = store.kept().into_iter().filter(|key| what(key));
        store.faults.damaged.extend(keys.collect::<Vec<_>>());
    }

    /// How much of a running node's store cannot be read.
    pub(crate) fn rotten(&mut self, node: usize) -> usize {
        let engine = self.nodes[node].engine.as_mut().expect("a node that is on");
        engine.store_mut().faults.damaged.len()
    }

    /// The group in which a node's store keeps its own content log.
    pub(crate) fn own_content_group(&self, node: usize) -> store::Group {
        let engine = self.nodes[node].engine.as_ref().expect("a node that is on");
        let content = ledger::Journal::Content.id(self.space());
        let own = engine.own_logs().into_iter().find(|(journal, _)| *journal == content);
        let (journal, device) = own.expect("a log of its own");
        store::Group::of(&[journal.as_bytes(), device.as_bytes()])
    }

    /// Stops a machine for good.
    pub(crate) fn stop(&mut self, node: usize) {
        self.crash(node);
        self.nodes[node].store = None;
    }

    /// Somebody writes in both journals of all that they are in.
    fn writes(&mut self, node: usize) {
        for space in self.spaces_in(node) {
            let text = format!("From home {node} at {}", self.now);
            for command in [people::post(text, None, None), Command::Invite { days: 1, knocks: 1 }]
            {
                // It may be mute by then, or have no room.
                _ = self.must(node, Some(&space), command);
            }
        }
    }

    /// In random runs: somebody copies their home, and one of the two stops after a while; or goes
    /// back to how it was some time ago. Once a run, and where enough are left who are not mute by
    /// it: else nobody gets in any more, which the rules say. Not a founder, who gives the tickets.
    pub(super) fn copy_or_restore(&mut self, node: usize) {
        let founds = self.collectives.iter().any(|one| one.founder == node);
        if founds || self.copied.is_some() || !self.can_do_without(node) {
            return;
        }
        self.counters.copies += 1;
        self.copied = Some(node);
        let ms = range(&mut self.rng, 1_000, COPIED_MS_MAX);
        if chance(&mut self.rng, 500) {
            let clock = Clock::draw(&mut self.rng, self.now);
            let copy = self.copy_home_onto(node, clock);
            for writer in [node, copy, node, copy] {
                self.writes(writer);
                self.wait(ms / 4);
            }
            self.stop(copy);
        } else {
            let backup = self.back_up(node);
            self.writes(node);
            self.wait(ms);
            self.crash(node);
            self.nodes[node].promises = super::super::checkers::promises::Promises::default();
            self.nodes[node].store = Some(backup);
            self.at(0, Event::Start(node));
        }
    }
}
