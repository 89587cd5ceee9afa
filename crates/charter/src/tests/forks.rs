//! Logs that fork: whatever the order in which entries are heard, the same are taken; and people
//! who name what they had before they let anything go all come to the same.

use std::collections::BTreeSet;

use ledger::{
    DeviceId, DeviceKey, Entry, EntryId, Hash,
    charter_items::{Act, Admit, Card, CharterBody, CharterItem, Knock, Propose, Return},
};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use super::{Person, Scene, sign};
use crate::{Charter, Refused, Roll};

type Written = (Entry, CharterBody);

/// A home of a person's that goes its own way, with the same key.
pub(super) fn copy(scene: &Scene, who: usize) -> Person {
    let of = &scene.people[who];
    let mut charter = Charter::new(scene.space);
    for (entry, body) in &of.has {
        charter.add(entry, body.clone()).unwrap();
    }
    Person { key: of.key.clone(), charter, has: of.has.clone(), first: of.first }
}

pub(super) fn can_write(person: &mut Person) -> bool {
    let device = person.key.id();
    let is_in = person.charter.now(&BTreeSet::new()).is_in(&device);
    is_in && person.charter.stem(&device) == u64::MAX && person.charter.end_of(&device).is_some()
}

/// Writes on all that a home has, and settles.
pub(super) fn write(scene: &mut Scene, who: usize, items: Vec<CharterItem>) {
    let journal = scene.space.charter_journal();
    let person = &mut scene.people[who];
    let device = person.key.id();
    let guests = items.iter().filter_map(|item| match item {
        CharterItem::Propose(Propose { act: Act::Admit(admit), .. }) => person.guest(&admit.knock),
        _ => None,
    });
    let guests: Vec<_> = guests.collect();
    let heads = person.charter.heads_for(&device, guests).into_inner();
    let end = person.charter.end_of(&device).map(|end| (end.length, end.head));
    let written = sign(&person.key, journal, end, heads, items);
    person.charter.hear(&written.0, written.1.clone()).unwrap();
    person.has.push(written);
    settle(scene, who);
}

/// Names what would be lost; lets go of it where that cannot be.
fn settle(scene: &mut Scene, who: usize) {
    let person = &mut scene.people[who];
    let settled = person.charter.settle(false);
    person.charter.commit(&settled);
    if settled.is_blocked && can_write(person) {
        write(scene, who, Vec::new());
        let settled = scene.people[who].charter.settle(false);
        assert!(!settled.is_blocked && settled.gone.is_empty(), "named what it had, and lost it");
    } else if settled.is_blocked {
        let settled = person.charter.settle(true);
        person.charter.commit(&settled);
    }
}

/// Hears what can be heard, in this order.
fn hear(charter: &mut Charter, entries: &[Written]) -> Vec<Written> {
    let mut heard = Vec::new();
    for (entry, body) in entries {
        match charter.hear(entry, body.clone()) {
            Ok(()) => heard.push((entry.clone(), body.clone())),
            Err(refused) => assert!(matches!(refused, Refused::Past), "{refused:?}"),
        }
    }
    heard
}

pub(super) fn tell(scene: &mut Scene, from: usize, to: usize) {
    let all = scene.people[from].has.clone();
    let person = &mut scene.people[to];
    let known: BTreeSet<_> = person.has.iter().map(|(entry, _)| entry.id).collect();
    let news: Vec<_> = all.into_iter().filter(|(entry, _)| !known.contains(&entry.id)).collect();
    let heard = hear(&mut person.charter, &news);
    person.has.extend(heard);
    settle(scene, to);
}

/// Holds back a log as it is there, or takes it by itself again.
fn hold_back(scene: &mut Scene, who: usize, device: DeviceId, holds: bool) {
    let charter = &mut scene.people[who].charter;
    let length = charter.frontier().length(&device);
    charter.hold_back(device, holds.then_some(length));
    settle(scene, who);
}

/// Four people with a say, of two of whom there are copies, who write and meet at random.
fn history(seed: u64) -> Scene {
    lived(seed, false)
}

/// As [`history`]; who holds back does so with any log but their own, again and again.
fn lived(seed: u64, holds_back: bool) -> Scene {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut scene = Scene::new(4);
    scene.everyone_gets_a_say();
    for who in [2, 3, 3] {
        let copy = copy(&scene, who);
        scene.people.push(copy);
    }
    for n in 0..60 {
        let pick = |rng: &mut ChaCha8Rng| rng.next_u32() as usize % 7;
        let (who, other) = (pick(&mut rng), pick(&mut rng));
        if holds_back && rng.next_u32() % 4 == 0 {
            let device = scene.people[other].key.id();
            if device != scene.people[who].key.id() {
                hold_back(&mut scene, who, device, rng.next_u32() % 3 > 0);
            }
        }
        if rng.next_u32() % 3 > 0 {
            tell(&mut scene, who, other);
        } else if can_write(&mut scene.people[who]) {
            // Never the same twice, so that two homes of one key do not write the same.
            let items = (0..=n % 3 + who).map(|_| CharterItem::Return(Return {}));
            write(&mut scene, who, items.collect());
        }
    }
    scene
}

