//! The same entries come to the same, whatever the order in which they arrive.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Bounded, DeviceId, Entry, EntryId, ItemId, ItemRef, MemberId, SealKey, SpaceId, Timestamp,
    charter_items::{Act, Approve, Card, CharterBody, CharterItem, Invite},
};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use super::{Scene, frontier, key, node_key};
use crate::{Charter, Explained, Roll};

pub(super) type Written = (Entry, CharterBody);

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// What a charter says in the end: the roll, and how each act stands.
pub(super) fn outcome(charter: &mut Charter) -> (Roll, Vec<Explained>) {
    let roll = Roll::clone(&charter.now(&BTreeSet::new()));
    let acts = roll.acts.keys().filter_map(|act| charter.explain(*act)).collect();
    (roll, acts)
}

fn past_is_there(entry: &Entry, there: &BTreeSet<EntryId>) -> bool {
    let ledger::HeaderKind::Charter(heads) = &entry.header.kind else { return false };
    heads.iter().chain(&entry.header.backlink).all(|id| there.contains(id))
}

/// Calls `each` with every order in which each entry comes after its past.
pub(super) fn all_orders(
    left: &[Written],
    order: &mut Vec<Written>,
    each: &mut impl FnMut(&[Written]),
) {
    if left.is_empty() {
        return each(order);
    }
    let there: BTreeSet<_> = order.iter().map(|(entry, _)| entry.id).collect();
    for (n, entry) in left.iter().enumerate() {
        if past_is_there(&entry.0, &there) {
            let mut rest = left.to_vec();
            order.push(rest.remove(n));
            all_orders(&rest, order, each);
            order.pop();
        }
    }
}

fn some_order(all: &[Written], rng: &mut ChaCha8Rng) -> Vec<Written> {
    let (mut left, mut order) = (all.to_vec(), Vec::<Written>::new());
    while !left.is_empty() {
        let there: BTreeSet<_> = order.iter().map(|(entry, _)| entry.id).collect();
        let next: Vec<_> = (0..left.len()).filter(|n| past_is_there(&left[*n].0, &there)).collect();
        let picked = next[rng.next_u32() as usize % next.len()];
        order.push(left.remove(picked));
    }
    order
}

fn charter_of(scene: &Scene, entries: &[Written]) -> Charter {
    let mut charter = Charter::new(scene.space);
    for (entry, body) in entries {
        charter.add(entry, body.clone()).unwrap();
    }
    charter
}

#[test]
fn every_order_of_a_small_history_comes_to_the_same() {
    // Two vouch apart for the same newcomer on a proposal each, a third approves both, and one
    // withdraws the ticket at the same time.
    let mut scene = Scene::new(4);
    let newcomer = scene.people.pop().unwrap();
    scene.everyone_gets_a_say();
    scene.people.push(newcomer);
    let before = scene.people[0].has.len();
    scene.knock(3);
    scene.meet();
    let (one, two) = (scene.vouch_first(0, 3), scene.vouch_first(1, 3));
    let invite = ItemRef::Id(scene.invite);
    scene.write(2, vec![CharterItem::Withdraw(ledger::charter_items::Withdraw { invite })]);
    scene.tell(0, 2);
    scene.tell(1, 0);
    scene.approve(2, one);
    scene.approve(0, two);
    scene.meet();
    let all = scene.people[0].has.clone();
    let expected = outcome(&mut charter_of(&scene, &all));
    let (known, rest) = all.split_at(before);
    let mut orders = 0;
    all_orders(rest, &mut known.to_vec(), &mut |order| {
        orders += 1;
        assert_eq!(outcome(&mut charter_of(&scene, order)), expected);
    });
    assert!(orders >= 16, "{orders} orders");
}

/// A card of a person's device: their own, or one that names a node which did not sign it.
fn random_card(scene: &Scene, who: usize, rng: &mut ChaCha8Rng) -> Card {
    let device = scene.people[who].key.id();
    let (by, named) = (who as u8 + 1, rng.next_u32() as u8 % 9);
    let card = Card::sign(&node_key(by), SealKey::from_bytes([named; 32]), &scene.space, &device);
    if named > 4 { card } else { Card { peer: node_key(named).peer_id().clone(), ..card } }
}

/// A card, alone or not, or an invite, within the bounds or not.
fn random_items(scene: &Scene, who: usize, rng: &mut ChaCha8Rng) -> Vec<CharterItem> {
    let days = u64::from(rng.next_u32() % 40);
    let (expires, knocks_max) = (Timestamp::from_ms(1_000 + days * DAY_MS), rng.next_u32() % 140);
    let invite = CharterItem::Invite(Invite { ticket: key(202).id(), expires, knocks_max });
    let card = CharterItem::Card(random_card(scene, who, rng));
    match rng.next_u32() % 4 {
        0 => vec![invite],
        1 => vec![card, invite],
        _ => vec![card],
    }
}

