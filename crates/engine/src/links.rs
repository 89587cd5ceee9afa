//! This node and the others: who is known, who is connected, what goes over which stream.
//!
//! It knows nothing of what a space says; who may have what is judged in [`crate::space`].

mod opening;
mod peers;
mod streams;

use std::collections::{BTreeMap, BTreeSet};

use ledger::{PeerId, SpaceId, Timestamp};
use sync::{Session, Traffic};

pub(crate) use opening::Opening;
pub(crate) use peers::{Peers, Source, is_local};
pub(crate) use streams::{Stream, Work};

use crate::io::{Address, StreamId};

/// See the module's page.
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
    /// When a contact is to be asked again, by space and contact.
    pub(crate) knock_at: BTreeMap<(SpaceId, PeerId), Timestamp>,
    /// Until when a peer has to say something of a space that it was told of.
    pub(crate) silent: BTreeMap<(StreamId, SpaceId), Timestamp>,
    /// What went over streams that are gone.
    past_traffic: Traffic,
}

impl Links {
    pub(crate) fn new(peers: Peers) -> Self {
        Self { peers, ..Self::default() }
    }

    /// Peers with which a connection stands.
    pub(crate) fn connected(&self) -> impl Iterator<Item = &PeerId> {
        self.peers.iter().filter(|(_, one)| one.connected).map(|(peer, _)| peer)
    }

    /// Whether a connection to `peer` stands.
    pub(crate) fn is_connected(&self, peer: &PeerId) -> bool {
        self.peers.get(peer).is_some_and(|one| one.connected)
    }

    /// All streams to one peer.
    pub(crate) fn streams_of<'a>(
        &'a self,
        peer: &'a PeerId,
    ) -> impl Iterator<Item = StreamId> + 'a {
        self.streams.iter().filter(move |(_, one)| one.peer == *peer).map(|(stream, _)| *stream)
    }

    /// The stream on which this node syncs with a peer.
    pub(crate) fn sync_stream(&self, peer: &PeerId) -> Option<StreamId> {
        let is_it = |(_, of, _): &(StreamId, &PeerId, &Session)| *of == peer;
        self.sessions().find(is_it).map(|(stream, ..)| stream)
    }

    /// All sessions: on which stream, with whom.
    pub(crate) fn sessions(&self) -> impl Iterator<Item = (StreamId, &PeerId, &Session)> {
        self.streams.iter().filter_map(|(stream, one)| match &one.work {
            Work::Sync(session) => Some((*stream, &one.peer, &**session)),
            _ => None,
        })
    }

    /// The session on a stream, if it syncs.
    pub(crate) fn session_mut(&mut self, stream: StreamId) -> Option<&mut Session> {
        match &mut self.streams.get_mut(&stream)?.work {
            Work::Sync(session) => Some(session),
            _ => None,
        }
    }

    /// The peer of a stream.
    pub(crate) fn peer_of(&self, stream: StreamId) -> Option<PeerId> {
        self.streams.get(&stream).map(|one| one.peer.clone())
    }

    /// Connected peers with which no session stands.
    pub(crate) fn without_session(&self) -> BTreeSet<PeerId> {
        let syncs: BTreeSet<_> = self.sessions().map(|(_, peer, _)| peer).collect();
        self.connected().filter(|peer| !syncs.contains(peer)).cloned().collect()
    }

    /// Forgets a stream, but for what went over it.
    pub(crate) fn forget(&mut self, stream: StreamId) {
        if let Some(Stream { work: Work::Sync(session), .. }) = self.streams.remove(&stream) {
            self.past_traffic.add(&session.traffic);
        }
        self.dirty.remove(&stream);
        self.silent.retain(|(of, _), _| *of != stream);
    }

    /// What went over all sessions since the start.
    pub(crate) fn traffic(&self) -> Traffic {
        let mut traffic = self.past_traffic;
        self.sessions().for_each(|(_, _, session)| traffic.add(&session.traffic));
        traffic
    }
}
