//! Streams: which of two stays, how much is on its way, and their ends.

use ledger::PeerId;
use store::{Store, WriteId};
use sync::{Frame, Session, Side};

use crate::{
    engine::Engine,
    gate::{Plain, Promise},
    io::{Protocol, StreamId},
    limits::{STREAMS_PER_PEER_MAX, UNSENT_BYTES_MAX},
    links::{Purpose, Stream},
};

impl<S: Store> Engine<S> {
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
        let many = self.links.streams_of(&peer).count() >= STREAMS_PER_PEER_MAX;
        let read_only = self.gate.failure().is_some();
        if many || read_only || self.links.peers.is_banned(&peer, self.now) {
            self.gate.promise(WriteId::default(), Promise::Close(stream));
            return;
        }
        match protocol {
            Protocol::Sync => self.sync_opened(stream, peer, outbound),
            Protocol::Knock if outbound => self.knock_opened(stream, peer),
            Protocol::Knock => {
                let purpose = Purpose::KnockServer(None);
                self.links.insert(stream, Stream::new(peer, outbound, purpose, self.now));
            }
        }
    }

    /// Of two simultaneous streams with one peer the one that the smaller PeerId opened stays; of
    /// two that the same side opened, the newer. A peer that opens one after it had the other has
    /// lost that, with a connection of whose end this side was not told yet.
    fn sync_opened(&mut self, stream: StreamId, peer: PeerId, outbound: bool) {
        if let Some(other) = self.links.sync_stream(&peer) {
            let replaced =
                |one: &Stream| one.outbound == outbound || one.was_had(self.now) && !outbound;
            let replaced = self.links.streams.get(&other).is_some_and(replaced);
            let keeps_outbound = *self.config.peer() < peer;
            let loser = if replaced || keeps_outbound == outbound { other } else { stream };
            self.forget_stream(loser);
            self.gate.promise(WriteId::default(), Promise::Close(loser));
            if loser == stream {
                return;
            }
        }
        let side = if outbound { Side::Dialer } else { Side::Responder };
        let purpose = Purpose::Sync(Box::new(Session::new(side)));
        self.links.insert(stream, Stream::new(peer.clone(), outbound, purpose, self.now));
        if outbound {
            self.say_hello(stream, self.view().spaces_shared_with(&peer));
        }
    }

    pub(super) fn frame(&mut self, stream: StreamId, bytes: &[u8]) {
        match self.links.streams.get(&stream).map(|one| &one.purpose) {
            Some(Purpose::Sync(_)) => self.sync_frame(stream, bytes),
            Some(Purpose::KnockServer(_)) => self.knock_asked(stream, bytes),
            Some(Purpose::KnockClient(space)) => self.knock_answered(stream, *space, bytes),
            None => {}
        }
    }

    /// The disk has what was written, or failed. Then no stream goes on: hellos, answers and
    /// receipts would wait for ever, and the peers for them. Others take over when they end.
    pub(crate) fn flushed(&mut self, write: WriteId, result: Result<(), String>) {
        self.gate.flushed(write, result);
        if self.gate.failure().is_some() {
            let all: Vec<_> = self.links.streams.keys().copied().collect();
            for stream in all {
                self.end_stream(stream);
            }
        }
    }

    pub(super) fn sent(&mut self, stream: StreamId, bytes: usize) {
        if let Some(one) = self.links.streams.get_mut(&stream) {
            one.unsent = one.unsent.saturating_sub(bytes);
            self.links.dirty.insert(stream);
        }
    }

    pub(super) fn closed(&mut self, stream: StreamId, misbehaved: bool) {
        let peer = self.links.peer_of(stream);
        self.stream_ended(stream);
        self.forget_stream(stream);
        let Some(peer) = peer else { return };
        if misbehaved {
            self.misbehaved(&peer);
        }
    }

    /// A peer broke the protocol: cut, and refused for a growing while.
    pub(crate) fn misbehaved(&mut self, peer: &PeerId) {
        self.forget_streams_of(peer);
        self.links.peers.ban(peer, self.now);
        self.gate.plain(Plain::Disconnect(peer.clone()));
    }

    /// Ends a stream; what syncs over it begins anew with the next one, after a while.
    pub(crate) fn end_stream(&mut self, stream: StreamId) {
        self.stream_ended(stream);
        self.forget_stream(stream);
        self.gate.promise(WriteId::default(), Promise::Close(stream));
    }

    pub(super) fn forget_stream(&mut self, stream: StreamId) {
        self.links.forget(stream);
        self.gate.forget(stream);
    }

    /// Forgets all streams to a peer.
    pub(super) fn forget_streams_of(&mut self, peer: &PeerId) {
        let gone: Vec<_> = self.links.streams_of(peer).collect();
        gone.into_iter().for_each(|stream| self.forget_stream(stream));
    }

    /// Sends a frame once all writes up to `after` are durable.
    pub(crate) fn send(&mut self, stream: StreamId, after: WriteId, frame: &Frame) {
        self.send_bytes(stream, after, frame.encode());
    }

    pub(crate) fn send_bytes(&mut self, stream: StreamId, after: WriteId, bytes: Vec<u8>) {
        let Some(one) = self.links.streams.get_mut(&stream) else { return };
        one.unsent += bytes.len();
        if one.unsent > UNSENT_BYTES_MAX {
            self.end_stream(stream);
            return;
        }
        if let Purpose::Sync(session) = &mut one.purpose {
            session.sent(bytes.len());
        }
        self.gate.promise(after, Promise::Frame(stream, bytes));
    }
}
