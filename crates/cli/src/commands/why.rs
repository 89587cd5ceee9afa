//! `why`: what waits, by which rule, and the way out.

use api::{Answer, Failure, Query};
use clap::Args;

use crate::{asking::tell, global::Global, output, shown};

/// What waits, does not count or was not transferred, by which rule, and the way out
#[derive(Debug, Args)]
pub(crate) struct Why {
    /// Only what is about this
    thing: Option<String>,
}

pub(crate) fn run(global: &Global, args: &Why) -> Result<(), Failure> {
    tell(global, Query::Why { thing: args.thing.clone() }, |answer| {
        let why = match answer {
            Answer::Why(why) => why,
            Answer::Shown(shown) => return Some(shown::text(&shown.thing)),
            _ => return None,
        };
        if why.waiting.is_empty() && why.unread > 0 {
            return Some("nothing waits of what has been read".to_owned());
        }
        if why.waiting.is_empty() {
            return Some("nothing waits: all that is here is read and counts".to_owned());
        }
        let rows = why.waiting.iter().map(|row| {
            let way_out = row.way_out.join(" ");
            let (what, reason) = (output::plain_line(&row.what), output::plain_line(&row.reason));
            let after = row.after.map(|ms| format!(", written after {}", output::when(ms)));
            let before = row.before.map(|ms| match row.after {
                Some(_) => format!(" and before {}", output::when(ms)),
                None => format!(", written before {}", output::when(ms)),
            });
            let when = after.unwrap_or_default() + &before.unwrap_or_default();
            format!("{what}{when}: {reason} ({})\n  {way_out}", row.rule)
        });
        Some(rows.collect::<Vec<_>>().join("\n"))
    })
}
