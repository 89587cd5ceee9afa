//! One node and those who come to it, whose frames are made and carried by hand.

mod acts;
mod cards;
mod doors;
mod full;
mod neighbours;
mod pages;
pub(crate) mod pair;
mod requests;
mod secrets;
mod turns;

use api::{Answer, Ask, Command, ErrorCode, What};
use ledger::{
    DeviceId, DeviceKey, Entry, Frontier, HeaderKind, Journal, NodeKey, PeerId, Run, SealKey,
    SpaceId, Timestamp, Unsigned,
    charter_items::{Card, CharterBody, CharterItem, Knock},
};
use seal::TicketSeed;
use store::MemoryStore;
use sync::{Frame, Frontiers, Hello, KnockAnswer, KnockFrame, SpaceRun, Ticket, VersionRange};

use crate::{
    Config, Engine,
    io::{AskId, Effect, Input, Protocol, StreamId},
};

/// A node, and what it was made to do.
struct Node {
    engine: Engine<MemoryStore>,
    now: Timestamp,
    answers: Vec<Result<Answer, ErrorCode>>,
    sent: Vec<(StreamId, Vec<u8>)>,
    next_stream: u64,
    /// Who was dialled, and who was disconnected.
    dialed: Vec<PeerId>,
    cut: Vec<PeerId>,
}

impl Node {
    fn new(key: &NodeKey, store: MemoryStore) -> Self {
        let same = NodeKey::from_seed(key.to_seed().as_bytes());
        let config = Config::new(same, Vec::new());
        let engine = Engine::new(config, store, *key.peer_id().key().as_ref().unwrap()).unwrap();
        let now = Timestamp::from_ms(1_700_000_000_000);
        let (answers, sent) = (Vec::new(), Vec::new());
        let (dialed, cut) = (Vec::new(), Vec::new());
        let mut node = Self { engine, now, answers, sent, next_stream: 0, dialed, cut };
        node.input(Input::Listening { address: "/ip4/192.0.2.1/tcp/1".to_owned() });
        node
    }

    /// A node whose home founded a space.
    fn founded() -> Self {
        let mut node = Self::new(&NodeKey::from_seed(&[1; 32]), MemoryStore::default());
        let found = Command::Found { name: "Elm".into(), me: "Ana".into(), zone: None };
        node.ask(found).unwrap();
        node
    }

    fn input(&mut self, input: Input) {
        self.engine.handle(self.now, input);
        while let Some(effect) = self.engine.next_effect() {
            match effect {
                Effect::Flush(write) => {
                    self.engine.store_mut().flush(write).unwrap();
                    self.engine.handle(self.now, Input::Flushed { write, result: Ok(()) });
                }
                Effect::Answer { answer, .. } => {
                    self.answers.push(answer.map_err(|failure| failure.code));
                }
                Effect::Send { stream, frame } => self.sent.push((stream, frame)),
                Effect::Dial { peer, .. } => self.dialed.push(peer),
                Effect::Disconnect { peer } => self.cut.push(peer),
                _ => {}
            }
        }
    }

    fn ask(&mut self, what: impl Into<What>) -> Result<Answer, ErrorCode> {
        self.input(Input::Ask { ask: AskId(0), what: Ask::new(what) });
        self.answers.pop().unwrap()
    }

    fn invite(&mut self, days: u32, knocks: u32) -> (Ticket, String) {
        let Ok(Answer::Invited(invited)) = self.ask(Command::Invite { days, knocks }) else {
            panic!("no ticket");
        };
        (Ticket::parse(invited.ticket.as_str()).unwrap(), invited.invite)
    }

    fn opened(&mut self, peer: &PeerId, protocol: Protocol, outbound: bool) -> StreamId {
        let (peer, dialed) = (peer.clone(), None);
        self.input(Input::Connected {
            peer: peer.clone(),
            dialed,
            from: "/ip4/192.0.2.99/tcp/9".to_owned(),
        });
        self.next_stream += 1;
        let stream = StreamId(self.next_stream);
        self.input(Input::Opened { stream, peer, protocol, outbound });
        stream
    }

    fn gone(&mut self, peer: &PeerId) {
        self.input(Input::Disconnected { peer: peer.clone() });
    }

    /// Somebody sends a frame on a stream to knock: what they are answered.
    fn knocked_by(&mut self, peer: &PeerId, frame: &KnockFrame) -> KnockAnswer {
        let stream = self.opened(peer, Protocol::Knock, false);
        self.sent.clear();
        self.input(Input::Frame { stream, bytes: ledger::encode(frame) });
        let answer = self.sent.iter().find(|(to, _)| *to == stream).expect("an answer");
        let answer = ledger::decode(&answer.1).unwrap();
        self.gone(peer);
        answer
    }

