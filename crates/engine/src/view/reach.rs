//! Which nodes there are to talk with, where they are reached, and what is shared with them.

use std::collections::BTreeSet;

use ledger::{PeerId, SpaceId};
use store::Store;
use sync::Access;

use super::View;
use crate::{io::Address, links::is_local, sabotage::sabotaged, space::Space};

impl<S: Store> View<'_, S> {
    /// Nodes that any space wants to be connected with.
    pub(crate) fn wanted_peers(&self) -> BTreeSet<PeerId> {
        let wanted = self.spaces.values().flat_map(Space::wanted);
        wanted.filter(|peer| peer != self.config.peer()).collect()
    }

    /// Whether a node is one of these.
    pub(crate) fn is_wanted(&self, peer: &PeerId) -> bool {
        peer != self.config.peer() && self.spaces.values().any(|space| space.wants(peer))
    }

    /// Where this node is reached, for tickets and for peers.
    pub(crate) fn own_addresses(&self) -> Vec<Address> {
        let mut listening: Vec<_> =
            self.links.listening.iter().filter(|at| !is_local(at)).cloned().collect();
        if listening.is_empty() {
            listening = self.links.listening.clone();
        }
        self.config.announce.iter().cloned().chain(listening).collect()
    }

    /// Spaces that a peer may have, by the roll or by the ticket.
    pub(crate) fn spaces_shared_with(&self, peer: &PeerId) -> Vec<SpaceId> {
        let shared = |space: &&Space| self.access(space, peer).is_some();
        self.spaces.values().filter(shared).map(|space| space.id).collect()
    }

    /// What a peer may have of a space.
    pub(crate) fn access(&self, space: &Space, peer: &PeerId) -> Option<Access> {
        if sabotaged!(self.config, MembershipNotJudged) {
            return Some(Access::In);
        }
        space.access(peer)
    }
}
