//! A home: what it has taken of the charter, what it keeps beside it, and what it does when it
//! learns of a fork.
//!
//! What is taken is a function of what a home knows: all that stands before every stem, with its
//! past. So whatever stands behind a stem is taken where an entry of another device has it in
//! its past and that one is taken too; and the rule leaves nothing to the order of arrival.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    archive::{Archive, Device, Entry, Id, Item, Rules},
    set::Set,
};

/// What a home does between its sessions, and what it has.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) device: Device,
    /// In order of arrival, each after its past.
    pub(crate) arrivals: Vec<Id>,
    pub(crate) taken: Set,
    /// Beside the charter: knocks and cards that no other device has named.
    pub(crate) guests: Vec<Id>,
    /// Of this session: what may be named by what is still to come.
    pub(crate) waiting: Vec<Id>,
    /// Of each forked log two entries at one place, the lowest that is known.
    pub(crate) proofs: BTreeMap<Device, (Id, Id)>,
    /// Whether it draws the consequences of each entry, or of all that came together.
    pub(crate) settles_each: bool,
    /// Whether it writes at all; a mirror does not.
    pub(crate) writes: bool,
    /// How often it wrote an entry to name what it had.
    pub(crate) namings: usize,
    /// What it did that an honest home never does.
    pub(crate) faults: Vec<String>,
}

/// What two homes compare: of each log its tips, and how long its stem is.
pub(crate) type State = (BTreeSet<(Device, usize, Id)>, BTreeMap<Device, usize>);

impl Node {
    pub(crate) fn new(device: Device) -> Self {
        Self {
            device,
            arrivals: Vec::new(),
            taken: Set::default(),
            guests: Vec::new(),
            waiting: Vec::new(),
            proofs: BTreeMap::new(),
            settles_each: false,
            writes: true,
            namings: 0,
            faults: Vec::new(),
        }
    }

    /// Whether it may write: it is in, and knows of no fork of its own log.
    pub(crate) fn can_write(&self, archive: &Archive) -> bool {
        let is_in = || archive.members(&self.taken).contains(&self.device);
        self.writes && !self.proofs.contains_key(&self.device) && is_in()
    }

    /// Writes an entry, and draws its consequences.
    pub(crate) fn write(&mut self, archive: &mut Archive, item: Item) -> Id {
        let id = self.append(archive, item);
        self.settle(archive);
        id
    }

    /// Appends the next entry of its log: it names all tips of what it has taken, and the guest
    /// that it proposes to admit.
    fn append(&mut self, archive: &mut Archive, item: Item) -> Id {
        let mut heads = self.tips(archive);
        if let Item::Propose(knock) = item {
            let of_knock = |id: &&Id| archive.entry(**id).whole().has(knock);
            heads.extend(self.guests.iter().filter(of_knock).max());
        }
        let own = |id: &Id| archive.entry(*id).device == self.device;
        heads.retain(|id| !own(id));
        // A newcomer goes on after its card, whether or not anybody has named that.
        let last = self.taken.iter().chain(self.guests.iter().copied()).filter(own).max();
        let id = archive.sign(self.device, last, heads, item);
        let entry = archive.entry(id);
        if entry.refusal.is_some() {
            self.faults.push(format!("wrote what is refused: {entry:?}"));
        }
        let whole = entry.whole();
        self.guests.retain(|guest| !whole.has(*guest));
        let new = whole.iter().filter(|id| !self.taken.has(*id)).collect::<Vec<_>>();
        new.iter().for_each(|id| self.take(*id));
        id
    }

    /// What no other entry has in its past.
    pub(crate) fn tips(&self, archive: &Archive) -> Vec<Id> {
        let mut named = Set::default();
        self.arrivals.iter().for_each(|id| named.join(&archive.entry(*id).past));
        self.arrivals.iter().copied().filter(|id| !named.has(*id)).collect()
    }

    /// The last entry of each branch of each log, and how long the stems of these logs are: what
    /// the digest covers. A proof about a log of which nothing is taken is kept and not compared.
    pub(crate) fn state(&self, archive: &Archive) -> State {
        let entries = || self.arrivals.iter().map(|id| archive.entry(*id));
        let followed: Set = entries().filter_map(|entry| entry.backlink).collect();
        let tips = entries().filter(|entry| !followed.has(entry.id));
        let tips = tips.map(|entry| (entry.device, entry.seq + 1, entry.id)).collect();
        let logs: BTreeSet<_> = entries().map(|entry| entry.device).collect();
        let stem = |(fork, _): &(Id, Id)| archive.entry(*fork).seq;
        let stems = self.proofs.iter().filter(|(device, _)| logs.contains(*device));
        (tips, stems.map(|(device, fork)| (*device, stem(fork))).collect())
    }

