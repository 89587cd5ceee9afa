//! Bytes that nobody else may see.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use zeroize::{Zeroize, Zeroizing};

/// Bytes that are a secret, or that one is derived from: wiped when dropped, and shown by no
/// `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretBytes<const N: usize>([u8; N]);

impl<const N: usize> SecretBytes<N> {
    /// The secret with these bytes.
    pub const fn from_bytes(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// The secret that was read into `bytes`, which are wiped; none of another length.
    pub fn take(bytes: Vec<u8>) -> Option<Self> {
        let bytes = Zeroizing::new(bytes);
        bytes.as_slice().try_into().ok().map(Self)
    }

    /// A fresh one, of a generator that must be cryptographic.
    pub fn generate(rng: &mut impl rand_core::CryptoRng) -> Self {
        let mut secret = Self([0; N]);
        rng.fill_bytes(&mut secret.0);
        secret
    }

    /// Its bytes, for deriving keys of them and for keeping them.
    pub const fn as_bytes(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> Drop for SecretBytes<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> std::fmt::Debug for SecretBytes<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretBytes(..)")
    }
}

impl<C, const N: usize> Encode<C> for SecretBytes<N> {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C, const N: usize> Decode<'b, C> for SecretBytes<N> {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        crate::codec::fixed_bytes(d).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_kept_and_not_shown() {
        let secret = SecretBytes::from_bytes([7; 16]);
        assert_eq!(format!("{secret:?}"), "SecretBytes(..)");
        let bytes = crate::encode(&secret);
        assert_eq!(crate::decode::<SecretBytes<16>>(&bytes).unwrap(), secret);
        assert!(crate::decode::<SecretBytes<32>>(&bytes).is_err());
        assert_eq!(SecretBytes::take(vec![7; 16]), Some(secret));
        assert_eq!(SecretBytes::<16>::take(vec![7; 15]), None);
    }
}
