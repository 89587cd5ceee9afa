//! Whom this node is connected with, and whom it tells of (DESIGN 6, `peers`).
//!
//! Of each space it seeks some members, drawn, and takes whoever comes. Once a minute it tries whom
//! it met longest ago, keeps them, and lets go whom it met most often: so two halves that lost each
//! other meet again, and nobody is known to a few only. With too many connections it turns away
//! whom it can do without, and names others to try.

use std::collections::BTreeSet;

use ledger::{Bounded, PeerId, SpaceId, Timestamp};
use rand_core::Rng;
use store::{Batch, Store};
use sync::PeerAt;

use crate::{
    engine::Engine,
    gate::Plain,
    io::StreamId,
    limits::{CONNECTIONS_FULL, LEAVE_MS, TURN_MS, TURNED_AWAY_MS},
    space::Space,
};

impl<S: Store> Engine<S> {
    /// Dials whom it is time to dial. It is worked out when something changed, or is due.
    pub(super) fn seek(&mut self) {
        self.take_turn();
        self.leave();
        let is_due = self.links.seek_at.is_some_and(|at| at <= self.now);
        if !self.links.peers.take_changed() && !is_due {
            return;
        }
        let (mut dial, mut next) = (BTreeSet::new(), None);
        let asked = self.spaces.values().flat_map(Space::asked);
        for peer in asked.chain(&self.links.called).chain(&self.links.tried) {
            match self.links.peers.dial_at(peer) {
                Some(at) if at <= self.now => _ = dial.insert(peer.clone()),
                at => next = sooner(next, at),
            }
        }
        let ids: Vec<_> = self.spaces.keys().copied().collect();
        for id in ids {
            let lacking = self.view().lacking(&id, &dial);
            next = sooner(next, lacking.next);
            let mut members = lacking.due;
            for _ in 0..lacking.members {
                let Some(mut nodes) = draw(&mut members, &mut self.rng) else { break };
                dial.extend(draw(&mut nodes, &mut self.rng));
            }
        }
        for peer in dial {
            if let Some(addresses) = self.links.peers.dial(&peer, self.now) {
                self.gate.plain(Plain::Dial(peer, addresses));
            }
        }
        self.links.seek_at = next;
    }

    /// When [`Engine::seek`] has something to do.
    pub(super) fn seek_deadline(&self) -> Option<Timestamp> {
        let turn = (!self.spaces.is_empty()).then_some(self.links.turn_at);
        let leave = self.links.leaving.values().min().copied();
        [self.links.seek_at, turn, leave].into_iter().flatten().min()
    }

    /// A session or a knock was answered. Who was tried is kept, and makes another dispensable.
    pub(super) fn met(&mut self, peer: &PeerId) {
        let mut batch = Batch::default();
        self.links.peers.proved(peer, self.now, &mut batch);
        self.write_index(batch);
        if self.links.tried.remove(peer) {
            self.let_go(peer);
        }
    }

    /// Once a minute, of each space: whom this node met longest ago.
    fn take_turn(&mut self) {
        if self.links.turn_at > self.now || self.spaces.is_empty() {
            return;
        }
        // The first one is at any time, so that those who start together do not move in step.
        let is_first = self.links.turn_at == Timestamp::default();
        let ms = if is_first { self.rng.next_u64() % TURN_MS } else { TURN_MS };
        self.links.turn_at = self.now.plus_ms(ms);
        self.links.tried.clear();
        let ids: Vec<_> = self.spaces.keys().copied().filter(|_| !is_first).collect();
        for id in ids {
            let mut longest_ago = self.view().met_longest_ago(&id);
            if let Some(peer) = draw(&mut longest_ago, &mut self.rng) {
                self.links.peers.hurry(&peer);
                self.links.tried.insert(peer);
            }
        }
    }

    /// In a space in which `kept` is one more than are sought: whom this node met most often.
    fn let_go(&mut self, kept: &PeerId) {
        for id in self.view().spaces_shared_with(kept) {
            let mut most_often = self.view().met_most_often(&id, kept);
            if let Some(peer) = draw(&mut most_often, &mut self.rng) {
                self.gate.plain(Plain::Disconnect(peer));
                return;
            }
        }
    }

    /// Turns away a peer that came of itself, once it was told of others, if there are too many
    /// connections and it is not missed.
    pub(super) fn turn_away(&mut self, stream: StreamId, peer: &PeerId) {
        let came = self.links.peers.get(peer).is_some_and(|one| !one.dialed);
        let full = self.links.connected().len() > CONNECTIONS_FULL;
        if full && came && self.view().is_dispensable(peer) {
            self.links.leaving.insert(peer.clone(), self.now.plus_ms(LEAVE_MS));
            self.links.turned_away.insert(peer.clone(), self.now.plus_ms(TURNED_AWAY_MS));
            self.end_stream(stream);
        }
    }

    /// Whether a peer that comes was turned away not long ago and still would be: it knows of
    /// others, and waits longer each time that it is cut without a word.
    pub(super) fn is_turned_away(&self, peer: &PeerId) -> bool {
        let lately = self.links.turned_away.get(peer).is_some_and(|until| *until > self.now);
        lately && self.links.connected().len() >= CONNECTIONS_FULL
    }

    fn leave(&mut self) {
        let now = self.now;
        self.links.turned_away.retain(|_, until| *until > now);
        let due: Vec<_> = self.links.leaving.extract_if(.., |_, at| *at <= now).collect();
        for (peer, _) in due {
            self.gate.plain(Plain::Disconnect(peer));
        }
    }

    /// Whom a peer, or who has a ticket, is told of in a space: this node, then those that it is
    /// connected with, then those that it met, each drawn.
    pub(crate) fn introduce<const N: usize>(
        &mut self,
        space: SpaceId,
        to: Option<&PeerId>,
    ) -> Bounded<PeerAt, N> {
        let known = self.view().acquaintances(space, to);
        let mut told = known.own;
        for mut others in [known.connected, known.met] {
            while let Some(one) = draw(&mut others, &mut self.rng).filter(|_| told.len() < N) {
                told.push(one);
            }
        }
        Bounded::first_of(told)
    }
}

/// Takes one out, any.
fn draw<T>(from: &mut Vec<T>, rng: &mut impl Rng) -> Option<T> {
    let n = from.len() as u64;
    (n > 0).then(|| from.swap_remove((rng.next_u64() % n) as usize))
}

fn sooner(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    [one, other].into_iter().flatten().min()
}
