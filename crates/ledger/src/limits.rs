//! Every limit on what a peer can make a node keep or work on, with its reason.

/// Bytes of one entry, header and body: fits one frame, and a Raspberry Pi holds a few at once.
pub const ENTRY_BYTES_MAX: usize = 256 * 1024;

/// Bytes of a header: `HEADS_MAX` heads and room for the rest.
pub const HEADER_BYTES_MAX: usize = 10 * 1024;

/// Bytes of a body: what an entry leaves beside the largest header.
pub const BODY_BYTES_MAX: usize = ENTRY_BYTES_MAX - HEADER_BYTES_MAX;

/// Heads of one charter entry. With more tips than this an author names the first of them, and
/// the rest in the next entry.
pub const HEADS_MAX: usize = 256;

/// Entries in a run: every 64th signature is kept, so a run never needs to be longer.
pub const RUN_ENTRIES_MAX: usize = 64;

/// A body longer than this keeps the signature of its entry, so that a run stays small.
pub const UNSIGNED_BODY_BYTES_MAX: usize = 4 * 1024;

/// Bytes of an encoded run: the entries whose signatures are not kept, and one large one.
pub const RUN_BYTES_MAX: usize =
    ENTRY_BYTES_MAX + RUN_ENTRIES_MAX * (UNSIGNED_BODY_BYTES_MAX + 256);

/// Logs in a journal, so devices that a space ever had: ten times the largest branch we know.
pub const LOGS_MAX: usize = 4096;

/// Items in one body.
pub const ITEMS_MAX: usize = 1024;

/// Members, devices or acts that one charter item names.
pub const NAMED_MAX: usize = 1024;

/// Operations of one edit (DESIGN 7).
pub const EDIT_OPERATIONS_MAX: usize = 1000;

/// Edits that one edit builds on: the concurrent heads of one document.
pub const EDIT_HEADS_MAX: usize = 64;

/// Bytes of a text value in a document, of a post and of a text splice.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Bytes of a name: of a member, a space, a field of a document.
pub const NAME_BYTES_MAX: usize = 256;

/// Bytes of an IANA zone or a BCP 47 language tag.
pub const TAG_BYTES_MAX: usize = 64;

/// Bytes of a PeerId: an identity multihash of an ed25519 key has 38, a hash 34.
pub const PEER_ID_BYTES_MAX: usize = 64;

/// Bytes of a small sealed thing: a box, an encrypted name, an encrypted secret.
pub const SEALED_BYTES_MAX: usize = 4 * 1024;

/// Milliseconds by which a stamp may be ahead of the clock of whoever reads it: more than clocks
/// are off that somebody looks at. One that is further ahead is doubtful (DESIGN 5).
pub const STAMP_AHEAD_MS_MAX: u64 = 10 * 60 * 1000;

/// The greatest sequence number and stamp: what JSON carries exactly.
pub const INTEGER_MAX: u64 = (1 << 53) - 1;
