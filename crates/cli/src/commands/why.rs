//! `why`: what waits, by which rule, and the way out.

use api::{Answer, Query};
use clap::Args;

use super::{CommandResult, show, tell};
use crate::{args::Global, output};

/// What waits, does not count or was not transferred, by which rule, and the way out
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// Only what is about this
    thing: Option<String>,
}

pub(super) fn run(global: &Global, args: &Why) -> CommandResult {
    tell(global, Query::Why { thing: args.thing.clone() }, |answer| {
        let why = match answer {
            Answer::Why(why) => why,
            Answer::Shown(shown) => return Some(show::text(shown)),
            _ => return None,
        };
        if why.waiting.is_empty() {
            return Some("nothing waits: all that is here is read and counts".to_owned());
        }
        let rows = why.waiting.iter().map(|row| {
            let way_out = row.way_out.join(" ");
            let (what, reason) = (output::plain_line(&row.what), output::plain_line(&row.reason));
            format!("{what}: {reason} ({})\n  {way_out}", row.rule)
        });
        Some(rows.collect::<Vec<_>>().join("\n"))
    })
}
