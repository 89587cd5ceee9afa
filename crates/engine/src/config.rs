//! What an engine is told once.

use std::sync::Arc;

use ledger::{NodeKey, PeerId};

use crate::io::Address;

/// What an engine is told once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// This home's node key: what it is on the network, and what signs its cards. It stands in
    /// memory once.
    pub key: Arc<NodeKey>,
    /// Addresses that are told to others and put into tickets, beside those listened on.
    pub announce: Vec<Address>,
    /// A deliberate bug, in tests of tests only.
    #[cfg(feature = "sabotage")]
    pub sabotage: Option<crate::Sabotage>,
}

impl Config {
    /// The configuration of a home of this node key, without a deliberate bug.
    pub fn new(key: impl Into<Arc<NodeKey>>, announce: Vec<Address>) -> Self {
        Self {
            key: key.into(),
            announce,
            #[cfg(feature = "sabotage")]
            sabotage: None,
        }
    }

    /// This home's PeerId.
    pub fn peer(&self) -> &PeerId {
        self.key.peer_id()
    }
}
