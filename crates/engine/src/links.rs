//! This node and the others: who is known, who is connected, what goes over which stream.
//!
//! It knows nothing of what a space says; who may have what is judged in [`crate::space`].

mod opening;
mod peers;
mod streams;

use std::collections::{BTreeMap, BTreeSet};

use ledger::{PeerId, SpaceId, Timestamp};
use sync::{Session, Shared, Traffic};

pub(crate) use opening::Opening;
pub use peers::is_local;
pub(crate) use peers::{Peer, Peers, Source};
pub(crate) use streams::{Purpose, Stream};

use crate::io::{Address, StreamId};

/// The nodes that are remembered, the connections and streams that stand, and when each is to be
/// seen to next. All but [`Peers`] is of this run of the node, and gone with it.
#[derive(Debug, Default)]
pub(crate) struct Links {
    pub(crate) peers: Peers,
    /// Where this node listens.
    pub(crate) listening: Vec<Address>,
    pub(crate) streams: BTreeMap<StreamId, Stream>,
    /// Streams that have something to send, perhaps.
    pub(crate) dirty: BTreeSet<StreamId>,
    /// Opens of streams to sync, by connected peer.
    pub(crate) opening: BTreeMap<PeerId, Opening>,
    /// Until when a peer has to say something of a space that it was told of.
    pub(crate) silent: BTreeMap<(StreamId, SpaceId), Timestamp>,
    connections: BTreeSet<PeerId>,
    changed: BTreeSet<PeerId>,
    /// The streams of each peer that has any.
    by_peer: BTreeMap<PeerId, BTreeSet<StreamId>>,
    without_session: BTreeSet<PeerId>,
    /// Whom a person wants to be connected with, until that stands.
    pub(crate) called: BTreeSet<PeerId>,
    /// Whom this node met longest ago, and tries.
    pub(crate) tried: BTreeSet<PeerId>,
    /// When this node last had another address and tried all whom it could not reach, and when it
    /// does so again.
    pub(crate) moved_at: Option<Timestamp>,
    pub(crate) hurry_at: Option<Timestamp>,
    /// When the next of these are tried.
    pub(crate) turn_at: Timestamp,
    /// When it is looked again whom to dial, if nothing changes.
    pub(crate) seek_at: Option<Timestamp>,
    /// Until when those have read whom to try who are turned away.
    pub(crate) leaving: BTreeMap<PeerId, Timestamp>,
    /// Until when they are not let in again while there is no room.
    pub(crate) turned_away: BTreeMap<PeerId, Timestamp>,
    /// What went over streams that are gone.
    past_traffic: Traffic,
}

impl Links {
    pub(crate) fn new(peers: Peers) -> Self {
        Self { peers, ..Self::default() }
    }

    /// Peers with which a connection stands.
    pub(crate) fn connected(&self) -> impl ExactSizeIterator<Item = &PeerId> {
        self.connections.iter()
    }

    /// Whether a connection to `peer` stands.
    pub(crate) fn is_connected(&self, peer: &PeerId) -> bool {
        self.connections.contains(peer)
    }

    /// A connection stands.
    pub(crate) fn connection_came(&mut self, peer: &PeerId) {
        self.connections.insert(peer.clone());
        self.changed.insert(peer.clone());
        self.note_session(peer);
    }

    /// The last connection to a peer is gone, and its streams are forgotten.
    pub(crate) fn connection_went(&mut self, peer: &PeerId) {
        self.connections.remove(peer);
        self.changed.insert(peer.clone());
        self.note_session(peer);
    }

    /// Whom one wants to be connected with may be others now.
    pub(crate) fn look_again(&mut self) {
        self.changed.extend(self.connections.iter().cloned());
    }

    /// Peers whose connection came or went, or who may be of interest now, since this was asked.
    pub(crate) fn take_changed(&mut self) -> BTreeSet<PeerId> {
        std::mem::take(&mut self.changed)
    }

    /// All streams to one peer.
    pub(crate) fn streams_of(&self, peer: &PeerId) -> impl Iterator<Item = StreamId> {
        self.by_peer.get(peer).into_iter().flatten().copied()
    }

