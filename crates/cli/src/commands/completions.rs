//! `completions`: for shells.

use api::Failure;
use clap::Args;
use clap_complete::Shell;
use serde_json::json;

use crate::{global::Global, output};

/// Print completions for a shell
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell that they are for
    shell: Shell,
}

/// `whole` is the tree of all that can be said.
pub(crate) fn run(
    global: &Global,
    args: &Completions,
    whole: &mut clap::Command,
) -> Result<(), Failure> {
    let name = whole.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, whole, name, &mut script);
    let script = String::from_utf8_lossy(&script);
    match global.json {
        true => output::json(&json!({ "v": api::VERSION, "script": script })),
        false => output::raw(script.trim_end()),
    }
    Ok(())
}
