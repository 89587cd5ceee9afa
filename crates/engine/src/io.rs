//! What goes into the engine and what comes out: plain data, so a run can be kept and replayed.

use api::{Answer, Ask, Failure, Notice};
use ledger::PeerId;
use store::WriteId;

/// A stream to a peer, numbered by whoever drives the engine; never used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct StreamId(pub u64);

/// A command or query that waits for its answer, numbered by whoever drives the engine.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct AskId(pub u64);

/// A network address as text (a multiaddr without the PeerId), at most
/// [`crate::limits::ADDRESS_BYTES_MAX`] bytes.
pub type Address = String;

/// What a stream is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Protocol {
    /// `/groundwork/sync/1`: a session, one for each pair of nodes, which stays open.
    Sync,
    /// `/groundwork/knock/1`: one asking to be let in and its answer.
    Knock,
}

/// What happened, as whoever drives the engine saw it: a clock, a disk, a network or a person. One
/// at a time goes into [`Engine::handle`](crate::Engine::handle).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// A deadline has come.
    Tick,
    /// Whether anybody follows what happens: else no notices are made.
    Followed {
        /// True before this was said first.
        followed: bool,
    },
    /// Somebody on this machine asks.
    Ask {
        /// Names the question in its [`Effect::Answer`].
        ask: AskId,
        /// The question, with who asks and how long it may wait.
        what: Ask,
    },
    /// All writes up to this one are on the disk, or the disk failed.
    Flushed {
        /// The last write that the flush covered.
        write: WriteId,
        /// Ok, or what the disk said, for a person. A flush that failed is never repeated.
        result: Result<(), String>,
    },
    /// This node listens at one more address.
    Listening {
        /// As the system gave it, with the port that was chosen.
        address: Address,
    },
    /// A connection to a peer stands; the first one only, if there are several.
    Connected {
        /// The other side, as proved by the transport's handshake.
        peer: PeerId,
        /// The address that answered, if this node dialled; none if the peer did.
        dialed: Option<Address>,
        /// Where the other end of the connection is: of one that came, not where it listens.
        from: Address,
    },
    /// The last connection to a peer is gone, and all its streams.
    Disconnected {
        /// The peer that no connection is left to.
        peer: PeerId,
    },
    /// No address of a peer answered, or another peer did.
    DialFailed {
        /// The peer that was to be dialled, not one that answered in its place.
        peer: PeerId,
        /// The address at which another peer answered, which is not this one's.
        wrong: Option<Address>,
        /// What the transport said, for a person; nothing is decided by it.
        why: String,
    },
    /// A peer says at which addresses it listens (identify).
    Addresses {
        /// The peer that says it.
        peer: PeerId,
        /// Its claim and no more: the network passes on the first sixteen that are usable.
        addresses: Vec<Address>,
    },
    /// A stream stands.
    Opened {
        /// The number that the stream has from now on.
        stream: StreamId,
        /// The other side of the connection that it runs over.
        peer: PeerId,
        /// What was agreed that it is for.
        protocol: Protocol,
        /// Whether this node opened it: who opens a stream speaks first.
        outbound: bool,
    },
    /// A stream that the engine asked for did not come about.
    OpenFailed {
        /// The peer that it was to lead to.
        peer: PeerId,
        /// What it was to be for.
        protocol: Protocol,
        /// What the transport said, for a person; nothing is decided by it.
        why: String,
    },
    /// A frame came. The next one of this stream is read when this one is taken.
    Frame {
        /// A stream of which [`Input::Opened`] told.
        stream: StreamId,
        /// What stood behind the length, at most [`crate::limits::FRAME_BYTES_MAX`] bytes.
        bytes: Vec<u8>,
    },
    /// A frame that the engine sent has left this node's buffers.
    Sent {
        /// The stream that it was sent on.
        stream: StreamId,
        /// The frame's length in bytes, so that so much more can be sent.
        bytes: usize,
    },
    /// A stream is gone; nothing more comes from it.
    Closed {
        /// The stream; its number does not come again.
        stream: StreamId,
        /// Whether the peer broke the framing: a frame longer than allowed.
        misbehaved: bool,
    },
}

/// Something is to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Answer whoever asked.
    Answer {
        /// The number that [`Input::Ask`] gave the question.
        ask: AskId,
        /// What is told, once all that it promises is on the disk.
        answer: Result<Answer, Failure>,
    },
    /// Tell everyone who follows.
    Notice(Notice),
    /// Make all writes up to this one durable, then say [`Input::Flushed`].
    Flush(WriteId),
    /// Connect to a peer at any of these addresses, then say `Connected` or `DialFailed`.
    Dial {
        /// The peer that has to prove itself there; any other is a failure.
        peer: PeerId,
        /// All that are known, the surest first.
        addresses: Vec<Address>,
    },
    /// Open a stream to a connected peer, then say `Opened` or `OpenFailed`.
    Open {
        /// A peer that is connected.
        peer: PeerId,
        /// What it is for.
        protocol: Protocol,
    },
    /// Send a frame, then say `Sent`.
    Send {
        /// A stream that stands. On one that is gone this does nothing.
        stream: StreamId,
        /// What is sent behind its length, at most [`crate::limits::FRAME_BYTES_MAX`] bytes.
        frame: Vec<u8>,
    },
    /// End a stream after what was sent before has left; no `Closed` is said of it.
    Close {
        /// A stream that stands.
        stream: StreamId,
    },
    /// Cut all connections to a peer.
    Disconnect {
        /// The peer, which may dial again.
        peer: PeerId,
    },
}
