//! `completions`: for shells.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Done;
use crate::args::Cli;

/// Print completions for a shell
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &Completions) -> Done {
    let mut command = Cli::command();
    let name = command.get_name().to_owned();
    clap_complete::generate(args.shell, &mut command, name, &mut std::io::stdout());
    Ok(())
}
