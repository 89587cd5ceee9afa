//! Content bodies: padded, then XChaCha20-Poly1305 under the epoch's content key, bound to the
//! entry's place (DESIGN 5).
//!
//! The nonce is a hash of the place and of a fresh salt, and the salt is all that is sent of it. No
//! two places have the same nonce, whatever their salts; where a key writes twice at one place,
//! because it was copied or restored, a salt of eight bytes tells both apart.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use ledger::{DeviceId, JournalId, KeyId, limits::BODY_BYTES_MAX, tagged};
use rand_core::CryptoRng;

use crate::{
    epoch::ContentKey,
    padding::{pad_marked, unpad, unpad_marked},
};

const NONCE_BYTES: usize = 24;
const SALT_BYTES: usize = 8;
const TAG_BYTES: usize = 16;

/// Where a body stands, which it is bound to: moved elsewhere it does not open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AssociatedData {
    /// The content journal, and with it the space.
    pub journal: JournalId,
    /// The device that signs the entry.
    pub device: DeviceId,
    /// The entry's number in that device's log, from 0.
    pub seq: u64,
    /// The epoch that the entry's header names.
    pub key: KeyId,
}

/// Why a body is not sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// Padded and sealed it is longer than a body can be.
    #[error("longer than a body can be")]
    TooLong,
    /// Another key or another place, or changed on the way.
    #[error("does not open with this key at this place")]
    Closed,
    /// It opens, and is padded in another way than the one.
    #[error("padded in another way than the one")]
    Padding,
}

/// How a body is encrypted. What the first version wrote is read still.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Version {
    /// A whole nonce in front, and a length within.
    Nonce = 1,
    Salt = 2,
}

impl AssociatedData {
    fn encode(&self, version: Version) -> Vec<u8> {
        let mut bytes = vec![version as u8];
        bytes.extend_from_slice(self.journal.as_bytes());
        bytes.extend_from_slice(self.device.as_bytes());
        bytes.extend_from_slice(&self.seq.to_be_bytes());
        bytes.extend_from_slice(self.key.as_bytes());
        bytes
    }
}

/// The sealed body of an entry: salt, ciphertext and tag of `payload`, padded so that its length
/// tells little.
pub fn seal_body(
    key: &ContentKey,
    at: AssociatedData,
    payload: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, ContentError> {
    if payload.len() > BODY_BYTES_MAX {
        return Err(ContentError::TooLong);
    }
    let mut salt = [0; SALT_BYTES];
    rng.fill_bytes(&mut salt);
    let aad = at.encode(Version::Salt);
    let sealed = encrypt(&key.0, &salted_nonce(&salt, &aad), &aad, &pad_marked(payload));
    let sealed = [salt.as_slice(), &sealed].concat();
    if sealed.len() > BODY_BYTES_MAX { Err(ContentError::TooLong) } else { Ok(sealed) }
}

/// The payload of a sealed body, without its padding.
pub fn open_body(
    key: &ContentKey,
    at: AssociatedData,
    sealed: &[u8],
) -> Result<Vec<u8>, ContentError> {
    if sealed.len() > BODY_BYTES_MAX {
        return Err(ContentError::TooLong);
    }
    let aad = at.encode(Version::Salt);
    let salted = sealed.split_first_chunk::<SALT_BYTES>();
    let opened =
        salted.and_then(|(salt, rest)| decrypt(&key.0, &salted_nonce(salt, &aad), &aad, rest));
    if let Some(padded) = opened {
        return unpad_marked(&padded).map(<[u8]>::to_vec).ok_or(ContentError::Padding);
    }
    let padded = open(&key.0, &at.encode(Version::Nonce), sealed).ok_or(ContentError::Closed)?;
    unpad(&padded).map(<[u8]>::to_vec).ok_or(ContentError::Padding)
}

/// The nonce of a body, by its salt and the place that it is bound to.
fn salted_nonce(salt: &[u8; SALT_BYTES], aad: &[u8]) -> [u8; NONCE_BYTES] {
    let hash = tagged("groundwork 1 body nonce", &[salt, aad]);
    let mut nonce = [0; NONCE_BYTES];
    nonce.copy_from_slice(&hash.as_bytes()[..NONCE_BYTES]);
    nonce
}

/// Nonce, ciphertext and tag.
pub(crate) fn seal(
    key: &[u8; 32],
    aad: &[u8],
    message: &[u8],
    rng: &mut impl CryptoRng,
) -> Vec<u8> {
    let mut nonce = [0; NONCE_BYTES];
    rng.fill_bytes(&mut nonce);
    [nonce.as_slice(), &encrypt(key, &nonce, aad, message)].concat()
}

fn encrypt(key: &[u8; 32], nonce: &[u8; NONCE_BYTES], aad: &[u8], message: &[u8]) -> Vec<u8> {
    let cipher = XChaCha20Poly1305::new(key.into());
    match cipher.encrypt(&XNonce::from(*nonce), Payload { msg: message, aad }) {
        Ok(sealed) => sealed,
        // INVARIANT: encryption fails for messages of 256 GiB and more; ours are bounded.
        Err(_) => unreachable!("a message of bounded length is encrypted"),
    }
}

/// The message; none where key, associated data or bytes differ.
pub(crate) fn open(key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    decrypt(key, nonce, aad, sealed)
}

fn decrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    sealed: &[u8],
) -> Option<Vec<u8>> {
    (sealed.len() >= TAG_BYTES).then_some(())?;
    let cipher = XChaCha20Poly1305::new(key.into());
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad }).ok()
}
