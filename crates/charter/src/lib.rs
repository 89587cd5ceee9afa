//! What a space has decided about itself: a pure function of its charter's entries (CHARTER).
//!
//! [`Charter`] takes entries that are verified already and answers what they come to: a
//! [`Roll`], at everything that is here or at the past of any entry. Whatever the order in which
//! entries arrive, the same entries give the same roll.

mod charter;
mod clock;
mod counting;
mod fold;
mod guests;
mod history;
pub mod limits;
mod refused;
mod roll;
mod settle;
mod tally;
mod words;
mod work;

pub use charter::{Charter, Explained, HeldActs, Vouch};
pub use counting::needed;
pub use refused::Refused;
pub use roll::{ActState, Device, InviteState, KnockState, Member, RekeyState, Roll, Standing};
pub use settle::Settled;
pub use words::charter_words;
pub use work::Work;

#[cfg(test)]
mod tests;
