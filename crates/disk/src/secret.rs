//! Secrets of a home that stand in files of their own: the storage key and the node key.
//!
//! Each stands twice, with a check, so that a flipped bit or a file that is gone loses none and is
//! taken for no other key. The second copy is in a directory of its own.

use std::{
    fs::{self, DirBuilder, Permissions},
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

const NO_KEY: &str = "it is no key, and its copy in copies/ is none either: put one of them back \
                      from where the home was copied";

/// A secret as it was found.
#[derive(Debug)]
pub struct Secret {
    /// The secret.
    pub bytes: Zeroizing<[u8; SECRET_BYTES]>,
    /// Whether its file was gone or damaged: it comes from the second copy.
    pub is_mended: bool,
    /// Whether both files hold it.
    is_kept: bool,
}

/// What a file of a secret holds.
enum Found {
    Nothing,
    /// With a check that is right.
    Sound(Zeroizing<[u8; SECRET_BYTES]>),
    /// As homes had it before there were checks.
    Unchecked(Zeroizing<[u8; SECRET_BYTES]>),
    Damaged,
}

/// Reads the secret of this name. `None` where it is gone and its copy is no key; `Damaged` where
/// both are none. Nothing is changed: whether it is the right one is for the caller to find out.
pub fn read_secret(home: &Path, name: &str) -> Result<Option<Secret>, OpenError> {
    let [first, second] = paths(home, name);
    let secret = match (read(&first)?, read(&second)?) {
        (Found::Sound(bytes), copy) => {
            let is_kept = matches!(copy, Found::Sound(copy) if copy == bytes);
            Secret { bytes, is_mended: false, is_kept }
        }
        (Found::Unchecked(bytes), Found::Sound(copy)) => {
            Secret { is_mended: bytes != copy, bytes: copy, is_kept: false }
        }
        (_, Found::Sound(bytes)) => Secret { bytes, is_mended: true, is_kept: false },
        (Found::Unchecked(bytes), _) => Secret { bytes, is_mended: false, is_kept: false },
        (Found::Nothing, _) => return Ok(None),
        (Found::Damaged, _) => return Err(OpenError::Damaged { path: first, what: NO_KEY }),
    };
    Ok(Some(secret))
}

impl Secret {
    /// Makes both files of it whole and the owner's alone, once it is known to be the right one. On
    /// a full disk it stands once for now, and the next start tries again.
    pub fn keep(&self, home: &Path, name: &str) -> Result<(), OpenError> {
        if !self.is_kept
            && let Err(error) = write_secret(home, name, &self.bytes)
        {
            tracing::warn!(%error, name, "a key stands only once");
        }
        for path in paths(home, name).iter().filter(|path| path.exists()) {
            let private = fs::set_permissions(path, Permissions::from_mode(0o600));
            private.map_err(OpenError::io("cannot keep", path))?;
        }
        Ok(())
    }
}

/// Writes a secret that is new, twice.
pub fn write_secret(home: &Path, name: &str, secret: &[u8; SECRET_BYTES]) -> Result<(), OpenError> {
    let mut file = Zeroizing::new([0; SECRET_BYTES + CHECK_BYTES]);
    file[..SECRET_BYTES].copy_from_slice(secret);
    file[SECRET_BYTES..].copy_from_slice(&check(secret));
    for path in paths(home, name) {
        let write = || {
            let directory = path.parent().unwrap_or(home);
            if !directory.exists() {
                DirBuilder::new().mode(0o700).create(directory)?;
                sync_directory(home)?;
            }
            write_private(&path, file.as_slice())
        };
        write().map_err(OpenError::io("cannot write", &path))?;
    }
    Ok(())
}

/// Where a secret stands.
fn paths(home: &Path, name: &str) -> [PathBuf; 2] {
    [home.join(name), Series::Copies.directory(home).join(name)]
}

fn read(path: &Path) -> Result<Found, OpenError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(OpenError::io("cannot read", path)(error)),
    };
    let Some((secret, checked)) = bytes.split_first_chunk::<SECRET_BYTES>() else {
        return Ok(Found::Damaged);
    };
    let secret = Zeroizing::new(*secret);
    Ok(match checked {
        [] => Found::Unchecked(secret),
        checked if checked == check(&secret) => Found::Sound(secret),
        _ => Found::Damaged,
    })
}

fn check(secret: &[u8; SECRET_BYTES]) -> [u8; CHECK_BYTES] {
    let mut hasher = blake3::Hasher::new_derive_key("groundwork 1 disk secret check");
    hasher.update(secret);
    let mut check = [0; CHECK_BYTES];
    hasher.finalize_xof().fill(&mut check);
    check
}
