//! The engine and its four doors: [`Engine::new`], [`Engine::handle`], [`Engine::next_effect`] and
//! [`Engine::next_deadline`]. What happens behind them is in the modules below; what else is public
//! here is for closing the store and for tests.

mod cards;
mod connections;
mod damage;
mod exchange;
mod forks;
mod happenings;
mod knocks;
mod neighbours;
mod opening;
mod seals;
mod sending;
mod sessions;
mod settle;
mod shares;
pub(crate) mod stalled;
mod streams;
#[cfg(test)]
mod tests;
mod wanted;
mod writing;

use ledger::{DeviceId, Hash, Journal, JournalId, SpaceId, Timestamp};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use replica::LookThrough;
use store::{Batch, Store, StoreError};

use crate::{
    announced::Announced,
    asking::Asking,
    config::Config,
    gate::Gate,
    io::{Effect, Input},
    limits::CURSORS_LOST_MAX,
    links::{Links, Peers},
    name::Memo,
    space::{Seated, Space, Spaces},
    view::View,
    watched::Watched,
};
use stalled::Stalled;

/// A node without clock, disk and network: see the crate's page.
#[derive(Debug)]
pub struct Engine<S> {
    pub(crate) config: Config,
    pub(crate) store: Watched<S>,
    pub(crate) rng: ChaCha20Rng,
    pub(crate) now: Timestamp,
    pub(crate) gate: Gate,
    pub(crate) spaces: Spaces,
    pub(crate) links: Links,
    pub(crate) asking: Asking,
    /// The number of the newest notice.
    pub(crate) cursor: u64,
    /// When what was told is to be kept; none where it is.
    pub(crate) keep_told_at: Option<Timestamp>,
    /// The space of which a slice was read last.
    pub(crate) read_last: Option<SpaceId>,
    pub(crate) announced: Announced,
    /// What the store last failed with, while answering nobody in particular; until it writes.
    pub(crate) trouble: Option<StoreError>,
    pub(crate) stalled: Stalled,
    pub(crate) name_memo: Memo,
    /// Whether anybody follows what happens.
    pub(crate) followed: bool,
    /// What the clock said first.
    pub(crate) started: Timestamp,
    /// When all that is kept may be looked through again for what is damaged.
    pub(crate) look_through_at: Timestamp,
    /// What is yet to be looked through.
    pub(crate) looking: Vec<LookThrough>,
    /// What was found so far that is lost, and whether the store refused to note it.
    pub(crate) found: Batch,
    pub(crate) is_found_refused: bool,
}

impl<S: Store> Engine<S> {
    /// Opens what the store has. `seed` comes from the operating system at each start and is
    /// never stored.
    pub fn new(config: Config, mut store: S, seed: [u8; 32]) -> Result<Self, StoreError> {
        if store.has_lost() {
            Space::look_through_at_start(&mut store)?;
        }
        let spaces = Space::open_all(&store)?;
        let mut cursor = CURSORS_LOST_MAX;
        for space in spaces.values().filter_map(Space::seated) {
            cursor = cursor.max(space.seat.content.last_told(&store)? + CURSORS_LOST_MAX);
        }
        let mut engine = Self {
            rng: ChaCha20Rng::from_seed(seed),
            now: Timestamp::default(),
            gate: Gate::default(),
            links: Links::new(Peers::open(&store)?),
            asking: Asking::open(&store),
            cursor,
            keep_told_at: None,
            read_last: None,
            announced: Announced::at_start(spaces.values()),
            trouble: None,
            name_memo: Memo::default(),
            stalled: Stalled::default(),
            followed: true,
            started: Timestamp::default(),
            look_through_at: Timestamp::default(),
            looking: Vec::new(),
            found: Batch::default(),
            is_found_refused: false,
            config,
            store: Watched::new(store),
            spaces,
        };
        let ids: Vec<_> = engine.spaces.keys().copied().collect();
        ids.into_iter().for_each(|id| engine.take_seals(id));
        Ok(engine)
    }