    /// Somebody sends runs in a session: how many entries are taken. They are told nothing.
    fn sent_by(&mut self, peer: &PeerId, space: SpaceId, runs: Vec<Run>) -> usize {
        let stream = self.opened(peer, Protocol::Sync, false);
        let (versions, charter) = (VersionRange { min: 1, max: 1 }, Frontier::default().digest());
        let told = Frontiers { space, charter, content: None, guests: None };
        let spaces = vec![told].try_into().unwrap();
        let hello = Frame::Hello(Hello { versions, features: 0, spaces });
        self.input(Input::Frame { stream, bytes: hello.encode() });
        let entries = |node: &Self| node.engine.logs().iter().map(|(.., n)| n).sum::<u64>();
        let before = entries(self);
        self.sent.clear();
        for run in runs {
            let run = Frame::Run(Box::new(SpaceRun { space, run }));
            self.input(Input::Frame { stream, bytes: run.encode() });
        }
        let is_in = self.engine.view().spaces_shared_with(peer).contains(&space);
        assert!(is_in || self.sent.is_empty());
        self.gone(peer);
        (entries(self) - before) as usize
    }

    /// How many entries of a charter log are here, a guest's among them.
    fn length(&self, device: &DeviceId) -> u64 {
        let replica = &self.engine.spaces.values().next().unwrap().replica;
        let guests = replica.guests().filter(|(_, guest)| guest.knock.device() == *device);
        let guests = guests.map(|(_, guest)| guest.last().seq() + 1).max().unwrap_or(0);
        replica.frontier(Journal::Charter).length(device).max(guests)
    }

    /// Devices that are reached at a PeerId, by the roll.
    fn by_peer(&self, peer: &PeerId) -> Vec<DeviceId> {
        self.engine.spaces.values().next().unwrap().replica.roll().by_peer(peer)
    }
}

/// Somebody with a ticket, whose entries are made by hand.
struct Newcomer {
    device: DeviceKey,
    node: NodeKey,
    space: SpaceId,
    knock: Entry,
    card: Entry,
}

impl Newcomer {
    fn new(n: u8, ticket: &Ticket) -> Self {
        let (device, node) = (DeviceKey::from_seed(&[n; 32]), NodeKey::from_seed(&[n; 32]));
        let space = ticket.space;
        let key = TicketSeed::of_ticket(ticket.seed.clone()).signing_key();
        let mut knock = Knock {
            invite: ticket.invite,
            known: ticket.known,
            name: vec![n; 41].try_into().unwrap(),
            ticket_signature: key.sign(b"", b""),
        };
        knock.sign(&key, &space, &device.id());
        let heads = vec![ticket.known];
        let knock = entry(&device, space, None, heads, vec![CharterItem::Knock(knock)]);
        let card = Card::sign(&node, SealKey::from_bytes([n; 32]), &space, &device.id());
        let card = entry(&device, space, Some(&knock), vec![], vec![CharterItem::Card(card)]);
        Self { device, node, space, knock, card }
    }

    /// The same with another card behind the knock.
    fn with_card(self, change: impl Fn(Card) -> Card) -> Self {
        let seal_key = SealKey::from_bytes([9; 32]);
        let card = change(Card::sign(&self.node, seal_key, &self.space, &self.device.id()));
        let items = vec![CharterItem::Card(card)];
        let card = entry(&self.device, self.space, Some(&self.knock), vec![], items);
        Self { card, ..self }
    }

    fn peer(&self) -> PeerId {
        self.node.peer_id().clone()
    }

    /// What is sent on a stream to knock.
    fn frame(&self) -> KnockFrame {
        KnockFrame { space: self.space, knock: run(&self.knock), card: run(&self.card) }
    }

    /// The same as runs, for a session.
    fn runs(&self) -> Vec<Run> {
        vec![run(&self.knock), run(&self.card)]
    }
}

fn run(entry: &Entry) -> Run {
    Run::of(std::slice::from_ref(entry)).unwrap()
}

fn entry(
    key: &DeviceKey,
    space: SpaceId,
    before: Option<&Entry>,
    heads: Vec<ledger::EntryId>,
    items: Vec<CharterItem>,
) -> Entry {
    let body: CharterBody = items.try_into().unwrap();
    let unsigned = Unsigned {
        journal: space.charter_journal(),
        seq: before.map_or(0, |before| before.seq() + 1),
        stamp: Timestamp::from_ms(1_700_000_000_000),
        backlink: before.map(|before| before.id),
        kind: HeaderKind::Charter(heads.try_into().unwrap()),
        body: ledger::encode(&body),
    };
    unsigned.sign(key).unwrap()
}