    /// Whether this node is asking a peer to be let in.
    pub(crate) fn is_knocking_at(&self, peer: &PeerId) -> bool {
        let knocks = |stream: StreamId| {
            let one = self.streams.get(&stream);
            one.is_some_and(|one| matches!(one.purpose, Purpose::KnockClient(_)))
        };
        self.streams_of(peer).any(knocks)
    }

    /// The stream on which this node syncs with a peer.
    pub(crate) fn sync_stream(&self, peer: &PeerId) -> Option<StreamId> {
        let syncs = |stream: &StreamId| {
            let one = self.streams.get(stream);
            one.is_some_and(|one| matches!(one.purpose, Purpose::Sync(_)))
        };
        self.streams_of(peer).find(syncs)
    }

    /// A stream stands.
    pub(crate) fn insert(&mut self, id: StreamId, stream: Stream) {
        let peer = stream.peer.clone();
        self.by_peer.entry(peer.clone()).or_default().insert(id);
        self.streams.insert(id, stream);
        self.note_session(&peer);
    }

    fn note_session(&mut self, peer: &PeerId) {
        match self.is_connected(peer) && self.sync_stream(peer).is_none() {
            true => _ = self.without_session.insert(peer.clone()),
            false => _ = self.without_session.remove(peer),
        }
    }

    /// All sessions: on which stream, with whom.
    pub(crate) fn sessions(&self) -> impl Iterator<Item = (StreamId, &PeerId, &Session)> {
        self.streams.iter().filter_map(|(stream, one)| match &one.purpose {
            Purpose::Sync(session) => Some((*stream, &one.peer, &**session)),
            _ => None,
        })
    }

    /// The session on a stream, if it syncs.
    pub(crate) fn session(&self, stream: StreamId) -> Option<&Session> {
        match &self.streams.get(&stream)?.purpose {
            Purpose::Sync(session) => Some(session),
            _ => None,
        }
    }

    /// As [`session`](Self::session), to be noted in.
    pub(crate) fn session_mut(&mut self, stream: StreamId) -> Option<&mut Session> {
        match &mut self.streams.get_mut(&stream)?.purpose {
            Purpose::Sync(session) => Some(session),
            _ => None,
        }
    }

    /// What is known of one space on a stream, to be noted in.
    pub(crate) fn shared_mut(&mut self, stream: StreamId, space: &SpaceId) -> Option<&mut Shared> {
        self.session_mut(stream)?.shared_mut(space)
    }

    /// What is known of one space on all streams, to be noted in.
    pub(crate) fn all_shared_mut<'a>(
        &'a mut self,
        space: &'a SpaceId,
    ) -> impl Iterator<Item = &'a mut Shared> {
        self.streams.values_mut().filter_map(|one| match &mut one.purpose {
            Purpose::Sync(session) => session.shared_mut(space),
            _ => None,
        })
    }

    /// The peer of a stream.
    pub(crate) fn peer_of(&self, stream: StreamId) -> Option<PeerId> {
        self.streams.get(&stream).map(|one| one.peer.clone())
    }

    /// Connected peers with which no session stands.
    pub(crate) fn without_session(&self) -> &BTreeSet<PeerId> {
        &self.without_session
    }

    /// Forgets a stream, but for what went over it.
    pub(crate) fn forget(&mut self, stream: StreamId) {
        self.dirty.remove(&stream);
        self.silent.retain(|(of, _), _| *of != stream);
        let Some(one) = self.streams.remove(&stream) else { return };
        if let Purpose::Sync(session) = &one.purpose {
            self.past_traffic.add(&session.traffic);
        }
        if let Some(streams) = self.by_peer.get_mut(&one.peer) {
            streams.remove(&stream);
            if streams.is_empty() {
                self.by_peer.remove(&one.peer);
            }
        }
        self.note_session(&one.peer);
    }

    /// What went over all sessions since the start.
    pub(crate) fn traffic(&self) -> Traffic {
        let mut traffic = self.past_traffic;
        self.sessions().for_each(|(_, _, session)| traffic.add(&session.traffic));
        traffic
    }
}
