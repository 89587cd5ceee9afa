//! What two nodes say to each other: frames in, frames out (DESIGN 6).
//!
//! One stream stands between each pair of nodes. Its *session* knows what the other side has of
//! each space, from its hello, from what was sent, taken and receipted; whoever drives it (the
//! engine) asks it what to send next and tells it what was stored. A session judges no
//! membership and verifies no entry: it is told, for each space, what the peer may have.
//!
//! Knocks, by which a newcomer asks in, and tickets, by which they find whom to ask, are here too.

mod budget;
mod frame;
mod knock;
mod known;
pub mod limits;
mod session;
mod shared;
#[cfg(test)]
mod tests;
mod ticket;

pub use budget::Budget;
pub use frame::{
    Fork, Frame, Frontiers, Heads, Hello, HelloAnswer, Later, PeerAt, Peers, Receipt, SpaceNewer,
    SpaceRun, Version, VersionRange, Wanted,
};
pub use knock::{KnockAnswer, KnockError, KnockFrame, Knocking};
pub use known::Known;
pub use session::{Misbehaved, Session, Side, Traffic};
pub use shared::{Access, Owed, Shared};
pub use ticket::{Contact, Ticket, TicketError};
