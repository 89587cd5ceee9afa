//! What an engine is told once.

use ledger::PeerId;

use crate::{gate::Sabotage, io::Address};

/// What an engine is told once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// This home's PeerId.
    pub peer: PeerId,
    /// Addresses that are told to others and put into tickets, beside those listened on.
    pub announce: Vec<Address>,
    /// A deliberate bug, in tests of tests only.
    pub sabotage: Option<Sabotage>,
}

impl Config {
    /// Whether this bug was asked for.
    pub(crate) fn is(&self, sabotage: Sabotage) -> bool {
        self.sabotage == Some(sabotage)
    }
}
