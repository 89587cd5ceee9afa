//! One random history: a space, some who break its rules, cuts; then all is healed.

use super::{
    archive::{Archive, Device, Id, Item, Rules},
    attack::Attackers,
    draw::Draw,
    node::Node,
    session::{Passed, UNCUT, meet},
};

/// Rounds in which everybody meets everybody before all must be the same.
const ROUNDS_MAX: usize = 12;

/// A space and all who know of it.
#[derive(Debug)]
pub(crate) struct History {
    pub(crate) draw: Draw,
    pub(crate) archive: Archive,
    /// Homes that keep the rules. Two of one device are a home and its copy.
    pub(crate) nodes: Vec<Node>,
    pub(crate) attackers: Attackers,
    /// Devices of which there is a copy.
    pub(crate) copied: Vec<Device>,
    /// Which nodes can meet.
    groups: Vec<usize>,
    next_device: Device,
    pub(crate) rounds: usize,
    pub(crate) passed: Passed,
}

impl History {
    /// A space whose founder has admitted the other members, some of whom mean ill.
    pub(crate) fn new(seed: u64, rules: Rules) -> Self {
        let mut draw = Draw::new(seed);
        let (honest, hostile) = (draw.range(2, 6), draw.range(0, 5).min(3));
        let mut archive = Archive::new(rules);
        let founder = found(&mut archive, honest + hostile);
        let home = |device| {
            let settles_each = draw.chance(50);
            Node { device, settles_each, ..founder.clone() }
        };
        let nodes: Vec<_> = (0..honest).map(home).collect();
        let devices = (honest..honest + hostile).collect();
        let mut attackers = Attackers::new(devices, &archive, draw.chance(40));
        attackers.look(&archive, &nodes[0]);
        let (groups, next_device) = ((0..honest).map(|at| at % 2).collect(), honest + hostile);
        let (rounds, passed, copied) = (0, Passed::default(), Vec::new());
        Self { draw, archive, nodes, attackers, copied, groups, next_device, rounds, passed }
    }

    /// What happens before all is healed.
    pub(crate) fn happen(&mut self) {
        for _ in 0..self.draw.range(20, 70) {
            let at = self.draw.below(self.nodes.len());
            self.attackers.look(&self.archive, &self.nodes[at]);
            match self.draw.below(100) {
                0..3 => self.cut(),
                3..29 => self.write(),
                29..45 => self.meet_two(),
                45..67 => self.attackers.fork(&mut self.draw, &mut self.archive, &self.nodes),
                67..90 => self.show(),
                90..93 => self.knock_twice(),
                93..96 => self.join(),
                96..98 => self.copy(),
                _ => self.remove(),
            }
        }
    }

    /// What was withheld is shown, each thing to somebody.
    pub(crate) fn reveal(&mut self) {
        let node = self.draw.below(self.nodes.len());
        self.attackers.show_all(&mut self.draw, &mut self.archive, &mut self.nodes[node]);
    }

    /// Everybody meets everybody until nothing changes.
    pub(crate) fn heal(&mut self) -> Result<(), String> {
        for round in 1..=ROUNDS_MAX {
            let before = self.states();
            let mut order: Vec<_> = (0..self.nodes.len()).collect();
            self.draw.shuffle(&mut order);
            for (at, one) in order.iter().enumerate() {
                order[..at].iter().for_each(|two| self.meet(*one, *two, UNCUT));
            }
            if self.states() == before {
                self.rounds = self.rounds.max(round);
                return Ok(());
            }
        }
        Err(format!("still changing after {ROUNDS_MAX} rounds"))
    }

    fn states(&self) -> Vec<(usize, super::node::State)> {
        let entries = |node: &Node| node.arrivals.len();
        self.nodes.iter().map(|node| (entries(node), node.state(&self.archive))).collect()
    }

    fn meet(&mut self, one: usize, two: usize, budget: usize) {
        let Ok(pair) = self.nodes.get_disjoint_mut([one, two]) else { return };
        let passed = meet(&mut self.archive, pair, budget);
        self.passed.sent += passed.sent;
        self.passed.again += passed.again;
        self.passed.told += passed.told;
    }

    fn meet_two(&mut self) {
        let (one, two) = (self.draw.below(self.nodes.len()), self.draw.below(self.nodes.len()));
        if one != two && self.groups[one] == self.groups[two] {
            let budget = if self.draw.chance(60) { UNCUT } else { self.draw.range(0, 12) };
            self.meet(one, two, budget);
        }
    }

