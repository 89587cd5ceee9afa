//! What a closed set of entries comes to, and how one more entry changes it (CHARTER 1 to 6).
//!
//! Whether an approval counts is fixed by its own past and the past of what it approves, so each
//! entry adds the same whatever else is there: entries can be added in any order in which each
//! comes after its past, and the same set gives the same tally.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ledger::{
    DeviceId, EntryId, ItemId, MemberId,
    charter_items::{Act, Approve, Card, CharterItem, Propose, Rekey, Seal, SealedSecret},
};
use rpds::RedBlackTreeMapSync;

use crate::{
    HeldActs,
    counting::{is_stale, majority, vouches_in},
    history::{History, Node},
    limits,
    roll::{ActState, Device, InviteState, KnockState, Member, RekeyState, Roll, Standing},
};

/// What the roll in an entry's past says of its author, and who had a say there.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    pub(crate) member: Option<MemberId>,
    pub(crate) is_in: bool,
    /// How often their device was added by one that was added.
    pub(crate) depth: u8,
    pub(crate) electorate: Arc<BTreeSet<MemberId>>,
}

/// How the approvals of one act count.
#[derive(Clone, Debug)]
pub(crate) struct Count {
    pub(crate) kind: &'static str,
    pub(crate) state: ActState,
    pub(crate) electorate: Arc<BTreeSet<MemberId>>,
    /// Approvals that it needs; for an admission, to be in.
    pub(crate) threshold: usize,
    /// Who, and in which entry; of several the smallest.
    pub(crate) counted: BTreeMap<MemberId, EntryId>,
    pub(crate) not_counted: BTreeSet<(MemberId, EntryId, &'static str)>,
    /// The knock of an admission that is one.
    knock: Option<EntryId>,
}

/// What a closed set of entries comes to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) roll: Arc<Roll>,
    pub(crate) electorate: Arc<BTreeSet<MemberId>>,
    /// By act. Copies share what they have in common.
    pub(crate) counts: RedBlackTreeMapSync<ItemId, Count>,
    /// Each device's newest card, also of those who are not in, by its place in the log; of two at
    /// one place that with the smaller entry.
    cards: BTreeMap<DeviceId, ((u64, Reverse<EntryId>), Card)>,
    /// Of each knock how far it has come on the proposal that is furthest.
    furthest: BTreeMap<EntryId, Step>,
    /// Of each knock the first proposal, by id, of each author and electorate: those on which
    /// others are asked to vouch. Who puts the same again adds nothing to be looked at.
    open: BTreeMap<EntryId, BTreeMap<Proposer, ItemId>>,
    /// Who added each device, and how deep; of several the smallest.
    added: BTreeMap<DeviceId, (MemberId, u8)>,
    /// Who founded the space, and with which device.
    founder: Option<(DeviceId, MemberId)>,
    /// Acts that were looked at while adding.
    pub(crate) visited: u64,
}

/// Who put a proposal, and who could vouch on it.
type Proposer = (MemberId, Arc<BTreeSet<MemberId>>);

/// How far a proposal is: whether its newcomer has a say, is in, how many vouches the next step
/// lacks, how many it has, and how many it takes. More vouches never make it smaller.
type Step = (bool, bool, Reverse<usize>, usize, usize);

impl Tally {
    /// How many parts a copy of it has for itself.
    pub(crate) fn parts(&self) -> u64 {
        let roll = &self.roll;
        let of_roll = roll.members.len() + roll.devices.len() + roll.knocks.len();
        (of_roll + self.cards.len()) as u64
    }

    /// What it says of the author of an entry.
    pub(crate) fn author(&self, node: &Node) -> Author {
        Author {
            member: self.roll.member_of(&node.device),
            depth: self.roll.devices.get(&node.device).map_or(0, |device| device.depth),
            is_in: self.roll.is_in(&node.device),
            electorate: self.electorate.clone(),
        }
    }

