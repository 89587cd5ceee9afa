//! Two engines of one space, whose network is carried by hand.

use std::collections::{BTreeSet, VecDeque};

use api::{Ask, Command, Query, What};
use ledger::{NodeKey, Timestamp};
use store::MemoryStore;

use super::*;
use crate::{
    Config,
    io::{AskId, Effect, Input},
    limits::{REOPEN_MS_MIN, STEADY_MS, UNSENT_BYTES_MAX, WINDOW_BYTES},
};

/// The node key of node `n`, so that node 0 has the smaller PeerId.
fn key(n: u8) -> NodeKey {
    let mut keys = [1, 2].map(|seed| NodeKey::from_seed(&[seed; 32]));
    keys.sort_by(|one, other| one.peer_id().cmp(other.peer_id()));
    keys[usize::from(n)].clone()
}

fn peer(n: u8) -> PeerId {
    key(n).peer_id().clone()
}

/// Node 0 has the smaller PeerId, founded the space and let node 1 in.
struct Pair {
    nodes: [Engine<MemoryStore>; 2],
    now: Timestamp,
    queue: VecDeque<(usize, Input)>,
    connected: bool,
    next_stream: u64,
    /// The streams that stand, by their number, which is the same at both ends.
    streams: BTreeSet<StreamId>,
    /// Which node opened streams to sync, and when, since this was last looked at.
    opened: Vec<(usize, u64)>,
    /// Opens that are asked for and held up, while they are.
    held: Option<Vec<usize>>,
    answers: Vec<api::Answer>,
}

impl Pair {
    fn new() -> Self {
        let engine = |n: u8| {
            let config = Config { key: key(n), announce: Vec::new(), sabotage: None };
            Engine::new(config, MemoryStore::default(), [n; 32]).unwrap()
        };
        let mut pair = Self {
            nodes: [engine(0), engine(1)],
            now: Timestamp::from_ms(1_700_000_000_000),
            queue: VecDeque::new(),
            connected: false,
            next_stream: 0,
            streams: BTreeSet::new(),
            opened: Vec::new(),
            held: None,
            answers: Vec::new(),
        };
        for n in 0..2 {
            pair.input(n, Input::Listening { address: format!("at/{n}") });
        }
        pair.ask(0, Command::Found { name: "Elm".into(), me: "Ada".into(), zone: None });
        pair.ask(0, Command::Invite { days: 7, knocks: 1 });
        let Some(api::Answer::Invited(invited)) = pair.answers.pop() else { panic!("no ticket") };
        pair.ask(1, Command::Join { ticket: invited.ticket, me: "Bea".into() });
        pair.pass(5_000);
        pair.ask(0, What::Query(Query::Todo));
        let Some(api::Answer::Todo(todo)) = pair.answers.pop() else { panic!("nothing to do") };
        pair.ask(0, Command::Vouch { who: todo.rows[0].thing.clone() });
        pair.pass(5_000);
        assert!(
            pair.nodes
                .iter()
                .enumerate()
                .all(|(n, node)| { node.view().spaces_shared_with(&peer(1 - n as u8)).len() == 1 })
        );
        pair.opened.clear();
        pair
    }

    fn ask(&mut self, n: usize, what: impl Into<What>) {
        self.input(n, Input::Ask { ask: AskId(0), what: Ask::new(what) });
    }

    fn input(&mut self, n: usize, input: Input) {
        self.queue.push_back((n, input));
        self.run();
    }

    /// Carries what is under way to where it goes.
    fn run(&mut self) {
        while let Some((n, input)) = self.queue.pop_front() {
            self.nodes[n].handle(self.now, input);
            while let Some(effect) = self.nodes[n].next_effect() {
                self.carry_out(n, effect);
            }
        }
    }