    /// Takes one input, then does one slice of long work.
    pub fn handle(&mut self, now: Timestamp, input: Input) {
        let is_first = self.now == Timestamp::default();
        self.now = self.now.max(now);
        self.spaces.values_mut().for_each(|space| space.replica.set_clock(self.now));
        if is_first {
            self.started = self.now;
            // Before anything comes in.
            let ids: Vec<_> = self.spaces.keys().copied().collect();
            ids.into_iter().for_each(|id| self.keep_seat_quietly(id));
            self.take_newer();
        }
        self.retry();
        self.hurry_if_due();
        self.let_guests_go();
        match input {
            Input::Tick => {}
            Input::Followed { followed } => self.followed = followed,
            Input::Ask { ask, what } => self.ask(ask, what),
            Input::Flushed { write, result } => self.flushed(write, result),
            Input::Listening { address } => self.listening(address),
            Input::Connected { peer, dialed, from } => self.connected(peer, dialed, &from),
            Input::Disconnected { peer } => self.disconnected(&peer),
            Input::DialFailed { peer, wrong, .. } => self.dial_failed(&peer, wrong.as_deref()),
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
        self.look_for_damage();
        self.look_at_store();
    }

    /// Takes what was kept aside for a version of this program that can read it, if this is one.
    pub(crate) fn take_newer(&mut self) {
        let ids: Vec<_> = self.spaces.keys().copied().collect();
        for id in ids {
            let Some(space) = self.spaces.get_mut(&id) else { continue };
            match space.replica.retry_newer(&mut self.store) {
                Ok(None) => {}
                Ok(Some(write)) => {
                    self.gate.wrote(write);
                    Journal::ALL.into_iter().for_each(|journal| self.entries_stored(id, journal));
                }
                Err(error) => self.trouble = Some(error),
            }
        }
    }

    /// The next thing to be done, until there is none.
    pub fn next_effect(&mut self) -> Option<Effect> {
        self.gate.next()
    }

    /// When [`Input::Tick`] is due: now, while long work is left that the store did not refuse.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let is_reading = self.view().seats().any(|space| self.stalled.is_due(&space));
        if is_reading || !self.looking.is_empty() {
            return Some(self.now);
        }
        let deadlines = [
            self.asking.deadline(self.now),
            self.quiet_deadline(),
            self.knock_deadline(),
            self.seal_deadline(),
            self.compare_deadline(),
            self.branches_deadline(),
            self.wanted_deadline(),
            self.shares_deadline(),
            self.settle_deadline(),
            self.open_deadline(),
            self.seek_deadline(),
            self.stalled.deadline(),
            self.keep_told_at,
            self.links.hurry_at,
            self.links.silent.values().min().copied(),
        ];
        deadlines.into_iter().flatten().min()
    }

    /// Before the store is closed: keeps what is kept now and then. What this writes is flushed
    /// first, as ever.
    pub fn prepare_to_close(&mut self) {
        if self.gate.failure().is_none() {
            self.keep_told(true);
        }
    }

    /// The store, for tests and for closing it.
    pub fn into_store(self) -> S {
        self.store.into_inner()
    }

    /// The store, for tests.
    pub fn store_mut(&mut self) -> &mut S {
        self.store.inner_mut()
    }

    /// What this node shows, as things are.
    pub(crate) fn view(&self) -> View<'_, S> {
        View {
            config: &self.config,
            store: &self.store,
            spaces: &self.spaces,
            links: &self.links,
            gate: &self.gate,
            now: self.now,
            cursor: self.cursor,
            trouble: self.trouble.as_ref(),
            stalled: &self.stalled,
            name_memo: &self.name_memo,
            names: Default::default(),
        }
    }
}

impl<S: Store> Engine<S> {
    /// How much of each log is here: (journal, log, entries). For checkers and `store export`.
    pub fn logs(&self) -> Vec<(JournalId, DeviceId, u64)> {
        let mut logs = Vec::new();
        for (id, space) in &self.spaces {
            for journal in Journal::ALL {
                let frontier = space.replica.frontier(journal).iter();
                logs.extend(frontier.map(|(log, tip)| (journal.id(*id), *log, tip.length)));
            }
        }
        logs
    }

    /// One hash for all that is here of each journal: equal ones say that two nodes have the same.
    pub fn frontiers(&self) -> Vec<(JournalId, Hash)> {
        let spaces = self.spaces.iter();
        let both = spaces.flat_map(|(id, space)| {
            Journal::ALL.map(|journal| (journal.id(*id), space.replica.frontier(journal).hash()))
        });
        both.collect()
    }

    /// Charter logs that fork. For checkers.
    pub fn forked(&self) -> Vec<(JournalId, DeviceId)> {
        let forked = self.spaces.iter().flat_map(|(id, space)| {
            space.replica.proofs().map(|proof| (Journal::Charter.id(*id), proof.device()))
        });
        forked.collect()
    }

    /// This home's devices, by the journals in which they write.
    pub fn own_logs(&self) -> Vec<(JournalId, DeviceId)> {
        let both = |space: Seated<'_>| {
            Journal::ALL.map(|journal| (journal.id(space.id), space.seat.device()))
        };
        self.view().seats().flat_map(both).collect()
    }

    /// Whether writes are on their way to the disk.
    pub fn is_flushing(&self) -> bool {
        self.gate.is_pending() && self.gate.failure().is_none()
    }
}
