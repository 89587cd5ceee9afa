//! What an engine is told once.

use ledger::{NodeKey, PeerId};

use crate::{gate::Sabotage, io::Address};

/// What an engine is told once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// This home's node key: what it is on the network, and what signs its cards.
    pub key: NodeKey,
    /// Addresses that are told to others and put into tickets, beside those listened on.
    pub announce: Vec<Address>,
    /// A deliberate bug, in tests of tests only.
    pub sabotage: Option<Sabotage>,
}

impl Config {
    /// This home's PeerId.
    pub fn peer(&self) -> &PeerId {
        self.key.peer_id()
    }

    /// Whether this bug was asked for.
    pub(crate) fn is(&self, sabotage: Sabotage) -> bool {
        self.sabotage == Some(sabotage)
    }
}
