//! What a ticket's seed gives: the key that signs the knock, and the one that hides the name.

use ledger::{DeviceKey, SecretBytes, tagged};
use rand_core::CryptoRng;

use crate::epoch::key;

key! {
    /// The key under which newcomers with one ticket say what to call them.
    GuestKey
}

/// A ticket's seed: 16 bytes, so that a ticket stays short.
#[derive(Debug)]
pub struct TicketSeed(SecretBytes<16>);

impl TicketSeed {
    /// A fresh seed.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(SecretBytes::generate(rng))
    }

    /// The seed with these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(SecretBytes::from_bytes(bytes))
    }

    /// The seed that a ticket holds.
    pub const fn of_ticket(bytes: SecretBytes<16>) -> Self {
        Self(bytes)
    }

    /// What a ticket is to hold.
    pub fn into_ticket(self) -> SecretBytes<16> {
        self.0
    }

    /// The key that signs the knock; its public half stands in the invite.
    pub fn signing_key(&self) -> DeviceKey {
        DeviceKey::from_seed(tagged("groundwork 1 ticket key", &[self.0.as_bytes()]).as_bytes())
    }

    /// The key that members are given, to read what to call the newcomer.
    pub fn guest_key(&self) -> GuestKey {
        GuestKey(*tagged("groundwork 1 guest key", &[self.0.as_bytes()]).as_bytes())
    }
}

impl GuestKey {
    /// The key with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes, for the members.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
