//! All that was ever signed, and whether its own past lets it be taken.

use std::collections::{BTreeMap, BTreeSet};

use super::set::Set;

/// An entry: its number in the archive, so each is greater than all in its past.
pub(crate) type Id = usize;

/// A key that signs, and so a log.
pub(crate) type Device = usize;

/// What an entry says, as far as forks care.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Item {
    Genesis,
    /// For so many guests.
    Invite(usize),
    /// On an invite.
    Knock(Id),
    Card,
    /// To admit who knocked; the proposer vouches in the same entry.
    Propose(Id),
    /// A vouch for a proposal.
    Approve(Id),
    Remove(Device),
    Other,
    /// Nothing: what it is for are its heads.
    Name,
}

/// Why nobody ever takes an entry: each is a function of the entry and its own past.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    /// Something in its past is refused.
    Past,
    /// It does not follow its backlink, or names its own log as another.
    Order,
    /// Nothing in its past lets its device begin a log, or go on with it.
    Author,
    /// It names a guest and does not propose to admit it.
    Guest,
    /// It names, or follows, something behind a stem that its own past shows.
    BehindStem,
}

/// One signed entry.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) id: Id,
    pub(crate) device: Device,
    pub(crate) seq: usize,
    pub(crate) backlink: Option<Id>,
    pub(crate) heads: Vec<Id>,
    pub(crate) item: Item,
    /// Without itself.
    pub(crate) past: Set,
    /// Of a proposal: how many vouches it needs, its author's among them.
    pub(crate) needed: usize,
    pub(crate) refusal: Option<Refusal>,
}

/// Which parts of the rules hold: all, or all but one, to see that the tests would notice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rules {
    /// The text.
    Whole,
    /// The text before: one branch a log, the one that came first; a second is never taken.
    OneBranch,
    /// Nobody shows a fork of which they took no two branches.
    ProofsStay,
    /// What stands behind a stem is forgotten at once, before what names it can come.
    NothingWaits,
    /// Who learns of a fork writes nothing first.
    NobodyNames,
    /// Heads may stand behind a stem that the entry's own past shows.
    AnyHeads,
}

/// Everything that was signed by anyone, honest or not.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) rules: Rules,
    entries: Vec<Entry>,
}

impl Entry {
    /// A newcomer's first two entries: beside the charter until another device names them.
    pub(crate) fn is_guest(&self) -> bool {
        matches!(self.item, Item::Knock(_) | Item::Card)
    }

    /// Its past and itself.
    pub(crate) fn whole(&self) -> Set {
        let mut whole = self.past.clone();
        whole.add(self.id);
        whole
    }
}

impl Archive {
    pub(crate) fn new(rules: Rules) -> Self {
        Self { rules, entries: Vec::new() }
    }

