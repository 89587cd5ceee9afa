use super::*;
use crate::{decode, encode};

fn device(n: u8) -> DeviceId {
    DeviceId::from_bytes([n; 32])
}

fn tip(length: u64, head: u8) -> Tip {
    Tip { length, head: EntryId::from_bytes([head; 32]) }
}

fn frontier(logs: &[(u8, u64)]) -> Frontier {
    let mut frontier = Frontier::default();
    logs.iter().for_each(|(n, length)| frontier.set(device(*n), tip(*length, *n)).unwrap());
    frontier
}

#[test]
fn the_digest_tells_lengths() {
    let digest = frontier(&[(3, 5), (9, 64)]).digest();
    assert_eq!(decode::<FrontierDigest>(&encode(&digest)).unwrap(), digest);
    let lengths = [3, 9, 4].map(|n| digest.length(&device(n)));
    assert_eq!(lengths, [5, 64, 0]);
}

#[test]
fn logs_come_in_one_order_whichever_was_first() {
    let (one, other) =
        (frontier(&[(9, 1), (3, 2), (200, 3)]), frontier(&[(200, 3), (3, 2), (9, 1)]));
    assert_eq!(one, other);
    assert_eq!(one.digest(), other.digest());
    assert!(one.digest().logs.is_sorted());
}

#[test]
fn equal_lengths_with_another_head_differ_in_the_digest() {
    let mut other = frontier(&[(3, 5), (9, 64)]);
    let before = other.digest();
    other.set(device(9), tip(64, 10)).unwrap();
    assert_eq!(other.digest().logs, before.logs);
    assert_ne!(other.digest().heads, before.heads);
}

#[test]
fn devices_that_share_eight_bytes_are_told_as_unknown() {
    let mut twin = [9; 32];
    twin[8] = 1;
    let mut frontier = frontier(&[(9, 64)]);
    frontier.set(DeviceId::from_bytes(twin), tip(3, 1)).unwrap();
    let digest = frontier.digest();
    assert_eq!(digest.logs.len(), 2);
    assert_eq!(digest.length(&device(9)), 0);
    assert_eq!(digest.length(&DeviceId::from_bytes(twin)), 0);
}

#[test]
fn a_frontier_takes_as_many_logs_as_fit_and_tells_all_of_them() {
    let device = |n: usize| {
        let mut id = [0; 32];
        id[..2].copy_from_slice(&(n as u16).to_be_bytes());
        DeviceId::from_bytes(id)
    };
    let mut frontier = Frontier::default();
    for n in 0..LOGS_MAX {
        frontier.set(device(n), tip(1, 0)).unwrap();
    }
    let (full, one_more) = (frontier.clone(), TooLong { length: LOGS_MAX + 1, max: LOGS_MAX });
    assert_eq!(frontier.set(device(LOGS_MAX), tip(1, 0)), Err(one_more));
    assert_eq!(frontier, full);
    let digest = frontier.digest();
    assert_eq!(digest.logs.len(), LOGS_MAX);
    assert_eq!(digest.heads, frontier.hash());
    assert_eq!(frontier.set(device(0), tip(2, 0)), Ok(()), "a log that is there goes on");
}

#[test]
fn a_log_moves_and_the_others_stay() {
    let mut frontier = frontier(&[(3, 5), (9, 64)]);
    frontier.set(device(3), tip(6, 7)).unwrap();
    assert_eq!(frontier.tip(&device(3)), Some(tip(6, 7)));
    assert_eq!((frontier.length(&device(9)), frontier.length(&device(4))), (64, 0));
    assert_eq!((frontier.logs(), frontier.entries()), (2, 70));
}

#[test]
fn a_log_that_forks_has_a_tip_for_each_branch_and_is_as_long_as_its_stem() {
    let mut forked = frontier(&[(3, 5), (9, 64)]);
    let branches = LogTips::new(vec![tip(9, 1), tip(7, 2)], Some(6));
    forked.set_log(device(3), branches.clone());
    assert_eq!(branches.tips(), [tip(7, 2), tip(9, 1)]);
    assert_eq!(forked.tip(&device(3)), Some(tip(9, 1)));
    assert_eq!((forked.length(&device(3)), forked.digest().length(&device(3))), (6, 6));
    assert_eq!((forked.logs(), forked.iter().count(), forked.entries()), (2, 3, 73));
    assert_eq!(forked.stems().collect::<Vec<_>>(), [(&device(3), 6)]);
    let shorter = LogTips::new(vec![tip(4, 2)], Some(6));
    assert_eq!(shorter.length(), 4, "the stem goes further than what is here");
    forked.set_log(device(3), LogTips::default());
    assert_eq!(forked, frontier(&[(9, 64)]), "a log without an entry is none");
}

#[test]
fn each_branch_and_each_stem_changes_the_digest() {
    let of = |tips: &[(u64, u8)], stem| {
        let mut made = frontier(&[(9, 64)]);
        let tips = tips.iter().map(|(length, head)| tip(*length, *head)).collect();
        made.set_log(device(3), LogTips::new(tips, stem));
        made.hash()
    };
    let all = [
        of(&[(5, 1)], None),
        of(&[(5, 1)], Some(5)),
        of(&[(5, 1)], Some(3)),
        of(&[(5, 1), (5, 2)], Some(3)),
        of(&[(5, 1), (6, 2)], Some(3)),
        of(&[(5, 1), (6, 2)], Some(4)),
    ];
    let different: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len());
    assert_eq!(of(&[(5, 1), (6, 2)], Some(4)), of(&[(6, 2), (5, 1)], Some(4)));
}
