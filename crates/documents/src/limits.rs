//! Every limit on what an edit can make a node keep or work on, with its reason.
//!
//! All of them are judged on the document as the edit's author had it and on that author's own
//! edits, never on what else a node has: so every node judges alike, in whatever order edits
//! arrive.

/// How deeply maps and lists nest: ours need two, and reading goes down by recursion.
pub const DEPTH_MAX: u8 = 8;

/// What one author's edits of one document weigh: the next one after more than this is void. Each
/// weighs its bytes, [`OPERATION_WEIGHT`] for each operation, and one for each character that it
/// deletes; void and empty ones do too. An author's edits are played in the order of their log, so
/// every node judges alike, and nobody uses up what another may change.
///
/// A document then weighs at most this, and the last edit, which is at most a body, times those who
/// edit it; they are members. That bounds its memory, and what edits beside another's cost: going
/// over the history once for each author of them, as long as they come together. Lists, maps and
/// texts need no length of their own.
pub const AUTHOR_WEIGHT_MAX: u64 = 128 << 10;

/// What an operation weighs besides its bytes: about what automerge keeps of it.
pub const OPERATION_WEIGHT: u64 = 16;

/// By how much one increment moves a counter, and how far from zero one begins. All increments of
/// all authors of one document add up to less than an `i64`: 2^14 operations (the greatest weight,
/// and a whole edit) of 2^12 devices, each 2^32, are 2^58. So sums never overflow.
pub const COUNTER_STEP_MAX: u64 = 1 << 32;

/// Bytes of a short field: a title, a category, a unit.
pub const SHORT_BYTES_MAX: usize = ledger::limits::NAME_BYTES_MAX;

/// Bytes of a field that is one line: what is needed, where.
pub const LINE_BYTES_MAX: usize = 1024;

/// Targets of a campaign, languages of a need.
pub const LIST_FIELD_MAX: usize = 32;

/// The greatest quantity of a need: what JSON carries exactly.
pub const QUANTITY_MAX: u64 = ledger::limits::INTEGER_MAX;
