//! When a stream to sync is opened: one rule, whoever dialled and whatever ended the last one.
//!
//! A connected peer with which a space is shared and no stream stands is opened one, by the node
//! with the smaller PeerId at once, by the other a little later, should the first not see the need
//! (it may not have the charter entry that lets it). After a stream ended both wait, longer each
//! time, until one lasted.

use std::collections::BTreeSet;

use ledger::{PeerId, Timestamp};
use store::Store;

use super::{
    Engine,
    streams::{Stream, Work},
};
use crate::{
    gate::Plain,
    io::{Protocol, StreamId},
    limits::{OPEN_SECOND_MS, REOPEN_MS_MAX, REOPEN_MS_MIN, STEADY_MS},
};

/// What this node remembers of opening streams over a connection that stands.
#[derive(Debug, Default)]
pub(crate) struct Opening {
    /// Whether an open is under way: a second one would make two streams of one side.
    pending: bool,
    /// Streams that ended or failed soon, one after the other.
    ended: u32,
    not_before: Timestamp,
    /// When this node opens, if it comes to that.
    due: Option<Timestamp>,
}

impl Opening {
    /// A stream ended, or did not come about.
    fn ended(&mut self, now: Timestamp) {
        let ms = REOPEN_MS_MIN.saturating_mul(1 << self.ended.min(20)).min(REOPEN_MS_MAX);
        self.ended = self.ended.saturating_add(1);
        self.not_before = now.plus_ms(ms);
        self.due = None;
    }
}

impl<S: Store> Engine<S> {
    /// Waits no longer to say to a peer what there is to say: a session for shared spaces, which
    /// is opened while settling, or a knock for a space that this home wants into.
    pub(crate) fn open_streams(&mut self, peer: &PeerId) {
        if let Some(opening) = self.opening.get_mut(peer) {
            (opening.not_before, opening.due) = (Timestamp::default(), None);
        }
        self.knock_if_due(peer);
    }

    /// Opens the streams to sync whose time has come.
    pub(super) fn open_missing(&mut self) {
        let mut missing = self.connected_without_stream();
        missing.retain(|peer| self.lacks_session(peer));
        // A deadline that nobody is waiting for would be due for ever.
        for (peer, opening) in &mut self.opening {
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
        self.opening.values().filter_map(|opening| opening.due).min()
    }

    /// A stream that this node asked for came about.
    pub(super) fn open_came(&mut self, peer: &PeerId) {
        if let Some(opening) = self.opening.get_mut(peer) {
            (opening.pending, opening.due) = (false, None);
        }
    }

    pub(super) fn open_failed(&mut self, peer: &PeerId, protocol: Protocol) {
        if protocol != Protocol::Sync {
            return;
        }
        if let Some(opening) = self.opening.get_mut(peer) {
            opening.pending = false;
            opening.ended(self.now);
        }
        // The connection is of no use, so it is cut; it is dialled again after a while.
        if self.streams_of(peer).next().is_none() {
            self.gate.plain(Plain::Disconnect(peer.clone()));
        }
    }

    /// A stream is about to be forgotten while its connection stands.
    pub(super) fn stream_ended(&mut self, stream: StreamId) {
        let Some(Stream { peer, opened_at, work: Work::Sync(_), .. }) = self.streams.get(&stream)
        else {
            return;
        };
        let opening = self.opening.entry(peer.clone()).or_default();
        if self.now.since_ms(*opened_at) >= STEADY_MS {
            opening.ended = 0;
        }
        opening.ended(self.now);
    }

    fn open_when_due(&mut self, peer: PeerId) {
        let now = self.now;
        let wait = if self.config.peer < peer { 0 } else { OPEN_SECOND_MS };
        let opening = self.opening.entry(peer.clone()).or_default();
        let due = now.max(opening.not_before).plus_ms(wait);
        let due = *opening.due.get_or_insert(due);
        if due <= now {
            (opening.pending, opening.due) = (true, None);
            self.gate.plain(Plain::Open(peer, Protocol::Sync));
        }
    }

    fn connected_without_stream(&self) -> BTreeSet<PeerId> {
        let syncs = self.streams.values().filter(|one| matches!(one.work, Work::Sync(_)));
        let syncs: BTreeSet<_> = syncs.map(|one| &one.peer).collect();
        let lacks = |peer: &&PeerId| !syncs.contains(peer);
        let connected = self.peers.iter().filter(|(_, one)| one.connected);
        connected.map(|(peer, _)| peer).filter(lacks).cloned().collect()
    }

    /// Whether a stream to a peer that has none is to be opened, at once or after a wait.
    fn lacks_session(&self, peer: &PeerId) -> bool {
        let pending = self.opening.get(peer).is_some_and(|opening| opening.pending);
        !pending
            && self.gate.failure().is_none()
            && !self.peers.is_banned(peer, self.now)
            && !self.spaces_shared_with(peer).is_empty()
    }
}

#[cfg(test)]
mod tests;
