//! `profile`: what you are called in a space.

use api::{Answer, Command, Failure, Query, What};
use clap::Args;

use crate::{asking::tell, global::Global, output};

/// What you are called in a space
#[derive(Debug, Args)]
pub(crate) struct Profile {
    /// Be called this from now on
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

pub(crate) fn run(global: &Global, args: &Profile) -> Result<(), Failure> {
    let what: What = match &args.name {
        Some(name) => Command::Profile { name: name.clone() }.into(),
        None => Query::Profile.into(),
    };
    tell(global, what, |answer| {
        let Answer::Profiled(profiled) = answer else { return None };
        Some(format!("you are called {}", output::plain_line(&profiled.name)))
    })
}
