//! `todo`: what waits for you.

use api::{Answer, Failure, Query};
use clap::Args;

use crate::{
    asking::{more, nothing, tell_page},
    global::{Global, Paging},
    output,
};

/// What waits for you
#[derive(Debug, Args)]
pub(crate) struct Todo {
    #[command(flatten)]
    paging: Paging,
}

pub(crate) fn run(global: &Global, args: &Todo) -> Result<(), Failure> {
    tell_page(global, args.paging.page(), Query::Todo, |answer| {
        let Answer::Todo(rows) = answer else { return None };
        if rows.rows.is_empty() {
            return Some(nothing(rows, args.paging.is_part(), "nothing waits for you"));
        }
        let lines = rows.rows.iter().map(|row| {
            let (space, text) =
                (output::plain_line(&row.space_name), output::plain_line(&row.text));
            format!("{space}: {text}\n  {}", row.way_out.join(" "))
        });
        Some(lines.collect::<Vec<_>>().join("\n") + &more(rows, "groundwork todo"))
    })
}
