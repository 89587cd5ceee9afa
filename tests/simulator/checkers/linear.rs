//! Work is linear in what was sent: in counted units, never in time.

use engine::{Engine, Work};
use store::{Counted, MemoryStore};

/// What a node was made to do, and what it has of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent {
    pub(crate) work: Work,
    pub(crate) store: Counted,
}

impl Spent {
    /// Up to now.
    pub(crate) fn of(engine: &mut Engine<MemoryStore>) -> Self {
        Self { work: engine.work(), store: engine.store_mut().counted() }
    }

    /// Units of work since `before`: all that is counted, rows and items alike; a kilobyte that
    /// is moved is one too.
    pub(crate) fn units_since(&self, before: &Self) -> u64 {
        let units = |spent: &Self| {
            let (work, store) = (&spent.work, &spent.store);
            work.charter_items
                + work.acts_visited
                + work.tallies_copied
                + work.items_read
                + work.operations_played
                + work.items_woken
                + store.rows_read
                + store.rows_written
                + (store.bytes_read + store.bytes_written + work.saved_bytes) / 1024
        };
        units(self).saturating_sub(units(before))
    }
}

/// Units that one new short post may cost a node that has it read, whatever else it has: three
/// times what it mostly costs among twelve people.
const POST_UNITS_MAX: u64 = 150;

/// Fails where some posts cost a node more than they may.
pub(crate) fn is_bounded(node: usize, posts: u64, units: u64) -> Result<(), String> {
    let most = posts * POST_UNITS_MAX;
    if units > most {
        return Err(format!("{posts} posts cost node {node} {units} units, more than {most}"));
    }
    Ok(())
}
