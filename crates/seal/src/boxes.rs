//! Boxes: an epoch's secret, sealed to one device by HPKE (RFC 9180, base mode,
//! DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305).

use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256,
};
use ledger::{Blob, DeviceId, KeyId, SealKey, SpaceId, limits::SEALED_BYTES_MAX};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::{
    content::{open, seal},
    epoch::{Secret, key},
};

type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type EncappedKey = <X25519HkdfSha256 as Kem>::EncappedKey;

const ENCAPPED_BYTES: usize = 32;

key! {
    /// A device's X25519 key, to which secrets are sealed. Never leaves the home.
    SealSecretKey
}

/// What a box is for; it opens as nothing else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BoxContext {
    /// The space whose epoch it is; zeros in a genesis, whose hash will be the space's id.
    pub space: SpaceId,
    /// The epoch whose secret the box holds, which is checked when it is opened.
    pub key: KeyId,
    /// The device that it is sealed to; no other one of the same person opens it.
    pub device: DeviceId,
}

/// Why a box is not sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BoxError {
    /// The key to seal to, or to open with, is no X25519 key.
    #[error("the device's key is none")]
    Key,
    /// Sealed to another device or for something else, or changed on the way.
    #[error("the box does not open here")]
    Closed,
    /// What it holds is not the secret of the epoch that it names: whoever sealed it cheated.
    #[error("the box holds another secret than it says")]
    FalseSeal,
}

impl SealSecretKey {
    /// A fresh key, of a generator that must be cryptographic.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut key = Self([0; 32]);
        rng.fill_bytes(&mut key.0);
        key
    }

    /// The key with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes, for keeping them in the home's store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The public half, for the card.
    pub fn public(&self) -> SealKey {
        SealKey::from_bytes(X25519HkdfSha256::sk_to_pk(&self.private()).to_bytes().into())
    }

    fn private(&self) -> PrivateKey {
        // INVARIANT: any 32 bytes are a private key of X25519, which clamps them.
        #[expect(clippy::expect_used, reason = "it has 32 bytes")]
        PrivateKey::from_bytes(&self.0).expect("32 bytes are a private key")
    }
}

impl BoxContext {
    fn info(&self) -> Vec<u8> {
        const DOMAIN: &[u8] = b"groundwork 1 box\0";
        let (space, key, device) =
            (*self.space.as_bytes(), *self.key.as_bytes(), *self.device.as_bytes());
        let ids = [space, key, device].concat();
        [DOMAIN, &ids].concat()
    }
}

/// Seals a secret to a device: the encapsulated key and the ciphertext.
pub fn seal_secret(
    rng: &mut impl CryptoRng,
    to: &SealKey,
    context: BoxContext,
    secret: &Secret,
) -> Result<Blob<SEALED_BYTES_MAX>, BoxError> {
    let to = PublicKey::from_bytes(to.as_bytes()).map_err(|_| BoxError::Key)?;
    let (encapped, sealed) = hpke::single_shot_seal_with_rng::<
        ChaCha20Poly1305,
        HkdfSha256,
        X25519HkdfSha256,
    >(
        &OpModeS::Base, &to, &context.info(), secret.as_bytes(), &[], rng
    )
    .map_err(|_| BoxError::Key)?;
    [encapped.to_bytes().as_slice(), &sealed].concat().try_into().map_err(|_| BoxError::Key)
}

/// Opens a box, and checks that it holds the secret of the epoch that it names.
pub fn open_secret(
    key: &SealSecretKey,
    context: BoxContext,
    sealed: &[u8],
) -> Result<Secret, BoxError> {
    let (encapped, sealed) = sealed.split_at_checked(ENCAPPED_BYTES).ok_or(BoxError::Closed)?;
    let encapped = EncappedKey::from_bytes(encapped).map_err(|_| BoxError::Closed)?;
    let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &key.private(),
        &encapped,
        &context.info(),
        sealed,
        &[],
    );
    checked(opened.map_err(|_| BoxError::Closed)?, &context.key)
}

/// Encrypts the secret of an epoch that a rekey succeeds under the new secret.
pub fn encrypt_secret(
    rng: &mut impl CryptoRng,
    new: &Secret,
    old: &Secret,
) -> Result<Blob<SEALED_BYTES_MAX>, BoxError> {
    let sealed = seal(&succession(new), old.key_id().as_bytes(), old.as_bytes(), rng);
    sealed.try_into().map_err(|_| BoxError::Key)
}

/// The secret of epoch `old`, which the rekey of `new` succeeds.
pub fn decrypt_secret(new: &Secret, old: &KeyId, sealed: &[u8]) -> Result<Secret, BoxError> {
    let opened = open(&succession(new), old.as_bytes(), sealed).ok_or(BoxError::Closed)?;
    checked(opened, old)
}

fn succession(new: &Secret) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(*ledger::tagged("groundwork 1 succession", &[new.as_bytes()]).as_bytes())
}

fn checked(opened: Vec<u8>, key: &KeyId) -> Result<Secret, BoxError> {
    let opened = Zeroizing::new(opened);
    let bytes = opened.as_slice().try_into().map_err(|_| BoxError::FalseSeal)?;
    let secret = Secret::from_bytes(bytes);
    if secret.key_id() == *key { Ok(secret) } else { Err(BoxError::FalseSeal) }
}
