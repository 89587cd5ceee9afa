//! Carrying out what engines want done.

use engine::{Address, Effect, Input, Protocol, StreamId};
use ledger::PeerId;
use sync::Frame;

use super::{Event, Node, World};
use crate::simulator::{
    draw::range,
    network::{Fate, fate},
};

/// Milliseconds after which a connection on which nothing arrives is given up, at most.
const TIMED_OUT_MS_MAX: u64 = 20_000;

impl World {
    pub(super) fn happen(&mut self, event: Event) {
        match event {
            Event::Input(node, incarnation, input) => {
                let gone = match &input {
                    // A stream that ended before this side was told of it never was.
                    Input::Opened { stream, .. } => self.network.other(node, *stream).is_none(),
                    _ => false,
                };
                if self.nodes[node].incarnation == incarnation && !gone {
                    self.input(node, input);
                }
            }
            Event::Flush(node, incarnation, write) if self.is_still(node, incarnation) => {
                self.flushed(node, write);
            }
            Event::Repair(node, incarnation) if self.is_still(node, incarnation) => {
                self.crash(node);
                self.at(500, Event::Start(node));
            }
            Event::Freed(node, incarnation) if self.is_still(node, incarnation) => {
                self.disk_freed(node);
            }
            Event::Flush(..) | Event::Repair(..) | Event::Freed(..) => {}
            Event::Start(node) => {
                self.start(node);
                // Much may be unread now, if its index was lost.
                self.look_whether_whole(node);
            }
            Event::Connect(from, peer, addresses) => self.connect(from, peer, &addresses),
            Event::Cut(a, b) => self.cut(a, b),
        }
    }

    fn is_still(&self, node: usize, incarnation: u64) -> bool {
        self.nodes[node].incarnation == incarnation
    }

    pub(super) fn carry_out(&mut self, node: usize) {
        while let Some(effect) = self.nodes[node].engine.as_mut().and_then(|one| one.next_effect())
        {
            self.one_effect(node, effect);
        }
    }

    pub(super) fn one_effect(&mut self, node: usize, effect: Effect) {
        let incarnation = self.nodes[node].incarnation;
        let delay = range(&mut self.rng, 1, self.weather.delay_ms_max);
        match effect {
            Effect::Answer { ask, answer } => {
                let said = match &answer {
                    Ok(answer) => answer.to_json().to_string(),
                    Err(failure) => failure.to_string(),
                };
                self.note_bytes("answer", node, said.as_bytes());
                self.answered(node, ask, &answer);
                self.nodes[node].answers.insert(ask, answer);
            }
            Effect::Notice(_) => self.note("notice", node),
            Effect::Flush(write) => {
                let delay = range(&mut self.rng, 1, 60);
                self.at(delay, Event::Flush(node, incarnation, write));
            }
            Effect::Dial { peer, addresses } => {
                self.at(delay, Event::Connect(node, peer, addresses));
            }
            Effect::Open { peer, protocol } => self.open(node, peer, protocol, delay),
            Effect::Send { stream, frame } => self.send(node, stream, frame, delay),
            Effect::Close { stream } => {
                if let Some((other, theirs)) = self.network.other(node, stream) {
                    let at = self.network.arrival((other, theirs), self.now + delay, true);
                    let closed = Input::Closed { stream: theirs, misbehaved: false };
                    let of = self.nodes[other].incarnation;
                    self.at(at - self.now, Event::Input(other, of, closed));
                    self.network.close(node, stream);
                }
            }
            Effect::Disconnect { peer } => {
                if let Some(to) = self.connected_to(node, &peer) {
                    self.at(0, Event::Cut(node, to));
                }
            }
        }
    }

    /// The node at the other end of a connection.
    fn connected_to(&self, node: usize, peer: &PeerId) -> Option<usize> {
        self.network.neighbours(node).find(|other| self.nodes[*other].peer == *peer)
    }

    fn open(&mut self, node: usize, peer: PeerId, protocol: Protocol, delay: u64) {
        let incarnation = self.nodes[node].incarnation;
        let to = self.connected_to(node, &peer);
        let lost = to.is_some_and(|to| self.loses(node, to) | self.loses(to, node));
        let Some(to) = to.filter(|_| !lost) else {
            let why = if lost { "timed out" } else { "no connection" }.to_owned();
            let failed = Input::OpenFailed { peer, protocol, why };
            let delay = if lost { TIMED_OUT_MS_MAX } else { delay };
            self.at(delay, Event::Input(node, incarnation, failed));
            return;
        };
        let pipe = self.network.open(node, to, self.now + delay);
        for (n, (end, stream)) in pipe.ends.into_iter().enumerate() {
            let (outbound, other) = (n == 0, pipe.ends[1 - n].0);
            let peer = self.nodes[other].peer.clone();
            let opened = Input::Opened { stream, peer, protocol, outbound };
            let of = self.nodes[end].incarnation;
            self.at(delay, Event::Input(end, of, opened));
        }
    }

    /// Whether what goes that way is lost. Then the connection times out, in a while.
    fn loses(&mut self, from: usize, to: usize) -> bool {
        let (lost, is_news) = self.network.loses(from, to);
        if is_news {
            let delay = range(&mut self.rng, 1_000, TIMED_OUT_MS_MAX);
            self.at(delay, Event::Cut(from, to));
        }
        lost
    }

