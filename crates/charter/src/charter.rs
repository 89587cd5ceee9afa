//! The entries of one charter, each with its past and what the charter said there.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use log::{
    DeviceId, Entry, EntryId, ItemId, JournalKind, MemberId, SpaceId,
    charter_items::{CharterBody, CharterItem},
    limits::HEADS_MAX,
};

use crate::{
    clock::Clock,
    counting::is_stale,
    fold::{self, Count},
    refused::Refused,
    roll::{ActState, Roll},
};

/// Acts that a node leaves out at every depth (CHARTER 7).
pub type Held = BTreeSet<ItemId>;

/// Rolls that are kept for when they are asked for again.
const ROLLS_KEPT: usize = 32;

/// One entry, its past and the roll there.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: EntryId,
    pub(crate) device: DeviceId,
    pub(crate) seq: u64,
    /// What is in its past, without itself.
    pub(crate) past: Clock,
    /// What the charter said there, by which its items are judged.
    pub(crate) roll: Arc<Roll>,
    pub(crate) items: CharterBody,
}

/// One space's charter: its entries, and what they come to.
#[derive(Debug)]
pub struct Charter {
    space: SpaceId,
    /// In the order of arrival, in which each comes after its past.
    nodes: Vec<Node>,
    by_id: BTreeMap<EntryId, usize>,
    logs: BTreeMap<DeviceId, Vec<EntryId>>,
    items: BTreeSet<ItemId>,
    everything: Clock,
    kept: BTreeMap<Clock, Arc<Roll>>,
}

/// How an act stands, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explained {
    /// The kind of act.
    pub kind: &'static str,
    /// Where it stands.
    pub state: ActState,
    /// Who counts.
    pub electorate: BTreeSet<MemberId>,
    /// How many they are.
    pub n: usize,
    /// Approvals that it needs; for an admission, to be in.
    pub threshold: usize,
    /// Approvals that count: (who, in which entry).
    pub counted: Vec<(MemberId, EntryId)>,
    /// Approvals that do not: (who, in which entry, by which rule).
    pub not_counted: Vec<(MemberId, EntryId, &'static str)>,
    /// Approvals that are missing.
    pub missing: usize,
}

/// How a member's vouch stands on one proposal to admit a newcomer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Vouch {
    /// The proposal.
    pub act: ItemId,
    /// Whether a vouch given now counts.
    pub counts: bool,
    /// Whether one was given that counts.
    pub given: bool,
}

impl Charter {
    /// A charter without entries.
    pub fn new(space: SpaceId) -> Self {
        Self {
            space,
            nodes: Vec::new(),
            by_id: BTreeMap::new(),
            logs: BTreeMap::new(),
            items: BTreeSet::new(),
            everything: Clock::default(),
            kept: BTreeMap::new(),
        }
    }

    /// Whether [`Charter::add`] would take the entry, whose signature has been checked.
    pub fn check(&self, entry: &Entry, body: &CharterBody) -> Result<(), Refused> {
        let JournalKind::Charter(heads) = &entry.header.kind else { return Err(Refused::Order) };
        let first = self.nodes.is_empty();
        if entry.header.is_genesis() || first {
            let genesis = matches!(body.first(), Some(CharterItem::Genesis(genesis))
                if genesis.device == entry.device());
            let ours = SpaceId::from(entry.id) == self.space && entry.header.is_genesis();
            return if first && genesis && ours { Ok(()) } else { Err(Refused::Genesis) };
        }
        let log = self.logs.get(&entry.device());
        let have = log.map_or(0, |log| log.len() as u64);
        if entry.seq() != have || entry.header.backlink != log.and_then(|log| log.last().copied()) {
            return Err(Refused::Order);
        }
        if !heads.iter().all(|head| self.by_id.contains_key(head)) {
            return Err(Refused::Past);
        }
        if have == 0 && !self.may_begin(entry, body) {
            return Err(Refused::Begins);
        }
        Ok(())
    }

    /// Takes an entry whose signature has been checked. A refusal changes nothing.
    pub fn add(&mut self, entry: &Entry, body: CharterBody) -> Result<(), Refused> {
        self.check(entry, &body)?;
        let past = self.past_of(entry);
        let roll = self.at(&past);
        let (id, device, seq) = (entry.id, entry.device(), entry.seq());
        self.items.extend((0..body.len()).map(|n| ItemId::of(&id, n as u16)));
        self.by_id.insert(id, self.nodes.len());
        self.nodes.push(Node { id, device, seq, past, roll, items: body });
        self.logs.entry(device).or_default().push(id);
        self.everything.add(device, seq);
        Ok(())
    }

