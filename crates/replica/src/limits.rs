//! Limits on what a peer can make a replica keep.

/// Entries past a log's end that are still sent and taken: honest work may build on them
/// (DESIGN 6).
pub const PAST_END_MAX: u64 = 1024;

/// Second runs kept aside for one log: one proves the fork.
pub const ASIDE_PER_LOG_MAX: usize = 1;
