//! What an engine is told once.

use ledger::PeerId;

use crate::io::Address;

/// What an engine is told once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// This home's PeerId.
    pub peer: PeerId,
    /// Addresses that are told to others and put into tickets, beside those listened on.
    pub announce: Vec<Address>,
    /// A deliberate bug, in tests of tests only.
    #[cfg(feature = "sabotage")]
    pub sabotage: Option<crate::Sabotage>,
}

impl Config {
    /// The configuration of a home of this PeerId, without a deliberate bug.
    pub fn new(peer: PeerId, announce: Vec<Address>) -> Self {
        Self {
            peer,
            announce,
            #[cfg(feature = "sabotage")]
            sabotage: None,
        }
    }
}
