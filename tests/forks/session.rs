//! Two homes meet: what the lengths of logs show to be missing, then the exchange of tips.

use std::collections::BTreeMap;

use super::{
    archive::{Archive, Device, Id, Rules},
    node::Node,
    set::Set,
};

/// Times that two homes tell each other their tips in one session.
const EXCHANGES_MAX: usize = 4;

/// How many things may pass before the stream is cut.
pub(crate) const UNCUT: usize = usize::MAX;

/// What passed over one stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Passed {
    /// Entries, proofs and guests.
    pub(crate) sent: usize,
    /// Entries among them that the other side had.
    pub(crate) again: usize,
    /// Times that tips were told.
    pub(crate) told: usize,
}

/// One stream between two homes, cut when its `budget` is spent.
struct Stream<'a> {
    archive: &'a mut Archive,
    budget: usize,
    passed: Passed,
}

/// Two homes of one space meet; the one that knows the other as in, or was known, sends.
pub(crate) fn meet(archive: &mut Archive, [one, two]: [&mut Node; 2], budget: usize) -> Passed {
    let knows =
        |a: &Node, b: &Node| a.arrivals.iter().any(|id| archive.entry(*id).device == b.device);
    if !(knows(one, two) || knows(two, one)) {
        return Passed::default();
    }
    let mut stream = Stream { archive, budget, passed: Passed::default() };
    let differ =
        |archive: &Archive, one: &Node, two: &Node| one.state(archive) != two.state(archive);
    if differ(stream.archive, one, two) {
        stream.lengths(two, one);
        stream.lengths(one, two);
    }
    for _ in 0..EXCHANGES_MAX {
        if !differ(stream.archive, one, two) {
            break;
        }
        stream.tips(two, one);
        stream.tips(one, two);
    }
    stream.guests(one, two);
    stream.guests(two, one);
    one.part();
    two.part();
    stream.passed
}

impl Stream<'_> {
    /// Whether one more thing passes.
    fn passes(&mut self) -> bool {
        let passes = self.budget > 0;
        self.budget = self.budget.saturating_sub(1);
        self.passed.sent += usize::from(passes);
        passes
    }

    fn send(&mut self, ids: &[Id], to: &mut Node) {
        for id in ids {
            if !self.passes() {
                break;
            }
            self.passed.again += usize::from(to.taken.has(*id));
            to.hear(self.archive, *id);
        }
        if !ids.is_empty() {
            to.settle(self.archive);
        }
    }

    /// The first exchange: of each log what goes beyond the length that the other told, as far
    /// as the stem.
    fn lengths(&mut self, from: &Node, to: &mut Node) {
        let mut told = BTreeMap::<Device, usize>::new();
        for entry in to.taken.iter().map(|id| self.archive.entry(id)) {
            if to.on_stem(self.archive, entry) {
                let length = told.entry(entry.device).or_default();
                *length = (*length).max(entry.seq + 1);
            }
        }
        let lacks = |id: &Id| {
            let entry = self.archive.entry(*id);
            let length = told.get(&entry.device).copied().unwrap_or(0);
            from.on_stem(self.archive, entry) && entry.seq >= length
        };
        let ids: Vec<_> = from.arrivals.iter().copied().filter(lacks).collect();
        self.send(&ids, to);
    }

    /// The exchange of tips: first the proofs that show a shorter stem, then in order of arrival
    /// all that is not in the past of the tips that are known here.
    fn tips(&mut self, from: &Node, to: &mut Node) {
        self.passed.told += 1;
        if self.archive.rules != Rules::ProofsStay && self.archive.rules != Rules::OneBranch {
            let mut news = false;
            for proof in from.proofs.values() {
                let log = self.archive.entry(proof.0);
                let has = to.taken.iter().any(|id| self.archive.entry(id).device == log.device);
                if has && to.on_stem(self.archive, log) && self.passes() {
                    news |= to.learn(self.archive, *proof);
                }
            }
            if news {
                to.settle(self.archive);
            }
        }
        let mut had = Set::default();
        for (_, _, id) in to.state(self.archive).0 {
            if from.taken.has(id) {
                had.join(&self.archive.entry(id).whole());
            }
        }
        let ids: Vec<_> = from.arrivals.iter().copied().filter(|id| !had.has(*id)).collect();
        self.send(&ids, to);
    }

    fn guests(&mut self, from: &Node, to: &mut Node) {
        for id in &from.guests {
            if self.passes() {
                to.keep_guest(self.archive, *id);
            }
        }
    }
}
