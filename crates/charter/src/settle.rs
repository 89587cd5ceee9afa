//! What is taken of all that was heard (DESIGN 5 *Forks*; the rule stands in `tests/forks`).
//!
//! Taken is each entry that stands before the stem of its log and is nobody's knock, all that these
//! have in their pasts, and the card behind a knock among that. So of a log that forks only that
//! counts behind its stem which another device named; and what is taken is a function of what is
//! known, whatever came first.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Bounded, DeviceId, Entry, EntryId, LogTips, Tip, charter_items::CharterBody, limits::HEADS_MAX,
};

use crate::{charter::Charter, clock::Clock, history::Node, refused::Refused};

/// What there is to take, of all that was heard.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settled {
    /// Entries that are taken from now on, each after its past.
    pub taken: Vec<EntryId>,
    /// Entries that are not taken any more: nobody named them, and this home could not.
    pub gone: Vec<EntryId>,
    /// Pairs that show a log to fork, or at a lower place than was known.
    pub forks: Vec<[EntryId; 2]>,
    /// Whether something taken would be lost, so that this home is to name it first.
    pub is_blocked: bool,
    all: Clock,
    stems: BTreeMap<DeviceId, u64>,
}

impl Charter {
    /// Takes an entry at once, if its past is here and nothing is lost by it.
    pub fn add(&mut self, entry: &Entry, body: CharterBody) -> Result<(), Refused> {
        self.hear(entry, body)?;
        let settled = self.settle(false);
        self.commit(&settled);
        Ok(())
    }

    /// A log is known to fork behind its first `stem` entries. Whether that is news.
    pub fn learn_stem(&mut self, device: DeviceId, stem: u64) -> bool {
        let is_news = self.stem(&device) > stem;
        if is_news {
            self.stems.insert(device, stem);
            self.restless = true;
            self.note([device]);
        }
        is_news
    }

    /// Takes no more of a log by itself than its first `length` entries, none of which it lets go
    /// of: what is beyond is taken once another device names it. All again where that is none.
    pub fn hold_back(&mut self, device: DeviceId, length: Option<u64>) {
        let before = match length {
            Some(length) => self.held_back.insert(device, length),
            None => self.held_back.remove(&device),
        };
        self.restless |= before.is_some_and(|before| length.is_none_or(|now| now > before));
    }

    /// The logs of which no more is taken by itself, and how much of each is.
    pub fn held_back(&self) -> &BTreeMap<DeviceId, u64> {
        &self.held_back
    }

    /// Whether something taken would be lost by what was heard, and waits for that.
    pub fn is_unsettled(&self) -> bool {
        self.restless
    }

    /// Whether something was heard that was not settled since.
    pub fn is_fresh(&self) -> bool {
        !self.fresh.is_empty()
    }

    /// Up to where a log is not known to fork.
    pub fn stem(&self, device: &DeviceId) -> u64 {
        self.stems.get(device).copied().unwrap_or(u64::MAX)
    }

    /// The entries that are taken at a place of a log.
    pub fn taken_at(&self, device: &DeviceId, seq: u64) -> impl Iterator<Item = EntryId> {
        self.history.at_place(&self.taken, device, seq).map(|node| node.id)
    }

    /// The last entry of a log of one branch, and how long the log is with it; none where it has
    /// no entry, or several branches.
    pub fn end_of(&self, device: &DeviceId) -> Option<Tip> {
        let mut ends = self.history.ends(&self.taken, device);
        let end = ends.next().map(|node| Tip { length: node.seq + 1, head: node.id });
        end.filter(|_| ends.next().is_none())
    }

    /// What can be taken of all that was heard. What would lose something taken waits, unless this
    /// home may let go of it. Nothing changes before [`Charter::commit`].
    pub fn settle(&self, lets_go: bool) -> Settled {
        let mut settled = Settled { all: self.taken.clone(), ..Settled::default() };
        let simply = !self.restless && self.take_fresh(&mut settled);
        if !simply {
            self.settle_all(lets_go, &mut settled);
        }
        settled.gone = self.lacks(&self.taken, &settled.all);
        settled.taken = self.lacks(&settled.all, &self.taken);
        settled
    }

