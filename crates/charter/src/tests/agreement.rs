//! Logs that fork while people are let in: what is taken, and what that comes to, is what the rules
//! say, written once more as plainly as they can be.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    Bounded, DeviceId, EntryId, HeaderKind, ItemId, ItemRef,
    charter_items::{Act, Admit, Approve, CharterItem, Propose, Return},
};
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use super::{
    Scene,
    forks::{can_write, copy, tell, write},
    order::{Written, plainly},
};
use crate::{Charter, Refused};

/// Entries of a history that the plain rules, which remember nothing, go through in good time.
const ENTRIES_MAX: usize = 22;

/// Two with a say, one with a copy of their home, and two who knock: they write and meet at random.
fn history(seed: u64) -> (Scene, Vec<Written>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut scene = Scene::new(4);
    let outside: Vec<_> = scene.people.drain(2..).collect();
    scene.everyone_gets_a_say();
    scene.people.extend(outside);
    for newcomer in [2, 3] {
        scene.knock(newcomer);
        tell(&mut scene, newcomer, 0);
    }
    let mut acts = Vec::<ItemId>::new();
    for n in 0..24 {
        if n == 9 {
            let copy = copy(&scene, 1);
            scene.people.push(copy);
        }
        let people = scene.people.len();
        let mut pick = |n: usize| rng.next_u32() as usize % n;
        let (who, other, choice) = (pick(people), pick(people), pick(7));
        if choice < 3 {
            tell(&mut scene, who, other);
        } else if can_write(&mut scene.people[who]) {
            let knock = scene.people[2 + pick(2)].first.expect("who knocked");
            let charter = &scene.people[who].charter;
            let known: Vec<_> = acts.iter().filter(|act| charter.has_item(act)).collect();
            let is_new = charter.knows_entry(&knock);
            let items = match (choice, known.as_slice()) {
                (3 | 4, _) if is_new => vouch(knock),
                (5 | 6, acts @ [_, ..]) => vec![approve(ItemRef::Id(*acts[pick(acts.len())]))],
                _ => (0..=n % 3 + who).map(|_| CharterItem::Return(Return {})).collect(),
            };
            let puts = matches!(items[0], CharterItem::Propose(_));
            write(&mut scene, who, items);
            let written = scene.people[who].has.iter().rev();
            let own = scene.people[who].key.id();
            let last = written.map(|(entry, _)| entry).find(|entry| entry.device() == own);
            acts.extend(last.filter(|_| puts).map(|entry| ItemId::of(&entry.id, 0)));
        }
    }
    let mut all = BTreeMap::new();
    for (entry, body) in scene.people.iter().flat_map(|person| &person.has) {
        all.entry(entry.id).or_insert_with(|| (entry.clone(), body.clone()));
    }
    let mut all: Vec<_> = all.into_values().collect();
    all.sort_by_key(|(entry, _)| !entry.header.is_genesis());
    (scene, all)
}

fn vouch(knock: EntryId) -> Vec<CharterItem> {
    let propose = Propose { act: Act::Admit(Admit { knock }), reason: None };
    vec![CharterItem::Propose(propose), approve(ItemRef::Here(0))]
}

fn approve(act: ItemRef) -> CharterItem {
    CharterItem::Approve(Approve { acts: Bounded::one(act) })
}

