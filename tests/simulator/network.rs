//! The network of the simulated world: connections, streams, and what goes wrong with them.
//!
//! Streams keep their order, as TCP's and QUIC's do; what fails is a connection, with all that is
//! under way on it. Frames of entries may also come twice or in another order, which no transport
//! of ours does and every node must bear. A cut can be of one direction: what goes that way is
//! lost, and the connection looks alive until it times out.

use std::collections::{BTreeMap, BTreeSet};

use engine::StreamId;
use rand_chacha::ChaCha20Rng;

use super::draw::{chance, range};

/// How bad the network is. Chances are in a thousand, per frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weather {
    pub(crate) delay_ms_max: u64,
    pub(crate) cut: u64,
    pub(crate) duplicate: u64,
    pub(crate) reorder: u64,
}

impl Weather {
    /// A network without faults.
    pub(crate) fn fair() -> Self {
        Self { delay_ms_max: 20, cut: 0, duplicate: 0, reorder: 0 }
    }

    /// A network as bad as `rng` draws it.
    pub(crate) fn draw(rng: &mut ChaCha20Rng) -> Self {
        Self {
            delay_ms_max: range(rng, 1, 800),
            cut: range(rng, 0, 60),
            duplicate: range(rng, 0, 40),
            reorder: range(rng, 0, 40),
        }
    }
}

/// One stream: its two ends, and when its last frame arrives at each.
#[derive(Debug, Clone)]
pub(crate) struct Pipe {
    pub(crate) ends: [(usize, StreamId); 2],
    pub(crate) arrives: [u64; 2],
}

/// Connections and streams between nodes, which are named by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Network {
    connections: BTreeSet<(usize, usize)>,
    pipes: BTreeMap<u64, Pipe>,
    by_end: BTreeMap<(usize, StreamId), u64>,
    /// From whom nothing comes to whom.
    cuts: BTreeSet<(usize, usize)>,
    /// Ways of standing connections on which something was lost: all that follows is.
    broken: BTreeSet<(usize, usize)>,
    next_pipe: u64,
    next_stream: u64,
}

