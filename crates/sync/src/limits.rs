//! Limits on what a peer can say, with their reasons.

/// Bytes of one frame: the longest run and its wrapping.
pub const FRAME_BYTES_MAX: usize = ledger::limits::RUN_BYTES_MAX + 4096;

/// Spaces that two nodes can share: far more than one person's memberships.
pub const SPACES_MAX: usize = 64;

/// Bytes of a hello or an answer around what it tells of spaces: versions, numbers, lengths.
pub const HELLO_WRAPPING_BYTES: usize = 64;

// What is told of one space, both journals with as many logs as there can be, is no more than a
// frame: per log eight bytes of its device and its length, with a byte before each of the three.
const _: () = assert!(2 * ledger::limits::LOGS_MAX * 19 + 256 < FRAME_BYTES_MAX);

/// Logs that one receipt names: what a window's worth of runs can touch.
pub const RECEIPT_LOGS_MAX: usize = 512;

/// Items that are asked for at a time: four of each of as many authors as write at once.
pub const WANTED_MAX: usize = 64;

/// Heads of a charter, or lists of what is wanted, that are answered at once: far more than a node
/// tells, which waits for an answer to its heads, and asks for as many logs at once as it then lets
/// seconds pass.
pub const ASKED_AT_ONCE: u64 = 64;

/// Milliseconds after which one more is answered.
pub const ASKED_AGAIN_MS: u64 = 1_000;

/// Milliseconds without anything of a content of which a log forks, after which no more of it is on
/// its way: longer than a slow link takes to bring an answer.
pub const QUIET_MS: u64 = 3_000;

/// Nodes that one side tells the other of, for each space (DESIGN 6).
pub const PEERS_MAX: usize = 16;

/// Addresses of one node: two interfaces, two protocols, two families.
pub const ADDRESSES_MAX: usize = 8;

/// Bytes of one address as text.
pub const ADDRESS_BYTES_MAX: usize = 256;

/// Epochs whose secrets one answer to a knock seals to a newcomer: those owed (CHARTER 10), mostly
/// one.
pub const EPOCHS_MAX: usize = 16;

/// Contacts in a ticket: it must fit a QR code.
pub const CONTACTS_MAX: usize = 5;

/// Bytes of a ticket's text: what one QR code holds in its alphanumeric mode at low correction.
pub const TICKET_CHARS_MAX: usize = 4296;
