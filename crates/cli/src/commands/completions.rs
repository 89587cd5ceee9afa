//! `completions`: for shells.

use clap::{Args, CommandFactory};
use clap_complete::Shell;
use serde_json::json;

use super::CommandResult;
use crate::{
    args::{Cli, Global},
    output,
};

/// Print completions for a shell
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

pub(super) fn run(global: &Global, args: &Completions) -> CommandResult {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, name, &mut script);
    let script = String::from_utf8_lossy(&script);
    match global.json {
        true => output::json(&json!({ "v": api::VERSION, "script": script })),
        false => output::raw(script.trim_end()),
    }
    Ok(())
}
