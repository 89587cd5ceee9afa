//! `why`: what waits, by which rule, and the way out.

use api::{Answer, Query};
use clap::Args;

use super::{Done, tell};
use crate::{args::Global, output};

/// What waits, does not count or was not transferred, by which rule, and the way out
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// Only what is about this
    thing: Option<String>,
}

pub(super) fn run(global: &Global, args: &Why) -> Done {
    tell(global, Query::Why { thing: args.thing.clone() }, |answer| {
        let Answer::Why(why) = answer else { return None };
        if why.waiting.is_empty() {
            return Some("nothing waits: all that is here is read and counts".to_owned());
        }
        let rows = why.waiting.iter().map(|row| {
            let way_out = row.way_out.join(" ");
            format!("{}: {} ({})\n  {way_out}", output::plain(&row.what), row.reason, row.rule)
        });
        Some(rows.collect::<Vec<_>>().join("\n"))
    })
}
