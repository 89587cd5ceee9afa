//! `feed`: what members posted.

use std::ops::ControlFlow;

use api::{Answer, Event, Failure, FeedRow, Notice, Query};
use clap::Args;
use node::Client;

use crate::{
    asking::{home, nothing, tell},
    global::Global,
    output,
    wording::post,
};

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

pub(crate) fn run(global: &Global, args: &Feed) -> Result<(), Failure> {
    if args.follow {
        return follow(global, args);
    }
    let Feed { after, limit, campaign, .. } = args;
    let query = Query::Feed { after: *after, limit: *limit, campaign: campaign.clone() };
    tell(global, query, |answer| match answer {
        Answer::Feed(rows) if rows.rows.is_empty() => {
            let yet = "nobody has posted yet: groundwork post 'Hello'";
            Some(nothing(rows, after.is_some(), yet))
        }
        Answer::Feed(rows) => Some(rows.rows.iter().map(post).collect::<Vec<_>>().join("\n")),
        _ => None,
    })
}

/// Shows posts as they come, one JSON object a line. A node that ends says so.
fn follow(global: &Global, args: &Feed) -> Result<(), Failure> {
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
                false => output::line(&post(&row)),
            }
        }
        ControlFlow::Continue(())
    })
}
