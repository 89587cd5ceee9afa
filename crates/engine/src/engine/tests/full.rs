//! A disk that is full from any moment on, and has room again.

use api::{Answer, Command, ErrorCode, Page, Query, SpaceRow, Status, What};
use ledger::Journal;
use store::{Batch, Faults, Group, Key, Store, StoreError, Table};

use super::pair::{Pair, opened};
use crate::{
    Input,
    limits::{SEAL_WAIT_MS_MAX, STALLED_MS},
};

/// For how long the disk is full, and how long what waits may take after that.
const FULL_MS: u64 = 60_000;

/// Ticks in that time, of which most are seals, comparisons, and what is tried again.
const TICKS_MAX: u64 = 60;

/// Moments of the story at which the disk fills: it is over before the last.
const MOMENTS: usize = 60;

fn post(pair: &mut Pair, n: usize) {
    let text = format!("From {n}");
    pair.ask(n, Command::Post { text, campaign: None, reply_to: None, text_lang: None });
}

fn status(pair: &mut Pair, n: usize) -> Status {
    pair.ask(n, What::Query(Query::Status));
    match pair.answers.pop() {
        Some(Answer::Status(status)) => status,
        other => panic!("a status: {other:?}"),
    }
}

/// Node 1 is let in, and both post, while one's disk fills after so many writes.
fn told(n: usize, after: usize) -> Pair {
    let mut pair = Pair::knocking();
    pair.fills = Some(n);
    pair.nodes[n].store_mut().faults.write = Some((after as u64, StoreError::Full));
    pair.vouch();
    pair.pass(5_000);
    post(&mut pair, 0);
    post(&mut pair, 1);
    pair.pass(5_000);
    pair
}

/// There is room again.
fn free(pair: &mut Pair) {
    pair.fills = None;
    pair.nodes.iter_mut().for_each(|node| node.store_mut().faults = Faults::default());
}

/// A node is started with what is on its disk, which stays as full as it is.
fn restart(pair: &mut Pair, n: usize) {
    pair.disconnect();
    pair.run();
    let store = pair.nodes[n].store.inner().clone();
    pair.nodes[n] = opened(n as u8, store);
    pair.input(n, Input::Listening { address: format!("at/{n}") });
}

/// What was refused is done again by who was told so, and both are where they would have been.
fn goes_on(pair: &mut Pair, when: &str) {
    free(pair);
    pair.vouch();
    pair.pass(FULL_MS);
    post(pair, 0);
    post(pair, 1);
    pair.pass(5_000);
    for n in 0..2 {
        let status = status(pair, n);
        assert_eq!(status.trouble, None, "node {n}, {when}");
        let is_well = |row: &SpaceRow| row.state == "in" && row.unread == 0;
        assert!(status.spaces.iter().all(is_well), "node {n}, {when}: {:?}", status.spaces);
        for space in pair.nodes[n].view().seats() {
            let owed = |device| !space.roll().owed(device).is_empty();
            assert!(!space.roll().devices_in().any(owed), "node {n}, {when}: a seal is owed");
        }
    }
    assert_eq!(pair.nodes[0].frontiers(), pair.nodes[1].frontiers(), "{when}");
}

/// All moments at which either's disk fills, with what is there then.
fn at_all_moments(mut then: impl FnMut(Pair, usize, &str)) {
    for n in 0..2 {
        for after in 0..MOMENTS {
            then(told(n, after), n, &format!("{n}'s disk full after {after} writes"));
        }
        assert!(told(n, MOMENTS).fills.is_some(), "the story of {n} goes on after the last moment");
    }
}

#[test]
fn a_full_disk_is_no_busy_loop_and_what_it_refused_is_done_once_there_is_room() {
    at_all_moments(|mut pair, n, when| {
        pair.ticks = [0; 2];
        pair.pass(FULL_MS);
        assert!(pair.ticks[n] <= TICKS_MAX, "{} ticks, {when}", pair.ticks[n]);
        goes_on(&mut pair, when);
    });
}

#[test]
fn what_came_while_the_disk_was_full_is_there_after_a_start() {
    for freed_ms in [0, STALLED_MS] {
        at_all_moments(|mut pair, n, when| {
            if freed_ms > 0 {
                free(&mut pair);
                pair.pass(freed_ms);
                for space in pair.nodes[n].view().seats() {
                    assert!(space.seat.unkept(space.id).is_empty(), "{when}");
                }
            }
            restart(&mut pair, n);
            pair.pass(5_000);
            goes_on(&mut pair, &format!("{when}, room for {freed_ms} ms, then a start"));
        });
    }
}

