//! What a peer is known to have.

use std::collections::BTreeSet;

use ledger::{Bounded, DeviceId, EntryId, FrontierDigest, Hash, LogTips, Tip, limits::LOGS_MAX};

use super::{device, frontier};
use crate::Known;

fn told(logs: &[(u8, u64)]) -> Known {
    let mut known = Known::default();
    known.told(frontier(logs).digest());
    known
}

/// No log of which the rest comes later.
fn none() -> BTreeSet<DeviceId> {
    BTreeSet::new()
}

#[test]
fn before_it_tells_nothing_is_known() {
    let (mut known, mine) = (Known::default(), frontier(&[(1, 3)]));
    assert!(!known.is_told() && known.is_receipted());
    assert!(!known.is_reached_by(&mine) && !known.differs(&mine, &none(), |_, _| None));
    assert_eq!((known.length(&device(1)), known.lacks(&mine)), (0, 3));
}

/// The entry at a place of a log of [`frontier`].
fn head(log: &DeviceId, seq: u64) -> Option<EntryId> {
    Some(EntryId::from_bytes([log.as_bytes()[0] ^ (seq + 1) as u8; 32]))
}

fn another(_: &DeviceId, _: u64) -> Option<EntryId> {
    Some(EntryId::from_bytes([77; 32]))
}

#[test]
fn other_entries_at_a_place_are_found_whatever_the_lengths() {
    let mine = frontier(&[(1, 7), (2, 5), (3, 2)]);
    for logs in [&[(1, 7), (2, 5), (3, 2)][..], &[(1, 4), (2, 5)], &[(2, 1)], &[]] {
        assert!(!told(logs).differs(&mine, &none(), head), "{logs:?} is a part of it");
    }
    for logs in [&[(1, 4), (2, 5)][..], &[(2, 1)]] {
        assert!(told(logs).differs(&mine, &none(), another), "{logs:?}");
        assert!(told(logs).differs(&mine, &none(), |_, _| None), "a hole hides nothing: {logs:?}");
    }
    let equal = |heads| {
        let mut known = Known::default();
        known.told(FrontierDigest { heads, ..mine.digest() });
        known
    };
    assert!(equal(Hash::of(b"others")).differs(&mine, &none(), head));
}

#[test]
fn a_log_that_forks_is_compared_with_all_its_branches() {
    let tip = |length, head| Tip { length, head: EntryId::from_bytes([head; 32]) };
    let forked = |stem, tips: &[Tip]| {
        let mut mine = frontier(&[(2, 5)]);
        mine.set_log(device(1), LogTips::new(tips.to_vec(), Some(stem)));
        mine
    };
    let mine = forked(4, &[tip(6, 1), tip(7, 2)]);
    let mut known = Known::default();
    known.told(mine.digest());
    assert!(
        known.is_reached_by(&mine) && !known.differs(&mine, &none(), head),
        "the same is the same"
    );
    // Another branch, none, as long as the stem or longer: all of these differ.
    for theirs in [
        forked(4, &[tip(6, 1), tip(7, 3)]),
        forked(3, &[tip(6, 1), tip(7, 2)]),
        frontier(&[(1, 9), (2, 5)]),
        frontier(&[(1, 4), (2, 5)]),
    ] {
        let mut known = Known::default();
        known.told(theirs.digest());
        assert!(known.differs(&mine, &none(), another), "{theirs:?}");
    }
    // A part of the stem is a part of all.
    let mut known = Known::default();
    known.told(frontier(&[(1, 3), (2, 5)]).digest());
    assert!(!known.differs(&mine, &none(), head));
    // Of a log without a stem no length says that any is here.
    let without = forked(0, &[tip(1, 1), tip(1, 2)]);
    let mut known = Known::default();
    known.told(without.digest());
    let mine = frontier(&[(2, 5)]);
    assert!(known.is_reached_by(&mine) && known.differs(&mine, &none(), head));
}

#[test]
fn what_was_told_is_compared_once_and_not_before_all_of_it_is_here() {
    let mut known = told(&[(1, 4), (2, 9)]);
    assert!(!known.differs(&frontier(&[(1, 7), (2, 5)]), &none(), another), "more is to come");
    assert!(!known.is_reached_in(&device(2), 8) && known.is_reached_in(&device(2), 9));
    let mine = frontier(&[(1, 7), (2, 9)]);
    assert!(!known.has_differed(), "it was not compared");
    assert!(known.differs(&mine, &none(), another));
    assert!(!known.differs(&mine, &none(), another), "it was said");
    assert!(known.has_differed() && !known.is_same(&mine));
    known.grew();
    known.told_digest(mine.hash());
    assert!(known.has_differed() && known.is_same(&mine), "what it has by now is another thing");
    let mut known = told(&[(1, 4), (2, 9)]);
    let (later, short) = ([device(2)].into(), frontier(&[(1, 7), (2, 5)]));
    assert!(!known.differs(&frontier(&[(1, 3), (2, 5)]), &later, head), "more is to come of 1");
    assert!(known.differs(&short, &later, head), "of what is left nothing comes to be compared");
    known.told(frontier(&[(1, 4)]).digest());
    assert!(known.differs(&mine, &none(), another), "what is told anew is compared anew");
}

