//! Secrets of a home that stand in files of their own: the storage key and the node key.
//!
//! Each stands twice, with a check, so that a flipped bit, a bad sector or a file that is gone
//! loses none and is taken for no other key. The second copy is in the directory of the copies.
//! Nothing is written until it is known which one is right: a wrong one that somebody put there is
//! not to be written over it. Of storage keys the `format` file knows; the check of all others is
//! made with the storage key, so that of another home none is sound.

use std::{
    fs::{self, DirBuilder, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use crate::{
    entries::Series,
    error::OpenError,
    home::{sync_directory, write_private},
};

pub(crate) const SECRET_BYTES: usize = 32;
const CHECK_BYTES: usize = 8;

type Bytes = Zeroizing<[u8; SECRET_BYTES]>;

/// The two files of a secret, and what makes its check.
pub(crate) struct Files {
    paths: [PathBuf; 2],
    check: Zeroizing<[u8; 32]>,
}

/// What stands in the two files of a secret.
pub(crate) struct Found {
    files: Files,
    found: [Stands; 2],
}

enum Stands {
    Nothing,
    /// With a check that is right.
    Sound(Bytes),
    /// As homes had it before there were checks.
    Unchecked(Bytes),
    Damaged,
    Unreadable(io::Error),
}

impl Files {
    /// The files of a secret; the names of all are in [`NAMES`].
    pub(crate) fn new(home: &Path, name: &str, check: Zeroizing<[u8; 32]>) -> Self {
        let paths = [home.join(name), Series::Copies.directory(home).join(name)];
        Self { paths, check }
    }

    /// Reads both.
    pub(crate) fn read(self) -> Found {
        let found = [0, 1].map(|n| self.read_one(&self.paths[n]));
        Found { files: self, found }
    }

    /// Makes a secret and writes it, twice.
    pub(crate) fn make(&self) -> Result<Bytes, OpenError> {
        let [first, _] = &self.paths;
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        getrandom::fill(secret.as_mut_slice())
            .map_err(|error| OpenError::io("cannot make", first)(io::Error::other(error)))?;
        self.paths.iter().try_for_each(|path| self.write_one(path, &secret))?;
        Ok(secret)
    }

    fn write_one(&self, path: &Path, secret: &Bytes) -> Result<(), OpenError> {
        let mut file = Zeroizing::new([0; SECRET_BYTES + CHECK_BYTES]);
        file[..SECRET_BYTES].copy_from_slice(secret.as_slice());
        file[SECRET_BYTES..].copy_from_slice(&self.check(secret));
        let write = || {
            let directory = path.parent().unwrap_or(Path::new("."));
            if !directory.exists() {
                DirBuilder::new().mode(0o700).create(directory)?;
                sync_directory(directory.parent().unwrap_or(Path::new(".")))?;
            }
            write_private(path, file.as_slice())
        };
        write().map_err(OpenError::io("cannot write", path))
    }

    fn read_one(&self, path: &Path) -> Stands {
        let bytes = match fs::read(path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Stands::Nothing,
            Err(error) => return Stands::Unreadable(error),
        };
        let Some((secret, checked)) = bytes.split_first_chunk::<SECRET_BYTES>() else {
            return Stands::Damaged;
        };
        let secret = Zeroizing::new(*secret);
        match checked {
            [] => Stands::Unchecked(secret),
            checked if checked == self.check(&secret) => Stands::Sound(secret),
            _ => Stands::Damaged,
        }
    }

    fn check(&self, secret: &Bytes) -> [u8; CHECK_BYTES] {
        let mut hasher = blake3::Hasher::new_keyed(&self.check);
        hasher.update(secret.as_slice());
        let mut check = [0; CHECK_BYTES];
        hasher.finalize_xof().fill(&mut check);
        check
    }
}

/// Every secret that stands in a file of its own.
pub(crate) const NAMES: [&str; 2] = [crate::key::FILE, NODE_KEY];

/// The secret by which a home is known on the network.
pub(crate) const NODE_KEY: &str = "node.key";

impl Found {
    /// What could be the secret, the likeliest first.
    pub(crate) fn candidates(&self) -> impl Iterator<Item = &Bytes> {
        let sound = self.found.iter().filter_map(|found| match found {
            Stands::Sound(bytes) => Some(bytes),
            _ => None,
        });
        let unchecked = self.found.iter().filter_map(|found| match found {
            Stands::Unchecked(bytes) => Some(bytes),
            _ => None,
        });
        sound.chain(unchecked)
    }

    /// Whether neither file is there.
    pub(crate) fn is_nothing(&self) -> bool {
        self.found.iter().all(|found| matches!(found, Stands::Nothing))
    }

    /// What to say where there is no candidate, and a file all the same.
    pub(crate) fn failure(self, what: &'static str) -> OpenError {
        let ([first, second], [of_first, of_second]) = (self.files.paths, self.found);
        let (path, found) = match of_first {
            Stands::Nothing => (second, of_second),
            of_first => (first, of_first),
        };
        match found {
            Stands::Unreadable(error) => OpenError::io("cannot read", path)(error),
            _ => OpenError::Damaged { path, what },
        }
    }

    /// Makes both files hold `right`, and the owner's alone; whether one had to be put back from
    /// the other. On a full disk it stands once for now, and the next start tries again.
    pub(crate) fn keep(&self, right: &Bytes) -> Result<bool, OpenError> {
        let mut was_lost = false;
        for (path, found) in self.files.paths.iter().zip(&self.found) {
            let (is_there, is_lost) = match found {
                Stands::Sound(bytes) => (bytes == right, bytes != right),
                Stands::Unchecked(bytes) => (false, bytes != right),
                // As homes had it before there were two.
                Stands::Nothing => (false, *path == self.files.paths[0]),
                Stands::Damaged | Stands::Unreadable(_) => (false, true),
            };
            if is_there {
                let private = fs::set_permissions(path, Permissions::from_mode(0o600));
                private.map_err(OpenError::io("cannot keep", path))?;
                continue;
            }
            match self.files.write_one(path, right) {
                Ok(()) => was_lost |= is_lost,
                Err(error) => tracing::warn!(%error, "a key stands only once"),
            }
        }
        Ok(was_lost)
    }
}

/// The node key of a home that was opened.
pub struct NodeKeyFile {
    pub(crate) files: Files,
    pub(crate) is_read_only: bool,
}

impl std::fmt::Debug for NodeKeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodeKeyFile").finish_non_exhaustive()
    }
}

impl NodeKeyFile {
    /// Reads the key, or makes one where there is none; whether a file of it had to be put back
    /// from the other.
    pub fn open(self) -> Result<(Bytes, bool), OpenError> {
        let found = self.files.read();
        if found.is_nothing() {
            return Ok((found.files.make()?, false));
        }
        let Some(key) = found.candidates().next().cloned() else {
            return Err(found.failure(NO_NODE_KEY));
        };
        let was_lost = !self.is_read_only && found.keep(&key)?;
        Ok((key, was_lost))
    }
}

const NO_NODE_KEY: &str = "it and its copy in copies/ are no key of this home: put one of them \
                           back from where the home was copied, or remove both to be known by a \
                           new one";
