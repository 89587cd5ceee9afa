//! Every limit on what an edit can make a node keep or work on, with its reason.
//!
//! All of them are judged on the document as the edit's author had it, never on what else a node
//! has: so every node judges alike, in whatever order edits arrive.

/// How deeply maps and lists nest: ours need two, and reading goes down by recursion.
pub const DEPTH_MAX: u8 = 8;

/// Characters of one shared text: sixteen times the longest that one edit brings.
pub const SHARED_TEXT_CHARS_MAX: usize = 1 << 20;

/// Elements of one list.
pub const LIST_LENGTH_MAX: usize = 10_000;

/// Fields of one map.
pub const MAP_FIELDS_MAX: usize = 1_000;

/// What a document's history weighs along any path through it: each operation weighs
/// [`OPERATION_WEIGHT`], and a byte or a deleted character more. A concurrent edit costs time in
/// proportion to the history, so this bounds what an edit can cost. An edit that builds on this
/// much or more is void.
pub const HISTORY_WEIGHT_MAX: u64 = 2 << 20;

/// What an operation weighs besides the text in it: about its bytes in memory.
pub const OPERATION_WEIGHT: u64 = 16;

/// By how much one increment moves a counter, and how far from zero one begins. All increments
/// that fit all histories of one document add up to less than an `i64`: 2^17 operations (the
/// greatest history) of 2^12 devices, each 2^32, are 2^61. So sums never overflow.
pub const COUNTER_STEP_MAX: u64 = 1 << 32;

/// Bytes of a short field: a title, a category, a unit.
pub const SHORT_BYTES_MAX: usize = ledger::limits::NAME_BYTES_MAX;

/// Bytes of a field that is one line: what is needed, where.
pub const LINE_BYTES_MAX: usize = 1024;

/// Targets of a campaign, languages of a need.
pub const LIST_FIELD_MAX: usize = 32;

/// The greatest quantity of a need: what JSON carries exactly.
pub const QUANTITY_MAX: u64 = ledger::limits::INTEGER_MAX;
