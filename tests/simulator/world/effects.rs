//! Carrying out what engines want done.

use engine::{Effect, Input, StreamId};
use sync::Frame;

use super::{Event, World};
use crate::simulator::{
    draw::range,
    network::{Fate, fate},
};

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
            Event::Flush(node, incarnation, write) => {
                let one = &mut self.nodes[node];
                if one.incarnation != incarnation {
                    return;
                }
                let Some(engine) = &mut one.engine else { return };
                let result = engine.store_mut().flush(write).map_err(|error| error.to_string());
                self.input(node, Input::Flushed { write, result });
            }
            Event::Start(node) => self.start(node),
            Event::Connect(from, to) => self.connect(from, to),
            Event::Cut(a, b) => self.cut(a, b),
        }
    }

    pub(super) fn carry_out(&mut self, node: usize) {
        while let Some(effect) = self.nodes[node].engine.as_mut().and_then(|one| one.next_effect())
        {
            self.one_effect(node, effect);
        }
    }

    fn one_effect(&mut self, node: usize, effect: Effect) {
        let incarnation = self.nodes[node].incarnation;
        let delay = range(&mut self.rng, 1, self.weather.delay_ms_max);
        match effect {
            Effect::Answer { ask, answer } => {
                let said = match &answer {
                    Ok(answer) => answer.to_json().to_string(),
                    Err(failure) => failure.to_string(),
                };
                self.note_bytes("answer", node, said.as_bytes());
                self.answered(node, &answer);
                self.nodes[node].answers.insert(ask, answer);
            }
            Effect::Notice(_) => self.note("notice", node),
            Effect::Flush(write) => {
                let delay = range(&mut self.rng, 1, 60);
                self.at(delay, Event::Flush(node, incarnation, write));
            }
            Effect::Dial { peer, .. } => {
                let to = self.nodes.iter().position(|other| other.peer == peer).unwrap();
                self.at(delay, Event::Connect(node, to));
            }
            Effect::Open { peer, protocol } => {
                let to = self.nodes.iter().position(|other| other.peer == peer).unwrap();
                if !self.network.is_connected(node, to) {
                    let why = "no connection".to_owned();
                    let failed = Input::OpenFailed { peer, protocol, why };
                    self.at(delay, Event::Input(node, incarnation, failed));
                    return;
                }
                let pipe = self.network.open(node, to, protocol, self.now + delay);
                for (n, (end, stream)) in pipe.ends.into_iter().enumerate() {
                    let (outbound, other) = (n == 0, pipe.ends[1 - n].0);
                    let peer = self.nodes[other].peer.clone();
                    let opened = Input::Opened { stream, peer, protocol, outbound };
                    let of = self.nodes[end].incarnation;
                    self.at(delay, Event::Input(end, of, opened));
                }
            }
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
                let to = self.nodes.iter().position(|other| other.peer == peer).unwrap();
                if self.network.is_connected(node, to) {
                    self.at(0, Event::Cut(node, to));
                }
            }
        }
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
        let (of, mine) = (self.nodes[other].incarnation, self.nodes[node].incarnation);
        let sent = Input::Sent { stream, bytes: bytes.len() };
        self.at(at - self.now, Event::Input(node, mine, sent));
        if fate == Fate::ArrivesTwice {
            self.counters.duplicates += 1;
            let again = Input::Frame { stream: theirs, bytes: bytes.clone() };
            self.at(at - self.now, Event::Input(other, of, again));
        }
        let frame = Input::Frame { stream: theirs, bytes };
        self.at(at - self.now, Event::Input(other, of, frame));
    }

    fn connect(&mut self, from: usize, to: usize) {
        let (mine, theirs) = (self.nodes[from].incarnation, self.nodes[to].incarnation);
        if self.nodes[from].engine.is_none() || self.network.is_connected(from, to) {
            return;
        }
        let peer = self.nodes[to].peer.clone();
        if self.nodes[to].engine.is_none() || self.network.is_cut(from, to) {
            let why = "nobody answers".to_owned();
            self.at(0, Event::Input(from, mine, Input::DialFailed { peer, why }));
            return;
        }
        self.network.connect(from, to);
        let dialed = Some(format!("sim/{to}"));
        self.at(0, Event::Input(from, mine, Input::Connected { peer, dialed }));
        let peer = self.nodes[from].peer.clone();
        self.at(0, Event::Input(to, theirs, Input::Connected { peer, dialed: None }));
    }

    /// Breaks a connection: its streams end, then both sides are told.
    pub(super) fn cut(&mut self, a: usize, b: usize) {
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
    fn answered(&mut self, node: usize, answer: &Result<api::Answer, api::Failure>) {
        self.counters.answers += 1;
        match answer {
            Ok(api::Answer::Posted(posted)) => {
                let one = &mut self.nodes[node];
                let own = one.engine.as_ref().map(|engine| engine.own_logs()).unwrap_or_default();
                let content = own.iter().find(|(_, device)| {
                    ledger::id_text::format(ledger::IdKind::Device, device.as_bytes())
                        == posted.device
                });
                // Charter and content have the same device; the content journal is the second.
                let content = content
                    .and_then(|(_, device)| own.iter().rev().find(|(_, other)| other == device));
                if let Some(log) = content {
                    one.promises.answers(*log, posted.seq + 1);
                }
            }
            Ok(_) => {}
            Err(_) => self.counters.refused += 1,
        }
    }
}