    fn cut(&mut self) {
        let halves = self.draw.chance(70);
        for (at, group) in self.groups.iter_mut().enumerate() {
            *group = if halves { at % 2 } else { self.draw.below(2) };
        }
    }

    fn write(&mut self) {
        let at = self.draw.below(self.nodes.len());
        let (node, archive) = (&mut self.nodes[at], &self.archive);
        if !node.can_write(archive) {
            return;
        }
        let is_knock = |id: &Id| matches!(archive.entry(*id).item, Item::Knock(_));
        let is_proposal = |id: &Id| matches!(archive.entry(*id).item, Item::Propose(_));
        let old = archive.rules == Rules::OneBranch;
        let knocks = if old { &node.arrivals } else { &node.guests };
        let knocks: Vec<_> = knocks.iter().copied().filter(is_knock).collect();
        let proposals: Vec<_> = node.arrivals.iter().copied().filter(is_proposal).collect();
        let item = match self.draw.below(10) {
            0 | 1 => Item::Invite(self.draw.range(1, 3)),
            2..5 => self.draw.pick(&knocks).map_or(Item::Other, Item::Propose),
            5..7 => self.draw.pick(&proposals).map_or(Item::Other, Item::Approve),
            _ => Item::Other,
        };
        node.write(&mut self.archive, item);
    }

    fn show(&mut self) {
        self.attackers.show(&mut self.draw, &mut self.archive, &mut self.nodes);
    }

    fn knock_twice(&mut self) {
        let device = self.next_device;
        self.next_device += 1;
        for _ in 0..self.draw.range(1, 3) {
            let (draw, archive) = (&mut self.draw, &mut self.archive);
            self.attackers.knock(draw, archive, &mut self.nodes, device);
        }
    }

    /// An honest newcomer knocks once, with its card, at one contact.
    fn join(&mut self) {
        let at = self.draw.below(self.nodes.len());
        let contact = &mut self.nodes[at];
        let is_invite = |id: &Id| matches!(self.archive.entry(*id).item, Item::Invite(_));
        let invites: Vec<_> = contact.arrivals.iter().copied().filter(is_invite).collect();
        let Some(invite) = self.draw.pick(&invites) else { return };
        let device = self.next_device;
        self.next_device += 1;
        let knock = self.archive.sign(device, None, vec![invite], Item::Knock(invite));
        let card = self.archive.sign(device, Some(knock), Vec::new(), Item::Card);
        contact.keep_guest(&mut self.archive, knock);
        contact.keep_guest(&mut self.archive, card);
        let settles_each = self.draw.chance(50);
        let guests = vec![knock, card];
        self.nodes.push(Node { guests, settles_each, ..Node::new(device) });
        self.groups.push(self.draw.below(2));
    }

    fn copy(&mut self) {
        let at = self.draw.below(self.nodes.len());
        self.nodes.push(self.nodes[at].clone());
        self.groups.push(self.draw.below(2));
        self.copied.push(self.nodes[at].device);
    }

    fn remove(&mut self) {
        let (at, whom) = (self.draw.below(self.nodes.len()), self.draw.below(self.nodes.len()));
        let device = self.nodes[whom].device;
        if at != whom && self.draw.chance(50) && self.nodes[at].can_write(&self.archive) {
            self.nodes[at].write(&mut self.archive, Item::Remove(device));
        }
    }
}

/// The home of a founder who has admitted all others, the second vouching for the later ones.
pub(crate) fn found(archive: &mut Archive, members: usize) -> Node {
    let genesis = archive.sign(0, None, Vec::new(), Item::Genesis);
    let mut founder = Node::new(0);
    founder.hear(archive, genesis);
    founder.settle(archive);
    for device in 1..members {
        let invite = founder.write(archive, Item::Invite(1));
        let knock = archive.sign(device, None, vec![invite], Item::Knock(invite));
        let card = archive.sign(device, Some(knock), Vec::new(), Item::Card);
        founder.keep_guest(archive, knock);
        founder.keep_guest(archive, card);
        let proposal = founder.write(archive, Item::Propose(knock));
        let mut second = Node { device: 1, ..founder.clone() };
        if device > 1 {
            let vouch = second.write(archive, Item::Approve(proposal));
            founder.hear(archive, vouch);
            founder.settle(archive);
        }
    }
    founder
}