/// People who write at random on what they have, and meet at random. The first ones have a say
/// from the beginning, `newcomers` have knocked.
fn random_history(seed: u64, with_say: u8, newcomers: u8, steps: usize) -> Scene {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut scene = Scene::new(with_say + newcomers);
    let mut acts = Vec::<(ItemId, usize)>::new();
    let outside: Vec<_> = scene.people.drain(usize::from(with_say)..).collect();
    scene.everyone_gets_a_say();
    scene.people.extend(outside);
    for who in usize::from(with_say)..scene.people.len() {
        let card = random_card(&scene, who, &mut rng);
        scene.knock_with(who, card);
        scene.tell(who, 0);
    }
    for _ in 0..steps {
        let pick = |rng: &mut ChaCha8Rng, n: usize| rng.next_u32() as usize % n;
        let (who, other) = (pick(&mut rng, scene.people.len()), pick(&mut rng, scene.people.len()));
        match pick(&mut rng, 7) {
            0..=2 => scene.tell(who, other),
            choice => {
                let device = scene.people[who].key.id();
                if !scene.roll(who).is_in(&device) {
                    continue;
                }
                let here = |act: &&(ItemId, usize)| scene.people[who].charter.has_item(&act.0);
                let known: Vec<_> = acts.iter().filter(here).copied().collect();
                let is_put = known.iter().any(|(_, newcomer)| *newcomer == other);
                let knock = scene.people[other].first;
                let knock = knock.filter(|knock| scene.people[who].charter.knows_entry(knock));
                if choice >= 6 {
                    let items = random_items(&scene, who, &mut rng);
                    scene.write(who, items);
                } else if choice <= 4 && other != 0 && knock.is_some() && !is_put {
                    acts.push((scene.vouch_first(who, other), other));
                } else if !known.is_empty() {
                    let (act, _) = known[pick(&mut rng, known.len())];
                    scene.approve(who, act);
                }
            }
        }
    }
    scene.meet();
    scene
}

#[test]
fn random_histories_come_to_the_same_in_any_order_and_at_any_frontier() {
    let (mut admitted, mut with_say) = (0, 0);
    for seed in 0..40 {
        let scene = random_history(seed, 4, 4, 115);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let all = scene.people[0].has.clone();
        let mut whole = charter_of(&scene, &all);
        let expected = outcome(&mut whole);
        for _ in 0..4 {
            let order = some_order(&all, &mut rng);
            let mut charter = charter_of(&scene, &order);
            assert_eq!(outcome(&mut charter), expected, "seed {seed}");
            // What it says of a part of them is what somebody said who had only that part.
            let part = &order[..1 + rng.next_u32() as usize % order.len()];
            let mut had = charter_of(&scene, part);
            let at = whole.at(&had.frontier().clone(), &BTreeSet::new());
            assert_eq!(*at, outcome(&mut had).0, "seed {seed}");
        }
        admitted += expected.0.members.len() - 4;
        with_say += expected.0.electorate().len() - 4;
    }
    assert!(admitted > 50 && with_say > 10 && with_say < admitted, "{admitted}, {with_say}");
}

/// The rules once more, as plainly as they can be written: no memory, no increments.
pub(super) mod plainly {
    use super::*;

    pub(in crate::tests) struct Said {
        pub(in crate::tests) members: BTreeMap<MemberId, bool>,
    }

