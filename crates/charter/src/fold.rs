//! The fold: from a closed set of entries to what they come to (CHARTER 1 to 6).

use std::collections::{BTreeMap, BTreeSet};

use log::{
    EntryId, ItemId, MemberId,
    charter_items::{Act, CharterItem, SealedSecret},
};

use crate::{
    charter::Node,
    counting::{is_stale, majority, vouches_in},
    roll::{ActState, Device, InviteState, KnockState, Member, RekeyState, Roll, Standing},
};

/// How the approvals of one act count.
pub(crate) struct Count {
    pub(crate) state: ActState,
    pub(crate) electorate: BTreeSet<MemberId>,
    pub(crate) threshold: usize,
    /// Who, and in which entry first.
    pub(crate) counted: BTreeMap<MemberId, EntryId>,
    pub(crate) not_counted: Vec<(MemberId, EntryId, &'static str)>,
}

/// What a closed set of entries comes to, given in an order in which each comes after its past.
pub(crate) fn roll<'a>(nodes: impl Iterator<Item = &'a Node> + Clone) -> Roll {
    let mut roll = Roll::default();
    for node in nodes.clone() {
        for (index, item) in node.items.iter().enumerate() {
            note(&mut roll, node, ItemId::of(&node.id, index as u16), item);
        }
    }
    admit(&mut roll, nodes);
    roll
}

/// Notes one item that needs nobody's approval, if its author may write it.
fn note(roll: &mut Roll, node: &Node, id: ItemId, item: &CharterItem) {
    let author_in = node.roll.is_in(&node.device);
    match item {
        CharterItem::Genesis(genesis) if node.seq == 0 && roll.members.is_empty() => {
            roll.version = genesis.version;
            roll.thresholds = genesis.thresholds;
            roll.zone = genesis.zone.clone();
            let founder = MemberId::from(node.id);
            roll.members.insert(founder, Member { standing: Standing::In, say: true });
            let device = Device { member: founder, card: None, ended: false };
            roll.devices.insert(node.device, device);
        }
        CharterItem::Card(card) => {
            // A log is in its order here, so the newest card is the last.
            if let Some(device) = roll.devices.get_mut(&node.device) {
                device.card = Some(card.clone());
            }
        }
        CharterItem::Invite(invite) if author_in => {
            let by = node.roll.member_of(&node.device);
            roll.invites.extend(by.map(|by| (id, InviteState::new(by, invite))));
        }
        CharterItem::Withdraw(withdraw) if author_in => {
            if let Some(invite) = roll.invites.get_mut(&withdraw.invite.resolve(&node.id)) {
                invite.withdrawn = true;
            }
        }
        CharterItem::Knock(knock) if node.seq == 0 => {
            if let Some(invite) = roll.invites.get_mut(&knock.invite) {
                invite.knocks += 1;
            }
            roll.knocks.insert(node.id, KnockState::new(node.device, knock));
        }
        // Only the genesis's counts as long as nothing is a cause for another.
        CharterItem::Rekey(rekey) if node.seq == 0 && roll.rekeys.is_empty() => {
            let state = RekeyState {
                entry: node.id,
                seals: by_device(&rekey.seals),
                succeeds: rekey.succeeds.iter().map(|one| one.key).collect(),
            };
            roll.rekeys.insert(rekey.key, state);
        }
        CharterItem::Seal(seal) if author_in => {
            if let Some(rekey) = roll.rekeys.get_mut(&seal.key) {
                for (device, boxes) in by_device(&seal.seals) {
                    rekey.seals.entry(device).or_default().extend(boxes);
                }
            }
        }
        _ => {}
    }
}

fn by_device(seals: &[SealedSecret]) -> BTreeMap<log::DeviceId, Vec<SealedSecret>> {
    let mut by_device = BTreeMap::<_, Vec<_>>::new();
    for seal in seals {
        by_device.entry(seal.device).or_default().push(seal.clone());
    }
    by_device
}