/// Each entry that stands before its log's stem and is nobody's knock, with its past, and the card
/// behind each knock among these; where that has two entries of a log at one place, its stem ends
/// there, and all is begun anew.
fn taken(all: &[Written]) -> BTreeSet<EntryId> {
    let mut stems = BTreeMap::<DeviceId, u64>::new();
    loop {
        let stands = |(entry, _): &&Written| {
            stems.get(&entry.device()).is_none_or(|stem| entry.seq() < *stem)
        };
        let is_knock = |(entry, _): &&Written| entry.seq() == 0 && !entry.header.is_genesis();
        let knocked: BTreeSet<_> = all.iter().filter(is_knock).map(|(one, _)| one.id).collect();
        let of_knock = |(entry, _): &&Written| {
            entry.header.backlink.is_some_and(|before| knocked.contains(&before))
        };
        let mut closed = BTreeSet::new();
        let plain = all.iter().filter(|one| !is_knock(one) && !of_knock(one));
        for one in plain.filter(stands) {
            let mut wanted = vec![one.0.id];
            while let Some(id) = wanted.pop() {
                if closed.insert(id) {
                    let (entry, _) = all.iter().find(|(entry, _)| entry.id == id).unwrap();
                    let HeaderKind::Charter(heads) = &entry.header.kind else { panic!("content") };
                    wanted.extend(heads.iter().chain(&entry.header.backlink));
                }
            }
        }
        let is_let_in = |(card, _): &&Written| {
            card.header.backlink.is_some_and(|knock| closed.contains(&knock))
        };
        let cards = all.iter().filter(of_knock).filter(is_let_in).filter(stands);
        let cards: Vec<_> = cards.map(|(card, _)| card.id).collect();
        closed.extend(cards);
        let mut found = BTreeMap::<DeviceId, u64>::new();
        let mut places = BTreeSet::new();
        for (entry, _) in all.iter().filter(|(entry, _)| closed.contains(&entry.id)) {
            if !places.insert((entry.device(), entry.seq())) {
                let stem = found.entry(entry.device()).or_insert(u64::MAX);
                *stem = entry.seq().min(*stem);
            }
        }
        let is_news =
            |(device, stem): &(DeviceId, u64)| stems.get(device).is_none_or(|known| stem < known);
        let news: Vec<_> = found.into_iter().filter(is_news).collect();
        if news.is_empty() {
            return closed;
        }
        stems.extend(news);
    }
}

/// Hears all that can be heard, in an order of its own; the rest names two branches of somebody's.
fn hear_all(scene: &Scene, all: &[Written], rng: &mut ChaCha8Rng) -> (Charter, Vec<Written>) {
    let (mut charter, mut left, mut heard) = (Charter::new(scene.space), all.to_vec(), Vec::new());
    loop {
        let before = left.len();
        for n in 0..left.len() {
            let to = rng.next_u32() as usize % left.len();
            left.swap(n, to);
        }
        left.retain(|(entry, body)| match charter.hear(entry, body.clone()) {
            Ok(()) => {
                heard.push((entry.clone(), body.clone()));
                false
            }
            Err(refused) => {
                assert!(matches!(refused, Refused::Past | Refused::BehindStem), "{refused:?}");
                true
            }
        });
        if left.len() == before {
            heard.sort_by_key(|(entry, _)| !entry.header.is_genesis());
            return (charter, heard);
        }
    }
}

#[test]
fn what_is_taken_and_what_it_comes_to_is_what_the_rules_say_written_plainly() {
    let (mut histories, mut forked, mut left_out, mut members) = (0, 0, 0, 0);
    for seed in 0..300 {
        let (scene, all) = history(seed);
        if all.len() > ENTRIES_MAX {
            continue;
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (mut charter, heard) = hear_all(&scene, &all, &mut rng);
        let settled = charter.settle(true);
        charter.commit(&settled);
        let expected = taken(&heard);
        for (entry, _) in &heard {
            assert_eq!(charter.has_entry(&entry.id), expected.contains(&entry.id), "seed {seed}");
        }
        let part: Vec<_> = heard.iter().filter(|(entry, _)| expected.contains(&entry.id)).collect();
        let said = plainly::said(&heard, &part);
        let roll = charter.now(&BTreeSet::new());
        let folded: BTreeMap<_, _> =
            roll.members.iter().map(|(member, state)| (*member, state.say)).collect();
        assert_eq!(folded, said.members, "seed {seed}");
        histories += 1;
        forked += charter.frontier().stems().count();
        left_out += heard.len() - part.len();
        members += folded.len() - 2;
    }
    let figures = format!("{histories} histories, {forked} forks, {left_out} entries left out");
    assert!(histories > 100 && forked > 50 && left_out > 50, "{figures}");
    assert!(members > 20, "{members} admitted in {figures}");
}
