//! Short texts in a charter: a reason under the text key, a newcomer's name under the guest key.

use ledger::charter_items::SealedText;
use rand_core::CryptoRng;

use crate::{
    content::{open, seal},
    epoch::TextKey,
    padding::{pad, unpad},
    ticket::GuestKey,
};

/// A key under which short texts are encrypted.
pub trait TextSecret {
    /// The 32 bytes of the key, and the domain that keeps its texts apart from those of other
    /// kinds.
    fn parts(&self) -> (&[u8; 32], &'static [u8]);
}

impl TextSecret for TextKey {
    fn parts(&self) -> (&[u8; 32], &'static [u8]) {
        (&self.0, b"groundwork 1 text\0")
    }
}

impl TextSecret for GuestKey {
    fn parts(&self) -> (&[u8; 32], &'static [u8]) {
        (&self.0, b"groundwork 1 guest\0")
    }
}

/// Why a text is not sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Padded and sealed it is longer than a sealed text can be.
    #[error("longer than a sealed text can be")]
    TooLong,
    /// Another key or another place, or changed on the way.
    #[error("does not open with this key at this place")]
    Closed,
    /// What opens is no text.
    #[error("no UTF-8 text")]
    NotText,
}

/// Encrypts a text, bound to `place`.
pub fn seal_text(
    key: &impl TextSecret,
    place: &[u8],
    text: &str,
    rng: &mut impl CryptoRng,
) -> Result<SealedText, TextError> {
    let (key, domain) = key.parts();
    let sealed = seal(key, &[domain, place].concat(), &pad(text.as_bytes()), rng);
    sealed.try_into().map_err(|_| TextError::TooLong)
}

/// The text that was encrypted for `place`.
pub fn open_text(key: &impl TextSecret, place: &[u8], sealed: &[u8]) -> Result<String, TextError> {
    let (key, domain) = key.parts();
    let padded = open(key, &[domain, place].concat(), sealed).ok_or(TextError::Closed)?;
    let text = unpad(&padded).ok_or(TextError::Closed)?;
    String::from_utf8(text.to_vec()).map_err(|_| TextError::NotText)
}