#[test]
fn what_it_told_and_what_went_over_since_add_up() {
    let mut known = told(&[(1, 3), (2, 5)]);
    let mine = frontier(&[(1, 7), (2, 4), (3, 2)]);
    assert_eq!(known.lacks(&mine), 4 + 2);
    known.reaches(device(1), 5);
    known.reaches(device(1), 4);
    known.reaches(device(2), 1);
    assert_eq!((known.length(&device(1)), known.length(&device(2))), (5, 5));
    assert_eq!(known.lacks(&mine), 2 + 2);
    known.offered(device(3), 2);
    assert_eq!(known.lacks(&mine), 2);
    known.told(frontier(&[(1, 3)]).digest());
    assert_eq!(known.lacks(&mine), 4 + 4 + 2, "what it tells anew replaces what was known");
}

#[test]
fn only_a_receipt_is_a_receipt() {
    let mut known = told(&[]);
    known.offered(device(1), 4);
    known.offered(device(2), 1);
    known.reaches(device(1), 4);
    known.receipted(device(1), 3);
    known.receipted(device(9), 3);
    assert!(!known.is_receipted());
    known.receipted(device(2), 1);
    known.offered(device(1), 2);
    known.told(frontier(&[(1, 3)]).digest());
    assert!(!known.is_receipted());
    known.receipted(device(1), 4);
    assert!(known.is_receipted());
    // So is a frontier that is told: it says what is on the disk.
    known.offered(device(1), 5);
    known.told(frontier(&[(1, 5)]).digest());
    assert!(known.is_receipted());
    known.offered(device(1), 6);
    known.receipted(device(1), 8);
    assert!(known.is_receipted());
    assert_eq!(known.length(&device(1)), 8);
}

#[test]
fn it_is_reached_by_who_has_all_that_it_told() {
    let known = told(&[(1, 3), (2, 5)]);
    assert!(known.is_reached_by(&frontier(&[(1, 3), (2, 5)])));
    assert!(known.is_reached_by(&frontier(&[(1, 4), (2, 5), (3, 1)])));
    assert!(!known.is_reached_by(&frontier(&[(1, 3), (2, 4)])));
    assert!(!known.is_reached_by(&frontier(&[(1, 3)])));
    assert!(told(&[]).is_reached_by(&frontier(&[])));
}

#[test]
fn a_digest_in_any_order_tells_the_same() {
    let digest = frontier(&[(1, 3), (2, 5), (3, 7)]).digest();
    let mut turned = digest.logs.clone().into_inner();
    turned.reverse();
    let turned = FrontierDigest { logs: turned.try_into().unwrap(), heads: digest.heads };
    let mut known = Known::default();
    known.told(turned);
    assert_eq!(known.length(&device(2)), 5);
    assert!(!known.differs(&frontier(&[(1, 3), (2, 5), (3, 7)]), &none(), head));
}

#[test]
fn of_two_devices_that_begin_alike_nothing_is_known() {
    let alike = |last: u8| {
        let mut bytes = [5; 32];
        bytes[31] = last;
        DeviceId::from_bytes(bytes)
    };
    let mut mine = ledger::Frontier::default();
    for (last, length) in [(1, 3), (2, 9)] {
        let head = ledger::EntryId::from_bytes([last; 32]);
        mine.set(alike(last), ledger::Tip { length, head }).unwrap();
    }
    let mut known = Known::default();
    known.told(mine.digest());
    assert_eq!((known.length(&alike(1)), known.length(&alike(2))), (0, 0));
    assert_eq!(known.lacks(&mine), 12, "both are sent once more");
    assert!(known.is_reached_by(&mine) && !known.differs(&mine, &none(), |_, _| None));
}

#[test]
fn a_peer_that_names_logs_without_end_fills_no_memory() {
    let mut known = told(&[]);
    let log = |n: u64| {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        DeviceId::from_bytes(bytes)
    };
    for n in 0..2 * LOGS_MAX as u64 {
        known.reaches(log(n), 1);
        known.receipted(log(n), 1);
    }
    let named = (0..2 * LOGS_MAX as u64).filter(|n| known.length(&log(*n)) > 0).count();
    assert_eq!(named, LOGS_MAX);
    known.reaches(log(3), 8);
    known.offered(device(1), 4);
    assert_eq!((known.length(&log(3)), known.length(&device(1))), (8, 4));
}

#[test]
fn a_journal_of_all_the_logs_that_fit_is_looked_up_fast() {
    let mut mine = ledger::Frontier::default();
    for n in 0..LOGS_MAX as u64 {
        let mut bytes = [7; 32];
        bytes[..8].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        let head = ledger::EntryId::from_bytes(bytes);
        mine.set(DeviceId::from_bytes(bytes), ledger::Tip { length: 1 + n % 9, head }).unwrap();
    }
    let mut known = Known::default();
    known.told(mine.digest());
    for _ in 0..20 {
        assert_eq!(known.lacks(&mine), 0);
        assert!(known.is_reached_by(&mine));
    }
    assert!(Bounded::<u64, LOGS_MAX>::try_from(vec![0; LOGS_MAX]).is_ok());
}
