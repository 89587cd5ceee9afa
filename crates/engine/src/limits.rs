//! Limits of a node, with their reasons.

/// Bytes of one frame of any stream.
pub const FRAME_BYTES_MAX: usize = sync::limits::FRAME_BYTES_MAX;

/// Bytes of a network address as text.
pub const ADDRESS_BYTES_MAX: usize = sync::limits::ADDRESS_BYTES_MAX;

/// Bytes handed to a stream and not yet sent: enough to fill a link of 100 Mbit/s at 80 ms.
pub const WINDOW_BYTES: usize = 1024 * 1024;

/// Bytes handed to a stream and not yet sent, of all kinds: a peer that asks and does not read the
/// answers is given up. Four windows, for answers and receipts come on top of what is pumped.
pub const UNSENT_BYTES_MAX: usize = 4 * WINDOW_BYTES;

/// Entries, waiting items or documents that one slice reads: some milliseconds of work.
pub const SLICE_ITEMS: usize = 64;

/// Nodes whose addresses are remembered: sixteen for each of as many spaces as a person has.
pub const PEERS_MAX: usize = 1024;

/// Strangers who broke the protocol and are remembered for it: keys cost nothing, so a longer list
/// would keep out nobody else.
pub const STRANGERS_MAX: usize = 256;

/// Addresses of one node that others told of: half, so that what it says itself has room.
pub const HEARSAY_MAX: usize = sync::limits::ADDRESSES_MAX / 2;

/// Addresses that a node says of itself and that are not where its connection comes from: a name,
/// and one of the other family.
pub const CLAIMED_MAX: usize = 2;

/// Dials in a row that come to nothing, after which what others told of a node is forgotten: with
/// the longest wait between two that is some three hours.
pub const HEARSAY_FAILURES_MAX: u32 = 40;

/// Milliseconds between two writes of what others told of one node.
pub const HEARSAY_WRITE_MS: u64 = 60 * 1_000;

/// Milliseconds before a peer that did not answer is dialled again, doubled each time.
pub const REDIAL_MS_MIN: u64 = 1_000;

/// The longest wait before a peer is dialled again.
pub const REDIAL_MS_MAX: u64 = 5 * 60 * 1_000;

/// The longest wait before a peer is dialled again that was met lately; with what is added to each
/// wait no more than thirty seconds (DESIGN 6).
pub const REDIAL_MET_MS_MAX: u64 = 20 * 1_000;

/// Milliseconds for which a meeting is lately: a day.
pub const LATELY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Members of each space whom a node seeks to be connected with (DESIGN 6): with so many, drawn
/// anew all the time, a group of some thousand holds together.
pub const SOUGHT_MAX: usize = 8;

/// Milliseconds between two tries of whom a node met longest ago (DESIGN 6).
pub const TURN_MS: u64 = 60 * 1_000;

/// Connections over which a node turns away who is not missed (DESIGN 6).
pub const CONNECTIONS_FULL: usize = 32;

/// Milliseconds for which who was turned away is not let in again while there is no room.
pub const TURNED_AWAY_MS: u64 = 5 * 60 * 1_000;

/// Milliseconds that who is turned away has to read whom to try in this one's place.
pub const LEAVE_MS: u64 = 1_000;

/// Milliseconds that the node with the larger PeerId leaves to the other to open their stream: some
/// round trips of a bad link.
pub const OPEN_SECOND_MS: u64 = 2_000;

/// Milliseconds after which the peer knows of a stream, however bad the link.
pub const OPEN_KNOWN_MS: u64 = 15_000;

/// Milliseconds before a stream that ended is opened again, doubled each time.
pub const REOPEN_MS_MIN: u64 = 1_000;

/// The longest wait before a stream is opened again.
pub const REOPEN_MS_MAX: u64 = 60 * 1_000;

/// Milliseconds after which a stream has lasted, and waiting begins anew.
pub const STEADY_MS: u64 = 60 * 1_000;

/// Milliseconds that a peer has to say something of a space that it was told of, before it is taken
/// for one that has not heard that this home is in: some round trips of a bad link, and a flush.
pub const SILENT_MS: u64 = 3_000;

/// Milliseconds for which a peer is refused after it broke the protocol, doubled each time.
pub const BAN_MS_MIN: u64 = 10_000;

/// The longest such refusal.
pub const BAN_MS_MAX: u64 = 24 * 60 * 60 * 1_000;

/// Milliseconds between two askings of a contact that has the knock.
pub const KNOCK_AGAIN_MS: u64 = 15_000;

/// Milliseconds before a contact that says that the ticket has ended is asked again: its clock may
/// be wrong, and be set right.
pub const ENDED_AGAIN_MS: u64 = 60 * 60 * 1_000;

/// The longest random wait before a node gives a seal that somebody else could give as well.
pub const SEAL_WAIT_MS_MAX: u64 = 3_000;

/// Milliseconds without anything new after which charters are compared whose digests differ: more
/// than a slow link takes to bring what is on its way.
pub const COMPARE_MS: u64 = 1_000;

/// Charter logs of which it is told that an entry builds on what is not here: more than a person
/// reads.
pub const MISSING_MAX: usize = 64;

