//! One thing, whole, for a person: what `show` prints, and `why` of an act.

use api::{CampaignRow, NeedRow, Shown};
use serde_json::Value;

use crate::{
    output::{plain, plain_line, short, who},
    wording::{claims, dated, members, post},
};

/// A thing in words.
pub(crate) fn text(shown: &Shown) -> String {
    match shown {
        Shown::Need(row) => need(row),
        Shown::Campaign(row) => campaign(row),
        Shown::Post(row) => post(row),
        Shown::Member(row) => members(std::slice::from_ref(row)),
        Shown::Act(act) => explained(act),
    }
}

fn need(row: &NeedRow) -> String {
    let mut lines = vec![
        format!("{} {} ({})", row.code, plain_line(&row.text), row.status),
        format!("asked by {} on {}", who(&row.author), dated(row.at, row.doubtful)),
    ];
    lines.extend(field("category", &row.category));
    lines.extend(field("quantity", &row.quantity));
    lines.extend(field("area", &row.area));
    if !row.claims.is_empty() {
        lines.push(format!("claims: {}", claims(row)));
    }
    lines.extend(conflicts(&row.conflicts));
    lines.push(format!("you can: {}", row.can.join(", ")));
    lines.join("\n")
}

fn campaign(row: &CampaignRow) -> String {
    let mut lines = vec![format!("{} ({})", plain_line(&row.title), row.status)];
    lines.extend(field("goal", &row.goal));
    lines.extend(field("place", &row.place));
    lines.extend(field("learned", &row.learned));
    lines.extend(conflicts(&row.conflicts));
    lines.join("\n")
}

/// A field, where it was filled in.
fn field(name: &str, value: &str) -> Option<String> {
    (!value.is_empty()).then(|| format!("{name}: {}", plain(value).replace('\n', "\n  ")))
}

/// The fields that several people set apart from each other, where there are any.
fn conflicts(fields: &[String]) -> Option<String> {
    (!fields.is_empty()).then(|| format!("changed by several at once: {}", fields.join(", ")))
}

/// How an act stands: who counts, which approvals do and which do not, by which rule.
fn explained(act: &Value) -> String {
    let text = |value: &Value| plain_line(value.as_str().unwrap_or_default());
    let id = |value: &Value| short(value.as_str().unwrap_or_default());
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
        format!("  {} {}", id(member), if counted { "approved" } else { "has not approved" })
    }));
    lines.extend(list("not_counted").iter().map(|one| {
        let (member, entry) = (id(&one["member"]), id(&one["entry"]));
        format!("  {member} approved in {entry}, which does not count: {}", text(&one["rule"]))
    }));
    lines.join("\n")
}
