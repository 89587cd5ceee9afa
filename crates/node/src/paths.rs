//! Where the local API is found.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{home::Home, runtime_directory};

/// What `running.json` in a home says of its node.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) pid: u32,
    pub(crate) api: PathBuf,
}

/// The socket of a home's node: in the runtime directory, or for temporary files if there is none
/// to use, named by a hash, because a socket's path has at most 107 bytes.
pub(crate) fn socket(home: &Home) -> std::io::Result<PathBuf> {
    let hash = blake3::hash(home.path().as_os_str().as_encoded_bytes()).to_hex();
    Ok(runtime_directory::find()?.join(format!("{}.sock", &hash[..16])))
}

pub(crate) fn running_file(home: &Home) -> PathBuf {
    home.path().join("running.json")
}

/// What the home says of a running node; none where it says nothing.
pub(crate) fn running(home: &Home) -> Option<Running> {
    let bytes = std::fs::read(running_file(home)).ok()?;
    serde_json::from_slice(&bytes).ok()
}
