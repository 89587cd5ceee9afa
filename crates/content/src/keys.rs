//! The epochs whose secrets this home holds.

use std::collections::BTreeMap;

use ledger::{KeyId, SecretBytes, SpaceId};
use seal::{ContentKey, Secret};
use store::{Batch, Group, Key, Store, StoreError, Table};

/// Secrets of one space, by epoch, each with the key to its content.
#[derive(Debug, Default)]
pub struct Keys {
    held: BTreeMap<KeyId, (Secret, ContentKey)>,
    /// Those that the store does not have yet, with the numbers that they get there.
    unkept: BTreeMap<KeyId, u64>,
    /// The number of the next.
    next: u64,
}

impl Keys {
    /// The secrets that the store keeps of a space.
    pub fn open(store: &impl Store, space: SpaceId) -> Result<Self, StoreError> {
        let mut keys = Self::default();
        for (number, bytes) in store.all(Table::Facts, &group(space))? {
            let damaged = || StoreError::Damaged { what: "an epoch's secret".to_owned() };
            let bytes = SecretBytes::take(bytes).ok_or_else(damaged)?;
            keys.insert(Secret::from_bytes(*bytes.as_bytes()));
            keys.next = number + 1;
        }
        Ok(keys)
    }

    /// Adds a secret, which the store is to keep. False if it was held already.
    pub fn learn(&mut self, secret: Secret) -> bool {
        if self.holds(&secret.key_id()) {
            return false;
        }
        self.unkept.insert(secret.key_id(), self.next);
        self.next += 1;
        self.insert(secret);
        true
    }

    /// To `batch`: what keeps the secrets that the store does not have yet.
    pub fn keep(&self, space: SpaceId, batch: &mut Batch) {
        for (epoch, number) in &self.unkept {
            if let Some(secret) = self.secret(epoch) {
                let key = Key::new(Table::Facts, group(space), *number);
                batch.put(key, secret.as_bytes().to_vec());
            }
        }
    }

    /// The store has what [`Keys::keep`] gave it.
    pub fn kept(&mut self) {
        self.unkept.clear();
    }

    /// The key of an epoch's content.
    pub fn content_key(&self, epoch: &KeyId) -> Option<&ContentKey> {
        self.held.get(epoch).map(|(_, key)| key)
    }

    /// An epoch's secret, for sealing it to others.
    pub fn secret(&self, epoch: &KeyId) -> Option<&Secret> {
        self.held.get(epoch).map(|(secret, _)| secret)
    }

    /// Whether an epoch's secret is held.
    pub fn holds(&self, epoch: &KeyId) -> bool {
        self.held.contains_key(epoch)
    }

    /// The smallest held epoch among `counting`, those of the charter whose past has every cause
    /// (CHARTER 10): the one to write under.
    pub fn to_write<'a>(&self, counting: impl Iterator<Item = &'a KeyId>) -> Option<KeyId> {
        counting.copied().filter(|epoch| self.holds(epoch)).min()
    }

    fn insert(&mut self, secret: Secret) {
        let content = secret.content_key();
        self.held.insert(secret.key_id(), (secret, content));
    }
}

fn group(space: SpaceId) -> Group {
    Group::of(&[b"epochs", space.as_bytes()])
}
