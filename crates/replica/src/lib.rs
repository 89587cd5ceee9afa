//! One space's entries on one node: verified, stored, folded into a roll, served.
//!
//! A run that a peer sends is checked here and nowhere else: chain and signature, who may begin a
//! log, whether the roll knows the device. What passes is stored, and only then counts as had.
//! Nothing is read here: a body of the content journal is opaque, so a mirror runs this and no
//! more. The charter journal is always *closed*: an entry is taken only when its whole past is
//! there, which holds for whoever is sent a charter in its sender's order of arrival.

mod charter_store;
mod guests;
mod heard;
pub mod limits;
mod logs;
mod newer;
mod proofs;
mod refused;
mod replica;
mod stored;
#[cfg(test)]
mod tests;

pub use charter_store::Arrival;
pub use guests::Guest;
pub use logs::{Branch, Log, LookThrough, Loss};
pub use refused::{Refused, TakeError};
pub use replica::{Changes, Door, Replica, Taken, look_through, look_through_charter};
pub use stored::Stored;
