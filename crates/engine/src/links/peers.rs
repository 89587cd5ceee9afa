//! Other nodes: where they are reached, when they are dialled again, who is refused for a while.
//!
//! Nodes that a space wants and strangers are kept apart, so that keys that cost nothing take no
//! room from those who matter. Of strangers only two things are remembered: that they are
//! connected, which the network bounds, and that they broke the protocol, for the last
//! [`STRANGERS_MAX`] who did.

mod addresses;
mod local;
mod met;

use std::collections::BTreeMap;

use ledger::{Hash, PeerId, Timestamp};
use minicbor::{Decode, Encode};
use rand_core::Rng;
use store::{Batch, Direction, Group, Key, Store, StoreError, Table};

pub(crate) use addresses::Source;
pub use local::is_local;
use local::{is_loopback, place};

use crate::{
    io::Address,
    limits::{
        BAN_MS_MAX, BAN_MS_MIN, HEARSAY_FAILURES_MAX, HEARSAY_WRITE_MS, PEERS_MAX,
        REDIAL_MET_MS_MAX, REDIAL_MS_MAX, REDIAL_MS_MIN, STRANGERS_MAX,
    },
};
use addresses::Addresses;
use met::Met;

/// What is known of one other node.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Peer {
    /// Whether a connection stands.
    pub(crate) connected: bool,
    /// The place that its connection comes from, without a port.
    from: String,
    /// Whether this node dialled it, so that it is not turned away.
    pub(crate) dialed: bool,
    pub(crate) met: Met,
    addresses: Addresses,
    /// Whether the store has other addresses than these.
    unwritten: bool,
    written_at: Timestamp,
    dialing: bool,
    failures: u32,
    redial_at: Timestamp,
    offences: u32,
    offended_at: Timestamp,
    banned_until: Timestamp,
}

/// All other nodes that are remembered.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    /// Nodes that a space wants, or wanted.
    wanted: BTreeMap<PeerId, Peer>,
    /// All others: those that are connected, and the last [`STRANGERS_MAX`] who broke the protocol.
    strangers: BTreeMap<PeerId, Peer>,
    /// Whether whom to dial may be others since this was asked.
    changed: bool,
}

#[derive(Encode, Decode)]
struct StoredPeer {
    #[n(0)]
    peer: PeerId,
    #[n(1)]
    addresses: Addresses,
    #[n(2)]
    met: Option<Met>,
}

impl Peers {
    /// Reads the peers that the store keeps.
    pub(crate) fn open(store: &impl Store) -> Result<Self, StoreError> {
        let all = 0..=u64::MAX;
        let found = store.scan(Table::Peers, &group(), all, Direction::Ascending, PEERS_MAX)?;
        let kept = found.iter().filter_map(|(_, bytes)| ledger::decode::<StoredPeer>(bytes).ok());
        let known = |kept: StoredPeer| {
            let (addresses, met) = (kept.addresses, kept.met.unwrap_or_default());
            (kept.peer, Peer { addresses, met, ..Peer::default() })
        };
        let wanted = kept.map(known).collect();
        Ok(Self { wanted, strangers: BTreeMap::new(), changed: true })
    }

    /// Those who are wanted may be others.
    pub(crate) fn look_again(&mut self) {
        self.changed = true;
    }

    /// Whether whom to dial may be others since this was asked.
    pub(crate) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    pub(crate) fn get(&self, peer: &PeerId) -> Option<&Peer> {
        self.wanted.get(peer).or_else(|| self.strangers.get(peer))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&PeerId, &Peer)> {
        self.wanted.iter().chain(&self.strangers)
    }

    /// What was to be kept of peers may not have been.
    pub(crate) fn write_again(&mut self) {
        self.wanted.values_mut().for_each(|known| known.unwritten = true);
    }

    /// A peer that a space wants is, or is said to be, reached at `addresses`; to `batch` what
    /// keeps that. Says nothing of when it is dialled: who tells of addresses decides no haste.
    pub(crate) fn learn(
        &mut self,
        peer: &PeerId,
        source: Source,
        addresses: impl IntoIterator<Item = Address>,
        now: Timestamp,
        batch: &mut Batch,
    ) {
        if !self.want(peer, batch) {
            return;
        }
        let Some(known) = self.wanted.get_mut(peer) else { return };
        let news = known.addresses.learn(source, addresses);
        (known.unwritten, self.changed) = (known.unwritten | news, self.changed | news);
        // Hearsay that flutters must not wear out the disk; lost, it is heard again.
        let again = known.written_at.plus_ms(HEARSAY_WRITE_MS);
        let waits =
            source == Source::Heard && known.written_at != Timestamp::default() && now < again;
        if known.unwritten && !waits {
            known.keep(peer, now, batch);
        }
    }

