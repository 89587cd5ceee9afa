//! `status`, and `groundwork` alone.

use api::{Answer, Failure, Query, SpaceRow, Status};

use crate::{
    asking::{home, tell},
    global::Global,
    output,
    table::table,
    wording::{THREE_WAYS_IN, standing},
};

/// `groundwork` alone: where things stand, or in an empty home the three ways in.
pub(crate) fn start(global: &Global) -> Result<(), Failure> {
    if home(global)?.exists() || global.json {
        return run(global);
    }
    output::line(THREE_WAYS_IN);
    Ok(())
}

/// `status`: this node and its spaces.
pub(crate) fn run(global: &Global) -> Result<(), Failure> {
    tell(global, Query::Status, |answer| {
        let Answer::Status(status) = answer else { return None };
        Some(text(status))
    })
}

fn text(status: &Status) -> String {
    let node = match status.listen.is_empty() {
        true => "no node is running: groundwork up".to_owned(),
        false => format!("node up, {} connected", status.connected),
    };
    let trouble = status
        .trouble
        .as_ref()
        .map(|trouble| format!("\ntrouble: {}", output::plain_line(trouble)));
    let spaces = match status.spaces.is_empty() {
        true => THREE_WAYS_IN.to_owned(),
        false => table(
            &["space", "you", "state", "members", "entries", "id"],
            status.spaces.iter().map(row),
        ),
    };
    format!("{node}{}\n{spaces}", trouble.unwrap_or_default())
}

fn row(row: &SpaceRow) -> Vec<String> {
    let state = standing(&row.state, row.say, row.vouches, row.needed);
    let fork = if row.forks > 0 { "; a key writes in two places: groundwork why" } else { "" };
    let unread = if row.unread > 0 { format!(" ({} unread)", row.unread) } else { String::new() };
    let mark = if row.current { "* " } else { "  " };
    vec![
        format!("{mark}{}", output::plain_line(&row.name)),
        output::plain_line(&row.me),
        format!("{state}{fork}"),
        format!("{} ({} here)", row.members, row.connected + 1),
        format!("{}{unread}", row.entries),
        output::short(&row.space),
    ]
}
