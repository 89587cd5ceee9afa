//! Closed sets of entries: branches are chains, so how much of each branch says it all.

use std::collections::BTreeMap;

/// A branch of a log, by its number on this node: nothing that is signed or sent names one.
pub(crate) type Branch = usize;

/// How many entries of each branch are in a closed set.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Clock(BTreeMap<Branch, usize>);

impl Clock {
    /// How many entries of a branch are in the set.
    pub(crate) fn count(&self, branch: Branch) -> usize {
        self.0.get(&branch).copied().unwrap_or(0)
    }

    /// Whether the entry at this place of a branch is in the set.
    pub(crate) fn has(&self, (branch, place): (Branch, usize)) -> bool {
        place < self.count(branch)
    }

    /// Whether all of `other` is in the set.
    pub(crate) fn includes(&self, other: &Self) -> bool {
        other.0.iter().all(|(branch, count)| self.count(*branch) >= *count)
    }

    /// How many entries are in the set.
    pub(crate) fn entries(&self) -> usize {
        self.0.values().sum()
    }

    /// The branches of which it has entries.
    pub(crate) fn branches(&self) -> impl Iterator<Item = Branch> {
        self.0.keys().copied()
    }

    /// How many entries are in the set and not in another.
    pub(crate) fn beyond(&self, other: &Self) -> usize {
        let beyond =
            self.0.iter().map(|(branch, count)| count.saturating_sub(other.count(*branch)));
        beyond.sum()
    }

    /// Adds a branch's entries up to and with this place.
    pub(crate) fn add(&mut self, (branch, place): (Branch, usize)) {
        let count = self.0.entry(branch).or_default();
        *count = (*count).max(place + 1);
    }

    /// Adds all of another set.
    pub(crate) fn join(&mut self, other: &Self) {
        for (branch, count) in &other.0 {
            let mine = self.0.entry(*branch).or_default();
            *mine = (*mine).max(*count);
        }
    }
}
