//! Limits of the charter, with their reasons. They are its rules: every node has the same.

use ledger::{Timestamp, charter_items::Invite, limits::LOGS_MAX};

/// Knocks that one invite is for, at most: a full hall on founding night. Whoever has a ticket
/// makes members' nodes keep so many knocks; who lets in more makes a second one.
pub const INVITE_KNOCKS_MAX: u32 = 100;

/// Days between an invite and its end, at most: a link that leaks opens nothing after a month.
pub const INVITE_DAYS_MAX: u32 = 30;

/// Logs in the past of an entry that still takes in a newcomer: half of what a journal can have, so
/// that those who do so at the same time stay below that together.
pub(crate) const LOGS_LET_IN_MAX: usize = LOGS_MAX / 2;

/// Devices that one device adds along its log, whatever it signs: a member has more by what these
/// add. Who forks their log may add as many along each branch that others name; what these come to
/// is bounded by the logs that a journal can have.
pub(crate) const ADDED_MAX: usize = 2;

/// How often a device may have been added by one that was added: a home that goes on with another
/// one each time its disk lost something does so for decades. With [`ADDED_MAX`] a member whose
/// logs do not fork comes to 511 devices at most, an eighth of the logs that a journal can have.
pub(crate) const DEPTH_MAX: u8 = 8;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Whether an invite in an entry with this stamp keeps to both (CHARTER 2). The stamp is its
/// author's claim, so what it bounds is how long a member can give out at once; that a ticket has
/// ended is asked by each node's own clock.
pub(crate) fn is_bounded(invite: &Invite, stamp: Timestamp) -> bool {
    let last = stamp.plus_ms(u64::from(INVITE_DAYS_MAX) * DAY_MS);
    invite.knocks_max <= INVITE_KNOCKS_MAX && invite.expires <= last
}
