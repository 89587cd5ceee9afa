//! The epochs whose secrets this home holds.

use std::collections::BTreeMap;

use ledger::{KeyId, SecretBytes, SpaceId};
use seal::{ContentKey, Secret};
use store::{Batch, Group, Key, Store, StoreError, Table};

/// Secrets of one space, by epoch, each with the key to its content.
#[derive(Debug, Default)]
pub struct Keys(BTreeMap<KeyId, (Secret, ContentKey)>);

impl Keys {
    /// The secrets that the store keeps of a space.
    pub fn open(store: &impl Store, space: SpaceId) -> Result<Self, StoreError> {
        let mut keys = Self::default();
        for (_, bytes) in store.all(Table::Facts, &group(space))? {
            let damaged = || StoreError::Damaged { what: "an epoch's secret".to_owned() };
            let bytes = SecretBytes::take(bytes).ok_or_else(damaged)?;
            keys.insert(Secret::from_bytes(*bytes.as_bytes()));
        }
        Ok(keys)
    }

    /// Adds a secret, and to `batch` what keeps it. False if it was held already.
    pub fn learn(&mut self, space: SpaceId, secret: Secret, batch: &mut Batch) -> bool {
        if self.0.contains_key(&secret.key_id()) {
            return false;
        }
        let key = Key::new(Table::Facts, group(space), self.0.len() as u64);
        batch.put(key, secret.as_bytes().to_vec());
        self.insert(secret);
        true
    }

    /// The key of an epoch's content.
    pub fn content_key(&self, epoch: &KeyId) -> Option<&ContentKey> {
        self.0.get(epoch).map(|(_, key)| key)
    }

    /// An epoch's secret, for sealing it to others.
    pub fn secret(&self, epoch: &KeyId) -> Option<&Secret> {
        self.0.get(epoch).map(|(secret, _)| secret)
    }

    /// Whether an epoch's secret is held.
    pub fn holds(&self, epoch: &KeyId) -> bool {
        self.0.contains_key(epoch)
    }

    /// The smallest held epoch among `counting`, those of the charter whose past has every cause
    /// (CHARTER 10): the one to write under.
    pub fn to_write<'a>(&self, counting: impl Iterator<Item = &'a KeyId>) -> Option<KeyId> {
        counting.copied().filter(|epoch| self.holds(epoch)).min()
    }

    fn insert(&mut self, secret: Secret) {
        let content = secret.content_key();
        self.0.insert(secret.key_id(), (secret, content));
    }
}

fn group(space: SpaceId) -> Group {
    Group::of(&[b"epochs", space.as_bytes()])
}
