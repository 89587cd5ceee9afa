//! What a member's home, or a newcomer's, has of a space beside its entries.

use std::collections::BTreeSet;

use content::Content;
use ledger::{DeviceId, DeviceKey, KeyId, PeerId, SecretBytes, SpaceId, Timestamp};
use minicbor::{Decode, Encode};
use rand_core::CryptoRng;
use replica::Replica;
use seal::{BoxContext, SealSecretKey};
use store::{Batch, Group, Key, Store, StoreError, Table, WriteId};

use super::joining::Joining;

/// This home's seat in a space: who reads and writes there.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) keys: SeatKeys,
    pub(crate) content: Content,
    state: SeatState,
    /// The last write of an own entry: none of them leaves before it is durable.
    pub(crate) own_write: WriteId,
    /// When this home gives seals that are owed to others, if nobody else has by then.
    pub(crate) seal_at: Option<Timestamp>,
    /// Under which number the store keeps keys and state.
    pub(crate) number: u64,
    /// What a damaged disk may have lost of what these keys signed.
    doubts: Doubts,
    /// Whether the store has another state.
    changed: bool,
}

/// Where a seat stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum SeatState {
    /// Its home knocks, or is in and lacks the charter that says so.
    Joining(Box<Joining>),
    /// Its home has the charter by which it is in.
    In,
}

/// The keys of this home in one space.
#[derive(Debug)]
pub(crate) struct SeatKeys {
    pub(crate) device: DeviceKey,
    pub(crate) seal: SealSecretKey,
}

/// What a damaged disk may have lost of what a device signed, of which nothing here knows any more.
/// Kept, for what comes in since says nothing of the end.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub(crate) struct Doubts {
    /// Whether that may be entries of its content log.
    #[n(0)]
    pub(crate) content: bool,
    /// Whether that may be entries of its charter log.
    #[n(1)]
    pub(crate) charter: bool,
    /// Nodes that said since that they have the charter that was here.
    #[n(2)]
    pub(crate) same_charter: BTreeSet<PeerId>,
}

/// What the store keeps of a seat.
pub(super) struct StoredSeat {
    pub(super) space: SpaceId,
    pub(super) keys: SeatKeys,
    pub(super) state: SeatState,
    pub(super) doubts: Doubts,
}

/// The row of a seat: its secrets as seeds, and what it joins by while it does.
#[derive(Encode, Decode)]
struct SeatRecord {
    #[n(0)]
    space: SpaceId,
    #[n(1)]
    device_seed: SecretBytes<32>,
    #[n(2)]
    seal_seed: SecretBytes<32>,
    #[n(3)]
    joining: Option<Joining>,
    #[n(4)]
    doubts: Option<Doubts>,
}

impl SeatKeys {
    pub(crate) fn generate(rng: &mut impl CryptoRng) -> Self {
        Self { device: DeviceKey::generate(rng), seal: SealSecretKey::generate(rng) }
    }
}

impl Seat {
    /// The seat of these keys, with what the store has of its content.
    pub(super) fn open(
        store: &impl Store,
        replica: &Replica,
        number: u64,
        keys: SeatKeys,
        state: SeatState,
    ) -> Result<Self, StoreError> {
        let content = Content::open(store, replica)?;
        let (own_write, seal_at, changed) = (WriteId::default(), None, false);
        let doubts = Doubts::default();
        Ok(Self { keys, content, state, own_write, seal_at, number, doubts, changed })
    }

    /// What may be lost of what these keys signed.
    pub(crate) fn doubts(&self) -> &Doubts {
        &self.doubts
    }

    /// The store says so. What it does not have yet [`Engine::keep_seat`](crate::Engine::keep_seat)
    /// is to give it.
    pub(super) fn doubts_by_store(&mut self, kept: Doubts, content: bool, charter: bool) {
        let doubts = Doubts {
            content: kept.content || content,
            charter: kept.charter || charter,
            same_charter: kept.same_charter.clone(),
        };
        self.changed |= doubts != kept;
        self.doubts = doubts;
    }

    /// A node has the charter that is here. Whether that is news, which
    /// [`Engine::keep_seat`](crate::Engine::keep_seat) is to follow.
    pub(crate) fn same_charter(&mut self, peer: &PeerId) -> bool {
        let is_news = self.doubts.same_charter.insert(peer.clone());
        self.changed |= is_news;
        is_news
    }

    /// Of the charter nothing is lost; [`Engine::keep_seat`](crate::Engine::keep_seat) is to
    /// follow.
    pub(crate) fn charter_is_whole(&mut self) {
        (self.doubts.charter, self.changed) = (false, true);
        self.doubts.same_charter.clear();
    }

