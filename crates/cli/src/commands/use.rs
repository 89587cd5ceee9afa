//! `use`: the space that is meant when none is said.

use api::{Answer, Command, Failure};
use clap::Args;

use crate::{asking::tell, global::Global, output};

/// Say which space is meant when none is said
#[derive(Debug, Args)]
pub(crate) struct Use {
    /// The space, by name, id or a prefix of either
    name: String,
}

pub(crate) fn run(global: &Global, args: &Use) -> Result<(), Failure> {
    tell(global, Command::Use { space: args.name.clone() }, |answer| {
        let Answer::Used(used) = answer else { return None };
        let name = output::plain_line(&used.name);
        Some(format!("from now on, {name} is meant when you say no space"))
    })
}