    fn carry_out(&mut self, n: usize, effect: Effect) {
        let other = 1 - n;
        match effect {
            Effect::Answer { answer, .. } => self.answers.extend(answer.ok()),
            Effect::Notice(_) => {}
            Effect::Flush(write) => {
                self.nodes[n].store_mut().flush(write).unwrap();
                self.queue.push_back((n, Input::Flushed { write, result: Ok(()) }));
            }
            Effect::Dial { .. } if self.connected => {}
            Effect::Dial { .. } => self.connect(Some(n)),
            Effect::Open { protocol, .. } => match &mut self.held {
                Some(held) if protocol == Protocol::Sync => held.push(n),
                _ => self.open(n, protocol),
            },
            Effect::Send { stream, frame } => {
                if self.streams.contains(&stream) {
                    self.queue.push_back((n, Input::Sent { stream, bytes: frame.len() }));
                    self.queue.push_back((other, Input::Frame { stream, bytes: frame }));
                }
            }
            Effect::Close { stream } => {
                if self.streams.remove(&stream) {
                    let closed = Input::Closed { stream, misbehaved: false };
                    self.queue.push_back((other, closed));
                }
            }
            Effect::Disconnect { .. } => self.disconnect(),
        }
    }

    fn open(&mut self, n: usize, protocol: Protocol) {
        self.next_stream += 1;
        let stream = StreamId(self.next_stream);
        self.streams.insert(stream);
        if protocol == Protocol::Sync {
            self.opened.push((n, self.now.as_ms()));
        }
        for (end, outbound) in [(1 - n, false), (n, true)] {
            let peer = peer(1 - end as u8);
            self.queue.push_back((end, Input::Opened { stream, peer, protocol, outbound }));
        }
    }

    /// Both see a connection that one dialled, or each the other's first.
    fn connect(&mut self, dialer: Option<usize>) {
        self.connected = true;
        for n in 0..2 {
            let dialed = (Some(n) == dialer).then(|| format!("at/{}", 1 - n));
            self.queue.push_back((n, Input::Connected { peer: peer(1 - n as u8), dialed }));
        }
    }

    fn disconnect(&mut self) {
        self.connected = false;
        self.streams.clear();
        for n in 0..2 {
            self.queue.push_back((n, Input::Disconnected { peer: peer(1 - n as u8) }));
        }
    }

    fn pass(&mut self, ms: u64) {
        self.run();
        let until = self.now.plus_ms(ms);
        loop {
            let next = (0..2).filter_map(|n| Some((self.nodes[n].next_deadline()?, n))).min();
            match next.filter(|(at, _)| *at <= until) {
                Some((at, n)) => {
                    self.now = self.now.max(at);
                    self.input(n, Input::Tick);
                }
                None => break,
            }
        }
        self.now = until;
    }

    /// The stream on which both sync.
    fn syncs(&self) -> Option<StreamId> {
        let [a, b] = [0, 1].map(|n| self.nodes[n].links.sync_stream(&peer(1 - n as u8)));
        assert_eq!(a, b);
        a
    }

    /// The smaller one ends the stream on which both sync.
    fn end_stream(&mut self) {
        self.input(0, Input::Tick);
        let stream = self.syncs().unwrap();
        self.nodes[0].end_stream(stream);
        self.input(0, Input::Tick);
    }

    /// Milliseconds since `from` at which streams were opened, and by whom.
    fn opened_since(&mut self, from: Timestamp) -> Vec<(usize, u64)> {
        let opened = std::mem::take(&mut self.opened);
        opened.into_iter().map(|(n, at)| (n, at - from.as_ms())).collect()
    }
}

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
    pair.input(1, Input::Connected { peer: peer(0), dialed: None });
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
    // Both come about: the one of the smaller PeerId stays, in whichever order.
    for n in [0, 1] {
        pair.open(n, Protocol::Sync);
    }
    pair.run();
    assert!(pair.syncs().is_some_and(|stream| {
        pair.nodes[0].links.streams.get(&stream).is_some_and(|one| one.outbound)
    }));
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