    /// `teller` says where a peer is reached. What it says of itself is told on where its
    /// connection comes from just there, and else only dialled; what it says of others is hearsay.
    /// So nobody has members dial a stranger's machine, but for those whom they tell themselves.
    pub(crate) fn hear(
        &mut self,
        teller: &PeerId,
        peer: &PeerId,
        addresses: Vec<Address>,
        now: Timestamp,
        batch: &mut Batch,
    ) {
        let told = addresses.into_iter().filter(|at| self.may_tell(teller, at));
        let from = self.get(teller).filter(|known| known.connected && teller == peer);
        let is_there = |at: &Address| from.is_some_and(|known| known.from == place(at));
        let (said, other): (Vec<_>, Vec<_>) = told.partition(is_there);
        let source = if from.is_some() { Source::Claimed } else { Source::Heard };
        self.learn(peer, Source::Said, said, now, batch);
        self.learn(peer, source, other, now, batch);
    }

    /// Whether `teller` may say that somebody is reached at `address`: at one that leads to this
    /// very machine or link only who is on this machine.
    pub(crate) fn may_tell(&self, teller: &PeerId, address: &str) -> bool {
        !is_local(address) || self.is_here(teller)
    }

    /// Whether a peer is connected, and is on this machine.
    pub(crate) fn is_here(&self, peer: &PeerId) -> bool {
        self.get(peer).is_some_and(|known| known.connected && is_loopback(&known.from))
    }

    /// A connection stands, with a node that a space wants, or with a stranger.
    pub(crate) fn connected(&mut self, peer: &PeerId, wanted: bool, from: &str, batch: &mut Batch) {
        self.changed = true;
        if wanted {
            self.want(peer, batch);
        }
        let known = match self.wanted.get_mut(peer) {
            Some(known) => known,
            None => self.strangers.entry(peer.clone()).or_default(),
        };
        (known.connected, known.from) = (true, place(from));
        (known.dialed, known.dialing) = (known.dialing, false);
    }

    /// A session or a knock was answered: the peer is of use, so its back-off begins anew. A
    /// connection alone does not say so much.
    pub(crate) fn proved(&mut self, peer: &PeerId, now: Timestamp, batch: &mut Batch) {
        let Some(known) = self.wanted.get_mut(peer) else { return };
        known.failures = 0;
        if known.met.begins(now) {
            known.keep(peer, now, batch);
        }
    }

    /// The connection is gone; a peer of whom there is nothing to remember is forgotten.
    pub(crate) fn disconnected(&mut self, peer: &PeerId, now: Timestamp, rng: &mut impl Rng) {
        self.changed = true;
        if let Some(known) = self.get_mut(peer) {
            (known.connected, known.dialed) = (false, false);
            known.met.ends(now);
            known.back_off(now, rng);
            if known.addresses.is_empty() && known.offences_at(now) == 0 {
                self.wanted.remove(peer);
                self.strangers.remove(peer);
            }
        }
        self.sweep(now);
    }

    /// A dial came to nothing. Where somebody else answered, `wrong`, the peer is not; and what
    /// others said of it is forgotten once it has failed often: who meets it says so again.
    pub(crate) fn dial_failed(
        &mut self,
        peer: &PeerId,
        wrong: Option<&str>,
        now: Timestamp,
        rng: &mut impl Rng,
        batch: &mut Batch,
    ) {
        self.changed = true;
        let Some(known) = self.get_mut(peer) else { return };
        known.dialing = false;
        known.back_off(now, rng);
        let mut fewer = wrong.is_some_and(|wrong| known.addresses.forget(wrong));
        fewer |= known.failures >= HEARSAY_FAILURES_MAX && known.addresses.forget_hearsay();
        if fewer && let Some(known) = self.wanted.get_mut(peer) {
            known.keep(peer, now, batch);
        }
    }

    /// A peer broke the protocol: it is refused for a growing while.
    pub(crate) fn ban(&mut self, peer: &PeerId, now: Timestamp) {
        let known = match self.wanted.get_mut(peer) {
            Some(known) => known,
            None => self.strangers.entry(peer.clone()).or_default(),
        };
        known.offences = known.offences_at(now).saturating_add(1);
        known.offended_at = now;
        known.banned_until = now.plus_ms(ban_ms(known.offences));
        self.sweep(now);
    }

    /// Whether a peer is refused.
    pub(crate) fn is_banned(&self, peer: &PeerId, now: Timestamp) -> bool {
        self.get(peer).is_some_and(|known| known.banned_until > now)
    }

    /// Forgets waiting: dial as soon as possible.
    pub(crate) fn hurry(&mut self, peer: &PeerId) {
        self.changed = true;
        if let Some(known) = self.get_mut(peer) {
            known.redial_at = Timestamp::default();
        }
    }