/// Lets in whom enough have vouched for, and gives them a say (CHARTER 2).
fn admit<'a>(roll: &mut Roll, nodes: impl Iterator<Item = &'a Node> + Clone) {
    let acts: Vec<_> = nodes.clone().flat_map(proposals).collect();
    for (act, proposal) in acts {
        let Some(count) = count(nodes.clone(), act) else { continue };
        roll.acts.insert(act, count.state);
        let Some(knock) = proposal.filter(|_| count.state != ActState::Void) else { continue };
        let Some(state) = roll.knocks.get_mut(&knock) else { continue };
        let (n, vouches) = (count.electorate.len(), count.counted.len());
        let (is_in, say) = (vouches >= vouches_in(n), vouches >= majority(n));
        state.proposals.push(act);
        state.proposals.sort_unstable();
        if vouches >= state.vouches {
            state.vouches = vouches;
            state.needed = if is_in { majority(n) } else { vouches_in(n) };
        }
        if is_in {
            let (device, card) = (state.device, state.card.clone());
            let newcomer = MemberId::from(knock);
            let member = roll
                .members
                .entry(newcomer)
                .or_insert(Member { standing: Standing::In, say: false });
            member.say |= say;
            let known = Device { member: newcomer, card: Some(card), ended: false };
            roll.devices.entry(device).or_insert(known);
        }
    }
    let needed = vouches_in(roll.electorate().len());
    for knock in roll.knocks.values_mut().filter(|knock| knock.proposals.is_empty()) {
        knock.needed = needed;
    }
    newest_cards(roll, nodes);
}

/// Cards that newcomers wrote once they were in.
fn newest_cards<'a>(roll: &mut Roll, nodes: impl Iterator<Item = &'a Node>) {
    for node in nodes {
        for item in &node.items {
            if let (CharterItem::Card(card), Some(device)) =
                (item, roll.devices.get_mut(&node.device))
            {
                device.card = Some(card.clone());
            }
        }
    }
}

/// The acts that an entry puts, and the knock of those that are admissions.
fn proposals(node: &Node) -> Vec<(ItemId, Option<EntryId>)> {
    let items = node.items.iter().enumerate();
    items
        .filter_map(|(n, item)| match item {
            CharterItem::Propose(propose) => {
                let knock = match &propose.act {
                    Act::Admit(admit) => Some(admit.knock),
                    _ => None,
                };
                Some((ItemId::of(&node.id, n as u16), knock))
            }
            _ => None,
        })
        .collect()
}

/// How the approvals of an act count by these entries (CHARTER 3 to 5).
pub(crate) fn count<'a>(
    nodes: impl Iterator<Item = &'a Node> + Clone,
    act: ItemId,
) -> Option<Count> {
    let put = |node: &&Node| proposals(node).iter().any(|(id, _)| *id == act);
    let proposer = nodes.clone().find(put)?;
    let knock = proposals(proposer).into_iter().find(|(id, _)| *id == act)?.1;
    let electorate = proposer.roll.electorate();
    let threshold = vouches_in(electorate.len());
    let known = knock.is_some_and(|knock| proposer.roll.knocks.contains_key(&knock));
    let mut count = Count {
        state: ActState::Void,
        electorate,
        threshold,
        counted: BTreeMap::new(),
        not_counted: Vec::new(),
    };
    if !known || !proposer.roll.is_in(&proposer.device) {
        return Some(count);
    }
    for node in nodes {
        let approves = |item: &CharterItem| match item {
            CharterItem::Approve(approve) => {
                approve.acts.iter().any(|named| named.resolve(&node.id) == act)
            }
            _ => false,
        };
        let knows = node.id == proposer.id || node.past.has(&proposer.device, proposer.seq);
        if !knows || !node.items.iter().any(approves) {
            continue;
        }
        let Some(member) = node.roll.member_of(&node.device) else { continue };
        let rule = if !count.electorate.contains(&member) {
            Some("charter 3: had no say when it was put")
        } else if !node.roll.is_in(&node.device) {
            Some("charter 4: the device did not speak for them")
        } else if is_stale(&count.electorate, &node.roll.electorate()) {
            Some("charter 4: stale, put it again")
        } else {
            None
        };
        match rule {
            Some(rule) => count.not_counted.push((member, node.id, rule)),
            None => _ = count.counted.entry(member).or_insert(node.id),
        }
    }
    let passed = count.counted.len() >= count.threshold;
    count.state = if passed { ActState::Passed } else { ActState::Open };
    Some(count)
}
