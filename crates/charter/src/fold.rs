//! The fold from closed sets of entries to tallies, memoised, with some acts left out.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    HeldActs, Work,
    clock::Clock,
    history::History,
    tally::{Author, Tally},
};

/// Tallies that are kept: what is asked for next is mostly near one of them.
const TALLIES_KEPT: usize = 32;

/// Parts of all of them together: as many as the newest has three times over, or what is little.
const PARTS_KEPT: u64 = 4096;

/// What entries come to if `held` acts are left out at every depth (CHARTER 7).
#[derive(Debug, Default)]
pub(crate) struct Fold {
    held: HeldActs,
    /// Of each entry that is known, its author by the roll in its past.
    authors: Vec<Author>,
    /// Tallies by what they are of, and when they were last used.
    kept: BTreeMap<Clock, (u64, Arc<Tally>)>,
    uses: u64,
    work: Work,
}

impl Fold {
    pub(crate) fn new(held: HeldActs) -> Self {
        Self { held, ..Self::default() }
    }

    pub(crate) fn held(&self) -> &HeldActs {
        &self.held
    }

    /// What was done so far, and what is kept of it.
    pub(crate) fn work(&self) -> Work {
        Work { kept: self.parts(), ..self.work }
    }

    /// Parts of all tallies that are kept.
    fn parts(&self) -> u64 {
        self.kept.values().map(|(_, tally)| tally.parts()).sum()
    }

    /// What the entries in `clock`, a closed set, come to.
    pub(crate) fn at(&mut self, history: &History, clock: &Clock) -> Arc<Tally> {
        // Each entry is judged by the roll of its past, which comes before it.
        while let Some(node) = history.nodes().get(self.authors.len()) {
            let author = self.of(history, &node.past).author(node);
            self.authors.push(author);
        }
        self.of(history, clock)
    }

    /// What `clock` comes to, all of whose entries have been judged: the largest kept tally that
    /// is a part of it, and what it lacks.
    fn of(&mut self, history: &History, clock: &Clock) -> Arc<Tally> {
        self.uses += 1;
        if let Some((used, tally)) = self.kept.get_mut(clock) {
            *used = self.uses;
            return tally.clone();
        }
        let parts = self.kept.iter().filter(|(part, _)| clock.includes(part));
        let nearest = parts.max_by_key(|(part, _)| part.entries());
        let (have, mut tally) = match nearest {
            Some((part, (_, tally))) => {
                self.work.copied += tally.parts();
                (part.clone(), Tally::clone(tally))
            }
            None => <(Clock, Tally)>::default(),
        };
        let judged = history.nodes().iter().zip(&self.authors).rev();
        let lacks = judged.filter(|(node, _)| clock.has(node.place) && !have.has(node.place));
        // From the newest back, for what is lacking is mostly new.
        let count = clock.entries() - have.entries();
        let lacks: Vec<_> = lacks.take(count).collect();
        for (node, author) in lacks.into_iter().rev() {
            self.work.items += node.items.len() as u64;
            tally.add(history, node, author, &self.held);
        }
        self.work.visited += std::mem::take(&mut tally.visited);
        let tally = Arc::new(tally);
        let room = PARTS_KEPT.max(2 * tally.parts());
        while self.kept.len() >= TALLIES_KEPT || self.parts() > room {
            let oldest = self.kept.iter().min_by_key(|(_, (used, _))| *used);
            let Some(clock) = oldest.map(|(clock, _)| clock.clone()) else { break };
            self.kept.remove(&clock);
        }
        self.kept.insert(clock.clone(), (self.uses, tally.clone()));
        tally
    }
}