    /// Takes what was settled.
    pub fn commit(&mut self, settled: &Settled) {
        self.fresh.clear();
        self.restless = settled.is_blocked;
        self.stems.extend(settled.stems.iter().map(|(device, stem)| (*device, *stem)));
        self.taken = settled.all.clone();
        let changed = settled.taken.iter().chain(&settled.gone);
        let changed = changed.filter_map(|id| self.history.node(id)).map(|node| node.device);
        let changed: BTreeSet<_> = changed.chain(settled.stems.keys().copied()).collect();
        self.note(changed);
    }

    /// Takes what is fresh, each with its past, if none of it shows a fork that is not known.
    fn take_fresh(&self, settled: &mut Settled) -> bool {
        for node in self.fresh.iter().filter_map(|id| self.history.node(id)) {
            if self.stands(node, &settled.all, &self.stems) && !settled.all.has(node.place) {
                let before = settled.all.clone();
                settled.all.join(&node.past);
                settled.all.add(node.place);
                self.add_cards(&mut settled.all, &before, &self.stems);
            }
        }
        self.history.branching().all(|device| {
            let fork = self.history.fork_in(&settled.all, device);
            fork.is_none_or(|(stem, _)| stem >= self.stem(device))
        })
    }

    /// As [`Charter::settle`], by all that is known.
    fn settle_all(&self, lets_go: bool, settled: &mut Settled) {
        let mut stems = self.stems.clone();
        let closed = loop {
            let closed = self.closed(&stems);
            if !self.learn_from(&closed, &mut stems, settled) {
                break closed;
            }
        };
        if lets_go || closed.includes(&self.taken) {
            settled.all = closed;
            return;
        }
        // What loses nothing is taken all the same, the entry that names the rest among it.
        (settled.is_blocked, settled.all) = (true, self.taken.clone());
        for node in self.history.nodes() {
            let rivals = self.history.at_place(&settled.all, &node.device, node.seq).next();
            let follows = settled.all.includes(&node.past) && rivals.is_none();
            if follows && self.stands(node, &settled.all, &stems) {
                settled.all.add(node.place);
            }
        }
    }

    /// Learns of forks of which two branches are about to be taken.
    fn learn_from(
        &self,
        closed: &Clock,
        stems: &mut BTreeMap<DeviceId, u64>,
        settled: &mut Settled,
    ) -> bool {
        let mut is_news = false;
        for device in self.history.branching() {
            let Some((stem, pair)) = self.history.fork_in(closed, device) else { continue };
            if stems.get(device).is_none_or(|known| stem < *known) {
                is_news = true;
                stems.insert(*device, stem);
                settled.stems.insert(*device, stem);
                settled.forks.push(pair);
            }
        }
        is_news
    }

    /// All that is known which stands before every stem that is known, with its past.
    fn closed(&self, stems: &BTreeMap<DeviceId, u64>) -> Clock {
        let mut closed = Clock::default();
        // From the newest back: what one has in its past is there already.
        for node in self.history.nodes().iter().rev() {
            let is_named = closed.has(node.place);
            if !is_named && node.guest.is_none() && self.stands(node, &closed, stems) {
                closed.join(&node.past);
                closed.add(node.place);
            }
        }
        self.add_cards(&mut closed, &Clock::default(), stems);
        closed
    }

    /// Adds to a closed set the cards behind those knocks in it that are not in another set.
    fn add_cards(&self, closed: &mut Clock, before: &Clock, stems: &BTreeMap<DeviceId, u64>) {
        let news = self.lacks(closed, before);
        let nodes = news.iter().filter_map(|id| self.history.node(id));
        let knocks = nodes.filter(|node| node.guest == Some(node.id));
        for card in knocks.flat_map(|knock| self.history.cards_behind(knock)) {
            if self.stands(card, closed, stems) {
                closed.add(card.place);
            }
        }
    }

