//! When a stream to sync is opened: one rule, whoever dialled and whatever ended the last one.
//!
//! A connected peer with which a space is shared and no stream stands is opened one, by the node
//! with the smaller PeerId at once, by the other a little later, should the first not see the need
//! (it may not have the charter entry that lets it). After a stream ended both wait, longer each
//! time, until one lasted.

use std::collections::BTreeSet;

use ledger::{PeerId, Timestamp};
use store::Store;

use crate::{
    engine::Engine,
    gate::Plain,
    io::{Protocol, StreamId},
    limits::OPEN_SECOND_MS,
    links::{Purpose, Stream},
};

impl<S: Store> Engine<S> {
    /// Waits no longer to say to a peer what there is to say: a session for shared spaces, which
    /// is opened while settling, or a knock for a space that this home wants into.
    pub(crate) fn open_streams(&mut self, peer: &PeerId) {
        if let Some(opening) = self.links.opening.get_mut(peer) {
            opening.hurry();
        }
        self.knock_if_due(peer);
    }

    /// Opens the streams to sync whose time has come.
    pub(super) fn open_missing(&mut self) {
        let missing = self.links.without_session().iter();
        let missing: BTreeSet<_> =
            missing.filter(|peer| self.lacks_session(peer)).cloned().collect();
        // A deadline that nobody is waiting for would be due for ever.
        for (peer, opening) in &mut self.links.opening {
            if !missing.contains(peer) {
                opening.due = None;
            }
        }
        for peer in missing {
            self.open_when_due(peer);
        }
    }

    /// When [`Engine::open_missing`] has something to do.
    pub(super) fn open_deadline(&self) -> Option<Timestamp> {
        self.links.opening.values().filter_map(|opening| opening.due).min()
    }

    /// A stream that this node asked for came about.
    pub(super) fn open_came(&mut self, peer: &PeerId) {
        if let Some(opening) = self.links.opening.get_mut(peer) {
            opening.came();
        }
    }

    pub(super) fn open_failed(&mut self, peer: &PeerId, protocol: Protocol) {
        if protocol != Protocol::Sync {
            return;
        }
        if let Some(opening) = self.links.opening.get_mut(peer) {
            opening.failed(self.now);
        }
        // The connection is of no use, so it is cut; it is dialled again after a while.
        if self.links.streams_of(peer).next().is_none() {
            self.gate.plain(Plain::Disconnect(peer.clone()));
        }
    }

    /// A stream is about to be forgotten while its connection stands.
    pub(super) fn stream_ended(&mut self, stream: StreamId) {
        let Some(Stream { peer, opened_at, purpose: Purpose::Sync(_), .. }) =
            self.links.streams.get(&stream)
        else {
            return;
        };
        let opening = self.links.opening.entry(peer.clone()).or_default();
        opening.ended(*opened_at, self.now);
    }

    fn open_when_due(&mut self, peer: PeerId) {
        let now = self.now;
        let wait = if *self.config.peer() < peer { 0 } else { OPEN_SECOND_MS };
        let opening = self.links.opening.entry(peer.clone()).or_default();
        if opening.due(now, wait) <= now {
            opening.asked();
            self.gate.plain(Plain::Open(peer, Protocol::Sync));
        }
    }

    /// Whether a stream to a peer that has none is to be opened, at once or after a wait.
    fn lacks_session(&self, peer: &PeerId) -> bool {
        let pending = self.links.opening.get(peer).is_some_and(|opening| opening.pending);
        !pending
            && !self.links.leaving.contains_key(peer)
            && self.gate.failure().is_none()
            && !self.links.peers.is_banned(peer, self.now)
            && !self.view().spaces_shared_with(peer).is_empty()
    }
}

#[cfg(test)]
mod tests;
