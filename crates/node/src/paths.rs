//! Where the local API is found.

use std::{
    env,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::home::Home;

/// What `running.json` in a home says of its node.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) pid: u32,
    pub(crate) api: PathBuf,
}

/// The socket of a home's node: in the runtime directory, or for temporary files if there is none
/// to use, named by a hash, because a socket's path has at most 107 bytes.
pub(crate) fn socket(home: &Home) -> std::io::Result<PathBuf> {
    let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let runtime = runtime.filter(|path| path.is_absolute() && path.as_os_str().len() < 60);
    let runtime = runtime.map(|path| private(path.join("groundwork")));
    let directory = match runtime {
        Some(Ok(directory)) => directory,
        _ => {
            let user = rustix::process::getuid().as_raw();
            private(env::temp_dir().join(format!("groundwork-{user}")))?
        }
    };
    let hash = blake3::hash(home.path().as_os_str().as_encoded_bytes()).to_hex();
    Ok(directory.join(format!("{}.sock", &hash[..16])))
}

/// A directory for this user only, made where it is not.
fn private(directory: PathBuf) -> std::io::Result<PathBuf> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&directory)?;
    check_private(&directory)?;
    Ok(directory)
}

/// A directory that somebody else made, or can write to, is no place for a socket.
fn check_private(directory: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::symlink_metadata(directory)?;
    let ours = found.uid() == rustix::process::getuid().as_raw();
    if found.is_dir() && ours && found.mode() & 0o077 == 0 {
        return Ok(());
    }
    let message = format!("{} is not only yours", directory.display());
    Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, message))
}

pub(crate) fn running_file(home: &Home) -> PathBuf {
    home.path().join("running.json")
}

/// What the home says of a running node; none where it says nothing.
pub(crate) fn running(home: &Home) -> Option<Running> {
    let bytes = std::fs::read(running_file(home)).ok()?;
    serde_json::from_slice(&bytes).ok()
}