    /// Whether an entry is taken by itself: before its log's stem and where it is held back, and
    /// nobody's knock nor the card behind one that is not taken.
    fn stands(&self, node: &Node, taken: &Clock, stems: &BTreeMap<DeviceId, u64>) -> bool {
        let is_let_in = node.guest.is_none_or(|knock| {
            let knock = self.history.node(&knock).filter(|knock| knock.id != node.id);
            knock.is_some_and(|knock| taken.has(knock.place))
        });
        let before = |ends: &BTreeMap<DeviceId, u64>| {
            ends.get(&node.device).is_none_or(|end| node.seq < *end)
        };
        is_let_in && before(stems) && before(&self.held_back)
    }

    /// The entries of one set that another lacks, each after its past.
    fn lacks(&self, all: &Clock, there: &Clock) -> Vec<EntryId> {
        // From the newest back, for what is lacking is mostly new.
        let nodes = self.history.nodes().iter().rev();
        let lacking = nodes.filter(|node| all.has(node.place) && !there.has(node.place));
        let mut ids: Vec<_> = lacking.map(|node| node.id).take(all.beyond(there)).collect();
        ids.reverse();
        ids
    }

    /// What is taken has changed in these logs.
    pub(crate) fn note(&mut self, devices: impl IntoIterator<Item = DeviceId>) {
        for device in devices {
            let ends = self.history.ends(&self.taken, &device);
            let tips: Vec<_> =
                ends.map(|node| Tip { length: node.seq + 1, head: node.id }).collect();
            let stem = self.stems.get(&device).copied().filter(|_| !tips.is_empty());
            self.frontier.set_log(device, LogTips::new(tips, stem));
        }
        self.latest = self.plain.at(&self.history, &self.taken);
    }

    /// The heads of a new entry of `device`: what no other entry has in its past, and the guests
    /// that it proposes to admit; ascending, and as many as an entry can name. Where there are
    /// more, those go first that would be lost.
    pub fn heads_for(
        &self,
        device: &DeviceId,
        guests: impl IntoIterator<Item = EntryId>,
    ) -> Bounded<EntryId, HEADS_MAX> {
        let closed = if self.restless { self.closed(&self.stems) } else { Clock::default() };
        let tips = self.history.tips(&self.taken).into_iter();
        let mut tips: Vec<_> = tips.filter(|node| node.device != *device).collect();
        // Cards last: whoever names one names all else, and so the knock that it stands behind.
        tips.sort_unstable_by_key(|node| (node.guest.is_some(), closed.has(node.place), node.id));
        let heads = guests.into_iter().chain(tips.iter().map(|node| node.id));
        let mut heads: Vec<_> = heads.take(HEADS_MAX).collect();
        heads.sort_unstable();
        heads.dedup();
        Bounded::first_of(heads)
    }

    /// The entries that are taken and that nobody has who has these, as far as they are known here.
    /// Of the logs of `later` only what another one's has in its past.
    pub fn lacking(
        &self,
        heads: impl IntoIterator<Item = EntryId>,
        later: impl Fn(&DeviceId) -> bool,
    ) -> Vec<EntryId> {
        let mut had = Clock::default();
        for node in heads.into_iter().filter_map(|head| self.history.node(&head)) {
            had.join(&node.whole());
        }
        let (mut lacking, mut named) = (self.lacks(&self.taken, &had), Clock::default());
        // Each stands after its past, so from the last back what names one is seen before it.
        lacking.reverse();
        lacking.retain(|id| {
            let Some(node) = self.history.node(id) else { return false };
            let is_wanted = !later(&node.device) || named.has(node.place);
            if is_wanted {
                named.join(&node.past);
            }
            is_wanted
        });
        lacking.reverse();
        lacking
    }
}
