//! Limits of the network, with their reasons.

use std::time::Duration;

/// Connections to one peer: one each way, when both dial at once.
pub const CONNECTIONS_PER_PEER_MAX: u32 = 2;

/// The part of the connections that is never given to those who come from outside: a quarter, so
/// that throw-away keys cannot keep this node from dialling.
pub const OUTGOING_SHARE: u32 = 4;

/// Peers that the engine has named (it dialled them or opened a stream to them), which no limit on
/// connections keeps out: as many as it remembers.
pub const NAMED_MAX: usize = engine::limits::PEERS_MAX;

/// Handshakes from outside under way: what a small machine's processor bears.
pub const PENDING_INCOMING_MAX: u32 = 32;

/// Streams that one peer has open here; a further one is dropped.
pub const STREAMS_PER_PEER_MAX: usize = 6;

/// Bytes that are read at once: memory is taken for what has come, not for what is announced.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// Bytes of a frame that anyone may send at any time: a knock, or a hello of some spaces with eight
/// hundred logs in all. On as many streams as 200 connections can have they are 20 MB.
pub const STRANGER_BYTES_FREE: usize = 16 * 1024;

/// Bytes of longer frames that are read at a time from peers whom the engine has not named: a
/// fixed cap on one frame would shut out honest hellos, none at all would give each stranger's
/// stream half a megabyte.
pub const STRANGER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Places that are dialled of what one name leads to.
pub const NAME_PLACES_MAX: usize = 4;

/// Addresses that are taken from what a peer says of itself.
pub const ADDRESSES_MAX: usize = 16;

/// Between two questions whether the other side is still there: at a hundred bytes each way some
/// three megabytes a day for a peer.
pub const PING_EVERY: Duration = Duration::from_secs(6);

/// How long it may take to answer. libp2p passes over the first that is not answered, and closing
/// takes it ten seconds more: so a connection of which the other side is gone without a word is cut
/// within half a minute, and a link with a round trip of some seconds is kept.
pub const PING_TIMEOUT: Duration = Duration::from_secs(5);
