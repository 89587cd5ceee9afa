//! When streams are opened, and what ends them.

use api::Command;

use super::*;
use crate::{
    engine::tests::pair::{Pair, peer},
    io::{Effect, Input},
    limits::{REOPEN_MS_MIN, STEADY_MS, UNSENT_BYTES_MAX, WINDOW_BYTES},
};

#[test]
fn two_who_both_saw_the_other_dial_have_one_stream() {
    let mut pair = Pair::new();
    pair.disconnect();
    let start = pair.now;
    pair.connect(None);
    pair.pass(10_000);
    assert_eq!(pair.opened_since(start), [(0, 0)]);
    assert!(pair.syncs().is_some());
}

#[test]
fn the_larger_opens_when_the_smaller_does_not() {
    let mut pair = Pair::new();
    pair.disconnect();
    let start = pair.now;
    // The smaller one does not know yet that they are connected.
    pair.connected = true;
    pair.input(
        1,
        Input::Connected { peer: peer(0), dialed: None, from: "/ip4/192.0.2.99/tcp/9".to_owned() },
    );
    pair.pass(OPEN_SECOND_MS - 1);
    assert_eq!(pair.opened_since(start), []);
    pair.pass(1);
    assert_eq!(pair.opened_since(start), [(1, OPEN_SECOND_MS)]);
}

#[test]
fn an_open_that_is_under_way_is_not_asked_for_again() {
    let mut pair = Pair::new();
    pair.disconnect();
    pair.held = Some(Vec::new());
    pair.connect(Some(1));
    pair.ask(0, Command::Sync { with: None });
    pair.pass(60_000);
    assert_eq!(pair.held.take(), Some(vec![0, 1]), "one of each side");
}

#[test]
fn of_two_streams_that_of_the_smaller_peer_stays_whichever_comes_first() {
    for order in [[0, 1], [1, 0]] {
        let mut pair = Pair::new();
        pair.disconnect();
        pair.held = Some(Vec::new());
        pair.connect(Some(1));
        pair.pass(60_000);
        pair.held = None;
        for n in order {
            pair.open(n, Protocol::Sync);
        }
        pair.run();
        assert!(pair.syncs().is_some_and(|stream| {
            pair.nodes[0].links.streams.get(&stream).is_some_and(|one| one.outbound)
        }));
    }
}

#[test]
fn streams_that_end_are_opened_again_ever_more_slowly() {
    let mut pair = Pair::new();
    let start = pair.now;
    for _ in 0..4 {
        pair.end_stream();
        while pair.syncs().is_none() {
            pair.pass(1);
        }
    }
    let at: Vec<_> = pair.opened_since(start).into_iter().map(|(_, ms)| ms).collect();
    assert_eq!(at, [1_000, 3_000, 7_000, 15_000]);
    pair.pass(STEADY_MS);
    let start = pair.now;
    pair.end_stream();
    pair.pass(10_000);
    assert_eq!(pair.opened_since(start), [(0, REOPEN_MS_MIN)]);
}

#[test]
fn a_stream_whose_peer_does_not_read_is_ended() {
    let mut pair = Pair::new();
    let stream = pair.syncs().unwrap();
    let node = &mut pair.nodes[0];
    for _ in 0..UNSENT_BYTES_MAX / WINDOW_BYTES {
        node.send_bytes(stream, store::WriteId::default(), vec![0; WINDOW_BYTES]);
    }
    assert!(node.links.streams.contains_key(&stream));
    node.send_bytes(stream, store::WriteId::default(), vec![0]);
    assert!(!node.links.streams.contains_key(&stream));
    let effects = std::iter::from_fn(|| node.next_effect());
    assert_eq!(effects.last(), Some(Effect::Close { stream }));
}

#[test]
fn a_disk_that_failed_ends_all_streams_and_opens_none() {
    let mut pair = Pair::new();
    let failed = Err("no space left".to_owned());
    pair.input(0, Input::Flushed { write: store::WriteId(u64::MAX), result: failed });
    assert!(pair.streams.is_empty());
    pair.opened.clear();
    pair.pass(10_000);
    assert!(pair.syncs().is_none());
    assert!(pair.opened.iter().all(|(n, _)| *n == 1));
    assert!(pair.opened.len() < 5, "the other waits longer each time");
}

#[test]
fn a_stream_that_the_peer_lost_gives_way_to_its_new_one() {
    let mut pair = Pair::new();
    let lost = pair.syncs().unwrap();
    assert!(pair.nodes[0].links.streams[&lost].outbound);
    // The larger one started anew; the smaller one's connection to it has not run out yet.
    pair.nodes[1].forget_stream(lost);
    pair.open(1, Protocol::Sync);
    pair.run();
    assert!(pair.syncs().is_some_and(|stream| stream != lost));
}