#[test]
fn a_key_is_kept_unasked_as_soon_as_there_is_room() {
    let mut pair = Pair::new();
    pair.nodes[1].store_mut().faults.full = true;
    let id = *pair.nodes[1].spaces.keys().next().unwrap();
    let secret = seal::Secret::generate(&mut pair.nodes[1].rng);
    pair.nodes[1].seat_mut(&id).unwrap().1.content.learn(secret);
    pair.nodes[1].keep_seat_quietly(id);
    pair.input(1, Input::Tick);
    let is_kept =
        |pair: &Pair| pair.nodes[1].view().seats().all(|one| one.seat.unkept(id).is_empty());
    assert!(!is_kept(&pair) && status(&mut pair, 1).trouble.is_some());
    free(&mut pair);
    pair.pass(STALLED_MS);
    assert!(is_kept(&pair));
    assert_eq!(status(&mut pair, 1).trouble, None);
}

#[test]
fn a_seal_that_was_refused_is_given_unasked_as_soon_as_there_is_room() {
    let mut pair = Pair::knocking();
    pair.held = Some(Vec::new());
    pair.vouch();
    assert!(pair.nodes[0].seal_deadline().is_some());
    pair.nodes[0].store_mut().faults.full = true;
    pair.pass(SEAL_WAIT_MS_MAX);
    assert_eq!(pair.nodes[0].seal_deadline(), None, "it was refused");
    free(&mut pair);
    pair.pass(STALLED_MS + SEAL_WAIT_MS_MAX);
    let space = pair.nodes[0].view().seats().next().unwrap();
    assert!(!space.roll().devices_in().any(|device| !space.roll().owed(device).is_empty()));
}

#[test]
fn a_key_that_was_lost_is_in_the_charter_at_the_next_start() {
    let pair = Pair::new();
    for (n, node) in (0..).zip(&pair.nodes) {
        let mut store = node.store.inner().clone();
        let id = *node.spaces.keys().next().unwrap();
        let key = Key::new(Table::Facts, Group::of(&[b"epochs", id.as_bytes()]), 0);
        assert!(store.get(&key).unwrap().is_some());
        let mut batch = Batch::default();
        batch.remove(key.clone());
        store.write(batch).unwrap();
        let then = opened(n, store);
        assert!(then.view().seated(&id).unwrap().can_write(), "node {n}");
        assert!(then.store.get(&key).unwrap().is_some(), "node {n}");
    }
}

/// Who is in and has written what they are called is asked by nobody again what they lack: so the
/// key that this is written under is on the disk before.
#[test]
fn nobody_writes_under_a_key_that_is_not_kept() {
    at_all_moments(|pair, n, when| {
        let mut store = pair.nodes[n].store.inner().clone();
        store.faults = Faults::default();
        let then = opened(n as u8, store);
        for space in then.view().seats() {
            let mine = space.replica.frontier(Journal::Content).length(&space.seat.device());
            assert!(mine == 0 || space.can_write(), "{when}");
        }
    });
}

#[test]
fn what_is_unread_waits_for_room_and_is_then_read_unasked() {
    let mut pair = Pair::new();
    (0..400).for_each(|_| post(&mut pair, 0));
    pair.pass(5_000);
    let mut store = pair.nodes[0].store.inner().clone();
    store.lose_index();
    store.faults.full = true;
    pair.nodes[0] = opened(0, store);
    pair.ticks = [0; 2];
    pair.pass(FULL_MS);
    assert!(pair.ticks[0] <= TICKS_MAX, "{} ticks", pair.ticks[0]);
    let said = status(&mut pair, 0);
    assert!(said.trouble.is_some() && said.spaces[0].unread > 0, "{said:?}");
    pair.nodes[0].store_mut().faults.full = false;
    pair.pass(STALLED_MS);
    let said = status(&mut pair, 0);
    assert_eq!((said.trouble, said.spaces[0].unread), (None, 0));
}

/// A part that nothing is about to be added to is not shown as what there is.
#[test]
fn what_cannot_be_read_is_an_error_and_no_list() {
    let mut pair = Pair::new();
    (0..400).for_each(|_| post(&mut pair, 0));
    pair.pass(5_000);
    let mut store = pair.nodes[0].store.inner().clone();
    store.lose_index();
    pair.nodes[0] = opened(0, store);
    let failed = StoreError::Failed { doing: "writing", cause: "input/output error".to_owned() };
    pair.nodes[0].store_mut().faults.write = Some((0, failed));
    pair.pass(1);
    let feed = Query::Feed { after: None, limit: 0, campaign: None };
    let asked = |pair: &Pair, query: &Query| {
        let answer = pair.nodes[0].view().answer(None, query, &Page::default());
        answer.map(|answer| answer.unread()).map_err(|failure| (failure.code, failure.message))
    };
    let (code, message) = asked(&pair, &feed).unwrap_err();
    assert!(code == ErrorCode::DiskFailed && message.contains("input/output"), "{message}");
    assert!(asked(&pair, &Query::Why { thing: None }).unwrap() > 0);
    assert!(status(&mut pair, 0).trouble.is_some());
    pair.pass(STALLED_MS);
    assert_eq!(asked(&pair, &feed), Ok(0));
}
