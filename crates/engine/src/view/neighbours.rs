//! Who of a space is connected, who is missed, who was met and when.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Bounded, MemberId, PeerId, SpaceId, Timestamp};
use store::Store;
use sync::PeerAt;

use super::View;
use crate::{
    io::Address,
    limits::SOUGHT_MAX,
    links::{Peer, is_local},
};

/// Whom a node lacks of one space.
#[derive(Debug, Default)]
pub(crate) struct Lacking {
    /// How many more members are sought, until nodes of [`SOUGHT_MAX`] are connected or dialled.
    pub(crate) members: usize,
    /// The nodes of those members of whom one can be dialled now.
    pub(crate) due: Vec<Vec<PeerId>>,
    /// When the next one can be.
    pub(crate) next: Option<Timestamp>,
}

/// Whom a node can tell of in one space, each with addresses that the other side can use.
#[derive(Debug, Default)]
pub(crate) struct Acquaintances {
    /// Itself, if it is reached anywhere.
    pub(crate) own: Vec<PeerAt>,
    /// Those with whom a connection stands.
    pub(crate) connected: Vec<PeerAt>,
    /// Others whom it met.
    pub(crate) met: Vec<PeerAt>,
}

impl<S: Store> View<'_, S> {
    /// The other nodes of a space, by the member whose they are.
    fn others(&self, id: &SpaceId) -> BTreeMap<MemberId, Vec<PeerId>> {
        let Some(space) = self.spaces.get(id) else { return BTreeMap::new() };
        let roll = space.replica.roll();
        let mut others = BTreeMap::<_, Vec<_>>::new();
        for device in roll.devices_in().filter_map(|device| roll.devices.get(device)) {
            let peer = device.card.as_ref().map(|card| &card.peer);
            if let Some(peer) = peer.filter(|peer| *peer != self.config.peer()) {
                others.entry(device.member).or_default().push(peer.clone());
            }
        }
        others
    }

    /// Whom this node lacks of a space, where these are dialled in any case.
    pub(crate) fn lacking(&self, id: &SpaceId, dialed: &BTreeSet<PeerId>) -> Lacking {
        let (mut found, mut lacking) = (0, Lacking::default());
        for (_, mut nodes) in self.others(id) {
            let is_there = |peer: &PeerId| {
                let known = self.links.peers.get(peer);
                let there = known.is_some_and(|known| known.connected || known.is_dialing());
                there || dialed.contains(peer)
            };
            if nodes.iter().any(is_there) {
                found += 1;
                continue;
            }
            nodes.retain(|peer| match self.links.peers.dial_at(peer) {
                Some(at) if at > self.now => {
                    lacking.next = Some(lacking.next.map_or(at, |next| next.min(at)));
                    false
                }
                at => at.is_some(),
            });
            if !nodes.is_empty() {
                lacking.due.push(nodes);
            }
        }
        lacking.members = SOUGHT_MAX.saturating_sub(found);
        lacking.next = lacking.next.filter(|_| lacking.members > 0);
        lacking
    }

    /// Of the nodes of a space that could be dialled those that were met longest ago.
    pub(crate) fn met_longest_ago(&self, id: &SpaceId) -> Vec<PeerId> {
        let nodes = self.others(id).into_values().flatten();
        let idle = nodes.filter(|peer| self.links.peers.dial_at(peer).is_some());
        most(idle, |peer| Some(std::cmp::Reverse(self.links.peers.get(peer)?.met.at)))
    }

    /// Of the connected nodes of a space that are not missed those that were met most often; none
    /// while there are no more than are sought.
    pub(crate) fn met_most_often(&self, id: &SpaceId, kept: &PeerId) -> Vec<PeerId> {
        let nodes = self.others(id).into_values().flatten();
        let others = nodes.filter(|peer| peer != kept && self.is_dispensable(peer));
        most(others, |peer| self.links.peers.get(peer).map(|known| known.met.times))
    }

    /// Whether a connected node is one more than are sought, wherever something is shared with it.
    pub(crate) fn is_dispensable(&self, peer: &PeerId) -> bool {
        let shared = self.spaces_shared_with(peer);
        let asked = self.spaces.values().any(|space| space.asked().any(|asked| asked == peer));
        let many = |id: &SpaceId| {
            let members = self.others(id).into_values();
            let is_there = |nodes: &Vec<PeerId>| {
                nodes.iter().any(|other| other != peer && self.links.is_connected(other))
            };
            members.filter(is_there).take(SOUGHT_MAX).count() == SOUGHT_MAX
        };
        self.links.is_connected(peer) && !asked && !shared.is_empty() && shared.iter().all(many)
    }

    /// Whom a peer, or for a ticket whoever has it, can be told of: without itself, and without
    /// what it cannot reach.
    pub(crate) fn acquaintances(&self, space: SpaceId, to: Option<&PeerId>) -> Acquaintances {
        let own = self.own_addresses();
        let near = match to {
            Some(peer) => self.links.peers.is_here(peer),
            // A ticket is for this machine if nothing else is listened on.
            None => own.iter().all(|at| is_local(at)),
        };
        let at = |peer: &PeerId, addresses: Vec<Address>| {
            let reached = addresses.into_iter().filter(|at| near || !is_local(at));
            let addresses = Bounded::first_of(reached.filter_map(|at| at.try_into().ok()));
            let is_told = Some(peer) != to && !addresses.is_empty();
            is_told.then(|| PeerAt { peer: peer.clone(), addresses })
        };
        let own = at(self.config.peer(), own).into_iter().collect();
        let mut found = Acquaintances { own, ..Acquaintances::default() };
        for peer in self.others(&space).into_values().flatten() {
            let Some(known) = self.links.peers.get(&peer) else { continue };
            let list = match known {
                Peer { connected: true, .. } => &mut found.connected,
                known if known.met.ever() => &mut found.met,
                _ => continue,
            };
            list.extend(at(&peer, known.proved()));
        }
        found
    }
}

/// Those of which `rank` is the greatest.
fn most<R: Ord>(
    peers: impl Iterator<Item = PeerId>,
    rank: impl Fn(&PeerId) -> Option<R>,
) -> Vec<PeerId> {
    let mut ranked: Vec<_> = peers.filter_map(|peer| Some((rank(&peer)?, peer))).collect();
    ranked.sort_by(|one, other| other.0.cmp(&one.0));
    let first = ranked.iter().position(|one| one.0 != ranked[0].0).unwrap_or(ranked.len());
    ranked.into_iter().take(first).map(|(_, peer)| peer).collect()
}
