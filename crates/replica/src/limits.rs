//! Limits on what a peer can make a replica keep.

/// Entries past a log's end that are still sent and taken: honest work may build on them
/// (DESIGN 6).
pub const PAST_END_MAX: u64 = 1024;

/// Runs from a newer version of this program that are kept aside in one space, each at most
/// [`ledger::limits::RUN_BYTES_MAX`] and of another log: 17 MB at worst. Of further logs it is only
/// known that they wait.
pub const NEWER_KEPT_MAX: usize = 32;

/// Branches of one content log that are kept beside the first: a home that was copied has two, and
/// one that each start puts back to an old copy some more. What stands in further ones counts for
/// nobody, and of a log with so many nothing does but what somebody built on.
pub const BRANCHES_MAX: usize = 16;

/// Branches of one content log that are kept in all beside the first: beyond [`BRANCHES_MAX`] only
/// those are that something waits for which another author wrote, so that who forks without end
/// takes nothing of what others say. Each place that is looked up may cost one entry that is read
/// for each.
pub const BRANCHES_WANTED_MAX: usize = 96;

/// Entries that are looked up in the store for one frame of heads, and places of one log that are
/// told: five for each branch of a log with as many as are kept.
pub const HEADS_LOOKED_UP_MAX: usize = 512;

/// Charter entries in memory that are not taken and that another device may still name: as many as
/// a charter's largest branch is likely to have, one entry a day for ten years.
pub const HEARD_MAX: usize = 4096;

/// Bytes of them. A longer branch that somebody names is not taken (CHANGELOG, known limits).
pub const HEARD_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Guests that are kept on the invites of one member: two full halls. Whoever makes a thousand
/// invites has members' nodes keep no more.
pub const GUESTS_MAX: usize = 256;

/// Logs of one charter of which a proof is kept that they fork: as many as a journal has logs.
pub const PROOFS_MAX: usize = ledger::limits::LOGS_MAX;
