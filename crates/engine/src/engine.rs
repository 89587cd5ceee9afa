//! The four doors.

mod forks;
mod happenings;
mod knocks;
mod opening;
mod sessions;
mod settle;
mod streams;

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Journal, PeerId, SpaceId, Timestamp};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use store::{Batch, Store, StoreError, WriteId};

use crate::{
    ask::Asking,
    gate::{Gate, Plain},
    io::{Address, Effect, Input, StreamId},
    limits::SLICE_ITEMS,
    peers::{Peers, Source},
    space::Space,
};
use opening::Opening;
use streams::Stream;
pub(crate) use streams::Work;

/// What an engine is told once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// This home's PeerId.
    pub peer: PeerId,
    /// Addresses that are told to others and put into tickets, beside those listened on.
    pub announce: Vec<Address>,
    /// A deliberate bug, in tests of tests only.
    #[cfg(feature = "sabotage")]
    pub sabotage: Option<crate::Sabotage>,
}

impl Config {
    /// The configuration of a home of this PeerId, without a deliberate bug.
    pub fn new(peer: PeerId, announce: Vec<Address>) -> Self {
        Self {
            peer,
            announce,
            #[cfg(feature = "sabotage")]
            sabotage: None,
        }
    }
}

/// A node without clock, disk and network: see the crate's page.
#[derive(Debug)]
pub struct Engine<S> {
    pub(crate) config: Config,
    pub(crate) store: S,
    pub(crate) rng: ChaCha20Rng,
    pub(crate) now: Timestamp,
    pub(crate) gate: Gate,
    pub(crate) spaces: BTreeMap<SpaceId, Space>,
    pub(crate) peers: Peers,
    pub(crate) listening: Vec<Address>,
    pub(crate) streams: BTreeMap<StreamId, Stream>,
    /// Streams that have something to send, perhaps.
    pub(crate) dirty: BTreeSet<StreamId>,
    /// Opens of streams to sync, by connected peer.
    pub(crate) opening: BTreeMap<PeerId, Opening>,
    pub(crate) asking: Asking,
    /// The number of the newest notice.
    pub(crate) cursor: u64,
    /// When a contact is to be asked again, by space and contact.
    pub(crate) knock_at: BTreeMap<(SpaceId, PeerId), Timestamp>,
    /// When this node gives seals that are owed in a space.
    pub(crate) seal_at: BTreeMap<SpaceId, Timestamp>,
    /// What went over streams that are gone.
    pub(crate) past_traffic: sync::Traffic,
    pub(crate) told: happenings::Announced,
    /// What the store last failed with, while answering nobody in particular.
    pub(crate) trouble: Option<StoreError>,
}

impl<S: Store> Engine<S> {
    /// Opens what the store has. `seed` comes from the operating system at each start and is
    /// never stored.
    pub fn new(config: Config, store: S, seed: [u8; 32]) -> Result<Self, StoreError> {
        let spaces: BTreeMap<_, _> =
            Space::open_all(&store)?.into_iter().map(|space| (space.id, space)).collect();
        let told = happenings::Announced::at_start(spaces.values());
        let peers = Peers::open(&store)?;
        let asking = Asking::open(&store)?;
        let cursor = asking.cursor(&store)?;
        Ok(Self {
            config,
            store,
            rng: ChaCha20Rng::from_seed(seed),
            now: Timestamp::default(),
            gate: Gate::default(),
            spaces,
            peers,
            listening: Vec::new(),
            streams: BTreeMap::new(),
            dirty: BTreeSet::new(),
            opening: BTreeMap::new(),
            asking,
            cursor,
            knock_at: BTreeMap::new(),
            seal_at: BTreeMap::new(),
            past_traffic: sync::Traffic::default(),
            told,
            trouble: None,
        })
    }

