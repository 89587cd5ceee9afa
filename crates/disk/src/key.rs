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
    secret::{Files, Found, NODE_KEY, NodeKeyFile, SECRET_BYTES},
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
    secrets: Zeroizing<[u8; 32]>,
}

/// The files of the storage key, and which key was taken from them.
pub(crate) struct KeyFiles {
    found: Found,
    key: Zeroizing<[u8; SECRET_BYTES]>,
}

impl KeyFiles {
    /// Makes both whole, once it is known that the key opens the home; whether one was lost.
    pub(crate) fn keep(self) -> Result<bool, OpenError> {
        self.found.keep(&self.key)
    }
}

const NO_KEY: &str = "it and its copy in copies/ are no key: put one of them back from where the \
                      home was copied";

impl Keys {
    /// The keys of a home that is known by `mark`, or of one that is new; with the files of the
    /// storage key, where those were there.
    pub(crate) fn open(
        home: &Path,
        mark: Option<&str>,
        is_new: bool,
    ) -> Result<(Self, Option<KeyFiles>), OpenError> {
        let check = blake3::derive_key("groundwork 1 disk storage key check", b"");
        let found = Files::new(home, FILE, Zeroizing::new(check)).read();
        let is_right = |key: &&Zeroizing<[u8; SECRET_BYTES]>| {
            mark.is_none_or(|mark| Self::derive(key).mark() == mark)
        };
        // Where none is the one that is known, that may be what is wrong.
        let key = found.candidates().find(is_right).or(found.candidates().next()).cloned();
        if let Some(key) = key {
            return Ok((Self::derive(&key), Some(KeyFiles { found, key })));
        }
        if !found.is_nothing() {
            return Err(found.failure(NO_KEY));
        }
        let path = home.join(FILE);
        if !is_new {
            return Err(OpenError::KeyMissing { path });
        }
        let key = Files::new(home, FILE, Zeroizing::new(check)).make()?;
        Ok((Self::derive(&key), None))
    }

    /// The node key that stands beside the storage key.
    pub(crate) fn node_key(&self, home: &Path, is_read_only: bool) -> NodeKeyFile {
        NodeKeyFile { files: Files::new(home, NODE_KEY, self.secrets.clone()), is_read_only }
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
            secrets: derive("groundwork 1 disk secrets"),
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
