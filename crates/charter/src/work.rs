//! What a charter was made to do, in units that are exact and the same in each run.

/// Counted work of one charter since it was opened. Time is not in it: a test that says what an
/// entry costs must say the same on every machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Work {
    /// Items that were added to a tally.
    pub items: u64,
    /// Acts that were looked at to say how one knock stands.
    pub visited: u64,
    /// Parts of tallies that were copied to go on from them.
    pub copied: u64,
    /// Parts of the tallies that are in memory now.
    pub kept: u64,
}

impl Work {
    /// The work of both.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            items: self.items + other.items,
            visited: self.visited + other.visited,
            copied: self.copied + other.copied,
            kept: self.kept + other.kept,
        }
    }
}
