//! Streams: which there are, which of two stays, how much is on its way.

use ledger::{Bounded, PeerId, SpaceId, Timestamp};
use store::{Store, WriteId};
use sync::{Frame, Session, Side};

use super::Engine;
use crate::{
    gate::{Plain, Promise},
    io::{Protocol, StreamId},
    limits::{OPEN_KNOWN_MS, STREAMS_PER_PEER_MAX, UNSENT_BYTES_MAX},
};

/// What a stream is doing.
#[derive(Debug)]
pub(crate) enum Work {
    /// Syncing.
    Sync(Box<Session>),
    /// A newcomer asks this node; then, the space and the knock that wait on it.
    KnockServer(Option<(SpaceId, ledger::EntryId)>),
    /// This node asks to be let in.
    KnockClient(SpaceId),
}

/// One stream to a peer.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) peer: PeerId,
    pub(crate) outbound: bool,
    pub(crate) work: Work,
    pub(crate) opened_at: Timestamp,
    /// Bytes handed over and not yet sent.
    pub(crate) unsent: usize,
}

impl Stream {
    pub(super) fn new(peer: PeerId, outbound: bool, work: Work, opened_at: Timestamp) -> Self {
        Self { peer, outbound, work, opened_at, unsent: 0 }
    }

    /// Whether the peer has had this stream for some while, as far as can be known.
    fn was_had(&self, now: Timestamp) -> bool {
        let answered = matches!(&self.work, Work::Sync(session) if session.is_open());
        answered || now.since_ms(self.opened_at) >= OPEN_KNOWN_MS
    }
}