fn outcome(charter: &mut Charter) -> (Hash, Roll) {
    (charter.frontier().hash(), Roll::clone(&charter.now(&BTreeSet::new())))
}

/// Everybody tells everybody else all that they have, until nobody has anything to name.
fn all_come_to_the_same(scene: &mut Scene, seed: u64) {
    for _ in 0..3 {
        for one in 0..7 {
            (0..7).filter(|other| *other != one).for_each(|other| tell(scene, one, other));
        }
    }
    let all: Vec<_> = scene.people.iter_mut().map(|person| outcome(&mut person.charter)).collect();
    assert!(all.iter().all(|other| *other == all[0]), "seed {seed}");
}

#[test]
fn people_who_name_what_they_had_all_come_to_the_same() {
    let (mut forked, mut branches) = (0, 0);
    for seed in 0..120 {
        let mut scene = history(seed);
        all_come_to_the_same(&mut scene, seed);
        let frontier = scene.people[0].charter.frontier();
        forked += frontier.stems().count();
        branches += frontier.iter().count() - frontier.logs();
    }
    assert!(forked > 120 && branches > 20, "{forked} logs fork, {branches} further branches");
}

/// Shares differ from node to node, and say only when something is taken: once nobody holds
/// anything back, all have the same.
#[test]
fn people_who_held_logs_back_all_come_to_the_same() {
    let mut held = 0;
    for seed in 0..120 {
        let mut scene = lived(seed, true);
        held += scene.people.iter().map(|person| person.charter.held_back().len()).sum::<usize>();
        for who in 0..7 {
            for device in scene.people[who].charter.held_back().clone().into_keys() {
                hold_back(&mut scene, who, device, false);
            }
        }
        all_come_to_the_same(&mut scene, seed);
    }
    assert!(held > 120, "{held} logs were held back");
}

#[test]
fn what_is_held_back_is_taken_once_another_names_it() {
    let mut scene = Scene::new(3);
    scene.everyone_gets_a_say();
    let device = scene.people[2].key.id();
    hold_back(&mut scene, 0, device, true);
    let before = scene.people[0].charter.frontier().length(&device);
    for _ in 0..3 {
        write(&mut scene, 2, vec![CharterItem::Return(Return {})]);
    }
    tell(&mut scene, 2, 0);
    assert_eq!(scene.people[0].charter.frontier().length(&device), before);
    // Who has taken two of them names these, and no more is taken for it.
    let some = scene.people[2].has.len() - 1;
    let last = scene.people[2].has.split_off(some);
    tell(&mut scene, 2, 1);
    write(&mut scene, 1, vec![CharterItem::Return(Return {})]);
    scene.people[2].has.extend(last);
    tell(&mut scene, 1, 0);
    let charter = &scene.people[0].charter;
    assert_eq!(charter.frontier().length(&device), before + 2);
    assert!(!charter.is_unsettled());
    hold_back(&mut scene, 0, device, false);
    assert_eq!(scene.people[0].charter.frontier().length(&device), before + 3);
}

#[test]
fn in_whatever_order_it_is_heard_the_same_is_taken() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for seed in 0..60 {
        let scene = history(seed);
        let mut all = Vec::<Written>::new();
        let mut seen = BTreeSet::<EntryId>::new();
        for entry in scene.people.iter().flat_map(|person| &person.has) {
            if seen.insert(entry.0.id) {
                all.push(entry.clone());
            }
        }
        let mut outcomes = Vec::new();
        for _ in 0..4 {
            let mut charter = Charter::new(scene.space);
            let mut left = all.clone();
            // Shuffled, and tried until nothing more is heard; settled at any time.
            while !left.is_empty() {
                let at = rng.next_u32() as usize % left.len();
                let one = left.swap_remove(at);
                if hear(&mut charter, std::slice::from_ref(&one)).is_empty() {
                    left.push(one);
                } else if rng.next_u32() % 4 == 0 {
                    let settled = charter.settle(true);
                    charter.commit(&settled);
                }
            }
            let settled = charter.settle(true);
            charter.commit(&settled);
            outcomes.push(outcome(&mut charter));
        }
        assert!(outcomes.iter().all(|other| *other == outcomes[0]), "seed {seed}");
    }
}