    fn past<'a>(all: &'a [Written], of: &Entry) -> Vec<&'a Written> {
        let ledger::HeaderKind::Charter(heads) = &of.header.kind else { return Vec::new() };
        let mut wanted: Vec<EntryId> = heads.iter().chain(&of.header.backlink).copied().collect();
        let mut found = BTreeSet::new();
        while let Some(id) = wanted.pop() {
            if found.insert(id) {
                let (entry, _) = all.iter().find(|(entry, _)| entry.id == id).unwrap();
                let ledger::HeaderKind::Charter(heads) = &entry.header.kind else { continue };
                wanted.extend(heads.iter().chain(&entry.header.backlink));
            }
        }
        all.iter().filter(|(entry, _)| found.contains(&entry.id)).collect()
    }

    fn electorate(said: &Said) -> BTreeSet<MemberId> {
        said.members.iter().filter(|(_, say)| **say).map(|(member, _)| *member).collect()
    }

    /// The member whose first entry, genesis or knock, is by this entry's device.
    fn member(all: &[Written], of: &Entry) -> MemberId {
        let first = all.iter().find(|(e, _)| e.device() == of.device() && e.seq() == 0).unwrap();
        MemberId::from(first.0.id)
    }

    pub(in crate::tests) fn said(all: &[Written], part: &[&Written]) -> Said {
        let mut members = BTreeMap::new();
        members.extend(
            part.iter()
                .find(|(e, _)| e.header.is_genesis())
                .map(|(e, _)| (MemberId::from(e.id), true)),
        );
        for (put, body) in part {
            for (index, item) in body.iter().enumerate() {
                let CharterItem::Propose(propose) = item else { continue };
                let Act::Admit(admit) = &propose.act else { continue };
                let act = ItemId::of(&put.id, index as u16);
                let before = past(all, put);
                let by = said(all, &before);
                let knocks = before.iter().any(|(entry, _)| entry.id == admit.knock);
                if !knocks || !by.members.contains_key(&member(all, put)) {
                    continue;
                }
                let electorate = electorate(&by);
                let counted = count(all, part, put, act, &electorate);
                let (n, newcomer) = (electorate.len(), MemberId::from(admit.knock));
                if counted >= 2.min(n) {
                    *members.entry(newcomer).or_insert(false) |= 2 * counted > n;
                }
            }
        }
        Said { members }
    }

    /// Of each device the last entry of its log that is a card and nothing else, and whose node
    /// has signed it; `all` begins with the genesis.
    pub(super) fn cards(all: &[Written]) -> BTreeMap<DeviceId, Card> {
        let space = SpaceId::from(all[0].0.id);
        let mut logs: Vec<_> = all.iter().collect();
        logs.sort_by_key(|(entry, _)| (entry.device(), entry.seq()));
        let mut cards = BTreeMap::new();
        for (entry, body) in logs {
            if let Some(CharterItem::Card(card)) = body.first()
                && body.len() == 1
                && card.verify(&space, &entry.device()).is_ok()
            {
                cards.insert(entry.device(), card.clone());
            }
        }
        cards
    }

    /// Invites for a hundred knocks and thirty days at most, by those who are in by their past.
    pub(super) fn invites(all: &[Written]) -> BTreeSet<ItemId> {
        let mut invites = BTreeSet::new();
        for (entry, body) in all {
            for (index, item) in body.iter().enumerate() {
                let CharterItem::Invite(invite) = item else { continue };
                let lasts = invite.expires.since_ms(entry.header.stamp);
                let bounded = invite.knocks_max <= 100 && lasts <= 30 * DAY_MS;
                if bounded && said(all, &past(all, entry)).members.contains_key(&member(all, entry))
                {
                    invites.insert(ItemId::of(&entry.id, index as u16));
                }
            }
        }
        invites
    }

    fn count(
        all: &[Written],
        part: &[&Written],
        put: &Entry,
        act: ItemId,
        voters: &BTreeSet<MemberId>,
    ) -> usize {
        let counts = |(entry, body): &&&Written| {
            let named = body.iter().any(|item| {
                matches!(item, CharterItem::Approve(approve)
                    if approve.acts.iter().any(|named| named.resolve(&entry.id) == act))
            });
            let before = past(all, entry);
            let knows = entry.id == put.id || before.iter().any(|(e, _)| e.id == put.id);
            let then = said(all, &before);
            let new = electorate(&then).difference(voters).count();
            named
                && knows
                && voters.contains(&member(all, entry))
                && then.members.contains_key(&member(all, entry))
                && new <= 2.max(voters.len() / 4)
        };
        let who: BTreeSet<_> =
            part.iter().filter(counts).map(|(entry, _)| member(all, entry)).collect();
        who.len()
    }
}

#[test]
fn the_fold_says_what_the_rules_say_written_plainly() {
    let (mut members, mut cardless, mut void) = (0, 0, 0);
    for seed in 0..150 {
        let scene = random_history(1_000 + seed, 1, 3, 24);
        let all = &scene.people[0].has;
        if all.len() > 22 {
            continue;
        }
        let said = plainly::said(all, &all.iter().collect::<Vec<_>>());
        let roll = outcome(&mut charter_of(&scene, all)).0;
        let folded: BTreeMap<_, _> =
            roll.members.iter().map(|(member, state)| (*member, state.say)).collect();
        assert_eq!(folded, said.members, "seed {seed}");
        let cards = plainly::cards(all);
        for (device, known) in &roll.devices {
            assert_eq!(known.card.as_ref(), cards.get(device), "seed {seed}");
        }
        let kept: BTreeSet<_> = roll.invites.keys().copied().collect();
        assert_eq!(kept, plainly::invites(all), "seed {seed}");
        members += folded.len() - 1;
        cardless += roll.devices.values().filter(|device| device.card.is_none()).count();
        void += invites_in(all).saturating_sub(kept.len());
    }
    assert!(members > 60, "{members} admitted");
    assert!(cardless > 10 && void > 10, "{cardless} without a card, {void} void invites");
}

