//! `profile`: what you are called in a space.

use api::{Answer, Command, Query, What};
use clap::Args;

use super::{CommandResult, tell};
use crate::{args::Global, output};

/// What you are called in a space
#[derive(Debug, Args)]
pub(crate) struct Profile {
    /// Be called this from now on
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

pub(super) fn run(global: &Global, args: &Profile) -> CommandResult {
    let what: What = match &args.name {
        Some(name) => Command::Profile { name: name.clone() }.into(),
        None => Query::Profile.into(),
    };
    tell(global, what, |answer| {
        let Answer::Profiled(profiled) = answer else { return None };
        Some(format!("you are called {}", output::plain_line(&profiled.name)))
    })
}
