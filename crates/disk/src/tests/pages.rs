//! Rows in pages: whatever is put, removed and looked for, it is as in a map.

use std::collections::BTreeMap;

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use store::{Batch, Direction, Group, Key, Store, Table};

use super::OnDisk;
use crate::index::{
    IndexKey,
    pages::{PAGE_BYTES, Page},
};

/// Numbers of a few kinds of groups: ones that grow at their end, ones that fill anywhere, and many
/// of a row or two.
fn drawn(random: &mut ChaCha8Rng, n: u64) -> Key {
    let group = |kind: &[u8], name: u64| Group::of(&[kind, &name.to_be_bytes()]);
    match random.next_u32() % 4 {
        0 | 1 => Key::new(Table::Rows, group(b"grows", n % 3), n),
        2 => Key::new(Table::Items, group(b"fills", n % 2), random.next_u64()),
        _ => Key::new(Table::Reading, group(b"few", random.next_u64() % 400), n % 2),
    }
}

fn length(random: &mut ChaCha8Rng) -> usize {
    match random.next_u32() % 200 {
        0 => 3_000 + random.next_u32() as usize % 9_000,
        1..10 => random.next_u32() as usize % 3_000,
        _ => random.next_u32() as usize % 60,
    }
}

fn assert_as_model(disk: &mut OnDisk, model: &BTreeMap<Key, Vec<u8>>, random: &mut ChaCha8Rng) {
    let store = &disk.opened().store;
    let keys: Vec<_> = model.keys().collect();
    for _ in 0..20 {
        let key = keys[random.next_u32() as usize % keys.len()];
        assert_eq!(store.get(key).unwrap().as_ref(), model.get(key));
        let other = drawn(random, key.number ^ 1);
        assert_eq!(store.get(&other).unwrap().as_ref(), model.get(&other));
        let (from, limit) = (key.number, random.next_u32() as usize % 300);
        let of = |numbers: std::ops::RangeInclusive<u64>| {
            let at = |number: &u64| Key { number: *number, ..key.clone() };
            let rows = model.range(at(numbers.start())..=at(numbers.end()));
            rows.map(|(key, value)| (key.number, value.clone())).collect::<Vec<_>>()
        };
        let scan = |numbers, order| store.scan(key.table, &key.group, numbers, order, limit);
        let mut up = of(from..=u64::MAX);
        up.truncate(limit);
        assert_eq!(scan(from..=u64::MAX, Direction::Ascending).unwrap(), up);
        let mut down = of(0..=from);
        down.reverse();
        down.truncate(limit);
        assert_eq!(scan(0..=from, Direction::Descending).unwrap(), down);
    }
}

#[test]
fn rows_are_as_in_a_map_whatever_happens_to_their_pages() {
    for seed in 0..2 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (mut disk, mut model) = (OnDisk::new(), BTreeMap::new());
        for round in 0..100 {
            for _ in 0..40 {
                let mut batch = Batch::default();
                for _ in 0..random.next_u32() % 4 {
                    let key = drawn(&mut random, model.len() as u64);
                    let value = vec![round; length(&mut random)];
                    batch.put(key.clone(), value.clone());
                    model.insert(key, value);
                }
                let gone = model.keys().nth(random.next_u32() as usize % model.len().max(1));
                if let Some(gone) =
                    gone.filter(|_| random.next_u32() % 4 == 0 || round > 60).cloned()
                {
                    batch.remove(gone.clone());
                    model.remove(&gone);
                }
                disk.opened().store.write(batch).unwrap();
            }
            match random.next_u32() % 8 {
                0 => super::Harness::reopen(&mut disk),
                1..6 => _ = disk.opened().flusher.rest(),
                _ => {}
            }
            assert_as_model(&mut disk, &model, &mut random);
        }
        while let Some((key, _)) = model.pop_first() {
            let mut batch = Batch::default();
            batch.remove(key);
            disk.opened().store.write(batch).unwrap();
        }
        let count = disk.opened().store.shared.index.count();
        assert_eq!(count, 0, "nothing is left of it");
    }
}