    pub(crate) fn entry(&self, id: Id) -> &Entry {
        &self.entries[id]
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Signs an entry of any kind: what is wrong with it is found out by who judges it.
    pub(crate) fn sign(
        &mut self,
        device: Device,
        backlink: Option<Id>,
        mut heads: Vec<Id>,
        item: Item,
    ) -> Id {
        heads.sort_unstable();
        heads.dedup();
        let (id, seq) = (self.entries.len(), backlink.map_or(0, |id| self.entry(id).seq + 1));
        let mut past = Set::default();
        for named in heads.iter().copied().chain(backlink) {
            past.join(&self.entry(named).whole());
        }
        let needed = self.members(&past).len().clamp(1, 2);
        let entry = Entry { id, device, seq, backlink, heads, item, past, needed, refusal: None };
        let refusal = self.judge(&entry);
        self.entries.push(Entry { refusal, ..entry });
        id
    }

    /// The lowest place at which a set has two entries of one log: how long the stem is.
    pub(crate) fn shown_stem(&self, device: Device, set: &Set) -> Option<(Id, Id)> {
        let mut places = BTreeMap::new();
        let log = set.iter().filter(|id| self.entry(*id).device == device);
        let twice = log.filter_map(|id| {
            let first = *places.entry(self.entry(id).seq).or_insert(id);
            (first != id).then_some((first, id))
        });
        twice.min_by_key(|(first, _)| self.entry(*first).seq)
    }

    /// Whose devices are in by a closed set: the founder's, and whom two of those have vouched
    /// for (one, while there is one), and nobody has removed.
    pub(crate) fn members(&self, set: &Set) -> BTreeSet<Device> {
        let (mut members, mut removed) = (BTreeSet::new(), BTreeSet::new());
        let mut vouches = BTreeMap::<Id, BTreeSet<Device>>::new();
        for entry in set.iter().map(|id| self.entry(id)) {
            let proposal = match entry.item {
                Item::Genesis => {
                    members.insert(entry.device);
                    continue;
                }
                Item::Remove(device) => {
                    removed.insert(device);
                    continue;
                }
                Item::Propose(_) => entry.id,
                Item::Approve(proposal) if entry.past.has(proposal) => proposal,
                _ => continue,
            };
            let Item::Propose(knock) = self.entry(proposal).item else { continue };
            let vouched = vouches.entry(proposal).or_default();
            vouched.insert(entry.device);
            if vouched.len() >= self.entry(proposal).needed {
                members.insert(self.entry(knock).device);
            }
        }
        &members - &removed
    }

    fn judge(&self, entry: &Entry) -> Option<Refusal> {
        let named = || entry.heads.iter().map(|id| self.entry(*id));
        if entry.past.iter().any(|id| self.entry(id).refusal.is_some()) {
            return Some(Refusal::Past);
        }
        let follows = entry.backlink.is_none_or(|id| self.entry(id).device == entry.device);
        if !follows || named().any(|head| head.device == entry.device) {
            return Some(Refusal::Order);
        }
        if !self.may_write(entry) {
            return Some(Refusal::Author);
        }
        let admits = |guest: &Entry| match entry.item {
            Item::Propose(knock) => self.entry(knock).device == guest.device,
            _ => false,
        };
        let one_branch = self.rules == Rules::OneBranch;
        let takes_in = |head: &Entry| head.is_guest() && !self.is_let_in(entry, head);
        if !one_branch && named().any(|head| takes_in(head) && !admits(head)) {
            return Some(Refusal::Guest);
        }
        let behind = |id: Id| {
            let stem = self.shown_stem(self.entry(id).device, &entry.past);
            stem.is_some_and(|(fork, _)| self.entry(id).seq >= self.entry(fork).seq)
        };
        let unchecked = one_branch || self.rules == Rules::AnyHeads;
        (!unchecked && self.names(entry).any(behind)).then_some(Refusal::BehindStem)
    }

    /// What an entry names by itself: its backlink, its heads, and the invite of a guest that it
    /// takes in, or one log could name many branches of another by a guest for each.
    fn names<'a>(&'a self, entry: &'a Entry) -> impl Iterator<Item = Id> + 'a {
        let takes_in = |head: &&Id| !self.is_let_in(entry, self.entry(**head));
        let guests = entry.heads.iter().filter(takes_in).filter_map(|head| self.invite_of(*head));
        entry.heads.iter().copied().chain(entry.backlink).chain(guests)
    }

    /// Whether a head is a card whose knock another head has in its past, or is: whoever took that
    /// knock in has taken in what stands behind it.
    fn is_let_in(&self, entry: &Entry, head: &Entry) -> bool {
        let knock = head.backlink.filter(|_| head.item == Item::Card);
        let others =
            || entry.heads.iter().copied().chain(entry.backlink).filter(|id| *id != head.id);
        knock.is_some_and(|knock| others().any(|id| self.entry(id).past.has(knock)))
    }

    /// On which invite a knock, or the knock before a card, stands.
    pub(crate) fn invite_of(&self, guest: Id) -> Option<Id> {
        let entry = self.entry(guest);
        match (entry.item, entry.backlink) {
            (Item::Knock(invite), _) => Some(invite),
            (Item::Card, Some(knock)) => self.invite_of(knock),
            _ => None,
        }
    }

    /// DESIGN 5, "Who may begin a log", and that a log goes on once its admission is in its past.
    fn may_write(&self, entry: &Entry) -> bool {
        let is_knock = |id: Id| matches!(self.entry(id).item, Item::Knock(_));
        match (entry.seq, entry.item) {
            (0, Item::Genesis) => entry.id == 0,
            (0, Item::Knock(invite)) => {
                let invites = matches!(self.entry(invite).item, Item::Invite(_));
                invites && entry.heads == [invite]
            }
            (1, Item::Card) => entry.heads.is_empty() && entry.backlink.is_some_and(is_knock),
            (0, _) | (_, Item::Genesis | Item::Knock(_) | Item::Card) => false,
            (_, Item::Propose(knock)) if !(is_knock(knock) && entry.past.has(knock)) => false,
            _ => self.members(&entry.past).contains(&entry.device),
        }
    }
}