/// Somebody's two entries at one place, and how each that names them stands.
#[test]
fn nobody_names_two_branches_of_another() {
    let mut scene = Scene::new(3);
    scene.everyone_gets_a_say();
    let copy = copy(&scene, 2);
    scene.people.push(copy);
    let device: DeviceId = scene.people[2].key.id();
    write(&mut scene, 2, vec![CharterItem::Return(Return {})]);
    write(&mut scene, 3, Vec::new());
    let [one, other] = [2, 3].map(|who| scene.people[who].charter.end_of(&device).unwrap().head);
    tell(&mut scene, 2, 0);
    tell(&mut scene, 3, 0);
    // The founder named the first before the second could be a reason to lose it.
    let founder = &scene.people[0].charter;
    assert!(founder.has_entry(&one) && !founder.has_entry(&other) && founder.knows_entry(&other));
    let end = founder.end_of(&scene.people[0].key.id()).map(|end| (end.length, end.head));
    let journal = scene.space.charter_journal();
    let mut heads = vec![one, other];
    heads.sort_unstable();
    for heads in [heads, vec![other]] {
        let both = sign(&scene.people[0].key, journal, end, heads, Vec::new());
        let refused = scene.people[0].charter.hear(&both.0, both.1);
        assert_eq!(refused, Err(Refused::BehindStem));
    }
}

/// So many who knock on the founder's invite, each with the card behind it.
fn crowd(scene: &Scene, count: u16) -> Vec<[Written; 2]> {
    let journal = scene.space.charter_journal();
    let one = |n: u16| {
        let mut seed = [77; 32];
        seed[..2].copy_from_slice(&n.to_be_bytes());
        let key = DeviceKey::from_seed(&seed);
        let mut knock = Knock {
            invite: scene.invite,
            known: scene.known,
            name: vec![1; 20].try_into().unwrap(),
            ticket_signature: ledger::Signature::from_bytes([0; 64]),
        };
        knock.sign(&scene.ticket, &scene.space, &key.id());
        let knock = sign(&key, journal, None, vec![scene.known], vec![CharterItem::Knock(knock)]);
        let card = Card::sign(&super::node_key(1), Default::default(), &scene.space, &key.id());
        let tip = Some((1, knock.0.id));
        let card = sign(&key, journal, tip, Vec::new(), vec![CharterItem::Card(card)]);
        [knock, card]
    };
    (0..count).map(one).collect()
}

/// The second person proposes all of them in one entry, naming their knocks and not their cards.
fn takes_in(scene: &mut Scene, some: &[[Written; 2]]) -> Result<(), Refused> {
    let journal = scene.space.charter_journal();
    let (founder, hostile) = (scene.people[0].key.id(), scene.people[1].key.clone());
    let charter = &mut scene.people[0].charter;
    let end = charter.end_of(&hostile.id()).map(|end| (end.length, end.head));
    let let_in = charter.end_of(&founder).map(|end| end.head);
    let mut heads: Vec<_> = some.iter().map(|[knock, _]| knock.0.id).chain(let_in).collect();
    heads.sort_unstable();
    let propose = |[knock, _]: &[Written; 2]| {
        let act = Act::Admit(Admit { knock: knock.0.id });
        CharterItem::Propose(Propose { act, reason: None })
    };
    let proposes = sign(&hostile, journal, end, heads, some.iter().map(propose).collect());
    charter.add(&proposes.0, proposes.1)
}

/// A member takes in more newcomers by their knocks than an entry has heads, and then their cards
/// come, which nobody has named.
#[test]
fn more_cards_than_an_entry_names_stop_nobody_from_writing() {
    let mut scene = Scene::new(2);
    scene.everyone_gets_a_say();
    let crowd = crowd(&scene, 300);
    for [knock, _] in &crowd {
        scene.people[0].charter.hear(&knock.0, knock.1.clone()).unwrap();
    }
    crowd.chunks(150).for_each(|some| takes_in(&mut scene, some).unwrap());
    for [_, card] in &crowd {
        scene.people[0].charter.add(&card.0, card.1.clone()).unwrap();
        assert!(scene.people[0].charter.has_entry(&card.0.id));
    }
    write(&mut scene, 0, vec![CharterItem::Return(Return {})]);
    write(&mut scene, 0, vec![CharterItem::Return(Return {})]);
}

/// How many logs there are is bounded by an entry's own past: the same on every node.
#[test]
fn a_charter_takes_in_half_as_many_logs_as_a_journal_can_have() {
    let mut scene = Scene::new(2);
    scene.everyone_gets_a_say();
    let crowd = crowd(&scene, 2_500);
    for [knock, _] in &crowd {
        scene.people[0].charter.hear(&knock.0, knock.1.clone()).unwrap();
    }
    let taken: Vec<_> = crowd.chunks(250).map(|some| takes_in(&mut scene, some)).collect();
    // Two members, and 250 more with each entry, until one's past has more than 2,048.
    assert_eq!(taken.iter().filter(|taken| taken.is_ok()).count(), 8);
    assert!(taken[8..].iter().all(|taken| *taken == Err(Refused::Full)), "{taken:?}");
    write(&mut scene, 0, vec![CharterItem::Return(Return {})]);
}
