//! The entries of a charter, each with its past, and where their items stand.

use std::collections::BTreeMap;

use ledger::{
    Bounded, DeviceId, Entry, EntryId, Frontier, HeaderKind, ItemId, Timestamp,
    charter_items::{CharterBody, CharterItem},
    limits::HEADS_MAX,
};

use crate::clock::Clock;

/// One entry and what is in its past, without itself.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: EntryId,
    pub(crate) device: DeviceId,
    pub(crate) seq: u64,
    pub(crate) stamp: Timestamp,
    pub(crate) past: Clock,
    pub(crate) items: CharterBody,
    /// Whether it is a card that holds (CHARTER 1).
    pub(crate) is_card: bool,
}

/// Where an item stands: which entry in order of arrival, and which item of it.
pub(crate) type ItemIndex = (usize, usize);

/// All entries of one charter in an order of arrival, in which each comes after its past.
#[derive(Debug, Default)]
pub(crate) struct History {
    nodes: Vec<Node>,
    by_id: BTreeMap<EntryId, usize>,
    logs: BTreeMap<DeviceId, Vec<usize>>,
    items: BTreeMap<ItemId, ItemIndex>,
    everything: Clock,
}

impl Node {
    /// Its items, with their ids.
    pub(crate) fn items(&self) -> impl Iterator<Item = (ItemId, &CharterItem)> {
        self.items.iter().zip(0..).map(|(item, index)| (ItemId::of(&self.id, index), item))
    }
}

impl History {
    pub(crate) fn add(&mut self, entry: &Entry, items: CharterBody, is_card: bool) {
        let past = self.past_of(entry);
        let (id, device, seq, stamp) = (entry.id, entry.device(), entry.seq(), entry.header.stamp);
        let (at, node) = (self.nodes.len(), Node { id, device, seq, stamp, past, items, is_card });
        self.items.extend(node.items().zip(0..).map(|((item, _), n)| (item, (at, n))));
        self.by_id.insert(id, at);
        self.logs.entry(device).or_default().push(at);
        self.everything.add(device, seq);
        self.nodes.push(node);
    }

    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(crate) fn everything(&self) -> &Clock {
        &self.everything
    }

    pub(crate) fn node(&self, id: &EntryId) -> Option<&Node> {
        self.by_id.get(id).and_then(|at| self.nodes.get(*at))
    }

    pub(crate) fn length(&self, device: &DeviceId) -> u64 {
        self.everything.length(device)
    }

    /// The newest entry of a log.
    pub(crate) fn tip(&self, device: &DeviceId) -> Option<EntryId> {
        let last = self.logs.get(device)?.last()?;
        self.nodes.get(*last).map(|node| node.id)
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
        (same || node.past.has(&other.device, other.seq)).then_some((other, item))
    }

    /// What the backlink and the heads of an entry fix as its past.
    pub(crate) fn past_of(&self, entry: &Entry) -> Clock {
        let heads = match &entry.header.kind {
            HeaderKind::Charter(heads) => heads.iter(),
            HeaderKind::Content(_) => [].iter(),
        };
        let mut past = Clock::default();
        for node in heads.chain(&entry.header.backlink).filter_map(|id| self.node(id)) {
            past.join(&node.past);
            past.add(node.device, node.seq);
        }
        past
    }

    /// The closed part of a frontier: of each log the entries whose past is in it too.
    pub(crate) fn closed(&self, frontier: &Frontier) -> Clock {
        let named = frontier.iter().filter(|(device, tip)| {
            // Past its end here, or another branch than here: then nothing is known of it.
            let log = self.logs.get(device).map(Vec::as_slice).unwrap_or_default();
            let at = usize::try_from(tip.length).unwrap_or(usize::MAX).checked_sub(1);
            let node = at.and_then(|at| log.get(at)).map(|at| &self.nodes[*at]);
            node.is_none_or(|node| node.id == tip.head)
        });
        let mut clock = Clock::default();
        for (device, tip) in named {
            if let Some(last) = tip.length.min(self.length(device)).checked_sub(1) {
                clock.add(*device, last);
            }
        }
        // In order of arrival each entry comes after its past, so one pass closes the set.
        let mut closed = Clock::default();
        for node in &self.nodes {
            if clock.has(&node.device, node.seq) && closed.includes(&node.past) {
                closed.add(node.device, node.seq);
            }
        }
        closed
    }

    /// The heads of a new entry of `device`: the tips of other logs that neither its own log nor
    /// another tip has in its past; ascending, and as many as an entry can name.
    pub(crate) fn tips_for(&self, device: &DeviceId) -> Bounded<EntryId, HEADS_MAX> {
        let last = self.logs.values().filter_map(|log| self.nodes.get(*log.last()?));
        let tips: Vec<_> = last.collect();
        let implied = |node: &&Node| {
            tips.iter().any(|tip| tip.id != node.id && tip.past.has(&node.device, node.seq))
        };
        let others = tips.iter().copied().filter(|node| node.device != *device);
        let mut heads: Vec<_> = others.filter(|node| !implied(node)).map(|node| node.id).collect();
        heads.sort_unstable();
        Bounded::first_of(heads)
    }
}
