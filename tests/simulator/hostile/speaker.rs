//! A script that speaks the protocol in the place of an engine: it says what it is given, whatever
//! it hears, and keeps what it hears.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Address, Effect, Input, Protocol, StreamId};
use ledger::PeerId;
use sync::{Frame, Frontiers, Hello, HelloAnswer, KnockAnswer, VersionRange};

/// What it is to say, which a scene sets first, and what it heard, at which the scene looks. Of
/// itself it says no more than the hello or the answer with which a session begins.
#[derive(Debug, Default)]
pub(crate) struct Speaker {
    /// What it claims to have, in a hello and in an answer to one.
    pub(crate) claims: Vec<Frontiers>,
    /// What it sends to whom, in each session: of two that stand at once one is closed. Bytes, for
    /// they need be no frame.
    pub(crate) frames: BTreeMap<PeerId, Vec<Vec<u8>>>,
    /// Whether it says nothing a second time to who hung up.
    pub(crate) forgets: bool,
    /// What it sends to whoever it knocks at: bytes too.
    pub(crate) knock: Option<Vec<u8>>,
    /// Whom it calls, and for what.
    pub(crate) calls: BTreeMap<PeerId, Protocol>,
    /// All frames that came in sessions.
    pub(crate) heard: Vec<Frame>,
    /// What was answered to its knocks.
    pub(crate) answers: Vec<KnockAnswer>,
    /// Runs of which a session gave a receipt.
    pub(crate) receipts: usize,
    /// Whether it was disconnected.
    pub(crate) thrown_out: bool,
    streams: BTreeMap<StreamId, (PeerId, Protocol)>,
    /// Streams on which the other side says hello first, and has not yet.
    unanswered: BTreeSet<StreamId>,
}

impl Speaker {
    /// Calls a peer at once.
    pub(crate) fn call(&mut self, peer: PeerId, at: Vec<Address>, protocol: Protocol) -> Effect {
        self.calls.insert(peer.clone(), protocol);
        Effect::Dial { peer, addresses: at }
    }

    /// What it does about something that happened.
    pub(crate) fn handle(&mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Connected { peer, .. } => {
                let protocol = self.calls.get(&peer).copied();
                protocol.map(|protocol| Effect::Open { peer, protocol }).into_iter().collect()
            }
            Input::Opened { stream, peer, protocol, outbound } => {
                self.streams.insert(stream, (peer, protocol));
                match (outbound, protocol) {
                    (true, Protocol::Sync) => vec![send(stream, &self.hello())],
                    (true, Protocol::Knock) => {
                        let frame = self.knock.iter().cloned();
                        frame.map(|frame| Effect::Send { stream, frame }).collect()
                    }
                    (false, _) => {
                        self.unanswered.insert(stream);
                        Vec::new()
                    }
                }
            }
            Input::Frame { stream, bytes } => self.hears(stream, &bytes),
            Input::Disconnected { peer } => {
                self.thrown_out = true;
                if self.forgets {
                    self.frames.remove(&peer);
                }
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn hears(&mut self, stream: StreamId, bytes: &[u8]) -> Vec<Effect> {
        let Some((peer, protocol)) = self.streams.get(&stream).cloned() else { return Vec::new() };
        if protocol == Protocol::Knock {
            self.answers.extend(ledger::decode::<KnockAnswer>(bytes).ok());
            return Vec::new();
        }
        let Ok(frame) = Frame::decode(bytes) else { return Vec::new() };
        self.receipts += usize::from(matches!(frame, Frame::Receipt(_)));
        let mut said = match &frame {
            Frame::Hello(_) if self.unanswered.remove(&stream) => {
                vec![send(stream, &self.answer())]
            }
            _ => Vec::new(),
        };
        if matches!(frame, Frame::Hello(_) | Frame::Answer(_)) {
            let frames = self.frames.get(&peer).into_iter().flatten().cloned();
            said.extend(frames.map(|frame| Effect::Send { stream, frame }));
        }
        self.heard.push(frame);
        said
    }

    fn hello(&self) -> Frame {
        let spaces = self.claims.clone().try_into().unwrap();
        let versions = VersionRange { min: 1, max: 1 };
        Frame::Hello(Hello { versions, features: 0, spaces })
    }

    fn answer(&self) -> Frame {
        let spaces = self.claims.clone().try_into().unwrap();
        Frame::Answer(HelloAnswer { version: 1, spaces, entries_to_come: 0 })
    }
}

fn send(stream: StreamId, frame: &Frame) -> Effect {
    Effect::Send { stream, frame: frame.encode() }
}
