//! `show`: one thing, whole.

use api::{Answer, Failure, Query};
use clap::Args;

use crate::{asking::tell, global::Global, shown};

/// One thing, whole: a need, a campaign, a post, a member, an act
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// A need's code, like K7Q, or the id of anything
    thing: String,
}

pub(crate) fn run(global: &Global, args: &Show) -> Result<(), Failure> {
    tell(global, Query::Show { thing: args.thing.clone() }, |answer| {
        let Answer::Shown(shown) = answer else { return None };
        Some(shown::text(&shown.thing))
    })
}
