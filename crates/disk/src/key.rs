//! The storage key, and what is encrypted under it.

use std::path::Path;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

use crate::{
    entries::Series,
    error::OpenError,
    secret::{SECRET_BYTES, Secret, read_secret, write_secret},
};

/// The name of the key file.
pub(crate) const FILE: &str = "storage.key";

pub(crate) const NONCE_BYTES: usize = 24;
pub(crate) const TAG_BYTES: usize = 16;

/// Keys derived from the storage key, one for each use.
pub(crate) struct Keys {
    entries: Cipher,
    copies: Cipher,
    pub(crate) index: Cipher,
    groups: Zeroizing<[u8; 32]>,
    frames: Zeroizing<[u8; 32]>,
    /// The key itself, of a home that had one.
    found: Option<Secret>,
}

impl Keys {
    /// Reads the key, or makes that of a home that is new.
    pub(crate) fn open(home: &Path, is_new: bool) -> Result<Self, OpenError> {
        if let Some(secret) = read_secret(home, FILE)? {
            let keys = Self::derive(&secret.bytes);
            return Ok(Self { found: Some(secret), ..keys });
        }
        let path = home.join(FILE);
        if !is_new {
            return Err(OpenError::KeyMissing { path });
        }
        let mut key = Zeroizing::new([0; SECRET_BYTES]);
        getrandom::fill(key.as_mut_slice()).map_err(|error| {
            OpenError::io("cannot make", path)(std::io::Error::other(error.to_string()))
        })?;
        write_secret(home, FILE, &key)?;
        Ok(Self::derive(&key))
    }

    /// Makes both copies of the key whole, once it is known to be this home's; whether the first
    /// one was not.
    pub(crate) fn keep(&self, home: &Path) -> Result<bool, OpenError> {
        let Some(found) = &self.found else { return Ok(false) };
        found.keep(home, FILE)?;
        Ok(found.is_mended)
    }

    /// The keys that a storage key yields.
    fn derive(key: &[u8; SECRET_BYTES]) -> Self {
        let derive = |context| Zeroizing::new(blake3::derive_key(context, key));
        Self {
            entries: Cipher::new(&derive("groundwork 1 disk entries")),
            copies: Cipher::new(&derive("groundwork 1 disk copies")),
            index: Cipher::new(&derive("groundwork 1 disk index")),
            groups: derive("groundwork 1 disk groups"),
            frames: derive("groundwork 1 disk frames"),
            found: None,
        }
    }

    /// What encrypts the records of a series.
    pub(crate) fn of(&self, series: Series) -> &Cipher {
        match series {
            Series::Entries => &self.entries,
            Series::Copies => &self.copies,
        }
    }

    /// By what the key is known, so that another one in its place is found out.
    pub(crate) fn mark(&self) -> String {
        let mark: [u8; 8] = self.check(b"the key of this home");
        mark.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What the index has in place of a group.
    pub(crate) fn group(&self, table: u8, group: &[u8]) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_keyed(&self.groups);
        hasher.update(&[table]).update(group);
        let mut short = [0; 16];
        hasher.finalize_xof().fill(&mut short);
        short
    }

    /// By which the plain bytes of the entry file are known as ours: lengths, headers.
    pub(crate) fn check<const N: usize>(&self, plain: &[u8]) -> [u8; N] {
        let mut hasher = blake3::Hasher::new_keyed(&self.frames);
        hasher.update(plain);
        let mut short = [0; N];
        hasher.finalize_xof().fill(&mut short);
        short
    }
}

/// XChaCha20-Poly1305 with a random nonce in front.
pub(crate) struct Cipher(XChaCha20Poly1305);

impl Cipher {
    fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&(*key).into()))
    }

    pub(crate) fn seal(&self, aad: &[u8], plain: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|error| std::io::Error::other(error.to_string()))?;
        let payload = Payload { msg: plain, aad };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| std::io::Error::other("too long to encrypt"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    pub(crate) fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        self.0.decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad }).ok()
    }
}
