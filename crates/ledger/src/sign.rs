//! Ed25519 signatures (RFC 8032), each over a domain tag and a message.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::{ids::DeviceId, secret::SecretBytes};

/// Signs the header of an entry.
pub(crate) const ENTRY_DOMAIN: &[u8] = b"groundwork 1 entry\0";

/// The signature is not one by this key over these bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not hold")]
pub struct SignatureError;

/// An ed25519 signature: 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub struct Signature([u8; 64]);

impl Signature {
    /// A signature as it came, right or wrong.
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// Its 64 bytes.
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// Whether `key` made this over `domain` and `message`. Strict: keys and signatures of small
    /// order, and second encodings of one signature, are refused.
    pub fn verify(
        &self,
        key: &DeviceId,
        domain: &[u8],
        message: &[u8],
    ) -> Result<(), SignatureError> {
        self.verify_by(key.as_bytes(), domain, message)
    }

    /// The same, for a public key that is no device's.
    pub(crate) fn verify_by(
        &self,
        key: &[u8; 32],
        domain: &[u8],
        message: &[u8],
    ) -> Result<(), SignatureError> {
        let key = VerifyingKey::from_bytes(key).map_err(|_| SignatureError)?;
        let signature = ed25519_dalek::Signature::from_bytes(&self.0);
        key.verify_strict(&[domain, message].concat(), &signature).map_err(|_| SignatureError)
    }
}

/// A signing key: of a device, or of a ticket. Never leaves the home; wiped when dropped.
pub struct DeviceKey(SigningKey);

impl DeviceKey {
    /// The key that a seed gives, always the same.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// A fresh key, of a generator that must be cryptographic.
    pub fn generate(rng: &mut impl rand_core::CryptoRng) -> Self {
        Self::from_seed(SecretBytes::generate(rng).as_bytes())
    }

    /// The seed, for keeping in the home's store.
    pub fn to_seed(&self) -> SecretBytes<32> {
        SecretBytes::from_bytes(self.0.to_bytes())
    }

    /// The public half, which is the device's id.
    pub fn id(&self) -> DeviceId {
        DeviceId::from_bytes(self.0.verifying_key().to_bytes())
    }

    /// Signs `message` under `domain`.
    pub fn sign(&self, domain: &[u8], message: &[u8]) -> Signature {
        Signature(self.0.sign(&[domain, message].concat()).to_bytes())
    }
}

impl std::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeviceKey({:?})", self.id())
    }
}

impl<C> Encode<C> for Signature {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Signature {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        crate::codec::fixed_bytes(d).map(Self)
    }
}

#[cfg(test)]
mod tests;
