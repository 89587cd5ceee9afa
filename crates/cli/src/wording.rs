//! What several commands say in the same words.

use api::{FeedRow, MemberRow, NeedRow};

use crate::{
    output::{plain, plain_line, short, when, who},
    table::table,
};

/// What to do in an empty home.
pub(crate) const THREE_WAYS_IN: &str = "\
this home has no space yet; there are three ways in, each from another terminal:
  groundwork found \"Elm Street Tenants\" --me Ana    found a space of your own
  groundwork join - --me Bo                         knock with a ticket (paste it, then Ctrl-D)
  groundwork --help                                 look around first";

/// What is added where a change waits for what it builds on.
pub(crate) fn shown_yet(state: &str) -> &'static str {
    match state {
        "counts" => "",
        _ => " · it does not show yet, see why: groundwork why",
    }
}

/// When something was written, by its author's clock, and whether that was in doubt.
pub(crate) fn dated(at: u64, doubtful: bool) -> String {
    format!("{}{}", when(at), if doubtful { " (by a clock that was ahead)" } else { "" })
}

/// On how many disks something written is, this machine's among them.
pub(crate) fn stored(stored_on: u64) -> String {
    match stored_on {
        0 => "on this machine".to_owned(),
        1 => "on this machine and 1 other".to_owned(),
        n => format!("on this machine and {n} others"),
    }
}

/// How somebody stands in a space.
pub(crate) fn standing(state: &str, say: bool, vouches: u32, needed: u32) -> String {
    match (state, say) {
        ("in", true) => "in, with a say".to_owned(),
        ("ended", _) => "the ticket has ended; ask for a new one".to_owned(),
        ("knocking", _) => format!("knocking, {vouches} of {needed} vouches"),
        (state, _) => state.to_owned(),
    }
}

/// Members, a row each.
pub(crate) fn members(rows: &[MemberRow]) -> String {
    let row = |row: &MemberRow| {
        let me = if row.me { " (you)" } else { "" };
        let name = format!("{}{me}", who(&row.who));
        let state = standing(&row.state, row.say, row.vouches, row.needed);
        vec![name, state, short(&row.who.member), plain_line(&row.space_name)]
    };
    table(&["name", "state", "id", "space"], rows.iter().map(row))
}

/// A post: a line about it, and its text behind an indent.
pub(crate) fn post(row: &FeedRow) -> String {
    let said = match row.state.as_str() {
        "undone" => "(taken back)".to_owned(),
        "counts" => plain(&row.text),
        "void" if row.text.is_empty() => format!("(void: {})", row.why.as_deref().unwrap_or("")),
        "void" => format!("{} (void: {})", plain(&row.text), row.why.as_deref().unwrap_or("")),
        _ => format!("({})", row.why.as_deref().unwrap_or("")),
    };
    let reply = if row.reply_to.is_some() { " (reply)" } else { "" };
    format!(
        "{} {} in {}{reply} · {}\n  {}",
        dated(row.at, row.doubtful),
        who(&row.author),
        plain_line(&row.space_name),
        short(&row.id),
        said.replace('\n', "\n  ")
    )
}

/// Who claims a need, and how each claim stands.
pub(crate) fn claims(row: &NeedRow) -> String {
    let claims = row.claims.iter();
    let claims = claims.map(|claim| format!("{} ({})", who(&claim.by), claim.state));
    claims.collect::<Vec<_>>().join(", ")
}
