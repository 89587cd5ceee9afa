//! `show`: one thing, whole.

use api::{Answer, Query, Shown};
use clap::Args;

use super::{Done, feed, member, need, tell};
use crate::{args::Global, output};

/// One thing, whole: a need, a campaign, a post, a member, an act
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Its code or id
    thing: String,
}

pub(super) fn run(global: &Global, args: &Show) -> Done {
    tell(global, Query::Show { thing: args.thing.clone() }, |answer| {
        let Answer::Shown(shown) = answer else { return None };
        Some(text(shown))
    })
}

pub(super) fn text(shown: &Shown) -> String {
    match shown {
        Shown::Need(row) => {
            let mut lines = vec![
                format!("{} {} ({})", row.code, output::plain_line(&row.text), row.status),
                format!(
                    "asked by {} on {}",
                    output::plain_line(&row.author.name),
                    output::when(row.at)
                ),
            ];
            for (name, value) in
                [("category", &row.category), ("quantity", &row.quantity), ("area", &row.area)]
            {
                if !value.is_empty() {
                    lines.push(format!("{name}: {}", output::plain(value).replace('\n', "\n  ")));
                }
            }
            if !row.claims.is_empty() {
                lines.push(format!("claims: {}", need::claims(row)));
            }
            if !row.conflicts.is_empty() {
                lines.push(format!("changed by several at once: {}", row.conflicts.join(", ")));
            }
            lines.push(format!("you can: {}", row.can.join(", ")));
            lines.join("\n")
        }
        Shown::Campaign(row) => {
            let mut lines = vec![format!("{} ({})", output::plain_line(&row.title), row.status)];
            for (name, value) in
                [("goal", &row.goal), ("place", &row.place), ("learned", &row.learned)]
            {
                if !value.is_empty() {
                    lines.push(format!("{name}: {}", output::plain(value).replace('\n', "\n  ")));
                }
            }
            if !row.conflicts.is_empty() {
                lines.push(format!("changed by several at once: {}", row.conflicts.join(", ")));
            }
            lines.join("\n")
        }
        Shown::Post(row) => feed::text(row),
        Shown::Member(row) => member::members(std::slice::from_ref(row)),
        Shown::Act(act) => serde_json::to_string_pretty(act).unwrap_or_default(),
    }
}
