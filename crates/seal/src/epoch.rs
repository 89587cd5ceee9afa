//! An epoch's secret, and the keys that are derived from it.

use ledger::{KeyId, tagged};
use rand_core::CryptoRng;

macro_rules! key {
    ($(#[$doc:meta] $name:ident)*) => {$(
        #[$doc]
        #[derive(PartialEq, Eq)]
        pub struct $name(pub(crate) [u8; 32]);

        impl Drop for $name {
            fn drop(&mut self) {
                zeroize::Zeroize::zeroize(&mut self.0);
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )*};
}
pub(crate) use key;

key! {
    /// The secret that begins an epoch: 32 bytes, wiped when dropped.
    Secret
    /// The key under which an epoch's content bodies are encrypted.
    ContentKey
    /// The key under which an epoch's short texts in the charter are encrypted.
    TextKey
}

impl Secret {
    /// A fresh secret, of a generator that must be cryptographic.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut secret = Self([0; 32]);
        rng.fill_bytes(&mut secret.0);
        secret
    }

    /// The secret with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes, for keeping them in the home's store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The epoch's id: what a rekey and each content header name.
    pub fn key_id(&self) -> KeyId {
        tagged("groundwork 1 epoch id", &[&self.0]).into()
    }

    /// The key of the epoch's content.
    pub fn content_key(&self) -> ContentKey {
        ContentKey(*tagged("groundwork 1 content key", &[&self.0]).as_bytes())
    }
}

impl ContentKey {
    /// The key of the epoch's texts, which tells nothing of this one.
    pub fn text_key(&self) -> TextKey {
        TextKey(*tagged("groundwork 1 text key", &[&self.0]).as_bytes())
    }
}
