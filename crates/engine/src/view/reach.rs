//! Which nodes there are to talk with, where they are reached, and what is shared with them.

use std::collections::BTreeSet;

use ledger::{Bounded, PeerId, SpaceId};
use store::Store;
use sync::{Access, PeerAt};

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

    /// This node's addresses and those of others, as contacts of a space: the first `N`. For a
    /// peer, without itself and what it cannot reach; for a ticket, what others can, if anything.
    pub(crate) fn contacts<const N: usize>(
        &self,
        space: SpaceId,
        to: Option<&PeerId>,
    ) -> Bounded<PeerAt, N> {
        let mut contacts = Vec::new();
        let own = (self.config.peer(), self.own_addresses());
        let near = match to {
            Some(peer) => self.links.peers.is_here(peer),
            None => own.1.iter().all(|at| is_local(at)),
        };
        let others = self.spaces.get(&space).into_iter().flat_map(|space| {
            let peers = space.replica.roll().peers_in().filter(|peer| *peer != self.config.peer());
            peers.filter_map(|peer| Some((peer, self.links.peers.get(peer)?.proved())))
        });
        for (peer, addresses) in std::iter::once(own).chain(others.collect::<Vec<_>>()) {
            let reached = addresses.into_iter().filter(|at| near || !is_local(at));
            let addresses = Bounded::first_of(reached.filter_map(|at| at.try_into().ok()));
            if Some(peer) != to && !addresses.is_empty() {
                contacts.push(PeerAt { peer: peer.clone(), addresses });
            }
        }
        Bounded::first_of(contacts)
    }
}
