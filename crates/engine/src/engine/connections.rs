//! Connections that come and go, and where this node and others are reached.

use ledger::PeerId;
use store::{Batch, Store};

use crate::{engine::Engine, gate::Plain, io::Address, links::Source};

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

    /// This node is reached here.
    pub(super) fn listening(&mut self, address: Address) {
        if !self.links.listening.contains(&address) {
            self.links.listening.push(address);
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
