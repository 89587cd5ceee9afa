//! One space's charter: which entries can be taken, and what they come to.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ledger::{
    DeviceId, Entry, EntryId, Frontier, HeaderKind, ItemId, MemberId, SpaceId,
    charter_items::{Act, Card, CharterBody, CharterItem, DeviceAdd},
};

use crate::{
    clock::Clock,
    counting::{are_sound, is_stale},
    fold::Fold,
    history::{History, Judged, Node},
    limits::{ADDED_MAX, DEPTH_MAX, LOGS_LET_IN_MAX},
    refused::Refused,
    roll::{ActState, Roll},
    tally::Tally,
    work::Work,
};

/// Acts that a node leaves out at every depth (CHARTER 7).
pub type HeldActs = BTreeSet<ItemId>;

/// The charter version whose items this program acts on.
const VERSION: u32 = 1;

/// One space's charter: its entries, and what they come to.
#[derive(Debug)]
pub struct Charter {
    pub(crate) space: SpaceId,
    pub(crate) history: History,
    /// By everything that is taken, no act held: what entries are judged by.
    pub(crate) plain: Fold,
    /// With the acts left out that were last asked for.
    holding: Option<Fold>,
    pub(crate) latest: Arc<Tally>,
    /// What is taken of the history: the rest is beside it, until something taken names it.
    pub(crate) taken: Clock,
    pub(crate) frontier: Frontier,
    /// How long the stems are of the logs that are known to fork.
    pub(crate) stems: BTreeMap<DeviceId, u64>,
    /// Logs of which no more is taken by itself than so many entries.
    pub(crate) held_back: BTreeMap<DeviceId, u64>,
    /// Entries that were heard and not settled yet.
    pub(crate) fresh: Vec<EntryId>,
    /// Whether a stem got shorter and what is taken has not been judged by it yet.
    pub(crate) restless: bool,
    /// Acts that were looked at to answer for one knock.
    visited: Cell<u64>,
}

/// How an act stands by all that is here, and why: what `why ACT` prints.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explained {
    /// What is proposed, as commands and JSON say it: `admit`, `remove`, ….
    pub kind: &'static str,
    /// Where it stands; stale where too many have come to have a say since it was put.
    pub state: ActState,
    /// The members who could approve: those with a say in the past of the entry that put it.
    pub electorate: BTreeSet<MemberId>,
    /// How many they are, from which the threshold follows.
    pub n: usize,
    /// Approvals that it needs; for an admission those that let in, not those that give a say.
    pub threshold: usize,
    /// Approvals that count, one for each member: (who, in which entry).
    pub counted: Vec<(MemberId, EntryId)>,
    /// Approvals that do not: (who, in which entry, by which rule).
    pub not_counted: Vec<(MemberId, EntryId, &'static str)>,
    /// Approvals that it lacks to its threshold; 0 once it has passed.
    pub missing: usize,
}

/// How a member's vouch stands on one proposal to admit a newcomer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Vouch {
    /// The proposal, by its id.
    pub act: ItemId,
    /// Whether a vouch by this member would count, given now.
    pub counts: bool,
    /// Whether they have given one that counts.
    pub given: bool,
}

impl Charter {
    /// A charter without entries.
    pub fn new(space: SpaceId) -> Self {
        Self {
            space,
            history: History::default(),
            plain: Fold::default(),
            holding: None,
            latest: Arc::default(),
            taken: Clock::default(),
            frontier: Frontier::default(),
            stems: BTreeMap::new(),
            held_back: BTreeMap::new(),
            fresh: Vec::new(),
            restless: false,
            visited: Cell::default(),
        }
    }

