//! Those who do not keep to the rules: a member, and the holder of a ticket.
//!
//! A [`forger::Forger`] has a real home's keys and signs whatever it likes with them; a
//! [`speaker::Speaker`] stands on the network in the place of an engine and says whatever it is
//! given. Together they are a hostile node: all that is sent is signed and sealed as the protocol
//! wants it, and is what no engine of ours would write.

pub(crate) mod forger;
pub(crate) mod guest;
pub(crate) mod holder;
pub(crate) mod items;
pub(crate) mod mole;
pub(crate) mod speaker;