    /// The store has other keys for this seat, which have signed nothing that could be lost.
    pub(crate) fn goes_on_with(&mut self, keys: SeatKeys) {
        (self.keys, self.doubts) = (keys, Doubts::default());
    }

    /// This home's device.
    pub(crate) fn device(&self) -> DeviceId {
        self.keys.device.id()
    }

    /// How this home came to want in, until it is in and has the charter.
    pub(crate) fn joining(&self) -> Option<&Joining> {
        match &self.state {
            SeatState::Joining(joining) => Some(joining),
            SeatState::In => None,
        }
    }

    /// The same, to be changed; [`Engine::keep_seat`](crate::Engine::keep_seat) is to follow.
    pub(crate) fn joining_mut(&mut self) -> Option<&mut Joining> {
        match &mut self.state {
            SeatState::Joining(joining) => {
                self.changed = true;
                Some(joining)
            }
            SeatState::In => None,
        }
    }

    /// This home is in and has the charter; [`Engine::keep_seat`](crate::Engine::keep_seat) is to
    /// follow.
    pub(crate) fn is_in_now(&mut self) {
        (self.state, self.changed) = (SeatState::In, true);
    }

    /// Learns the secret in a box that is sealed to this home. A false box holds none: who is
    /// owed it waits for the next.
    pub(crate) fn learn_from_box(&mut self, space: SpaceId, key: KeyId, sealed: &[u8]) {
        let context = BoxContext { space, key, device: self.device() };
        if let Ok(secret) = seal::open_secret(&self.keys.seal, context, sealed) {
            self.content.learn(secret);
        }
    }

    /// What keeps the secrets and the state that the store does not have.
    pub(crate) fn unkept(&self, space: SpaceId) -> Batch {
        let mut batch = Batch::default();
        self.content.keys.keep(space, &mut batch);
        if self.changed {
            let (keys, doubts) = (&self.keys, self.doubts.clone());
            batch.put(key(self.number), record(space, keys, &self.state, doubts));
        }
        batch
    }

    /// To `batch`: what keeps other keys in the place of this seat's.
    pub(crate) fn keep_others(&self, space: SpaceId, keys: &SeatKeys, batch: &mut Batch) {
        keep_keys(self.number, space, keys, &self.state, batch);
    }

    /// The store has what [`Seat::unkept`] gave it.
    pub(crate) fn kept(&mut self) {
        self.content.keys.kept();
        self.changed = false;
    }

    /// Where the store keeps them.
    pub(super) fn key(&self) -> Key {
        key(self.number)
    }

    /// To `batch`: what forgets them.
    pub(crate) fn forget(&self, batch: &mut Batch) {
        batch.remove(key(self.number));
    }
}

impl StoredSeat {
    /// The keys and the state in stored bytes.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let stored: SeatRecord = ledger::decode(bytes)
            .map_err(|_| StoreError::Damaged { what: "a space's keys".to_owned() })?;
        let keys = SeatKeys {
            device: DeviceKey::from_seed(stored.device_seed.as_bytes()),
            seal: SealSecretKey::from_bytes(*stored.seal_seed.as_bytes()),
        };
        let joining = stored.joining.map(|joining| SeatState::Joining(Box::new(joining)));
        let (state, doubts) = (joining.unwrap_or(SeatState::In), stored.doubts.unwrap_or_default());
        Ok(Self { space: stored.space, keys, state, doubts })
    }
}

/// To `batch`: what keeps a seat's new keys and state under `number`.
pub(crate) fn keep_keys(
    number: u64,
    space: SpaceId,
    keys: &SeatKeys,
    state: &SeatState,
    batch: &mut Batch,
) {
    batch.put(key(number), record(space, keys, state, Doubts::default()));
}

fn record(space: SpaceId, keys: &SeatKeys, state: &SeatState, doubts: Doubts) -> Vec<u8> {
    let joining = match state {
        SeatState::Joining(joining) => Some(Joining::clone(joining)),
        SeatState::In => None,
    };
    let stored = SeatRecord {
        space,
        device_seed: keys.device.to_seed(),
        seal_seed: SecretBytes::from_bytes(*keys.seal.as_bytes()),
        joining,
        doubts: Some(doubts).filter(|doubts| *doubts != Doubts::default()),
    };
    ledger::encode(&stored)
}

pub(super) fn group() -> Group {
    Group::of(&[b"spaces"])
}

fn key(number: u64) -> Key {
    Key::new(Table::Facts, group(), number)
}
