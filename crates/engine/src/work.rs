//! What a node was made to do, in units that are exact and the same in each run.

use store::Store;

use crate::engine::Engine;

/// Counted work of a whole node since it was started, over all its spaces. No time is in it: what
/// a peer can make a node do is judged by these, and they say the same on every machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Work {
    /// Items that were added to a tally of a charter.
    pub charter_items: u64,
    /// Acts that were looked at to say how one knock stands.
    pub acts_visited: u64,
    /// Parts of tallies that were copied to go on from them.
    pub tallies_copied: u64,
    /// Parts of tallies that are in memory now.
    pub tallies_kept: u64,
    /// Entries that were decrypted to be read.
    pub entries_read: u64,
    /// Items that were applied or made to wait.
    pub items_read: u64,
    /// Operations that were played into documents.
    pub operations_played: u64,
    /// Bytes of documents that were saved.
    pub saved_bytes: u64,
    /// Waiting items that were looked at or woken.
    pub items_woken: u64,
    /// Items that stand in memory to be read.
    pub items_queued: u64,
}

impl<S: Store> Engine<S> {
    /// What this node was made to do since it was started. The store counts for itself.
    pub fn work(&self) -> Work {
        let mut sum = Work::default();
        for space in self.view().seats() {
            let (charter, content) = (space.replica.charter_work(), space.seat.content.work());
            sum.charter_items += charter.items;
            sum.acts_visited += charter.visited;
            sum.tallies_copied += charter.copied;
            sum.tallies_kept += charter.kept;
            sum.entries_read += content.entries;
            sum.items_read += content.items;
            sum.operations_played += content.operations;
            sum.saved_bytes += content.saved_bytes;
            sum.items_woken += content.woken;
            sum.items_queued += content.queued;
        }
        sum
    }
}
