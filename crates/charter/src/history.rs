//! The entries of a charter that are known, each with its past, and where their items stand.
//!
//! A log is a tree: an entry that follows another one than the newest begins a branch. What is
//! taken of all this is for [`crate::Charter`] to say.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    DeviceId, Entry, EntryId, HeaderKind, ItemId, Timestamp,
    charter_items::{Card, CharterBody, CharterItem},
};

use crate::clock::{Branch, Clock};

/// One entry and what is in its past, without itself.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: EntryId,
    pub(crate) device: DeviceId,
    pub(crate) seq: u64,
    pub(crate) stamp: Timestamp,
    /// Its branch, and how many entries of that are before it.
    pub(crate) place: (Branch, usize),
    pub(crate) past: Clock,
    pub(crate) items: CharterBody,
    pub(crate) judged: Judged,
    /// The knock that it is, or behind which it is the card: a newcomer's first two entries.
    pub(crate) guest: Option<EntryId>,
}

/// What was found out about an entry by its signatures, once: a fold plays it as often as it is
/// asked.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Judged {
    /// Whether it is a card that holds (CHARTER 1).
    pub(crate) is_card: bool,
    /// The devices that it adds and that agree to it (CHARTER 6).
    pub(crate) adds: Vec<DeviceId>,
    /// How many devices its log has added with these, as far as that counts.
    pub(crate) added: usize,
}

/// Where an item stands: which entry in order of arrival, and which item of it.
pub(crate) type ItemIndex = (usize, usize);

/// The entries of one branch, and behind which entry of another one it begins.
#[derive(Debug)]
struct BranchNodes {
    parent: Option<EntryId>,
    from: u64,
    nodes: Vec<usize>,
}

/// All entries of one charter that are known, in an order in which each comes after its past.
#[derive(Debug, Default)]
pub(crate) struct History {
    nodes: Vec<Node>,
    by_id: BTreeMap<EntryId, usize>,
    branches: Vec<BranchNodes>,
    logs: BTreeMap<DeviceId, Vec<Branch>>,
    /// The devices of which more than one branch is known.
    branching: BTreeSet<DeviceId>,
    items: BTreeMap<ItemId, ItemIndex>,
    added_devices: BTreeSet<DeviceId>,
}

impl Node {
    /// Its items, with their ids.
    pub(crate) fn items(&self) -> impl Iterator<Item = (ItemId, &CharterItem)> {
        self.items.iter().zip(0..).map(|(item, index)| (ItemId::of(&self.id, index), item))
    }

    /// Its past, and itself.
    pub(crate) fn whole(&self) -> Clock {
        let mut whole = self.past.clone();
        whole.add(self.place);
        whole
    }
}

impl History {
    /// Adds an entry whose past is here.
    pub(crate) fn add(&mut self, entry: &Entry, items: CharterBody, judged: Judged) {
        let past = self.past_of(entry);
        let guest = self.guest(entry, &items);
        let (id, device, seq, stamp) = (entry.id, entry.device(), entry.seq(), entry.header.stamp);
        let place = self.place(entry);
        let at = self.nodes.len();
        let node = Node { id, device, seq, stamp, place, past, items, judged, guest };
        self.items.extend(node.items().zip(0..).map(|((item, _), n)| (item, (at, n))));
        self.added_devices.extend(&node.judged.adds);
        self.by_id.insert(id, at);
        self.branches[place.0].nodes.push(at);
        self.nodes.push(node);
    }