    /// Whether an entry stands where both branches of a fork that is known have it.
    pub(crate) fn on_stem(&self, archive: &Archive, entry: &Entry) -> bool {
        let fork = self.proofs.get(&entry.device);
        fork.is_none_or(|(fork, _)| entry.seq < archive.entry(*fork).seq)
    }

    /// Hears an entry. Nothing follows from it before [`Node::settle`].
    pub(crate) fn hear(&mut self, archive: &mut Archive, id: Id) {
        if self.taken.has(id) || self.guests.contains(&id) || self.waiting.contains(&id) {
            return;
        }
        if archive.rules == Rules::NothingWaits && !self.on_stem(archive, archive.entry(id)) {
            return;
        }
        if archive.rules != Rules::OneBranch {
            self.compare(archive, id);
        }
        self.waiting.push(id);
        if self.settles_each {
            self.settle(archive);
        }
    }

    /// Two entries of one log at one place are a fork, whoever shows them and whether or not the
    /// second is ever taken.
    fn compare(&mut self, archive: &Archive, id: Id) {
        let entry = archive.entry(id);
        let other = self.taken.iter().find(|other| {
            let taken = archive.entry(*other);
            taken.device == entry.device && taken.seq == entry.seq && taken.id != entry.id
        });
        if let Some(other) = other {
            self.learn(archive, (other, id));
        }
    }

    /// Notes the proof of a fork, if it is the first or shows a shorter stem.
    pub(crate) fn learn(&mut self, archive: &Archive, proof: (Id, Id)) -> bool {
        let fork = archive.entry(proof.0);
        let news = self.on_stem(archive, fork);
        if news {
            self.proofs.insert(fork.device, proof);
        }
        news
    }

    /// Keeps a knock or a card beside the charter: on an invite that it has, of a log that has
    /// not begun, and no more of an invite than it is for.
    pub(crate) fn keep_guest(&mut self, archive: &mut Archive, id: Id) {
        if archive.rules == Rules::OneBranch {
            self.hear(archive, id);
            return self.settle(archive);
        }
        let entry = archive.entry(id);
        let is_new = !self.taken.has(id) && !self.guests.contains(&id);
        if !(is_new && entry.is_guest() && entry.refusal.is_none()) {
            return;
        }
        if entry.item == Item::Card && entry.backlink.is_some_and(|knock| self.taken.has(knock)) {
            // Behind a knock that is let in, a card is an entry like any.
            self.hear(archive, id);
            return self.settle(archive);
        }
        let has = |id: &Id| self.taken.has(*id) || self.guests.contains(id);
        let begun = self.taken.iter().any(|id| archive.entry(id).device == entry.device);
        let beside = || self.guests.iter().map(|id| archive.entry(*id).item);
        let fits = match entry.item {
            Item::Knock(invite) => {
                let Item::Invite(uses) = archive.entry(invite).item else { return };
                let on_it = beside().filter(|item| *item == Item::Knock(invite)).count();
                let stands = has(&invite) && self.on_stem(archive, archive.entry(invite));
                !begun && on_it < uses && stands
            }
            _ => {
                let second = |id: &&Id| archive.entry(**id).backlink == entry.backlink;
                !begun && entry.backlink.iter().all(has) && !self.guests.iter().any(|g| second(&g))
            }
        };
        if fits {
            self.guests.push(id);
        } else if begun && archive.rules != Rules::OneBranch {
            self.compare(archive, id);
            self.settle(archive);
        }
    }

    /// Draws the consequences of all that was heard.
    pub(crate) fn settle(&mut self, archive: &mut Archive) {
        if archive.rules == Rules::OneBranch {
            return self.settle_one_branch(archive);
        }
        loop {
            let closed = self.closed(archive);
            if self.learn_from(archive, &closed) {
                continue;
            }
            let loses = !closed.includes(&self.taken);
            if loses && archive.rules != Rules::NobodyNames && self.can_write(archive) {
                // Its past is what it had, in which nothing is shown to fork that it names.
                self.append(archive, Item::Name);
                self.namings += 1;
                if !self.closed(archive).includes(&self.taken) {
                    self.faults.push("named what it had, and lost it".to_owned());
                    self.writes = false;
                }
                continue;
            }
            self.replace(archive, &closed);
            if !self.drop_guests(archive) {
                break;
            }
        }
    }

