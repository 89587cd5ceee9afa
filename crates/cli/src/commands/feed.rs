//! `feed`: what members posted.

use std::ops::ControlFlow;

use api::{Answer, Event, FeedRow, Notice, Query};
use clap::Args;
use node::Client;

use super::{CommandResult, ask, home};
use crate::{args::Global, output};

/// What members posted, the newest last
#[derive(Debug, Args)]
pub(crate) struct Feed {
    /// Go on showing posts the moment they arrive
    #[arg(long)]
    follow: bool,
    /// Only what came after this cursor
    #[arg(long, value_name = "CURSOR")]
    after: Option<u64>,
    /// At most so many; 0 for all
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: u64,
    /// Only of this campaign
    #[arg(long, value_name = "CAMPAIGN")]
    campaign: Option<String>,
}

pub(super) fn run(global: &Global, args: &Feed) -> CommandResult {
    if args.follow {
        return follow(global, args);
    }
    let Feed { after, limit, campaign, .. } = args;
    let query = Query::Feed { after: *after, limit: *limit, campaign: campaign.clone() };
    let answer = ask(global, query)?;
    output::answer(&answer, global.json, global.quiet, || match &answer {
        Answer::Feed(rows) if rows.rows.is_empty() => {
            "nobody has posted yet: groundwork post 'Hello'".to_owned()
        }
        Answer::Feed(rows) => rows.rows.iter().map(text).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    });
    Ok(())
}

/// Shows posts as they come, one JSON object a line. A node that ends says so.
fn follow(global: &Global, args: &Feed) -> CommandResult {
    let space = global.space.as_deref().filter(|space| !space.is_empty());
    let campaign = args.campaign.as_deref().map(str::to_lowercase);
    let of_campaign = |row: &FeedRow| match (&campaign, &row.campaign) {
        (Some(wanted), Some(campaign)) => campaign.starts_with(wanted.as_str()),
        (wanted, _) => wanted.is_none(),
    };
    let of_space = |row: &FeedRow| {
        space.is_none_or(|space| {
            row.space.starts_with(space)
                || row.space_name.to_lowercase().starts_with(&space.to_lowercase())
        })
    };
    Client::follow(&home(global)?, args.after, |notice: Notice| {
        if let Event::Post(row) = notice.event
            && of_space(&row)
            && of_campaign(&row)
        {
            match global.json {
                true => {
                    let row = serde_json::to_value(&row).unwrap_or_default();
                    output::json(&api::with_version(row));
                }
                false => output::line(&text(&row)),
            }
        }
        ControlFlow::Continue(())
    })
}

pub(super) fn text(row: &FeedRow) -> String {
    let said = match row.state.as_str() {
        "undone" => "(taken back)".to_owned(),
        "counts" => output::plain(&row.text),
        _ => format!("{} (void: {})", output::plain(&row.text), row.why.as_deref().unwrap_or("")),
    };
    let reply = if row.reply_to.is_some() { " (reply)" } else { "" };
    format!(
        "{} {} in {}{reply} · {}\n  {}",
        output::when(row.at),
        output::plain_line(&row.author.name),
        output::plain_line(&row.space_name),
        output::short(&row.id),
        said.replace('\n', "\n  ")
    )
}
