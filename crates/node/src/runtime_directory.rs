//! Where this user's programs keep what is gone with their session.

use std::{
    env,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// The runtime directory, or a private one for temporary files if there is none to use.
pub(crate) fn find() -> std::io::Result<PathBuf> {
    let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let runtime = runtime.filter(|path| path.is_absolute() && path.as_os_str().len() < 60);
    let runtime = runtime.map(|path| private(path.join("groundwork")));
    match runtime {
        Some(Ok(directory)) => Ok(directory),
        _ => {
            let user = rustix::process::getuid().as_raw();
            private(env::temp_dir().join(format!("groundwork-{user}")))
        }
    }
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