    /// Adds the next entry; `author` is what the roll in its past says of its device.
    pub(crate) fn add(&mut self, history: &History, node: &Node, author: &Author, held: &HeldActs) {
        for (index, (id, item)) in node.items().enumerate() {
            match item {
                CharterItem::Propose(propose) => {
                    self.propose(history, node, author, id, propose, held);
                }
                CharterItem::Approve(approve) => {
                    self.approve(history, node, index, author, approve);
                }
                _ => self.note(history, node, index, author, id, item),
            }
        }
    }

    /// Who has a say has changed.
    fn electorate_changed(&mut self) {
        self.electorate = Arc::new(self.roll.electorate());
        let needed = vouches_in(self.electorate.len());
        let waits = |knock: &KnockState| knock.proposals.is_empty() && knock.needed != needed;
        if self.roll.knocks.values().any(waits) {
            let roll = Arc::make_mut(&mut self.roll);
            roll.knocks.values_mut().filter(|knock| waits(knock)).for_each(|knock| {
                knock.needed = needed;
            });
        }
    }

    /// Notes one item that needs nobody's approval, if its author may write it.
    fn note(
        &mut self,
        history: &History,
        node: &Node,
        index: usize,
        author: &Author,
        id: ItemId,
        item: &CharterItem,
    ) {
        let roll = Arc::make_mut(&mut self.roll);
        match item {
            CharterItem::Genesis(genesis) if node.past.entries() == 0 && index == 0 => {
                roll.version = genesis.version;
                roll.thresholds = genesis.thresholds;
                roll.zone = genesis.zone.clone();
                let founder = MemberId::from(node.id);
                roll.members.insert(founder, Member { standing: Standing::In, say: true });
                let device = Device { member: founder, card: None, ended: false, depth: 0 };
                roll.devices.insert(node.device, device);
                self.founder = Some((node.device, founder));
                self.electorate_changed();
            }
            CharterItem::Card(card) if node.judged.is_card => {
                let place = (node.seq, Reverse(node.id));
                let is_newest = self.cards.get(&node.device).is_none_or(|(last, _)| *last < place);
                if is_newest {
                    self.cards.insert(node.device, (place, card.clone()));
                    if let Some(device) = roll.devices.get_mut(&node.device) {
                        device.card = Some(card.clone());
                    }
                }
            }
            CharterItem::Invite(invite)
                if author.is_in && limits::is_bounded(invite, node.stamp) =>
            {
                if let Some(by) = author.member {
                    roll.invites.insert_mut(id, InviteState::new(by, invite));
                }
            }
            CharterItem::Withdraw(withdraw) if author.is_in => {
                let invite = withdraw.invite.resolve(&node.id);
                if history.item_before(node, index, &invite).is_some()
                    && let Some(invite) = roll.invites.get_mut(&invite)
                {
                    invite.withdrawn = true;
                }
            }
            CharterItem::Knock(knock) if node.seq == 0 && index == 0 => {
                // The knock's log could only begin because the invite is in its past.
                if let Some(invite) = roll.invites.get_mut(&knock.invite) {
                    invite.knocks += 1;
                }
                let needed = vouches_in(self.electorate.len());
                let state = KnockState { needed, ..KnockState::new(node.device, knock) };
                roll.knocks.insert(node.id, state);
            }
            CharterItem::DeviceAdd(add) if author.is_in => {
                let is_near = author.depth < limits::DEPTH_MAX;
                if let Some(member) = author.member.filter(|_| is_near)
                    && node.judged.adds.contains(&add.device)
                {
                    self.add_device(add.device, (member, author.depth + 1));
                }
            }
            CharterItem::Rekey(rekey) => note_rekey(roll, node, rekey),
            CharterItem::Seal(seal) if author.is_in => note_seal(roll, seal),
            _ => {}
        }
    }