    /// Whether [`Charter::hear`] would keep the entry, whose signature has been checked. What is
    /// held decides nothing here: acts are held, never entries.
    pub fn check(&mut self, entry: &Entry, body: &CharterBody) -> Result<(), Refused> {
        let first = self.history.nodes().is_empty();
        if first && !entry.header.is_genesis() {
            return Err(Refused::Past);
        }
        if entry.header.is_genesis() {
            let ours = SpaceId::from(entry.id) == self.space && entry.header.is_genesis();
            let begins = first && ours && is_genesis(&entry.device(), body);
            return if begins { Ok(()) } else { Err(Refused::Genesis) };
        }
        let HeaderKind::Charter(heads) = &entry.header.kind else {
            return Err(Refused::Order);
        };
        let named: Option<Vec<_>> = History::names(entry).map(|id| self.history.node(id)).collect();
        let named = named.ok_or(Refused::Past)?;
        let follows = |node: &&Node| node.device == entry.device();
        let own = named.iter().copied().filter(follows).collect::<Vec<_>>();
        match (own.as_slice(), entry.header.backlink) {
            ([], None) => {}
            ([last], Some(before)) if last.id == before && last.seq + 1 == entry.seq() => {}
            _ => return Err(Refused::Order),
        }
        // Anybody can make keys: what no ticket signed is refused before its past is folded.
        let is_added = self.history.is_added(&entry.device()) && Card::alone_in(body).is_some();
        if entry.seq() == 0 && !is_added && !self.is_knock(entry, body) {
            return Err(Refused::Begins);
        }
        let past = self.history.past_of(entry);
        let roll = &self.plain.at(&self.history, &past).roll;
        let behind_knock = own.first().is_some_and(|last| last.guest == Some(last.id));
        let may = match entry.seq() {
            0 if is_added && self.history.logs_in(&past) > LOGS_LET_IN_MAX => {
                return Err(Refused::Full);
            }
            0 => is_invited(roll, body) || is_added && roll.knows(&entry.device()),
            // Who has knocked says next where they are reached, and nothing more until they are in.
            1 if behind_knock && Card::alone_in(body).is_some() => heads.is_empty(),
            _ => roll.knows(&entry.device()),
        };
        match (may, entry.seq()) {
            (true, _) => self.check_names(&named, &own, &past, body),
            (false, 0) => Err(Refused::Begins),
            (false, _) => Err(Refused::GoesOn),
        }
    }

    /// What an entry may name: no guest that it does not propose to admit, and nothing that stands
    /// behind a stem which its own past shows. An invite is named by who names a knock with it.
    fn check_names(
        &self,
        named: &[&Node],
        own: &[&Node],
        past: &Clock,
        body: &CharterBody,
    ) -> Result<(), Refused> {
        let admits = |knock: EntryId| {
            body.iter().any(|item| {
                let CharterItem::Propose(propose) = item else { return false };
                matches!(&propose.act, Act::Admit(admit) if admit.knock == knock)
            })
        };
        let is_own = |node: &Node| own.iter().any(|one| one.id == node.id);
        let mut invites = Vec::new();
        for (node, id) in named.iter().filter_map(|node| Some((node, node.guest?))) {
            let Some(knock) = self.history.node(&id).filter(|_| !is_own(node)) else { continue };
            // Whoever took a knock in has taken in the card that stands behind it.
            let others = named.iter().filter(|other| other.id != node.id);
            if node.id != id && others.map(|other| &other.past).any(|past| past.has(knock.place)) {
                continue;
            }
            if !admits(id) {
                return Err(Refused::Guest);
            }
            if self.history.logs_in(past) > LOGS_LET_IN_MAX {
                return Err(Refused::Full);
            }
            if let Some(CharterItem::Knock(knock)) = knock.items.first() {
                invites.extend(self.history.item(&knock.invite).map(|(node, _)| node));
            }
        }
        let is_behind = |node: &&Node| {
            let fork = self.history.fork_in(past, &node.device);
            fork.is_some_and(|(stem, _)| node.seq >= stem)
        };
        match named.iter().copied().chain(invites).any(|node| is_behind(&node)) {
            true => Err(Refused::BehindStem),
            false => Ok(()),
        }
    }

