//! Who breaks the rules: members who fork their charter logs anywhere, name their own branches
//! and each other's, and show them when and to whom they like; and a ticket's holder who knocks
//! with one key at several contacts.

use std::collections::BTreeMap;

use super::{
    archive::{Archive, Device, Entry, Id, Item},
    draw::Draw,
    node::Node,
    set::Set,
};

/// Some devices of one mind, who see all that is taken anywhere.
#[derive(Debug, Default)]
pub(crate) struct Attackers {
    pub(crate) devices: Vec<Device>,
    /// All that they signed.
    signed: Vec<Id>,
    /// Which half of the homes an entry is for, until it is revealed.
    sides: BTreeMap<Id, usize>,
    /// What was seen at some time to be the tips somewhere.
    seen: Vec<Vec<Id>>,
    /// Whether they show the newer half of it to nobody yet.
    withholds: bool,
}

impl Attackers {
    pub(crate) fn new(devices: Vec<Device>, archive: &Archive, withholds: bool) -> Self {
        let ours = |id: &Id| devices.contains(&archive.entry(*id).device);
        let signed = (0..archive.entries().len()).filter(ours).collect();
        let (sides, seen) = (BTreeMap::new(), Vec::new());
        Self { devices, signed, sides, seen, withholds }
    }

    /// Sees what the tips are at some home now.
    pub(crate) fn look(&mut self, archive: &Archive, node: &Node) {
        self.seen.push(node.tips(archive));
    }

    /// Signs an entry anywhere in a log of theirs; mostly one that its own past allows.
    pub(crate) fn fork(&mut self, draw: &mut Draw, archive: &mut Archive, nodes: &[Node]) {
        let from = if draw.chance(50) { self.seen.len().saturating_sub(4) } else { 0 };
        for _ in 0..10 {
            let Some(device) = draw.pick(&self.devices) else { return };
            let own = self.signed.iter().copied();
            let unsound = draw.chance(3);
            let may_follow = |id: &Id| {
                let entry = archive.entry(*id);
                let sound = entry.refusal.is_none() && entry.seq > 0;
                entry.device == device && (unsound || sound)
            };
            let own: Vec<_> = own.filter(may_follow).collect();
            let backlink = match own.last() {
                Some(last) if draw.chance(40) => Some(*last),
                _ => draw.pick(&own),
            };
            let seen = &self.seen[from + draw.below(self.seen.len() - from)];
            let mut heads = seen.clone();
            for _ in 0..draw.below(3) {
                heads.extend(draw.pick(&self.signed));
            }
            if !draw.chance(3) {
                let other = |entry: &Entry| entry.device != device && !entry.is_guest();
                heads.retain(|id| other(archive.entry(*id)));
            }
            let item = self.item(draw, archive, nodes, &mut heads);
            let id = archive.sign(device, backlink, heads, item);
            let sound = archive.entry(id).refusal.is_none();
            if sound || draw.chance(2) {
                self.signed.push(id);
                let side = backlink.and_then(|id| self.sides.get(&id)).copied();
                let side = side.filter(|_| draw.chance(80)).unwrap_or_else(|| draw.below(2));
                self.sides.insert(id, side);
            }
            if sound {
                break;
            }
        }
    }

    fn item(
        &self,
        draw: &mut Draw,
        archive: &Archive,
        nodes: &[Node],
        heads: &mut Vec<Id>,
    ) -> Item {
        let of_kind = |wanted: fn(&Item) -> bool| {
            let all = archive.entries().iter();
            all.filter(|entry| wanted(&entry.item)).map(|entry| entry.id).collect::<Vec<_>>()
        };
        match draw.below(10) {
            0 => Item::Invite(draw.range(1, 3)),
            1 | 2 => {
                let guests: Vec<_> = nodes.iter().flat_map(|node| &node.guests).copied().collect();
                let Some(guest) = draw.pick(&guests) else { return Item::Other };
                heads.push(guest);
                let knock = archive.entry(guest).backlink.unwrap_or(guest);
                Item::Propose(knock)
            }
            3 | 4 => {
                let proposals = of_kind(|item| matches!(item, Item::Propose(_)));
                let Some(proposal) = draw.pick(&proposals) else { return Item::Other };
                heads.push(proposal);
                Item::Approve(proposal)
            }
            _ => Item::Other,
        }
    }

    /// One key knocks again: on any invite, with another first entry each time, each shown to
    /// one contact.
    pub(crate) fn knock(
        &mut self,
        draw: &mut Draw,
        archive: &mut Archive,
        nodes: &mut [Node],
        device: Device,
    ) {
        let contact = draw.below(nodes.len());
        let is_invite = |id: &Id| matches!(archive.entry(*id).item, Item::Invite(_));
        let invites: Vec<_> = nodes[contact].arrivals.iter().copied().filter(is_invite).collect();
        let Some(invite) = draw.pick(&invites) else { return };
        let knock = archive.sign(device, None, vec![invite], Item::Knock(invite));
        self.signed.push(knock);
        nodes[contact].keep_guest(archive, knock);
        for _ in 0..draw.range(0, 2) {
            let card = archive.sign(device, Some(knock), Vec::new(), Item::Card);
            self.signed.push(card);
            nodes[contact].keep_guest(archive, card);
        }
        if !self.devices.contains(&device) {
            self.devices.push(device);
        }
    }

    /// Shows a home something of theirs, with all before it or without, in any order.
    pub(crate) fn show(&self, draw: &mut Draw, archive: &mut Archive, nodes: &mut [Node]) {
        let shown = if self.withholds { self.signed.len() / 2 } else { self.signed.len() };
        let newest = if draw.chance(70) { shown.saturating_sub(5) } else { 0 };
        let Some(id) = draw.pick(&self.signed[newest..shown]) else { return };
        let at = draw.below(nodes.len());
        let side = self.sides.get(&id).copied().unwrap_or(0);
        let at = if draw.chance(90) { at - at % 2 + side } else { at };
        if let Some(node) = nodes.get_mut(at) {
            self.show_one(draw, archive, node, id);
        }
    }

    /// Shows a home all that they ever signed.
    pub(crate) fn show_all(&self, draw: &mut Draw, archive: &mut Archive, node: &mut Node) {
        for id in self.signed.clone() {
            self.show_one(draw, archive, node, id);
        }
    }

    fn show_one(&self, draw: &mut Draw, archive: &mut Archive, node: &mut Node, id: Id) {
        let whole: Set = archive.entry(id).whole();
        let mut ids: Vec<_> = whole.iter().filter(|id| !node.taken.has(*id)).collect();
        if draw.chance(10) {
            draw.shuffle(&mut ids);
        }
        if draw.chance(10) {
            ids = vec![id];
        }
        ids.into_iter().for_each(|id| node.hear(archive, id));
        node.settle(archive);
        node.part();
    }
}