    /// What the charter says by everything that is here. `held` acts would be left out; nothing
    /// holds any yet.
    pub fn now(&mut self, _held: &Held) -> Arc<Roll> {
        let everything = self.everything.clone();
        self.at(&everything)
    }

    /// Whether an entry is here.
    pub fn has_entry(&self, id: &EntryId) -> bool {
        self.by_id.contains_key(id)
    }

    /// Whether an item is here.
    pub fn has_item(&self, id: &ItemId) -> bool {
        self.items.contains(id)
    }

    /// The heads of a new entry of `device`: the tips of other logs that neither its own log nor
    /// another tip has in its past; ascending, and as many as an entry can name.
    pub fn tips_for(&self, device: &DeviceId) -> Vec<EntryId> {
        let tips: Vec<_> = self.logs.values().filter_map(|log| self.node(log.last()?)).collect();
        let implied = |node: &&Node| {
            tips.iter().any(|tip| tip.id != node.id && tip.past.has(&node.device, node.seq))
        };
        let others = tips.iter().filter(|node| node.device != *device);
        let mut heads: Vec<_> = others.filter(|node| !implied(node)).map(|node| node.id).collect();
        heads.sort_unstable();
        heads.truncate(HEADS_MAX);
        heads
    }

    /// How an act stands by everything that is here.
    pub fn explain(&self, act: ItemId) -> Option<Explained> {
        let count = fold::count(self.nodes.iter(), act)?;
        let Count { state, electorate, counted, not_counted, threshold } = count;
        let missing = threshold.saturating_sub(counted.len());
        Some(Explained {
            kind: "admit",
            state,
            n: electorate.len(),
            electorate,
            threshold,
            counted: counted.into_iter().collect(),
            not_counted,
            missing,
        })
    }

    /// The proposals to admit a newcomer, by id, and how a vouch of `member` stands on each.
    pub fn vouches(&self, knock: &EntryId, member: &MemberId) -> Vec<Vouch> {
        let now = fold::roll(self.nodes.iter());
        let Some(state) = now.knocks.get(knock) else { return Vec::new() };
        let electorate = now.electorate();
        let vouch = |act: &ItemId| {
            let count = fold::count(self.nodes.iter(), *act)?;
            let counts =
                count.electorate.contains(member) && !is_stale(&count.electorate, &electorate);
            let given = count.counted.contains_key(member);
            Some(Vouch { act: *act, counts, given })
        };
        state.proposals.iter().filter_map(vouch).collect()
    }

    fn node(&self, id: &EntryId) -> Option<&Node> {
        self.by_id.get(id).and_then(|at| self.nodes.get(*at))
    }

    fn past_of(&self, entry: &Entry) -> Clock {
        let heads = match &entry.header.kind {
            JournalKind::Charter(heads) => heads.iter(),
            JournalKind::Content(_) => [].iter(),
        };
        let mut past = Clock::default();
        for node in heads.chain(&entry.header.backlink).filter_map(|id| self.node(id)) {
            past.join(&node.past);
            past.add(node.device, node.seq);
        }
        past
    }

    fn at(&mut self, clock: &Clock) -> Arc<Roll> {
        if let Some(roll) = self.kept.get(clock) {
            return roll.clone();
        }
        let nodes = self.nodes.iter().filter(|node| clock.has(&node.device, node.seq));
        let roll = Arc::new(fold::roll(nodes));
        if self.kept.len() >= ROLLS_KEPT {
            self.kept.pop_first();
        }
        self.kept.insert(clock.clone(), roll.clone());
        roll
    }

    /// A knock whose ticket is an invite in its own past by someone in at that past.
    fn may_begin(&self, entry: &Entry, body: &CharterBody) -> bool {
        let Some(CharterItem::Knock(knock)) = body.first() else { return false };
        let nodes = self.nodes.iter();
        let past = self.past_of(entry);
        let invited = nodes.filter(|node| past.has(&node.device, node.seq)).find_map(|node| {
            let items = node.items.iter().enumerate();
            items.filter(|(n, _)| ItemId::of(&node.id, *n as u16) == knock.invite).find_map(
                |(_, item)| match item {
                    CharterItem::Invite(invite) if node.roll.is_in(&node.device) => Some(invite),
                    _ => None,
                },
            )
        });
        invited.is_some_and(|invite| {
            knock.verify(&invite.ticket, &self.space, &entry.device()).is_ok()
        })
    }
}
