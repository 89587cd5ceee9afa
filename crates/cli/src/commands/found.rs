//! `found`: founds a space.

use api::{Answer, Command, Failure};
use clap::Args;

use crate::{asking::tell, global::Global, output};

/// Found a space, and be its first member
#[derive(Debug, Args)]
pub(crate) struct Found {
    /// What the space is called
    name: String,
    /// What you are called there
    #[arg(long, value_name = "NAME")]
    me: String,
}

pub(crate) fn run(global: &Global, args: &Found) -> Result<(), Failure> {
    let Found { name, me } = args;
    let command = Command::Found { name: name.clone(), me: me.clone(), zone: None };
    tell(global, command, |answer| {
        let Answer::Founded(founded) = answer else { return None };
        Some(format!(
            "founded {} ({})\ncharter words: {}\ninvite somebody: groundwork member invite",
            output::plain_line(&founded.name),
            output::short(&founded.space),
            founded.charter_words.join(" ")
        ))
    })
}