    fn send(&mut self, node: usize, stream: StreamId, bytes: Vec<u8>, delay: u64) {
        self.note_bytes("send", node, &bytes);
        self.counters.frames += 1;
        let decoded = Frame::decode(&bytes).ok();
        let one = &mut self.nodes[node];
        if let (Some(frame), Some(engine)) = (&decoded, &one.engine) {
            one.promises.sends(&engine.own_logs(), frame);
        }
        let Some((other, theirs)) = self.network.other(node, stream) else { return };
        let (of, mine) = (self.nodes[other].incarnation, self.nodes[node].incarnation);
        let sent = Input::Sent { stream, bytes: bytes.len() };
        if self.loses(node, other) {
            self.at(delay, Event::Input(node, mine, sent));
            return;
        }
        let entries = matches!(decoded, Some(Frame::Run(_) | Frame::Receipt(_)));
        let fate = fate(&mut self.rng, self.weather, entries);
        if fate == Fate::CutsTheConnection {
            self.counters.cut_connections += 1;
            self.at(delay, Event::Cut(node, other));
            return;
        }
        let in_order = fate != Fate::ArrivesOutOfOrder;
        self.counters.reordered += u64::from(!in_order);
        let at = self.network.arrival((other, theirs), self.now + delay, in_order);
        self.at(at - self.now, Event::Input(node, mine, sent));
        if fate == Fate::ArrivesTwice {
            self.counters.duplicates += 1;
            let again = Input::Frame { stream: theirs, bytes: bytes.clone() };
            self.at(at - self.now, Event::Input(other, of, again));
        }
        let frame = Input::Frame { stream: theirs, bytes };
        self.at(at - self.now, Event::Input(other, of, frame));
    }

    /// Dials addresses in order: of a home that was copied two machines have the PeerId.
    fn connect(&mut self, from: usize, peer: PeerId, addresses: &[Address]) {
        let mine = self.nodes[from].incarnation;
        if !self.nodes[from].is_on() || self.connected_to(from, &peer).is_some() {
            return;
        }
        let to = match self.reaches(from, &peer, addresses) {
            Ok(to) => to,
            Err((wrong, why)) => {
                let failed = Input::DialFailed { peer, wrong, why: why.to_owned() };
                self.at(0, Event::Input(from, mine, failed));
                return;
            }
        };
        self.network.connect(from, to);
        let (dialer, dialed) = (self.nodes[from].peer.clone(), Some(format!("sim/{to}")));
        let connected = |peer, dialed, other| {
            let from = format!("sim/{other}");
            Input::Connected { peer, dialed, from }
        };
        self.at(0, Event::Input(from, mine, connected(peer, dialed, to)));
        let theirs = self.nodes[to].incarnation;
        self.at(0, Event::Input(to, theirs, connected(dialer, None, from)));
    }

    /// Who is reached at the first address where anybody answers. As of libp2p: where another than
    /// the wanted one does, the whole dial fails.
    fn reaches(
        &self,
        from: usize,
        peer: &PeerId,
        addresses: &[Address],
    ) -> Result<usize, (Option<Address>, &'static str)> {
        let node_at = |at: &Address| at.strip_prefix("sim/")?.parse::<usize>().ok();
        let answers = |to: &usize| {
            self.nodes.get(*to).is_some_and(Node::is_on) && !self.network.is_cut(from, *to)
        };
        let to = addresses.iter().filter_map(node_at).find(answers);
        let to = to.ok_or((None, "nobody answers"))?;
        if self.nodes[to].peer != *peer {
            return Err((Some(format!("sim/{to}")), "another answers"));
        }
        match self.connected_to(to, &self.nodes[from].peer) {
            Some(_) => Err((None, "connected to another of this home")),
            None => Ok(to),
        }
    }

    /// Breaks a connection: its streams end, then both sides are told.
    pub(crate) fn cut(&mut self, a: usize, b: usize) {
        if !self.network.is_connected(a, b) {
            return;
        }
        for pipe in self.network.disconnect(a, b) {
            for (node, stream) in pipe.ends {
                let closed = Input::Closed { stream, misbehaved: false };
                self.at(0, Event::Input(node, self.nodes[node].incarnation, closed));
            }
        }
        for (node, other) in [(a, b), (b, a)] {
            let peer = self.nodes[other].peer.clone();
            let of = self.nodes[node].incarnation;
            self.at(0, Event::Input(node, of, Input::Disconnected { peer }));
        }
    }

    /// What a node answers to a write is on its disk.
    fn answered(
        &mut self,
        node: usize,
        ask: engine::AskId,
        answer: &Result<api::Answer, api::Failure>,
    ) {
        self.counters.answers += 1;
        self.counters.refused += u64::from(answer.is_err());
        let one = &mut self.nodes[node];
        let own = one.engine.as_ref().map(|engine| engine.own_logs()).unwrap_or_default();
        if let Err(why) = one.promises.answers(ask, answer, &own) {
            self.fail(format!("node {node}: {why}"));
        }
    }
}
