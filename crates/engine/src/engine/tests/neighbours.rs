//! Whom a node dials, keeps, lets go and turns away, in a group that a roll was made for by hand.

use std::{collections::BTreeSet, sync::Arc};

use charter::{Device, Member, Standing};
use ledger::MemberId;

use super::*;
use crate::limits::{CONNECTIONS_FULL, LEAVE_MS, SOUGHT_MAX, TURN_MS, TURNED_AWAY_MS};

/// A member's node.
fn node(n: u8) -> NodeKey {
    NodeKey::from_seed(&[n + 100; 32])
}

fn peer(n: u8) -> PeerId {
    node(n).peer_id().clone()
}

impl Node {
    /// A founder's node, and so many other members that the roll knows.
    fn with_members(members: u8) -> Self {
        let mut founded = Self::founded();
        let space = founded.engine.spaces.values_mut().next().unwrap();
        let mut roll = charter::Roll::clone(space.replica.roll());
        for n in 0..members {
            let member = MemberId::from_bytes([n + 1; 32]);
            roll.members.insert(member, Member { standing: Standing::In, say: true });
            let device = DeviceKey::from_seed(&[n + 50; 32]).id();
            let card = Card::sign(&node(n), SealKey::from_bytes([n; 32]), &space.id, &device);
            roll.devices
                .insert(device, Device { member, card: Some(card), ended: false, depth: 0 });
        }
        space.replica.set_roll(Arc::new(roll));
        space.roll_changed();
        founded
    }

    /// Says where members are reached.
    fn hears_of(&mut self, members: u8) {
        let mut batch = store::Batch::default();
        for n in 0..members {
            let at = [format!("/ip4/192.0.2.{n}/tcp/1")];
            let source = crate::links::Source::Said;
            self.engine.links.peers.learn(&peer(n), source, at, self.now, &mut batch);
        }
        self.input(Input::Tick);
    }

    /// A member's node comes by itself and says hello; the spaces that it is told of.
    fn is_visited_by(&mut self, n: u8) -> usize {
        let stream = self.opened(&peer(n), Protocol::Sync, false);
        self.sent.clear();
        let charter = Frontier::default().digest();
        let space = *self.engine.spaces.keys().next().unwrap();
        let told = Frontiers { space, charter, content: None, guests: None };
        let versions = VersionRange { min: 1, max: 1 };
        let hello = Hello { versions, features: 0, spaces: vec![told].try_into().unwrap() };
        self.input(Input::Frame { stream, bytes: Frame::Hello(hello).encode() });
        let frames = self.sent.iter().map(|(_, frame)| Frame::decode(frame).unwrap());
        let named = frames.filter_map(|frame| match frame {
            Frame::Peers(peers) => Some(peers.peers.len()),
            _ => None,
        });
        named.sum()
    }

    fn passes(&mut self, ms: u64) {
        let until = self.now.plus_ms(ms);
        while let Some(at) = self.engine.next_deadline().filter(|at| *at <= until) {
            self.now = at.max(self.now.plus_ms(1));
            self.input(Input::Tick);
        }
        self.now = until;
    }
}

/// From where it is now others may be reached who could not from where it was.
#[test]
fn who_has_moved_tries_at_once_whom_they_could_not_reach() {
    let mut node = Node::with_members(1);
    node.hears_of(1);
    for _ in 0..9 {
        let dialed = std::mem::take(&mut node.dialed);
        if !dialed.is_empty() {
            node.input(Input::DialFailed { peer: peer(0), wrong: None, why: String::new() });
        }
        node.passes(30_000);
    }
    node.input(Input::DialFailed { peer: peer(0), wrong: None, why: String::new() });
    node.dialed.clear();
    let at = |n: u8| Input::Listening { address: format!("/ip4/198.51.100.{n}/tcp/1") };
    node.input(at(1));
    assert_eq!(node.dialed, [peer(0)], "at once");
    // A machine whose address flutters dials no more than now and then.
    for n in 2..9 {
        node.input(Input::DialFailed { peer: peer(0), wrong: None, why: String::new() });
        node.dialed.clear();
        node.input(at(n));
        assert!(node.dialed.is_empty(), "{n}");
    }
    // The last one is not forgotten.
    node.passes(crate::limits::MOVED_MS);
    assert_eq!(node.dialed, [peer(0)]);
}

