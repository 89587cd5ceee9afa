//! Connections that come and go, and where this node and others are reached.

use ledger::PeerId;
use store::{Batch, Store};

use crate::{engine::Engine, gate::Plain, io::Address, limits::MOVED_MS, links::Source};

impl<S: Store> Engine<S> {
    pub(super) fn connected(&mut self, peer: PeerId, dialed: Option<Address>, from: &str) {
        let unasked = dialed.is_none() && self.is_turned_away(&peer);
        if unasked || self.links.peers.is_banned(&peer, self.now) {
            self.gate.plain(Plain::Disconnect(peer));
            return;
        }
        let mut batch = Batch::default();
        let known = self.view().is_wanted(&peer);
        self.links.connection_came(&peer);
        self.links.peers.connected(&peer, known, from, &mut batch);
        if let Some(address) = dialed.clone().filter(|_| known) {
            self.links.peers.learn(&peer, Source::Reached, [address], self.now, &mut batch);
        }
        self.write_quietly(batch);
        self.links.called.remove(&peer);
        if dialed.is_some() {
            self.open_streams(&peer);
        }
    }

    pub(super) fn disconnected(&mut self, peer: &PeerId) {
        self.forget_streams_of(peer);
        self.spaces.values_mut().for_each(|space| _ = space.knock_at.remove(peer));
        self.links.opening.remove(peer);
        self.links.leaving.remove(peer);
        self.links.connection_went(peer);
        self.links.peers.disconnected(peer, self.now, &mut self.rng);
    }

    /// A dial came to nothing, or ended at somebody else.
    pub(super) fn dial_failed(&mut self, peer: &PeerId, wrong: Option<&str>) {
        let mut batch = Batch::default();
        self.links.tried.remove(peer);
        self.links.peers.dial_failed(peer, wrong, self.now, &mut self.rng, &mut batch);
        self.write_quietly(batch);
    }

    /// This node is reached here. Where that is new it has moved, and whoever could not be reached
    /// from where it was is tried at once; now and then, for addresses may come and go.
    pub(super) fn listening(&mut self, address: Address) {
        if self.links.listening.contains(&address) {
            return;
        }
        self.links.listening.push(address);
        // A machine that comes to another place has several, one after the other.
        let next = self.links.moved_at.map_or(self.now, |moved| moved.plus_ms(MOVED_MS));
        self.links.hurry_at = Some(next.max(self.now));
        self.hurry_if_due();
    }

    /// Whether this node has moved, and it is time to try all whom it could not reach.
    pub(super) fn hurry_if_due(&mut self) {
        if self.links.hurry_at.is_none_or(|at| at > self.now) {
            return;
        }
        (self.links.hurry_at, self.links.moved_at) = (None, Some(self.now));
        for peer in self.view().wanted_peers() {
            self.links.peers.hurry(&peer);
        }
    }

    /// A peer said where it listens: remembered only of nodes that a space wants.
    pub(super) fn reached_at(&mut self, peer: &PeerId, addresses: Vec<Address>) {
        if self.view().is_wanted(peer) {
            let mut batch = Batch::default();
            self.links.peers.hear(peer, peer, addresses, self.now, &mut batch);
            self.write_quietly(batch);
        }
    }
}
