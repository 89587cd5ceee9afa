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
    /// `/groundwork/sync/1`
    Sync,
    /// `/groundwork/knock/1`
    Knock,
}

/// Something happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// A deadline has come.
    Tick,
    /// Somebody on this machine asks.
    Ask {
        /// To be named in the answer.
        ask: AskId,
        /// What.
        what: Ask,
    },
    /// All writes up to this one are on the disk, or the disk failed.
    Flushed {
        /// The last write that the flush covered.
        write: WriteId,
        /// What the disk said.
        result: Result<(), String>,
    },
    /// This node is reached here.
    Listening {
        /// Where.
        address: Address,
    },
    /// A connection to a peer stands; the first one only, if there are several.
    Connected {
        /// Who, as proven by the handshake.
        peer: PeerId,
        /// Where, if this node dialled.
        dialed: Option<Address>,
    },
    /// The last connection to a peer is gone, and all its streams.
    Disconnected {
        /// Who.
        peer: PeerId,
    },
    /// No address of a peer answered, or another peer did.
    DialFailed {
        /// Who was wanted.
        peer: PeerId,
        /// Why, for a person.
        why: String,
    },
    /// A peer says at which addresses it listens (identify).
    Addresses {
        /// Who.
        peer: PeerId,
        /// Where it says it listens.
        addresses: Vec<Address>,
    },
    /// A stream stands.
    Opened {
        /// Its number.
        stream: StreamId,
        /// With whom.
        peer: PeerId,
        /// For what.
        protocol: Protocol,
        /// Whether this node opened it.
        outbound: bool,
    },
    /// A stream that the engine asked for did not come about.
    OpenFailed {
        /// With whom.
        peer: PeerId,
        /// For what.
        protocol: Protocol,
        /// Why, for a person.
        why: String,
    },
    /// A frame came. The next one of this stream is read when this one is taken.
    Frame {
        /// On which stream.
        stream: StreamId,
        /// Its bytes, at most [`crate::limits::FRAME_BYTES_MAX`].
        bytes: Vec<u8>,
    },
    /// A frame that the engine sent has left this node's buffers.
    Sent {
        /// On which stream.
        stream: StreamId,
        /// How many bytes it had.
        bytes: usize,
    },
    /// A stream is gone; nothing more comes from it.
    Closed {
        /// Which.
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
        /// What was asked.
        ask: AskId,
        /// The answer.
        answer: Result<Answer, Failure>,
    },
    /// Tell everyone who follows.
    Notice(Notice),
    /// Make all writes up to this one durable, then say [`Input::Flushed`].
    Flush(WriteId),
    /// Connect to a peer at any of these addresses, then say `Connected` or `DialFailed`.
    Dial {
        /// Whom.
        peer: PeerId,
        /// Where to try.
        addresses: Vec<Address>,
    },
    /// Open a stream to a connected peer, then say `Opened` or `OpenFailed`.
    Open {
        /// With whom.
        peer: PeerId,
        /// For what.
        protocol: Protocol,
    },
    /// Send a frame, then say `Sent`.
    Send {
        /// On which stream.
        stream: StreamId,
        /// Its bytes.
        frame: Vec<u8>,
    },
    /// End a stream after what was sent before has left; no `Closed` is said of it.
    Close {
        /// Which.
        stream: StreamId,
    },
    /// Cut all connections to a peer.
    Disconnect {
        /// Whom.
        peer: PeerId,
    },
}