fn pair(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

impl Network {
    pub(crate) fn is_connected(&self, a: usize, b: usize) -> bool {
        self.connections.contains(&pair(a, b))
    }

    /// Whether two nodes cannot make a connection: that takes both ways.
    pub(crate) fn is_cut(&self, a: usize, b: usize) -> bool {
        self.cuts.contains(&(a, b)) || self.cuts.contains(&(b, a))
    }

    pub(crate) fn connect(&mut self, a: usize, b: usize) {
        self.connections.insert(pair(a, b));
    }

    /// To whom a node is connected.
    pub(crate) fn neighbours(&self, node: usize) -> impl Iterator<Item = usize> {
        let other = move |(a, b): &(usize, usize)| match (*a == node, *b == node) {
            (true, _) => Some(*b),
            (_, true) => Some(*a),
            _ => None,
        };
        self.connections.iter().filter_map(other)
    }

    /// Cuts what goes between two groups of nodes, until healed.
    pub(crate) fn partition(&mut self, side: &BTreeSet<usize>, nodes: usize) {
        for a in 0..nodes {
            let others = (0..nodes).filter(|b| side.contains(&a) != side.contains(b));
            self.cuts.extend(others.map(|b| (a, b)));
        }
    }

    /// Cuts what goes from one node to another, and not the other way.
    pub(crate) fn cut_one_way(&mut self, from: usize, to: usize) {
        self.cuts.insert((from, to));
    }

    pub(crate) fn heal(&mut self) {
        self.cuts.clear();
    }

    /// Whether what goes that way now is lost; true once, the whole way is until the connection
    /// ends. The second is whether this is news.
    pub(crate) fn loses(&mut self, from: usize, to: usize) -> (bool, bool) {
        let was = self.broken.contains(&(from, to));
        let lost = was || self.cuts.contains(&(from, to));
        if lost {
            self.broken.insert((from, to));
        }
        (lost, lost && !was)
    }

    /// Connections over a cut, or of one node.
    pub(crate) fn doomed(&self, of: Option<usize>) -> Vec<(usize, usize)> {
        let gone = |(a, b): &&(usize, usize)| match of {
            Some(node) => *a == node || *b == node,
            None => self.cuts.contains(&(*a, *b)) && self.cuts.contains(&(*b, *a)),
        };
        self.connections.iter().filter(gone).copied().collect()
    }

    /// How many streams were ever opened.
    pub(crate) fn opened(&self) -> u64 {
        self.next_stream
    }

    /// Takes down a connection; its streams, by their ends.
    pub(crate) fn disconnect(&mut self, a: usize, b: usize) -> Vec<Pipe> {
        self.connections.remove(&pair(a, b));
        self.broken.retain(|(from, to)| pair(*from, *to) != pair(a, b));
        let between = |pipe: &Pipe| pair(pipe.ends[0].0, pipe.ends[1].0) == pair(a, b);
        let gone: Vec<_> =
            self.pipes.iter().filter(|(_, pipe)| between(pipe)).map(|(n, _)| *n).collect();
        gone.into_iter().filter_map(|number| self.remove(number)).collect()
    }

    pub(crate) fn open(&mut self, from: usize, to: usize, now: u64) -> Pipe {
        let mut id = || {
            self.next_stream += 1;
            StreamId(self.next_stream)
        };
        let pipe = Pipe { ends: [(from, id()), (to, id())], arrives: [now, now] };
        self.next_pipe += 1;
        for end in pipe.ends {
            self.by_end.insert(end, self.next_pipe);
        }
        self.pipes.insert(self.next_pipe, pipe.clone());
        pipe
    }

    /// The other end of a stream, if it stands.
    pub(crate) fn other(&self, node: usize, stream: StreamId) -> Option<(usize, StreamId)> {
        let pipe = self.pipes.get(self.by_end.get(&(node, stream))?)?;
        Some(if pipe.ends[0] == (node, stream) { pipe.ends[1] } else { pipe.ends[0] })
    }

    /// When the next frame to `to` arrives: behind the last one, if order is kept.
    pub(crate) fn arrival(&mut self, to: (usize, StreamId), at: u64, keep_order: bool) -> u64 {
        let Some(pipe) = self.by_end.get(&to).and_then(|number| self.pipes.get_mut(number)) else {
            return at;
        };
        let side = usize::from(pipe.ends[1] == to);
        if keep_order {
            pipe.arrives[side] = pipe.arrives[side].max(at);
            pipe.arrives[side]
        } else {
            at
        }
    }

    pub(crate) fn close(&mut self, node: usize, stream: StreamId) -> Option<Pipe> {
        let number = *self.by_end.get(&(node, stream))?;
        self.remove(number)
    }

    fn remove(&mut self, number: u64) -> Option<Pipe> {
        let pipe = self.pipes.remove(&number)?;
        for end in pipe.ends {
            self.by_end.remove(&end);
        }
        Some(pipe)
    }
}

/// What happens to one frame on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Arrives,
    ArrivesTwice,
    ArrivesOutOfOrder,
    CutsTheConnection,
}

/// Draws a frame's fate. Only frames of entries and receipts come twice or out of order: a
/// hello or an answer does so on no transport, and is a fault of the peer.
pub(crate) fn fate(rng: &mut ChaCha20Rng, weather: Weather, entries: bool) -> Fate {
    if chance(rng, weather.cut) {
        Fate::CutsTheConnection
    } else if entries && chance(rng, weather.duplicate) {
        Fate::ArrivesTwice
    } else if entries && chance(rng, weather.reorder) {
        Fate::ArrivesOutOfOrder
    } else {
        Fate::Arrives
    }
}