    /// Puts an act. Any but an admission is of no effect: this version acts on no other.
    fn propose(
        &mut self,
        history: &History,
        node: &Node,
        author: &Author,
        act: ItemId,
        propose: &Propose,
        held: &HeldActs,
    ) {
        let knock = match &propose.act {
            Act::Admit(admit) => history.node(&admit.knock).filter(|knock| {
                let is_knock = matches!(knock.items.first(), Some(CharterItem::Knock(_)));
                is_knock && node.past.has(knock.place)
            }),
            _ => None,
        };
        let state = match knock {
            Some(_) if held.contains(&act) => ActState::Held,
            Some(_) if author.is_in => ActState::Open,
            _ => ActState::Void,
        };
        let count = Count {
            kind: propose.act.name(),
            state,
            electorate: author.electorate.clone(),
            threshold: vouches_in(author.electorate.len()),
            counted: BTreeMap::new(),
            not_counted: BTreeSet::new(),
            knock: knock.map(|knock| knock.id),
        };
        self.counts.insert_mut(act, count);
        self.settle(act);
        self.note_proposal(act, author);
    }

    /// Counts an approval of each act that it names and has in its past (CHARTER 3 and 4).
    fn approve(
        &mut self,
        history: &History,
        node: &Node,
        index: usize,
        author: &Author,
        approve: &Approve,
    ) {
        let Some(member) = author.member else { return };
        for named in &approve.acts {
            let act = named.resolve(&node.id);
            if history.item_before(node, index, &act).is_none() {
                continue;
            }
            let Some(count) = self.counts.get_mut(&act) else { continue };
            let rule = if !count.electorate.contains(&member) {
                Some("charter 3: had no say when it was put")
            } else if !author.is_in {
                Some("charter 4: the device did not speak for them")
            } else if is_stale(&count.electorate, &author.electorate) {
                Some("charter 4: stale, put it again")
            } else {
                None
            };
            if let Some(rule) = rule {
                count.not_counted.insert((member, node.id, rule));
                continue;
            }
            let entry = count.counted.entry(member).or_insert(node.id);
            *entry = node.id.min(*entry);
            self.settle(act);
        }
    }

    /// Draws from one act's count what follows: who is in, and who has a say (CHARTER 2).
    fn settle(&mut self, act: ItemId) {
        let Some(count) = self.counts.get_mut(&act) else { return };
        if count.state == ActState::Open && count.counted.len() >= count.threshold {
            count.state = ActState::Passed;
        }
        let (state, n, vouches) = (count.state, count.electorate.len(), count.counted.len());
        let knock = count.knock;
        let roll = Arc::make_mut(&mut self.roll);
        roll.acts.insert_mut(act, state);
        let Some(id) = knock.filter(|_| matches!(state, ActState::Open | ActState::Passed)) else {
            return;
        };
        let Some(knock) = roll.knocks.get_mut(&id) else { return };
        self.visited += 1;
        let (is_in, say) = (vouches >= vouches_in(n), vouches >= majority(n));
        let needed = if is_in { majority(n) } else { vouches_in(n) };
        let step = (say, is_in, Reverse(needed.saturating_sub(vouches)), vouches, needed);
        let furthest = self.furthest.entry(id).or_insert(step);
        *furthest = step.max(*furthest);
        (knock.vouches, knock.needed) = (furthest.3, furthest.4);
        if state == ActState::Passed && self.let_in(id, say) {
            self.electorate_changed();
        }
    }

    /// A member has another device, unless it is somebody's who knocked with it or founded the
    /// space.
    fn add_device(&mut self, device: DeviceId, by: (MemberId, u8)) {
        let first = self.added.entry(device).or_insert(by);
        let (before, _) = std::mem::replace(first, by.min(*first));
        let (member, depth) = *first;
        let known = self.roll.devices.get(&device).map(|known| known.member);
        if known.is_none_or(|known| known == before && !self.is_first(&device, &before)) {
            let card = self.cards.get(&device).map(|(_, card)| card.clone());
            let roll = Arc::make_mut(&mut self.roll);
            roll.devices.insert(device, Device { member, card, ended: false, depth });
        }
    }