    /// Takes one input, then does one slice of long work.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        self.now = self.now.max(now);
        match input {
            Input::Tick => {}
            Input::Ask { ask, what } => self.ask(ask, what),
            Input::Flushed { write, result } => self.flushed(write, result),
            Input::Listening { address } => {
                if !self.listening.contains(&address) {
                    self.listening.push(address);
                }
            }
            Input::Connected { peer, dialed } => self.connected(peer, dialed),
            Input::Disconnected { peer } => self.disconnected(&peer),
            Input::DialFailed { peer, .. } => {
                self.peers.dial_failed(&peer, self.now, &mut self.rng);
            }
            Input::Addresses { peer, addresses } => self.reached_at(&peer, addresses),
            Input::Opened { stream, peer, protocol, outbound } => {
                self.opened(stream, peer, protocol, outbound);
            }
            Input::OpenFailed { peer, protocol, .. } => self.open_failed(&peer, protocol),
            Input::Frame { stream, bytes } => self.frame(stream, &bytes),
            Input::Sent { stream, bytes } => self.sent(stream, bytes),
            Input::Closed { stream, misbehaved } => self.closed(stream, misbehaved),
        }
        self.read_slice();
        self.settle();
    }

    /// The next thing to be done, until there is none.
    pub fn next_effect(&mut self) -> Option<Effect> {
        self.gate.next()
    }

    /// When [`Input::Tick`] is due: now, while long work is left.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let behind = self.spaces.values().any(|space| space.content.is_behind(&space.replica));
        let dials = self.wanted_peers().into_iter().filter_map(|peer| self.peers.dial_at(&peer));
        let others = [
            self.asking.deadline(self.now),
            self.knock_deadline(),
            self.seal_deadline(),
            self.open_deadline(),
        ];
        let soonest = dials.chain(others.into_iter().flatten()).min();
        if behind { Some(self.now) } else { soonest }
    }

    /// The store, for tests and for closing it.
    pub fn into_store(self) -> S {
        self.store
    }

    /// The store, for tests.
    pub fn store_mut(&mut self) -> &mut S {
        &mut self.store
    }

    /// Writes, and asks for the write to become durable.
    pub(crate) fn write(&mut self, batch: Batch) -> Result<WriteId, StoreError> {
        if batch.is_empty() {
            return Ok(WriteId::default());
        }
        let write = self.store.write(batch)?;
        self.gate.wrote(write);
        Ok(write)
    }

    /// Writes what nobody waits for; trouble is shown by `status`.
    pub(crate) fn write_quietly(&mut self, batch: Batch) {
        if let Err(error) = self.write(batch) {
            self.trouble = Some(error);
        }
    }

    /// Nodes that any space wants to be connected with.
    pub(crate) fn wanted_peers(&self) -> BTreeSet<PeerId> {
        let wanted = self.spaces.values().flat_map(Space::wanted);
        wanted.filter(|peer| *peer != self.config.peer).collect()
    }

    /// Where this node is reached, for tickets and for peers.
    pub(crate) fn own_addresses(&self) -> Vec<Address> {
        let loopback = |at: &&Address| at.contains("/127.0.0.1/") || at.contains("/::1/");
        let mut listening: Vec<_> =
            self.listening.iter().filter(|at| !loopback(at)).cloned().collect();
        if listening.is_empty() {
            listening = self.listening.clone();
        }
        self.config.announce.iter().cloned().chain(listening).collect()
    }

    fn read_slice(&mut self) {
        for space in self.spaces.values_mut() {
            if !space.content.is_behind(&space.replica) {
                continue;
            }
            let read = space.content.read_slice(&mut self.store, &space.replica, SLICE_ITEMS);
            if let Err(error) = read {
                self.trouble = Some(error);
            }
            return;
        }
    }

    fn connected(&mut self, peer: PeerId, dialed: Option<Address>) {
        if self.peers.is_banned(&peer, self.now) {
            self.gate.plain(Plain::Disconnect(peer));
            return;
        }
        let mut batch = Batch::default();
        let known = self.wanted_peers().contains(&peer);
        self.peers.connected(&peer, known, &mut batch);
        if let Some(address) = dialed.clone().filter(|_| known) {
            self.peers.learn(&peer, Source::Reached, [address], self.now, &mut batch);
        }
        self.write_quietly(batch);
        if dialed.is_some() {
            self.open_streams(&peer);
        }
    }

    fn disconnected(&mut self, peer: &PeerId) {
        let gone: Vec<_> = self.streams_of(peer).collect();
        for stream in gone {
            self.forget_stream(stream);
        }
        self.knock_at.retain(|(_, contact), _| contact != peer);
        self.opening.remove(peer);
        self.peers.disconnected(peer, self.now, &mut self.rng);
    }

    /// A peer said where it listens: remembered only of nodes that a space wants.
    fn reached_at(&mut self, peer: &PeerId, addresses: Vec<Address>) {
        if self.wanted_peers().contains(peer) {
            let mut batch = Batch::default();
            self.peers.learn(peer, Source::Said, addresses, self.now, &mut batch);
            self.write_quietly(batch);
        }
    }
}

impl<S: Store> Engine<S> {
    /// How much of each log is here: (journal, log, entries). For checkers and `store export`.
    pub fn logs(&self) -> Vec<(ledger::JournalId, ledger::DeviceId, u64)> {
        let mut logs = Vec::new();
        for (id, space) in &self.spaces {
            for journal in Journal::ALL {
                let frontier = space.replica.frontier(journal).iter();
                logs.extend(frontier.map(|(log, tip)| (journal.id(*id), *log, tip.length)));
            }
        }
        logs
    }

    /// This home's devices, by the journals in which they write.
    pub fn own_logs(&self) -> Vec<(ledger::JournalId, ledger::DeviceId)> {
        let both =
            |space: &Space| Journal::ALL.map(|journal| (journal.id(space.id), space.device()));
        self.spaces.values().flat_map(both).collect()
    }
}

impl<S: Store> Engine<S> {
    /// Whether writes are on their way to the disk.
    pub fn is_flushing(&self) -> bool {
        self.gate.is_pending() && self.gate.failure().is_none()
    }
}