    /// Where an entry stands: behind the newest of the branch that its backlink is on, or first in
    /// a branch of its own, which is made for it.
    fn place(&mut self, entry: &Entry) -> (Branch, usize) {
        let before = entry.header.backlink.and_then(|id| self.node(&id)).map(|node| node.place);
        if let Some((branch, at)) = before
            && self.branches[branch].nodes.len() == at + 1
        {
            return (branch, at + 1);
        }
        let (parent, from) = (entry.header.backlink, entry.seq());
        self.branches.push(BranchNodes { parent, from, nodes: Vec::new() });
        let branch = self.branches.len() - 1;
        let log = self.logs.entry(entry.device()).or_default();
        log.push(branch);
        if log.len() > 1 {
            self.branching.insert(entry.device());
        }
        (branch, 0)
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(crate) fn node(&self, id: &EntryId) -> Option<&Node> {
        self.by_id.get(id).and_then(|at| self.nodes.get(*at))
    }

    pub(crate) fn item(&self, id: &ItemId) -> Option<(&Node, &CharterItem)> {
        let (at, index) = *self.items.get(id)?;
        let node = self.nodes.get(at)?;
        Some((node, node.items.get(index)?))
    }

    /// An item in the past of item `index` of `node`: of an entry in its past, or an earlier one
    /// of the same entry (CHARTER 1).
    pub(crate) fn item_before(
        &self,
        node: &Node,
        index: usize,
        id: &ItemId,
    ) -> Option<(&Node, &CharterItem)> {
        let (_, place) = *self.items.get(id)?;
        let (other, item) = self.item(id)?;
        let same = other.id == node.id && place < index;
        (same || node.past.has(other.place)).then_some((other, item))
    }

    /// What the backlink and the heads of an entry name.
    pub(crate) fn names(entry: &Entry) -> impl Iterator<Item = &EntryId> {
        let heads = match &entry.header.kind {
            HeaderKind::Charter(heads) => heads.iter(),
            HeaderKind::Content(_) => [].iter(),
        };
        heads.chain(&entry.header.backlink)
    }

    /// What the backlink and the heads of an entry fix as its past.
    pub(crate) fn past_of(&self, entry: &Entry) -> Clock {
        let mut past = Clock::default();
        for node in Self::names(entry).filter_map(|id| self.node(id)) {
            past.join(&node.past);
            past.add(node.place);
        }
        past
    }

    /// The knock that an entry is, or behind which it is the card.
    fn guest(&self, entry: &Entry, items: &CharterBody) -> Option<EntryId> {
        let is_knock = |node: &&Node| node.guest == Some(node.id);
        match (items.first(), entry.header.backlink) {
            (Some(CharterItem::Knock(_)), None) => Some(entry.id),
            (_, Some(before)) if Card::alone_in(items).is_some() => {
                self.node(&before).filter(is_knock).map(|node| node.id)
            }
            _ => None,
        }
    }

    /// Whether any entry that is known adds a device.
    pub(crate) fn is_added(&self, device: &DeviceId) -> bool {
        self.added_devices.contains(device)
    }

    /// The devices of which more than one branch is known.
    pub(crate) fn branching(&self) -> impl Iterator<Item = &DeviceId> {
        self.branching.iter()
    }

    /// The entries of a log that stand at `seq` in a closed set.
    pub(crate) fn at_place<'a>(
        &'a self,
        set: &'a Clock,
        device: &DeviceId,
        seq: u64,
    ) -> impl Iterator<Item = &'a Node> {
        let branches = self.logs.get(device).into_iter().flatten();
        branches.filter_map(move |branch| {
            let one = &self.branches[*branch];
            let at = usize::try_from(seq.checked_sub(one.from)?).ok()?;
            set.has((*branch, at)).then(|| &self.nodes[one.nodes[at]])
        })
    }

    /// The lowest place at which a closed set has two entries of one log, and these.
    pub(crate) fn fork_in(&self, set: &Clock, device: &DeviceId) -> Option<(u64, [EntryId; 2])> {
        let branches = self.logs.get(device).filter(|branches| branches.len() > 1)?;
        let there = branches.iter().filter(|branch| set.count(**branch) > 0);
        let fork = |branch: &Branch| {
            let from = self.branches[*branch].from;
            let mut two = self.at_place(set, device, from).map(|node| node.id);
            Some((from, [two.next()?, two.next()?]))
        };
        there.filter_map(fork).min()
    }

    /// The last entries of a log's branches in a closed set: those that none of the set follows.
    pub(crate) fn ends<'a>(
        &'a self,
        set: &'a Clock,
        device: &DeviceId,
    ) -> impl Iterator<Item = &'a Node> {
        let branches = self.logs.get(device).map(Vec::as_slice).unwrap_or_default();
        let followed = move |id: &EntryId| {
            branches
                .iter()
                .any(|other| self.branches[*other].parent == Some(*id) && set.count(*other) > 0)
        };
        let last = move |branch: &Branch| {
            let at = set.count(*branch).checked_sub(1)?;
            self.branches[*branch].nodes.get(at).map(|at| &self.nodes[*at])
        };
        branches.iter().filter_map(last).filter(move |node| !followed(&node.id))
    }

    /// The entries of its own log up to and with this one.
    pub(crate) fn chain(&self, node: &Node) -> Clock {
        let mut chain = Clock::default();
        let mut last = Some(node);
        while let Some(node) = last {
            chain.add(node.place);
            last = self.branches[node.place.0].parent.and_then(|id| self.node(&id));
        }
        chain
    }

    /// The closed part of what is named of a closed set: the entries whose past is in it too.
    pub(crate) fn closed(&self, named: &Clock, of: &Clock) -> Clock {
        // In this order each entry comes after its past, so one pass closes the set.
        let mut closed = Clock::default();
        for node in &self.nodes {
            let is_meant = named.has(node.place) && of.has(node.place);
            if is_meant && closed.includes(&node.past) {
                closed.add(node.place);
            }
        }
        closed
    }

    /// The cards behind a knock that are known.
    pub(crate) fn cards_behind(&self, knock: &Node) -> impl Iterator<Item = &Node> {
        let branches = self.logs.get(&knock.device).into_iter().flatten();
        let nodes = branches.flat_map(|branch| self.branches[*branch].nodes.iter().take(2));
        let nodes = nodes.map(|at| &self.nodes[*at]);
        nodes.filter(|node| node.seq == 1 && node.guest == Some(knock.id))
    }

    /// How many devices a closed set has entries of.
    pub(crate) fn logs_in(&self, set: &Clock) -> usize {
        let first = |branch: Branch| self.branches[branch].nodes.first();
        let nodes = set.branches().filter_map(first).map(|at| &self.nodes[*at]);
        nodes.map(|node| node.device).collect::<BTreeSet<_>>().len()
    }

    /// The devices of which entries are known.
    pub(crate) fn devices(&self) -> impl Iterator<Item = &DeviceId> {
        self.logs.keys()
    }

    /// What no other entry of a closed set has in its past.
    pub(crate) fn tips<'a>(&'a self, set: &'a Clock) -> Vec<&'a Node> {
        let ends: Vec<_> = self.devices().flat_map(|device| self.ends(set, device)).collect();
        let implied = |node: &&&Node| ends.iter().any(|other| other.past.has(node.place));
        ends.iter().filter(|node| !implied(node)).copied().collect()
    }
}
