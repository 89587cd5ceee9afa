//! The files of the tree: what is tracked, and what would be with the next `git add`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::source::Source;

/// The root of the workspace.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").to_owned()
}

/// The paths, relative to the root, of all files that are tracked or neither tracked nor ignored.
pub(super) fn paths() -> Vec<String> {
    let git = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git is installed");
    assert!(git.status.success(), "git ls-files: {}", String::from_utf8_lossy(&git.stderr));
    let names = String::from_utf8(git.stdout).expect("paths are UTF-8");
    let mut paths: Vec<String> = names
        .split_terminator('\0')
        .filter(|path| root().join(path).is_file())
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    assert!(paths.iter().any(|path| path == "Cargo.toml"), "this is not the tree: {paths:?}");
    paths
}

/// Path and text of every file that is UTF-8.
pub(super) fn texts() -> Vec<(String, String)> {
    let read =
        |path: String| Some((path.clone(), std::fs::read_to_string(root().join(path)).ok()?));
    paths().into_iter().filter_map(read).collect()
}

/// Every Rust file.
pub(super) fn sources() -> Vec<Source> {
    let rust = texts().into_iter().filter(|(path, _)| path.ends_with(".rs"));
    rust.map(|(path, text)| Source::new(path, text)).collect()
}

/// A file of the tree as text.
pub(super) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
