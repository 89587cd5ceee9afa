//! Two engines of one space, whose network is carried by hand.

use std::collections::{BTreeSet, VecDeque};

use api::{Ask, Command, Query, What};
use ledger::{NodeKey, PeerId, Timestamp};
use store::MemoryStore;

use crate::{
    Config,
    engine::Engine,
    io::{AskId, Effect, Input, Protocol, StreamId},
};

/// The node key of node `n`, or of somebody else: node 0 has the smaller PeerId.
fn key(n: u8) -> NodeKey {
    let mut keys = [1, 2].map(|seed| NodeKey::from_seed(&[seed; 32]));
    keys.sort_by(|one, other| one.peer_id().cmp(other.peer_id()));
    keys.into_iter().nth(n.into()).unwrap_or_else(|| NodeKey::from_seed(&[n + 1; 32]))
}

pub(crate) fn peer(n: u8) -> PeerId {
    key(n).peer_id().clone()
}

/// Node `n` with this store.
pub(crate) fn opened(n: u8, store: MemoryStore) -> Engine<MemoryStore> {
    let config = Config::new(key(n), Vec::new());
    Engine::new(config, store, [n; 32]).unwrap()
}

/// Node 0 has the smaller PeerId, founded the space and let node 1 in.
pub(crate) struct Pair {
    pub(crate) nodes: [Engine<MemoryStore>; 2],
    pub(crate) now: Timestamp,
    pub(crate) queue: VecDeque<(usize, Input)>,
    pub(crate) connected: bool,
    pub(crate) next_stream: u64,
    /// The streams that stand, by their number, which is the same at both ends.
    pub(crate) streams: BTreeSet<StreamId>,
    /// Which node opened streams to sync, and when, since this was last looked at.
    pub(crate) opened: Vec<(usize, u64)>,
    /// Opens that are asked for and held up, while they are.
    pub(crate) held: Option<Vec<usize>>,
    pub(crate) answers: Vec<api::Answer>,
    /// How often each node was told the time since this was last looked at.
    pub(crate) ticks: [u64; 2],
    /// A node whose disk is full from the write on that its store is told to refuse.
    pub(crate) fills: Option<usize>,
}

impl Pair {
    /// Both are in.
    pub(crate) fn new() -> Self {
        let mut pair = Self::knocking();
        pair.vouch();
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

    /// Node 1 knocks.
    pub(crate) fn knocking() -> Self {
        let engine = |n| opened(n, MemoryStore::default());
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
            ticks: [0; 2],
            fills: None,
        };
        for n in 0..2 {
            pair.input(n, Input::Listening { address: format!("at/{n}") });
        }
        pair.ask(0, Command::Found { name: "Elm".into(), me: "Ada".into(), zone: None });
        pair.ask(0, Command::Invite { days: 7, knocks: 1 });
        let Some(api::Answer::Invited(invited)) = pair.answers.pop() else { panic!("no ticket") };
        pair.ask(1, Command::Join { ticket: invited.ticket, me: "Bea".into() });
        pair.pass(5_000);
        pair
    }

    /// Node 0 lets in whoever knocks.
    pub(crate) fn vouch(&mut self) {
        self.ask(0, What::Query(Query::Todo));
        let Some(api::Answer::Todo(todo)) = self.answers.pop() else { panic!("nothing to do") };
        if let Some(knock) = todo.rows.first() {
            self.ask(0, Command::Vouch { who: knock.thing.clone() });
        }
    }

    pub(crate) fn ask(&mut self, n: usize, what: impl Into<What>) {
        self.input(n, Input::Ask { ask: AskId(0), what: Ask::new(what) });
    }

    pub(crate) fn input(&mut self, n: usize, input: Input) {
        self.queue.push_back((n, input));
        self.run();
    }

    /// Carries what is under way to where it goes.
    pub(crate) fn run(&mut self) {
        while let Some((n, input)) = self.queue.pop_front() {
            self.ticks[n] += u64::from(input == Input::Tick);
            self.nodes[n].handle(self.now, input);
            self.fill(n);
            while let Some(effect) = self.nodes[n].next_effect() {
                self.carry_out(n, effect);
            }
        }
    }

    /// A node took an input: its disk stays full if that was refused a write.
    fn fill(&mut self, n: usize) {
        let faults = &mut self.nodes[n].store_mut().faults;
        if self.fills == Some(n) && faults.write.is_none() {
            faults.full = true;
            self.fills = None;
        }
    }

    pub(crate) fn carry_out(&mut self, n: usize, effect: Effect) {
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

    pub(crate) fn open(&mut self, n: usize, protocol: Protocol) {
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
    pub(crate) fn connect(&mut self, dialer: Option<usize>) {
        self.connected = true;
        for n in 0..2 {
            let dialed = (Some(n) == dialer).then(|| format!("at/{}", 1 - n));
            self.queue.push_back((
                n,
                Input::Connected {
                    peer: peer(1 - n as u8),
                    dialed,
                    from: "/ip4/192.0.2.99/tcp/9".to_owned(),
                },
            ));
        }
    }

    pub(crate) fn disconnect(&mut self) {
        self.connected = false;
        self.streams.clear();
        for n in 0..2 {
            self.queue.push_back((n, Input::Disconnected { peer: peer(1 - n as u8) }));
        }
    }

    pub(crate) fn pass(&mut self, ms: u64) {
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
    pub(crate) fn syncs(&self) -> Option<StreamId> {
        let [a, b] = [0, 1].map(|n| self.nodes[n].links.sync_stream(&peer(1 - n as u8)));
        assert_eq!(a, b);
        a
    }

    /// The smaller one ends the stream on which both sync.
    pub(crate) fn end_stream(&mut self) {
        self.input(0, Input::Tick);
        let stream = self.syncs().unwrap();
        self.nodes[0].end_stream(stream);
        self.input(0, Input::Tick);
    }

    /// Milliseconds since `from` at which streams were opened, and by whom.
    pub(crate) fn opened_since(&mut self, from: Timestamp) -> Vec<(usize, u64)> {
        let opened = std::mem::take(&mut self.opened);
        opened.into_iter().map(|(n, at)| (n, at - from.as_ms())).collect()
    }

    /// Node 0 as it is after a start with what its store has now.
    pub(crate) fn restarted(&self) -> Engine<MemoryStore> {
        opened(0, self.nodes[0].store.inner().clone())
    }
}