/// The longest wait before the same is asked for once more, of content logs with many branches.
pub const WANTED_MS_MAX: u64 = 10 * 60 * 1_000;

/// Milliseconds for which nobody who comes, and nothing that begins to wait, is a reason to ask
/// sooner.
pub const WANTED_HURRY_MS: u64 = 60 * 1_000;

/// Such logs of which something is asked for at a time: for each a frame goes to everybody who
/// shares the space. The next ones are asked about the next time, after a second for each frame.
pub const WANTED_LOGS_MAX: usize = 8;

/// Branches of such logs that one peer may bring before one of them holds what was asked for: as
/// many as one entry can be behind that are not here.
pub const BROUGHT_MAX: usize = replica::limits::BRANCHES_MAX;

/// Content logs of which places are told in answer to one frame of heads: each costs up to
/// [`replica::limits::HEADS_LOOKED_UP_MAX`] entries that are read and a frame. More forks than that
/// come next time.
pub const PLACES_TOLD_MAX: usize = 64;

/// Proofs of forks that are sent in answer to one frame of heads; more come with the next.
pub const PROOFS_MAX: usize = 256;

/// Milliseconds after which a charter is settled again that could not be, as on a full disk.
pub const SETTLE_AGAIN_MS: u64 = 10_000;

/// Milliseconds for which what the store refused is left, unless something else is written before:
/// as seldom as costs nothing, and soon enough for who made room on a full disk and looks.
pub const STALLED_MS: u64 = 10_000;

/// Answers kept for requests that are repeated.
pub const REQUESTS_MAX: u64 = 1_000;

/// Bytes of a request id.
pub const REQUEST_ID_BYTES_MAX: usize = 64;

/// Streams that one peer has open at a time: one to sync, one to knock, and one of each that is
/// about to close because both sides opened one.
pub const STREAMS_PER_PEER_MAX: usize = 4;

/// Days that an invite lasts, at most, and knocks that one takes: what the charter lets count, for
/// with more it would be void.
pub use charter::limits::{INVITE_DAYS_MAX, INVITE_KNOCKS_MAX};

/// Entries that are read before a query is answered, some ten milliseconds of work; with more
/// than this to read the answer says how much is unread.
pub(crate) const READ_AT_ONCE_MAX: usize = 256;

/// Milliseconds of a day.
pub const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Bytes of content that are taken of one member in a day unasked: a full day of writing and an
/// import, and of forty members at once no more than a disk has in a year.
pub const CONTENT_SHARE: i64 = 32_000_000;

/// Bytes of charter that are taken of one member in a day unasked: some thousand acts.
pub const CHARTER_SHARE: i64 = 1_000_000;

/// Days of charter that are heard of one member over their share, so that what others name of it is
/// taken: as much as all that is heard may take up. Who writes and an accomplice who names it gain
/// so much once.
pub const CHARTER_DAYS_HEARD: i64 = 16;

/// Days of content that are taken of one member over their share because others build on it.
pub const CONTENT_DAYS_OWED: i64 = 8;

/// How many times smaller text is when it is packed: what unpacks to more counts so much.
pub const PACKED: u64 = 4;

/// What an entry costs of its author's share beside its body: its header, its signature and the
/// rows that say where it stands.
pub const ENTRY_COST: u64 = 512;

/// Milliseconds away for which shares grow on, at once: a strike or a summer, and not years by a
/// wrong clock.
pub const AWAY_MS_MAX: u64 = 60 * DAY_MS;

/// Milliseconds without anybody met after which a node was away.
pub const AWAY_MS_MIN: u64 = 10 * 60 * 1_000;

/// Milliseconds for which a newcomer takes all after they first had what others had: of those who
/// came in together some are reached before one who has it all.
pub const JOINING_MS_MIN: u64 = 10 * 60 * 1_000;

/// Parts of a share of which each is kept when it is used up: as few writes as cost nothing, and
/// what a node that is killed gives once more is little.
pub const KEPT_PARTS: i64 = 32;

/// Milliseconds before what is over a share is asked for again, at least.
pub const SHARE_AGAIN_MS: u64 = 60 * 60 * 1_000;

/// Milliseconds for which all is taken of a member of whom a person wants all.
pub const TAKING_MS: u64 = DAY_MS;

/// Milliseconds between two looks through all that is kept for what is damaged: each costs a read
/// of every entry, and finds nothing new where a disk goes on failing.
pub const LOOK_THROUGH_MS: u64 = 10 * 60 * 1_000;

/// Milliseconds for which a node that has just started waits to meet others before it goes on with
/// another device, where it lost something of its own that they may have: as long as two nodes that
/// know each other take to meet, several times over.
pub const COMES_BACK_MS: u64 = 30_000;

/// Milliseconds after which a node that has another address tries once more, at once, whom it could
/// not reach.
pub const MOVED_MS: u64 = 10_000;

/// Milliseconds after which what was told is kept: what was told in them is told again after a
/// crash.
pub(crate) const KEEP_TOLD_MS: u64 = 5_000;

/// Cursors that are passed over at a start: of the last notices before it the index may know
/// nothing, nor the entry file, which is told of them some at a time; and who heard them is not to
/// be told others under their numbers.
pub const CURSORS_LOST_MAX: u64 = 10_000;