fn invites_in(all: &[Written]) -> usize {
    let items = all.iter().flat_map(|(_, body)| body.iter());
    items.filter(|item| matches!(item, CharterItem::Invite(_))).count()
}

#[test]
fn a_held_act_is_left_out_at_every_depth() {
    let mut scene = Scene::new(3);
    scene.knock(1);
    scene.tell(1, 0);
    let first = scene.vouch_first(0, 1);
    scene.meet();
    scene.knock(2);
    scene.meet();
    // Two with a say now: Bo's vouch is needed, and counts only because Bo is in.
    let second = scene.vouch_first(0, 2);
    scene.tell(0, 1);
    scene.approve(1, second);
    scene.meet();
    let (bo, cy) = (scene.member(1), scene.member(2));
    let everything = scene.people[0].frontier();
    let charter = &mut scene.people[0].charter;
    let at = |charter: &mut Charter, held: &[ItemId]| {
        charter.at(&everything, &held.iter().copied().collect())
    };
    assert!(at(charter, &[]).has_say(&bo) && at(charter, &[]).has_say(&cy));
    let without = at(charter, &[first]);
    assert!(!without.members.contains_key(&bo) && without.acts[&first].name() == "held");
    // By that roll Ana was alone when the second was put, so her vouch was enough.
    assert!(without.has_say(&cy));
    let neither = at(charter, &[first, second]);
    assert_eq!(neither.members.len(), 1);
    assert_eq!(*charter.now(&BTreeSet::from([first])), *without);
    assert!(charter.now(&BTreeSet::new()).has_say(&bo), "nothing is changed by asking");
}

#[test]
fn a_frontier_counts_as_far_as_it_is_closed() {
    let mut scene = Scene::new(2);
    scene.knock(1);
    scene.tell(1, 0);
    scene.vouch_first(0, 1);
    scene.meet();
    let all: Vec<_> = scene.people[0].has.iter().map(|(entry, _)| entry.clone()).collect();
    // Without the knock, the vouch for it is not in the closed part.
    let knocker = super::device(2);
    let open = frontier(all.iter().filter(|entry| entry.device() != knocker));
    let roll = scene.people[0].charter.at(&open, &BTreeSet::new());
    assert!(roll.acts.is_empty() && roll.knocks.is_empty());
    assert_eq!((roll.members.len(), roll.invites.size()), (1, 1));
    // Another branch than the one that is here, and lengths past what is here.
    let mut other = frontier(all.iter());
    let tip = ledger::Tip { length: 1, head: EntryId::from_bytes([5; 32]) };
    other.set(knocker, tip).unwrap();
    assert!(scene.people[0].charter.at(&other, &BTreeSet::new()).knocks.is_empty());
    let mut longer = frontier(all.iter());
    longer.set(super::device(1), ledger::Tip { length: 900, head: tip.head }).unwrap();
    let expected = scene.roll(0);
    assert_eq!(scene.people[0].charter.at(&longer, &BTreeSet::new()), expected);
}

#[test]
fn approvals_without_the_proposal_in_their_past_count_for_nothing() {
    let mut scene = Scene::new(3);
    let newcomer = scene.people.pop().unwrap();
    scene.everyone_gets_a_say();
    scene.people.push(newcomer);
    scene.knock(2);
    scene.meet();
    let act = scene.propose(0, 2);
    // Bo names an act that has not reached Bo's node.
    scene.approve(1, act);
    scene.meet();
    let explained = scene.people[0].charter.explain(act).unwrap();
    assert!(explained.counted.is_empty() && explained.not_counted.is_empty());
    // An approval that stands before the proposal in one entry does not know it either.
    let admit = ledger::charter_items::Admit { knock: scene.people[2].first.unwrap() };
    let propose = ledger::charter_items::Propose { act: Act::Admit(admit), reason: None };
    let early = Approve { acts: Bounded::one(ItemRef::Here(1)) };
    let items = vec![CharterItem::Approve(early), CharterItem::Propose(propose)];
    let entry = scene.write(0, items);
    let explained = scene.people[0].charter.explain(ItemId::of(&entry, 1)).unwrap();
    assert!(explained.counted.is_empty());
}