    /// The session is over: what nobody named is forgotten.
    pub(crate) fn part(&mut self) {
        self.waiting.clear();
    }

    /// All that it knows which stands before every stem that it knows, with its past; of knocks
    /// and their cards those of which the knock is in the past of something else.
    fn closed(&self, archive: &Archive) -> Set {
        let mut known = self.taken.clone();
        self.guests.iter().chain(&self.waiting).for_each(|id| known.add(*id));
        let mut closed = Set::default();
        for entry in known.iter().map(|id| archive.entry(id)) {
            let stands = entry.refusal.is_none() && !entry.is_guest();
            if stands && self.on_stem(archive, entry) && known.includes(&entry.past) {
                closed.join(&entry.whole());
            }
        }
        for card in known.iter().map(|id| archive.entry(id)) {
            let is_let_in = card.backlink.is_some_and(|knock| closed.has(knock));
            if card.item == Item::Card && is_let_in && self.on_stem(archive, card) {
                closed.join(&card.whole());
            }
        }
        closed
    }

    /// Learns of forks of which both branches are about to be taken.
    fn learn_from(&mut self, archive: &Archive, closed: &Set) -> bool {
        let mut places = BTreeMap::new();
        closed.iter().fold(false, |news, id| {
            let entry = archive.entry(id);
            let first = *places.entry((entry.device, entry.seq)).or_insert(id);
            (first != id && self.learn(archive, (first, id))) || news
        })
    }

    /// Keeps a guest no longer whose log has begun by another knock, which proves a fork, or
    /// whose invite stands behind a stem.
    fn drop_guests(&mut self, archive: &Archive) -> bool {
        let proofs = self.proofs.clone();
        let begun: BTreeSet<_> = self.arrivals.iter().map(|id| archive.entry(*id).device).collect();
        for id in std::mem::take(&mut self.guests) {
            let device = archive.entry(id).device;
            let invite = archive.invite_of(id).map(|invite| archive.entry(invite));
            if self.taken.has(id) {
                continue;
            }
            if device == self.device {
                self.guests.push(id);
            } else if begun.contains(&device) {
                self.compare(archive, id);
            } else if invite.is_some_and(|invite| self.on_stem(archive, invite)) {
                self.guests.push(id);
            }
        }
        proofs != self.proofs
    }

    /// Takes this set: lets go of what is not in it, and takes the rest in an order in which
    /// each comes after its past.
    fn replace(&mut self, archive: &Archive, closed: &Set) {
        let (kept, gone) = self.arrivals.iter().partition::<Vec<Id>, _>(|id| closed.has(**id));
        if !gone.is_empty() && self.can_write(archive) {
            self.faults.push(format!("can write, and let go of {gone:?}"));
        }
        self.arrivals = kept;
        self.taken = self.arrivals.iter().copied().collect();
        self.waiting.extend(gone);
        let heard: Vec<_> = self.guests.iter().chain(&self.waiting).copied().collect();
        while !self.taken.includes(closed) {
            for id in heard.iter().copied().filter(|id| closed.has(*id)) {
                if !self.taken.has(id) && self.taken.includes(&archive.entry(id).past) {
                    self.take(id);
                }
            }
        }
        let taken = &self.taken;
        self.waiting.retain(|id| !taken.has(*id));
    }

    fn take(&mut self, id: Id) {
        self.arrivals.push(id);
        self.taken.add(id);
    }

    /// The text before: of each log the branch that came first, and no guests.
    fn settle_one_branch(&mut self, archive: &Archive) {
        let mut before = usize::MAX;
        while before != self.waiting.len() {
            before = self.waiting.len();
            for id in std::mem::take(&mut self.waiting) {
                let entry = archive.entry(id);
                let place = |other: &Entry| (other.device, other.seq) == (entry.device, entry.seq);
                let free = !self.taken.iter().any(|other| place(archive.entry(other)));
                if free && entry.refusal.is_none() && self.taken.includes(&entry.past) {
                    self.take(id);
                } else {
                    self.waiting.push(id);
                }
            }
        }
    }
}