    /// Whether all that an entry names is known here.
    pub fn has_past(&self, entry: &Entry) -> bool {
        History::names(entry).all(|id| self.history.node(id).is_some())
            && (entry.header.is_genesis() || !self.history.nodes().is_empty())
    }

    /// Hears of an entry whose signature has been checked: from now on others can name it. Whether
    /// it is taken is for [`Charter::settle`] to say. A refusal changes nothing.
    pub fn hear(&mut self, entry: &Entry, body: CharterBody) -> Result<(), Refused> {
        if self.history.node(&entry.id).is_some() {
            return Ok(());
        }
        self.check(entry, &body)?;
        let judged = self.judge(entry, &body);
        self.history.add(entry, body, judged);
        self.fresh.push(entry.id);
        Ok(())
    }

    fn judge(&self, entry: &Entry, body: &CharterBody) -> Judged {
        let author = &entry.device();
        let before = entry.header.backlink.and_then(|id| self.history.node(&id));
        let before = before.map_or(0, |node| node.judged.added);
        let adds = body.iter().filter_map(|item| match item {
            CharterItem::DeviceAdd(add) => Some(add),
            _ => None,
        });
        let agrees = |add: &&DeviceAdd| add.verify(&self.space, author).is_ok();
        let adds = adds.filter(agrees).map(|add| add.device);
        let adds: Vec<_> = adds.take(ADDED_MAX.saturating_sub(before)).collect();
        let added = before + adds.len();
        Judged { is_card: Card::of_body(body, &self.space, author).is_some(), adds, added }
    }

    /// Whether another device that this one adds now would be its member's.
    pub fn may_add_device(&self, device: &DeviceId) -> bool {
        let roll = &self.latest.roll;
        let ends = self.history.ends(&self.taken, device);
        let added = ends.map(|node| node.judged.added).max().unwrap_or(0);
        let depth = roll.devices.get(device).map_or(0, |device| device.depth);
        roll.is_in(device) && added < ADDED_MAX && depth < DEPTH_MAX
    }

    /// Takes again what was taken before, in the order of then: what stands behind a stem by
    /// itself as well, for what names it follows.
    pub fn restore(&mut self, entry: &Entry, body: CharterBody) -> Result<(), Refused> {
        self.hear(entry, body)?;
        self.fresh.clear();
        if let Some(node) = self.history.node(&entry.id) {
            self.taken.add(node.place);
        }
        self.note([entry.device()]);
        Ok(())
    }

    /// What the closed part of a frontier comes to: the entries whose past is in it too. `held`
    /// acts are left out, there and in every past.
    pub fn at(&mut self, frontier: &Frontier, held: &HeldActs) -> Arc<Roll> {
        let mut named = Clock::default();
        for (device, tip) in frontier.iter() {
            // Of a log that goes on elsewhere all is meant that is here; of another branch nothing.
            let ends = self.history.ends(&self.taken, device);
            let longest = ends.max_by_key(|node| node.seq);
            let longest = longest.filter(|node| node.seq + 1 < tip.length);
            if let Some(node) = self.history.node(&tip.head).or(longest) {
                named.join(&self.history.chain(node));
            }
        }
        let clock = self.history.closed(&named, &self.taken);
        let (history, _, fold) = self.fold(held);
        fold.at(history, &clock).roll.clone()
    }

    /// What everything that is taken comes to, without the `held` acts.
    pub fn now(&mut self, held: &HeldActs) -> Arc<Roll> {
        if held.is_empty() {
            return self.latest.roll.clone();
        }
        let (history, taken, fold) = self.fold(held);
        fold.at(history, taken).roll.clone()
    }

    /// What this charter was made to do since it was opened.
    pub fn work(&self) -> Work {
        let folds = self.holding.iter().map(Fold::work).fold(self.plain.work(), Work::plus);
        Work { visited: folds.visited + self.visited.get(), ..folds }
    }

