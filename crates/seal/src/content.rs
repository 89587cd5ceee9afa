//! Content bodies: padded, then XChaCha20-Poly1305 under the epoch's content key with a fresh
//! nonce, bound to the entry's place (DESIGN 5).

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use ledger::{DeviceId, JournalId, KeyId, limits::BODY_BYTES_MAX};
use rand_core::CryptoRng;

use crate::{
    epoch::ContentKey,
    padding::{pad, unpad},
};

pub(crate) const NONCE_BYTES: usize = 24;
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

impl AssociatedData {
    fn encode(&self) -> Vec<u8> {
        const VERSION: u8 = 1;
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(self.journal.as_bytes());
        bytes.extend_from_slice(self.device.as_bytes());
        bytes.extend_from_slice(&self.seq.to_be_bytes());
        bytes.extend_from_slice(self.key.as_bytes());
        bytes
    }
}

/// The sealed body of an entry: nonce, ciphertext and tag of `payload`, padded so that its length
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
    let sealed = seal(&key.0, &at.encode(), &pad(payload), rng);
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
    let padded = open(&key.0, &at.encode(), sealed).ok_or(ContentError::Closed)?;
    unpad(&padded).map(<[u8]>::to_vec).ok_or(ContentError::Padding)
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
    let cipher = XChaCha20Poly1305::new(key.into());
    let payload = Payload { msg: message, aad };
    match cipher.encrypt(&XNonce::from(nonce), payload) {
        Ok(sealed) => [nonce.as_slice(), &sealed].concat(),
        // INVARIANT: encryption fails for messages of 256 GiB and more; ours are bounded.
        Err(_) => unreachable!("a message of bounded length is encrypted"),
    }
}

/// The message; none where key, associated data or bytes differ.
pub(crate) fn open(key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
    (sealed.len() >= TAG_BYTES).then_some(())?;
    let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
    let cipher = XChaCha20Poly1305::new(key.into());
    cipher.decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad }).ok()
}
