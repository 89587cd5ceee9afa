//! `undo`: takes back what one wrote.

use api::{Command, Failure};
use clap::Args;

use crate::{asking::tell, global::Global};

/// Take back a post or a claim of yours
#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// The id of the post or the claim
    thing: String,
}

pub(crate) fn run(global: &Global, args: &Undo) -> Result<(), Failure> {
    let command = Command::Undo { thing: args.thing.clone() };
    tell(global, command, |_| Some("taken back".to_owned()))
}