/// Somebody reads while rows are put down: none is missed, and none comes twice.
#[test]
fn who_reads_while_pages_change_sees_each_row_once() {
    let mut disk = OnDisk::new();
    let group = Group::of(&[b"g"]);
    let key = |number| Key::new(Table::Rows, group.clone(), number);
    let put = |disk: &mut OnDisk, numbers: &mut dyn Iterator<Item = u64>| {
        let mut batch = Batch::default();
        numbers.for_each(|number| batch.put(key(number), vec![7; 30]));
        disk.opened().store.write(batch).unwrap();
    };
    put(&mut disk, &mut (0..2_000).map(|n| n * 16));
    disk.opened().flusher.rest();
    for round in 1..16 {
        put(&mut disk, &mut (0..2_000).map(|n| n * 16 + round));
        let flusher = disk.opened().flusher.clone();
        let thread = std::thread::spawn(move || flusher.rest());
        let numbers: Vec<_> = (0..2_000 * 16).filter(|n| n % 16 <= round).collect();
        for order in [Direction::Ascending, Direction::Descending] {
            let store = &disk.opened().store;
            let found = store.scan(Table::Rows, &group, 0..=u64::MAX, order, usize::MAX).unwrap();
            let mut found: Vec<_> = found.into_iter().map(|(number, _)| number).collect();
            if order == Direction::Descending {
                found.reverse();
            }
            assert!(found == numbers, "round {round}, {order:?}: {} rows", found.len());
        }
        thread.join().unwrap();
    }
}

/// A key of a group, whose bytes begin with `group`.
fn key(group: u8, number: u64) -> IndexKey {
    let mut key = [group; 25];
    key[17..].copy_from_slice(&number.to_be_bytes());
    key
}

/// Puts rows one batch after the other into pages that begin as one; how full these are then.
fn filled(batches: impl Iterator<Item = Vec<(IndexKey, usize)>>) -> f64 {
    let mut pages = BTreeMap::from([([0; 25], Vec::new())]);
    let mut model = BTreeMap::new();
    for batch in batches {
        let mut rest: Vec<_> = batch
            .into_iter()
            .map(|(key, length)| (key, Some(vec![length as u8; length])))
            .collect();
        rest.sort();
        model.extend(rest.iter().cloned());
        while let Some((first, _)) = rest.first() {
            let (at, bytes) = pages.range(..=*first).next_back().unwrap();
            let (at, page) = (*at, Page::decode(bytes.clone()).unwrap());
            let behind = pages.range(at..).nth(1).map(|(behind, _)| *behind);
            let here = rest.partition_point(|(key, _)| behind.is_none_or(|behind| *key < behind));
            let others = rest.split_off(here);
            for (n, (key, bytes)) in page.with(&rest, behind).into_iter().enumerate() {
                assert!(bytes.len() <= PAGE_BYTES + 30, "{} bytes", bytes.len());
                pages.insert(if n == 0 { at } else { key }, bytes);
            }
            rest = others;
        }
    }
    let rows = pages.values().flat_map(|bytes| {
        let page = Page::decode(bytes.clone()).unwrap();
        let row = |at| page.row(at).map(|(key, value)| (*key, Some(value.to_vec()))).unwrap();
        (0..page.len()).map(row).collect::<Vec<_>>()
    });
    assert!(rows.eq(model), "all rows are there, in their order");
    let bytes: usize = pages.values().map(Vec::len).sum();
    bytes as f64 / (pages.len() * PAGE_BYTES) as f64
}

#[test]
fn pages_are_full_where_groups_grow_and_half_full_where_rows_come_anywhere() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    // Three groups grow beside each other, some rows of each at a time, and one row at a time.
    let several = (0..200).map(|n| {
        let rows = (1..=3).flat_map(|group| (n * 10..n * 10 + 10).map(move |at| key(group, at)));
        rows.map(|key| (key, 20)).collect()
    });
    let one_by_one = (0..6_000_u64).map(|n| vec![(key((n % 3) as u8 + 1, n), 20)]);
    let mut anywhere = || vec![(key(1, random.next_u64()), 20)];
    let anywhere: Vec<_> = (0..6_000).map(|_| anywhere()).collect();
    let (several, one_by_one) = (filled(several), filled(one_by_one));
    let anywhere = filled(anywhere.into_iter());
    println!("several {several:.2}, one by one {one_by_one:.2}, anywhere {anywhere:.2}");
    assert!(several > 0.9 && one_by_one > 0.9 && anywhere > 0.6);
}

#[test]
fn what_is_no_page_is_refused() {
    let rows: Vec<_> = (0..20).map(|n| (key(1, n * 3), Some(vec![n as u8; 9]))).collect();
    let page = Page::default().with(&rows, None).remove(0).1;
    let mut random = ChaCha8Rng::seed_from_u64(2);
    for _ in 0..50_000 {
        let mut bytes = page.clone();
        for _ in 0..=random.next_u32() % 3 {
            let at = random.next_u32() as usize % bytes.len();
            bytes[at] = random.next_u32() as u8;
        }
        bytes.truncate(bytes.len() - random.next_u32() as usize % 8);
        let Ok(page) = Page::decode(bytes) else { continue };
        assert!((0..page.len()).all(|at| page.row(at).is_some()));
        assert!((1..page.len()).all(|at| page.row(at - 1).unwrap().0 < page.row(at).unwrap().0));
    }
}
