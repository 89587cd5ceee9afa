//! `show`: one thing, whole.

use api::{Answer, Query, Shown};
use clap::Args;
use serde_json::Value;

use super::{CommandResult, feed, member, need, tell};
use crate::{args::Global, output};

/// One thing, whole: a need, a campaign, a post, a member, an act
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Its code or id
    thing: String,
}

pub(super) fn run(global: &Global, args: &Show) -> CommandResult {
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
        Shown::Act(act) => explained(act),
    }
}

/// How an act stands: who counts, which approvals do and which do not, by which rule.
fn explained(act: &Value) -> String {
    let text = |value: &Value| output::plain_line(value.as_str().unwrap_or_default());
    let short = |value: &Value| output::short(value.as_str().unwrap_or_default());
    let list = |field: &str| act[field].as_array().cloned().unwrap_or_default();
    let mut lines = vec![format!(
        "{}: {}; {} of {} approvals that are needed count, of {} with a say",
        text(&act["kind"]),
        text(&act["state"]),
        list("counted").len(),
        act["threshold"],
        act["n"],
    )];
    lines.extend(list("electorate").iter().map(|member| {
        let counted = list("counted").iter().any(|one| one["member"] == *member);
        format!("  {} {}", short(member), if counted { "approved" } else { "has not approved" })
    }));
    lines.extend(list("not_counted").iter().map(|one| {
        let (member, entry) = (short(&one["member"]), short(&one["entry"]));
        format!("  {member} approved in {entry}, which does not count: {}", text(&one["rule"]))
    }));
    lines.join("\n")
}
