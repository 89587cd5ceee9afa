//! `undo`: takes back what one wrote.

use api::Command;
use clap::Args;

use super::{CommandResult, tell};
use crate::args::Global;

/// Take back a post or a claim of yours
#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// Its id
    thing: String,
}

pub(super) fn run(global: &Global, args: &Undo) -> CommandResult {
    let command = Command::Undo { thing: args.thing.clone() };
    tell(global, command, |_| Some("taken back".to_owned()))
}