impl<S: Store> Engine<S> {
    /// All streams to one peer.
    pub(crate) fn streams_of<'a>(
        &'a self,
        peer: &'a PeerId,
    ) -> impl Iterator<Item = StreamId> + 'a {
        self.streams.iter().filter(move |(_, one)| one.peer == *peer).map(|(stream, _)| *stream)
    }

    /// The stream on which this node syncs with a peer.
    pub(crate) fn sync_stream(&self, peer: &PeerId) -> Option<StreamId> {
        let is_sync = |one: &Stream| one.peer == *peer && matches!(one.work, Work::Sync(_));
        self.streams.iter().find(|(_, one)| is_sync(one)).map(|(stream, _)| *stream)
    }

    pub(super) fn opened(
        &mut self,
        stream: StreamId,
        peer: PeerId,
        protocol: Protocol,
        outbound: bool,
    ) {
        if outbound && protocol == Protocol::Sync {
            self.open_came(&peer);
        }
        let many = self.streams_of(&peer).count() >= STREAMS_PER_PEER_MAX;
        let read_only = self.gate.failure().is_some();
        if many || read_only || self.peers.is_banned(&peer, self.now) {
            self.gate.promise(WriteId::default(), Promise::Close(stream));
            return;
        }
        match protocol {
            Protocol::Sync => self.sync_opened(stream, peer, outbound),
            Protocol::Knock if outbound => self.knock_opened(stream, peer),
            Protocol::Knock => {
                let work = Work::KnockServer(None);
                self.streams.insert(stream, Stream::new(peer, outbound, work, self.now));
            }
        }
    }

    /// Of two simultaneous streams with one peer the one that the smaller PeerId opened stays; of
    /// two that the same side opened, the newer. A peer that opens one after it had the other has
    /// lost that, with a connection of whose end this side was not told yet.
    fn sync_opened(&mut self, stream: StreamId, peer: PeerId, outbound: bool) {
        if let Some(other) = self.sync_stream(&peer) {
            let replaced =
                |one: &Stream| one.outbound == outbound || one.was_had(self.now) && !outbound;
            let replaced = self.streams.get(&other).is_some_and(replaced);
            let keeps_outbound = self.config.peer < peer;
            let loser = if replaced || keeps_outbound == outbound { other } else { stream };
            self.forget_stream(loser);
            self.gate.promise(WriteId::default(), Promise::Close(loser));
            if loser == stream {
                return;
            }
        }
        let side = if outbound { Side::Dialer } else { Side::Responder };
        let work = Work::Sync(Box::new(Session::new(side)));
        self.streams.insert(stream, Stream::new(peer.clone(), outbound, work, self.now));
        if outbound {
            self.say_hello(stream, self.spaces_shared_with(&peer));
        }
    }

    pub(super) fn frame(&mut self, stream: StreamId, bytes: &[u8]) {
        match self.streams.get(&stream).map(|one| &one.work) {
            Some(Work::Sync(_)) => self.sync_frame(stream, bytes),
            Some(Work::KnockServer(_)) => self.knock_asked(stream, bytes),
            Some(Work::KnockClient(space)) => self.knock_answered(stream, *space, bytes),
            None => {}
        }
    }

    /// The disk has what was written, or failed. Then no stream goes on: hellos, answers and
    /// receipts would wait for ever, and the peers for them. Others take over when they end.
    pub(super) fn flushed(&mut self, write: WriteId, result: Result<(), String>) {
        self.gate.flushed(write, result);
        if self.gate.failure().is_some() {
            let all: Vec<_> = self.streams.keys().copied().collect();
            for stream in all {
                self.end_stream(stream);
            }
        }
    }

    pub(super) fn sent(&mut self, stream: StreamId, bytes: usize) {
        if let Some(one) = self.streams.get_mut(&stream) {
            one.unsent = one.unsent.saturating_sub(bytes);
            self.dirty.insert(stream);
        }
    }

    pub(super) fn closed(&mut self, stream: StreamId, misbehaved: bool) {
        let peer = self.streams.get(&stream).map(|one| one.peer.clone());
        self.stream_ended(stream);
        self.forget_stream(stream);
        let Some(peer) = peer else { return };
        if misbehaved {
            self.misbehaved(&peer);
        }
    }

    /// A peer broke the protocol: cut, and refused for a growing while.
    pub(crate) fn misbehaved(&mut self, peer: &PeerId) {
        let gone: Vec<_> = self.streams_of(peer).collect();
        for stream in gone {
            self.forget_stream(stream);
        }
        self.peers.ban(peer, self.now);
        self.gate.plain(Plain::Disconnect(peer.clone()));
    }

    /// Ends a stream; what syncs over it begins anew with the next one, after a while.
    pub(crate) fn end_stream(&mut self, stream: StreamId) {
        self.stream_ended(stream);
        self.forget_stream(stream);
        self.gate.promise(WriteId::default(), Promise::Close(stream));
    }

    pub(super) fn forget_stream(&mut self, stream: StreamId) {
        if let Some(Stream { work: Work::Sync(session), .. }) = self.streams.remove(&stream) {
            self.past_traffic.add(&session.traffic);
        }
        self.dirty.remove(&stream);
        self.gate.forget(stream);
    }

    /// Sends a frame once all writes up to `after` are durable.
    pub(crate) fn send(&mut self, stream: StreamId, after: WriteId, frame: &Frame) {
        self.send_bytes(stream, after, frame.encode());
    }

    pub(crate) fn send_bytes(&mut self, stream: StreamId, after: WriteId, bytes: Vec<u8>) {
        let Some(one) = self.streams.get_mut(&stream) else { return };
        one.unsent += bytes.len();
        if one.unsent > UNSENT_BYTES_MAX {
            self.end_stream(stream);
            return;
        }
        if let Work::Sync(session) = &mut one.work {
            session.sent(bytes.len());
        }
        self.gate.promise(after, Promise::Frame(stream, bytes));
    }

    /// The session on a stream, if it syncs.
    pub(crate) fn session(&mut self, stream: StreamId) -> Option<&mut Session> {
        match &mut self.streams.get_mut(&stream)?.work {
            Work::Sync(session) => Some(session),
            _ => None,
        }
    }

    /// This node's addresses and those of others, as contacts of a space.
    pub(crate) fn contacts<const N: usize>(
        &self,
        space: SpaceId,
        without: Option<&PeerId>,
    ) -> Bounded<sync::PeerAt, N> {
        let mut contacts = Vec::new();
        let own = (&self.config.peer, self.own_addresses());
        let others = self.spaces.get(&space).into_iter().flat_map(|space| {
            let peers = space.replica.roll().peers_in().filter(|peer| *peer != &self.config.peer);
            peers.filter_map(|peer| Some((peer, self.peers.get(peer)?.addresses())))
        });
        for (peer, addresses) in std::iter::once(own).chain(others.collect::<Vec<_>>()) {
            if contacts.len() < N && Some(peer) != without && !addresses.is_empty() {
                contacts.push(peer_at(peer, addresses));
            }
        }
        contacts.try_into().unwrap_or_default()
    }
}

fn peer_at(peer: &PeerId, addresses: Vec<String>) -> sync::PeerAt {
    let mut texts: Vec<_> =
        addresses.into_iter().filter_map(|address| address.try_into().ok()).collect();
    texts.truncate(sync::limits::ADDRESSES_MAX);
    sync::PeerAt { peer: peer.clone(), addresses: texts.try_into().unwrap_or_default() }
}