    /// Whether a device is that with which a member founded the space, or knocked.
    fn is_first(&self, device: &DeviceId, member: &MemberId) -> bool {
        let knock = self.roll.knocks.get(&EntryId::from_bytes(*member.as_bytes()));
        let with = knock.map(|knock| (knock.device, *member)).or(self.founder);
        with == Some((*device, *member))
    }

    /// Who knocked is in, and has a say perhaps. Whether that changes who has one.
    fn let_in(&mut self, knock: EntryId, say: bool) -> bool {
        let device = self.roll.knocks.get(&knock).map(|knock| knock.device);
        let (Some(device), newcomer) = (device, MemberId::from(knock)) else { return false };
        // Who was let in twice, by two knocks of one key, is who the smaller knock makes them. A
        // device that a member added is not theirs, then.
        let other = self.roll.devices.get(&device).map(|known| known.member);
        let other = other.filter(|other| self.is_first(&device, other));
        if other.is_some_and(|other| other < newcomer) {
            return false;
        }
        let roll = Arc::make_mut(&mut self.roll);
        let gone = other.filter(|other| *other != newcomer);
        let gone = gone.and_then(|other| roll.members.remove(&other)).is_some_and(|gone| gone.say);
        let none = Member { standing: Standing::In, say: false };
        let member = roll.members.entry(newcomer).or_insert(none);
        let is_news = say && !member.say;
        member.say |= say;
        if other != Some(newcomer) {
            let card = self.cards.get(&device).map(|(_, card)| card.clone());
            let new = Device { member: newcomer, card, ended: false, depth: 0 };
            roll.devices.insert(device, new);
        }
        gone || is_news
    }

    /// Notes a proposal for others to vouch on, if its author has put none before it by the same
    /// electorate.
    fn note_proposal(&mut self, act: ItemId, author: &Author) {
        let Some(count) = self.counts.get(&act) else { return };
        let open = matches!(count.state, ActState::Open | ActState::Passed);
        let (Some(id), Some(by)) = (count.knock.filter(|_| open), author.member) else { return };
        let first = self.open.entry(id).or_default();
        let first = first.entry((by, author.electorate.clone())).or_insert(act);
        let before = std::mem::replace(first, act.min(*first));
        let Some(knock) = Arc::make_mut(&mut self.roll).knocks.get_mut(&id) else { return };
        if before != act && before < act {
            return;
        }
        knock.proposals.retain(|known| *known != before);
        let at = knock.proposals.partition_point(|known| *known < act);
        knock.proposals.insert(at, act);
    }
}

fn note_rekey(roll: &mut Roll, node: &Node, rekey: &Rekey) {
    // Only the genesis's counts as long as nothing is a cause for another (CHARTER 10).
    if node.past.entries() == 0 && roll.rekeys.is_empty() {
        let succeeds = rekey.succeeds.iter().map(|one| one.key).collect();
        let state = RekeyState { entry: node.id, seals: by_device(&rekey.seals), succeeds };
        roll.rekeys.insert(rekey.key, state);
    }
}

fn note_seal(roll: &mut Roll, seal: &Seal) {
    if let Some(rekey) = roll.rekeys.get_mut(&seal.key) {
        for (device, boxes) in by_device(&seal.seals) {
            let known = rekey.seals.entry(device).or_default();
            known.extend(boxes);
            known.sort_by(|one, other| one.sealed.cmp(&other.sealed));
            known.dedup();
        }
    }
}

fn by_device(seals: &[SealedSecret]) -> BTreeMap<DeviceId, Vec<SealedSecret>> {
    let mut by_device = BTreeMap::<_, Vec<_>>::new();
    for seal in seals {
        by_device.entry(seal.device).or_default().push(seal.clone());
    }
    by_device
}