    /// The addresses to dial, if it is time to; marks the peer as being dialled.
    pub(crate) fn dial(&mut self, peer: &PeerId, now: Timestamp) -> Option<Vec<Address>> {
        let known = self.get_mut(peer)?;
        if !known.may_dial() || known.dial_at() > now {
            return None;
        }
        known.dialing = true;
        Some(known.addresses())
    }

    /// When a peer is to be dialled; none while it is connected, being dialled or has no address.
    pub(crate) fn dial_at(&self, peer: &PeerId) -> Option<Timestamp> {
        self.get(peer).filter(|known| known.may_dial()).map(Peer::dial_at)
    }

    fn get_mut(&mut self, peer: &PeerId) -> Option<&mut Peer> {
        self.wanted.get_mut(peer).or_else(|| self.strangers.get_mut(peer))
    }

    /// Takes a peer among the wanted; whether there is room.
    fn want(&mut self, peer: &PeerId, batch: &mut Batch) -> bool {
        if self.wanted.contains_key(peer) {
            return true;
        }
        if self.wanted.len() >= PEERS_MAX {
            let idle = self.wanted.iter().filter(|(_, one)| one.failures > 0 && one.is_idle());
            // Whom this node has failed to reach most often makes room.
            let Some(least) = idle.max_by_key(|(_, one)| one.failures).map(|(id, _)| id.clone())
            else {
                return false;
            };
            self.wanted.remove(&least);
            batch.remove(key(&least));
        }
        let known = self.strangers.remove(peer).unwrap_or_default();
        self.wanted.insert(peer.clone(), known);
        true
    }

    /// Forgets strangers whose offences are over, and, of too many, whose were longest ago.
    fn sweep(&mut self, now: Timestamp) {
        self.strangers.retain(|_, one| one.connected || one.offences_at(now) > 0);
        loop {
            let gone = self.strangers.iter().filter(|(_, one)| !one.connected);
            if gone.clone().count() <= STRANGERS_MAX {
                return;
            }
            let oldest = gone.min_by_key(|(_, one)| one.offended_at).map(|(id, _)| id.clone());
            let Some(oldest) = oldest else { return };
            self.strangers.remove(&oldest);
        }
    }
}

impl Peer {
    /// Where it was reached, or said to be; the surest first.
    pub(crate) fn addresses(&self) -> Vec<Address> {
        self.addresses.all()
    }

    /// Those of them that others may be told: where this node reached it, and what it says itself.
    pub(crate) fn proved(&self) -> Vec<Address> {
        self.addresses.proved()
    }

    /// Whether a dial is under way.
    pub(crate) fn is_dialing(&self) -> bool {
        self.dialing
    }

    fn keep(&mut self, peer: &PeerId, now: Timestamp, batch: &mut Batch) {
        (self.unwritten, self.written_at) = (false, now);
        let (addresses, met) = (self.addresses.clone(), Some(self.met.clone()));
        let kept = StoredPeer { peer: peer.clone(), addresses, met };
        batch.put(key(peer), ledger::encode(&kept));
    }

    fn is_idle(&self) -> bool {
        !self.connected && !self.dialing
    }

    fn may_dial(&self) -> bool {
        self.is_idle() && !self.addresses.is_empty()
    }

    fn dial_at(&self) -> Timestamp {
        self.redial_at.max(self.banned_until)
    }

    /// Offences that still count: half of them are forgiven after each further while as long as
    /// the last refusal in which there was none.
    fn offences_at(&self, now: Timestamp) -> u32 {
        let quiet = now.since_ms(self.banned_until) / ban_ms(self.offences);
        self.offences >> quiet.min(31)
    }

    /// Doubles the wait, with up to half of it on top so that two nodes do not move in step.
    fn back_off(&mut self, now: Timestamp, rng: &mut impl Rng) {
        let longest = if self.met.lately(now) { REDIAL_MET_MS_MAX } else { REDIAL_MS_MAX };
        let ms = REDIAL_MS_MIN.saturating_mul(1 << self.failures.min(20)).min(longest);
        self.failures = self.failures.saturating_add(1);
        self.redial_at = now.plus_ms(ms + rng.next_u64() % (ms / 2 + 1));
    }
}

/// How long a peer is refused after so many offences.
fn ban_ms(offences: u32) -> u64 {
    let doublings = offences.saturating_sub(1).min(20);
    BAN_MS_MIN.saturating_mul(1 << doublings).min(BAN_MS_MAX)
}

fn group() -> Group {
    Group::of(&[b"peers"])
}

fn key(peer: &PeerId) -> Key {
    let mut start = [0; 8];
    start.copy_from_slice(&Hash::of(peer.as_bytes()).as_bytes()[..8]);
    Key::new(Table::Peers, group(), u64::from_be_bytes(start))
}

#[cfg(test)]
mod tests;
