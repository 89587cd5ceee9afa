//! The disks of the simulated machines: they lose what was not flushed, fail and fill.

use engine::Input;
use store::{StoreError, WriteId};

use super::{
    draw::{chance, range},
    world::{Event, World},
};

/// Milliseconds for which a disk is full, at most, before somebody makes room.
const FULL_MS_MAX: u64 = 4_000;

/// Writes that a disk takes before it refuses one, at most.
const WRITES_MAX: u64 = 20;

/// Milliseconds after which a machine whose disk failed is started again, at most.
pub(crate) const REPAIR_MS_MAX: u64 = 20_000;

impl World {
    /// A disk has finished a flush, or failed in it.
    pub(crate) fn flushed(&mut self, node: usize, write: WriteId) {
        let Some(engine) = &mut self.nodes[node].engine else { return };
        let fails = engine.store_mut().faults.flush.is_some();
        let result = engine.store_mut().flush(write).map_err(|error| error.to_string());
        if fails {
            self.counters.failed_disks += 1;
            let repair = range(&mut self.rng, 1_000, REPAIR_MS_MAX);
            let incarnation = self.nodes[node].incarnation;
            self.at(repair, Event::Repair(node, incarnation));
        }
        self.input(node, Input::Flushed { write, result });
    }

    /// The next flush of a machine fails; the node reads only until it is started again.
    pub(crate) fn disk_fails(&mut self, node: usize) {
        if let Some(engine) = &mut self.nodes[node].engine {
            let cause = "input/output error".to_owned();
            let failed = StoreError::Failed { doing: "writing", cause };
            engine.store_mut().faults.flush = Some(failed);
        }
    }

    /// A machine's disk is full for a while: whatever is written is refused.
    pub(crate) fn disk_fills(&mut self, node: usize) {
        if let Some(engine) = &mut self.nodes[node].engine {
            engine.store_mut().faults.full = true;
            self.counters.full_disks += 1;
            let incarnation = self.nodes[node].incarnation;
            let ms = range(&mut self.rng, 100, FULL_MS_MAX);
            self.at(ms, Event::Freed(node, incarnation));
        }
    }

    /// One of the next writes of a machine is refused, and those behind it are not: among what
    /// belongs together any can be the one for which there is no room.
    pub(crate) fn disk_refuses(&mut self, node: usize) {
        if let Some(engine) = &mut self.nodes[node].engine {
            let after = range(&mut self.rng, 0, WRITES_MAX);
            engine.store_mut().faults.write = Some((after, StoreError::Full));
            self.counters.refused_writes += 1;
        }
    }

    /// No disk fails any more: what was to fail at the next flush, and had none yet, does not.
    pub(crate) fn disks_hold(&mut self) {
        for engine in self.nodes.iter_mut().filter_map(|node| node.engine.as_mut()) {
            engine.store_mut().faults.flush = None;
            engine.store_mut().faults.write = None;
        }
    }

    /// Somebody made room.
    pub(crate) fn disk_freed(&mut self, node: usize) {
        if let Some(engine) = &mut self.nodes[node].engine {
            engine.store_mut().faults.full = false;
        }
    }

    /// Takes the power away: what was not flushed is lost, perhaps but for its beginning.
    pub(crate) fn crash(&mut self, node: usize) {
        for (a, b) in self.network.doomed(Some(node)) {
            self.cut(a, b);
        }
        let Some(engine) = self.nodes[node].take_engine() else { return };
        self.note("crash", node);
        self.nodes[node].promises.went_down();
        let mut store = engine.into_store();
        let unflushed = store.unflushed();
        let keep = range(&mut self.rng, 0, unflushed as u64) as usize;
        self.counters.crashes += 1;
        self.counters.lost_writes += (unflushed - keep) as u64;
        store.faults = store::Faults::default();
        // Of what was durable the index lacks the last, mostly.
        let behind = range(&mut self.rng, 0, 64) as usize;
        store.crash_with_index_behind(keep, behind);
        if chance(&mut self.rng, 200) {
            self.counters.lost_indexes += 1;
            store.lose_index();
        }
        self.nodes[node].store = Some(store);
    }
}