    /// Whether the entry was taken.
    pub fn has_entry(&self, id: &EntryId) -> bool {
        self.history.node(id).is_some_and(|node| self.taken.has(node.place))
    }

    /// Whether the entry was heard of, and others can name it.
    pub fn knows_entry(&self, id: &EntryId) -> bool {
        self.history.node(id).is_some()
    }

    /// Whether the item stands in an entry that was taken.
    pub fn has_item(&self, id: &ItemId) -> bool {
        self.history.item(id).is_some_and(|(node, _)| self.taken.has(node.place))
    }

    /// How much of each log is taken, with all branches.
    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// How an act stands by everything that is here.
    pub fn explain(&self, act: ItemId) -> Option<Explained> {
        let count = self.latest.counts.get(&act)?;
        let stale =
            count.state == ActState::Open && is_stale(&count.electorate, &self.latest.electorate);
        let counted: Vec<_> = count.counted.iter().map(|(who, entry)| (*who, *entry)).collect();
        Some(Explained {
            kind: count.kind,
            state: if stale { ActState::Stale } else { count.state },
            n: count.electorate.len(),
            electorate: BTreeSet::clone(&count.electorate),
            threshold: count.threshold,
            missing: count.threshold.saturating_sub(counted.len()),
            counted,
            not_counted: count.not_counted.iter().copied().collect(),
        })
    }

    /// The proposals to admit a newcomer, by id, and how a vouch of `member` stands on each.
    pub fn vouches(&self, knock: &EntryId, member: &MemberId) -> Vec<Vouch> {
        let Some(state) = self.latest.roll.knocks.get(knock) else { return Vec::new() };
        self.visited.set(self.visited.get() + state.proposals.len() as u64);
        let vouch = |act: &ItemId| {
            let count = self.latest.counts.get(act)?;
            let counts = count.electorate.contains(member)
                && !is_stale(&count.electorate, &self.latest.electorate);
            Some(Vouch { act: *act, counts, given: count.counted.contains_key(member) })
        };
        state.proposals.iter().filter_map(vouch).collect()
    }

    fn fold(&mut self, held: &HeldActs) -> (&History, &Clock, &mut Fold) {
        if held.is_empty() {
            return (&self.history, &self.taken, &mut self.plain);
        }
        let holding = self.holding.take().filter(|fold| fold.held() == held);
        let fold = self.holding.insert(holding.unwrap_or_else(|| Fold::new(held.clone())));
        (&self.history, &self.taken, fold)
    }

    /// A knock on the entry that its ticket names, signed by the ticket of an invite that is known.
    fn is_knock(&self, entry: &Entry, body: &CharterBody) -> bool {
        let [CharterItem::Knock(knock)] = &**body else { return false };
        let on_ticket = matches!(&entry.header.kind,
            HeaderKind::Charter(heads) if **heads == [knock.known]);
        let invite = self.history.item(&knock.invite).map(|(_, item)| item);
        let signed = |ticket| knock.verify(ticket, &self.space, &entry.device()).is_ok();
        on_ticket && matches!(invite, Some(CharterItem::Invite(invite)) if signed(&invite.ticket))
    }
}

/// The invite of a knock stands in its own past, by someone in at the invite's past.
fn is_invited(roll: &Roll, body: &CharterBody) -> bool {
    let Some(CharterItem::Knock(knock)) = body.first() else { return false };
    roll.invites.contains_key(&knock.invite)
}

/// A genesis and the first rekey, of a version that this program reads and with thresholds that
/// the program's floors and ceilings allow (CHARTER 1 and 5).
fn is_genesis(author: &DeviceId, body: &CharterBody) -> bool {
    let [CharterItem::Genesis(genesis), CharterItem::Rekey(_)] = &**body else { return false };
    genesis.device == *author && genesis.version == VERSION && are_sound(&genesis.thresholds)
}
