//! What a member's home, or a newcomer's, has of a space beside its entries.

use content::Content;
use ledger::{DeviceId, DeviceKey, KeyId, SecretBytes, SpaceId, Timestamp};
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

/// What the store keeps of a seat.
pub(super) struct StoredSeat {
    pub(super) space: SpaceId,
    pub(super) keys: SeatKeys,
    pub(super) state: SeatState,
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
        Ok(Self { keys, content, state, own_write, seal_at, number, changed })
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
            keep_keys(self.number, space, &self.keys, &self.state, &mut batch);
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
        Ok(Self { space: stored.space, keys, state: joining.unwrap_or(SeatState::In) })
    }
}

/// To `batch`: what keeps a seat's keys and state under `number`.
pub(crate) fn keep_keys(
    number: u64,
    space: SpaceId,
    keys: &SeatKeys,
    state: &SeatState,
    batch: &mut Batch,
) {
    let joining = match state {
        SeatState::Joining(joining) => Some(Joining::clone(joining)),
        SeatState::In => None,
    };
    let stored = SeatRecord {
        space,
        device_seed: keys.device.to_seed(),
        seal_seed: SecretBytes::from_bytes(*keys.seal.as_bytes()),
        joining,
    };
    batch.put(key(number), ledger::encode(&stored));
}

pub(super) fn group() -> Group {
    Group::of(&[b"spaces"])
}

fn key(number: u64) -> Key {
    Key::new(Table::Facts, group(), number)
}
