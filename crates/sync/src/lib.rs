//! What two nodes say to each other: frames in, frames out (DESIGN 6).
//!
//! One stream stands between each pair of nodes. Its *session* knows what the other side has of
//! each space, from its hello, from what was sent, taken and receipted; whoever drives it (the
//! engine) asks it what to send next and tells it what was stored. A session judges no
//! membership and verifies no entry: it is told, for each space, what the peer may have.
//!
//! Knocks, by which a newcomer asks in, and tickets, by which they find whom to ask, are here too.

mod frame;
mod knock;
mod known;
pub mod limits;
mod session;
#[cfg(test)]
mod tests;
mod ticket;

pub use frame::{
    Answer, Frame, Frontiers, Heads, Hello, PeerAt, Peers, Receipt, SpaceRun, Version, VersionRange,
};
pub use knock::{KnockAnswer, KnockFrame};
pub use known::Known;
pub use session::{Access, Misbehaved, Session, Shared, Side, Traffic};
pub use ticket::{Contact, Ticket, TicketError};

use ledger::SpaceId;

/// Which of a space's two journals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Journal {
    /// What the space has decided about itself.
    Charter,
    /// What its members said and wrote.
    Content,
}

impl Journal {
    /// The journal's id in `space`.
    pub fn id(self, space: SpaceId) -> ledger::JournalId {
        match self {
            Self::Charter => space.charter_journal(),
            Self::Content => space.content_journal(),
        }
    }
}
