//! Other nodes: where they are reached, when they are dialled again, who is refused for a while.

use std::collections::BTreeMap;

use log::{Hash, PeerId, Timestamp};
use minicbor::{Decode, Encode};
use rand_core::Rng;
use store::{Batch, Group, Key, Order, Store, StoreError, Table};

use crate::{
    io::Address,
    limits::{ADDRESS_BYTES_MAX, BAN_MS_MAX, BAN_MS_MIN, PEERS_MAX, REDIAL_MS_MAX, REDIAL_MS_MIN},
};

/// What is known of one other node.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Peer {
    /// Where it was reached, or said to be; the newest first.
    pub(crate) addresses: Vec<Address>,
    /// Whether a connection stands.
    pub(crate) connected: bool,
    dialing: bool,
    failures: u32,
    redial_at: Timestamp,
    offences: u32,
    banned_until: Timestamp,
}

/// All other nodes that are remembered.
#[derive(Debug, Default)]
pub(crate) struct Peers(BTreeMap<PeerId, Peer>);

#[derive(Encode, Decode)]
struct Kept {
    #[n(0)]
    peer: PeerId,
    #[n(1)]
    addresses: Vec<Address>,
}

impl Peers {
    /// Reads the peers that the store keeps.
    pub(crate) fn open(store: &impl Store) -> Result<Self, StoreError> {
        let all = 0..=u64::MAX;
        let found = store.scan(Table::Peers, &group(), all, Order::Ascending, PEERS_MAX)?;
        let kept = found.iter().filter_map(|(_, bytes)| log::decode::<Kept>(bytes).ok());
        Ok(Self(
            kept.map(|kept| {
                let peer = Peer { addresses: kept.addresses, ..Peer::default() };
                (kept.peer, peer)
            })
            .collect(),
        ))
    }

    pub(crate) fn get(&self, peer: &PeerId) -> Option<&Peer> {
        self.0.get(peer)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&PeerId, &Peer)> {
        self.0.iter()
    }

    /// A peer is, or is said to be, reached at `addresses`; to `batch` what keeps that.
    pub(crate) fn learn(
        &mut self,
        peer: &PeerId,
        addresses: impl IntoIterator<Item = Address>,
        batch: &mut Batch,
    ) {
        if !self.0.contains_key(peer) && self.0.len() >= PEERS_MAX {
            return;
        }
        let known = self.0.entry(peer.clone()).or_default();
        let before = known.addresses.clone();
        let fits = |address: &Address| !address.is_empty() && address.len() <= ADDRESS_BYTES_MAX;
        let mut news: Vec<_> = addresses.into_iter().filter(fits).collect();
        news.extend(before.iter().filter(|old| !news.contains(old)).cloned().collect::<Vec<_>>());
        news.truncate(sync::limits::ADDRESSES_MAX);
        let same = |a: &Address| before.contains(a);
        if news.len() != before.len() || !news.iter().all(same) {
            let kept = Kept { peer: peer.clone(), addresses: news.clone() };
            batch.put(key(peer), log::encode(&kept));
        }
        if known.addresses != news {
            known.addresses = news;
            known.redial_at = Timestamp::default();
        }
    }

    /// A connection stands.
    pub(crate) fn connected(&mut self, peer: &PeerId) {
        if self.0.len() < PEERS_MAX || self.0.contains_key(peer) {
            let known = self.0.entry(peer.clone()).or_default();
            (known.connected, known.dialing, known.failures) = (true, false, 0);
        }
    }

    /// The connection is gone; a peer without addresses is forgotten.
    pub(crate) fn disconnected(&mut self, peer: &PeerId, now: Timestamp, rng: &mut impl Rng) {
        if let Some(known) = self.0.get_mut(peer) {
            known.connected = false;
            known.back_off(now, rng);
            let nothing = known.addresses.is_empty() && known.banned_until <= now;
            if nothing {
                self.0.remove(peer);
            }
        }
    }

    /// A dial came to nothing.
    pub(crate) fn dial_failed(&mut self, peer: &PeerId, now: Timestamp, rng: &mut impl Rng) {
        if let Some(known) = self.0.get_mut(peer) {
            known.dialing = false;
            known.back_off(now, rng);
        }
    }

    /// A peer broke the protocol: it is refused for a growing while.
    pub(crate) fn ban(&mut self, peer: &PeerId, now: Timestamp) {
        if let Some(known) = self.0.get_mut(peer) {
            let ms = BAN_MS_MIN.saturating_mul(1 << known.offences.min(20)).min(BAN_MS_MAX);
            known.offences += 1;
            known.banned_until = now.plus_ms(ms);
        }
    }

    /// Whether a peer is refused.
    pub(crate) fn is_banned(&self, peer: &PeerId, now: Timestamp) -> bool {
        self.0.get(peer).is_some_and(|known| known.banned_until > now)
    }

    /// Forgets waiting: dial as soon as possible.
    pub(crate) fn hurry(&mut self, peer: &PeerId) {
        if let Some(known) = self.0.get_mut(peer) {
            known.redial_at = Timestamp::default();
        }
    }

    /// The addresses to dial, if it is time to; marks the peer as being dialled.
    pub(crate) fn dial(&mut self, peer: &PeerId, now: Timestamp) -> Option<Vec<Address>> {
        let known = self.0.get_mut(peer)?;
        if !known.may_dial() || known.dial_at() > now {
            return None;
        }
        known.dialing = true;
        Some(known.addresses.clone())
    }

    /// When a peer is to be dialled; none while it is connected, being dialled or has no address.
    pub(crate) fn dial_at(&self, peer: &PeerId) -> Option<Timestamp> {
        self.0.get(peer).filter(|known| known.may_dial()).map(Peer::dial_at)
    }
}

impl Peer {
    /// Whether a dial is under way.
    pub(crate) fn is_dialing(&self) -> bool {
        self.dialing
    }

    fn may_dial(&self) -> bool {
        !self.connected && !self.dialing && !self.addresses.is_empty()
    }

    fn dial_at(&self) -> Timestamp {
        self.redial_at.max(self.banned_until)
    }

    /// Doubles the wait, with up to half of it on top so that two nodes do not move in step.
    fn back_off(&mut self, now: Timestamp, rng: &mut impl Rng) {
        let ms = REDIAL_MS_MIN.saturating_mul(1 << self.failures.min(20)).min(REDIAL_MS_MAX);
        self.failures += 1;
        self.redial_at = now.plus_ms(ms + rng.next_u64() % (ms / 2 + 1));
    }
}

fn group() -> Group {
    Group::of(&[b"peers"])
}

fn key(peer: &PeerId) -> Key {
    let mut start = [0; 8];
    start.copy_from_slice(&Hash::of(peer.as_bytes()).as_bytes()[..8]);
    Key::new(Table::Peers, group(), u64::from_be_bytes(start))
}
