//! Limits on what a peer can make a replica keep.

/// Entries past a log's end that are still sent and taken: honest work may build on them
/// (DESIGN 6).
pub const PAST_END_MAX: u64 = 1024;

/// Runs from a newer version of this program that are kept aside in one space, each at most
/// [`ledger::limits::RUN_BYTES_MAX`] and of another log: 17 MB at worst. Of further logs it is only
/// known that they wait.
pub const NEWER_KEPT_MAX: usize = 32;

/// Second runs kept aside for one log: one proves the fork.
pub const ASIDE_PER_LOG_MAX: usize = 1;