#[test]
fn as_many_are_dialled_as_are_sought_and_others_when_these_fail() {
    let mut node = Node::with_members(30);
    node.hears_of(30);
    assert_eq!(node.dialed.len(), SOUGHT_MAX);
    let first: BTreeSet<_> = node.dialed.drain(..).collect();
    assert_ne!(first, (0..SOUGHT_MAX as u8).map(peer).collect(), "they are drawn");
    for peer in &first {
        let (peer, why) = (peer.clone(), String::new());
        node.input(Input::DialFailed { peer, wrong: None, why });
    }
    let then: BTreeSet<_> = node.dialed.drain(..).collect();
    assert!(then.len() >= SOUGHT_MAX && then.is_disjoint(&first));
}

#[test]
fn whoever_comes_is_taken_and_nobody_is_dialled_beyond_those_who_are_sought() {
    let mut node = Node::with_members(30);
    for n in 0..12 {
        node.is_visited_by(n);
    }
    node.hears_of(30);
    assert_eq!((node.dialed.len(), node.engine.links.connected().len()), (0, 12));
    assert!(node.cut.is_empty());
}

#[test]
fn once_a_minute_one_is_tried_and_another_let_go() {
    let mut node = Node::with_members(20);
    for n in 0..10 {
        node.is_visited_by(n);
    }
    node.hears_of(20);
    let mut tried = BTreeSet::new();
    for _ in 0..10 {
        node.passes(TURN_MS);
        let Some(peer) = node.dialed.pop() else { continue };
        assert!(node.dialed.is_empty() && tried.insert(peer.clone()), "who was met longest ago");
        let n = (0..20).find(|n| super::neighbours::peer(*n) == peer).unwrap();
        node.is_visited_by(n);
        let gone = node.cut.pop().expect("somebody is let go");
        assert!(node.cut.is_empty() && gone != peer);
        node.gone(&gone);
        assert_eq!(node.engine.links.connected().len(), 10);
    }
    assert!(tried.len() >= 8, "{}", tried.len());
}

#[test]
fn who_is_one_too_many_is_told_of_others_and_turned_away() {
    let mut node = Node::with_members(CONNECTIONS_FULL as u8 + 8);
    node.hears_of(CONNECTIONS_FULL as u8 + 8);
    node.dialed.clear();
    let full = CONNECTIONS_FULL as u8;
    for n in 0..full {
        node.is_visited_by(n);
    }
    node.passes(LEAVE_MS);
    assert!(node.cut.is_empty());
    let late =
        (full..full + 8).find(|n| !node.engine.links.peers.get(&peer(*n)).unwrap().is_dialing());
    let late = late.unwrap();
    assert!(node.is_visited_by(late) > 1, "it is told of others");
    assert!(node.cut.is_empty(), "and has time to read it");
    node.passes(LEAVE_MS);
    assert_eq!(std::mem::take(&mut node.cut), [peer(late)]);
    node.gone(&peer(late));
    // For a while it is cut at once, and so waits longer each time.
    node.input(Input::Connected {
        peer: peer(late),
        dialed: None,
        from: "/ip4/192.0.2.99/tcp/9".to_owned(),
    });
    assert_eq!(std::mem::take(&mut node.cut), [peer(late)]);
    node.gone(&peer(late));
    node.passes(TURNED_AWAY_MS);
    node.cut.clear();
    assert!(node.is_visited_by(late) > 1);
    // Where there is room it stays.
    node.gone(&peer(late));
    node.gone(&peer(0));
    node.gone(&peer(1));
    node.cut.clear();
    node.is_visited_by(late);
    node.passes(LEAVE_MS);
    assert!(node.cut.is_empty());
}
