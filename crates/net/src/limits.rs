//! Limits of the network, with their reasons.

/// Connections to one peer: one each way, when both dial at once.
pub const CONNECTIONS_PER_PEER_MAX: u32 = 2;

/// Handshakes from outside under way: what a small machine's processor bears.
pub const PENDING_INCOMING_MAX: u32 = 32;

/// Streams that one peer has open here; a further one is dropped.
pub const STREAMS_PER_PEER_MAX: usize = 6;

/// Bytes that are read at once: memory is taken for what has come, not for what is announced.
pub const CHUNK_BYTES: usize = 64 * 1024;

/// Addresses that are taken from what a peer says of itself.
pub const ADDRESSES_MAX: usize = 16;
