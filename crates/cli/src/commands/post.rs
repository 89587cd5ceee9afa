//! `post`: writes to the feed.

use api::{Answer, Command, Failure};
use clap::Args;

use crate::{asking::tell, global::Global, input::text_or_input, output, wording::stored};

/// Post to the space's feed, or to a campaign's
#[derive(Debug, Args)]
pub(crate) struct Post {
    /// The text, or - to read it from standard input
    text: String,
    /// The campaign that it belongs to
    #[arg(long, value_name = "CAMPAIGN")]
    campaign: Option<String>,
    /// The post that it replies to
    #[arg(long, value_name = "ID")]
    reply_to: Option<String>,
}

pub(crate) fn run(global: &Global, args: &Post) -> Result<(), Failure> {
    let command = Command::Post {
        text: text_or_input(&args.text)?,
        campaign: args.campaign.clone(),
        reply_to: args.reply_to.clone(),
        text_lang: None,
    };
    tell(global, command, |answer| {
        let Answer::Posted(posted) = answer else { return None };
        let id = output::short(&posted.id);
        Some(format!(
            "posted {id} in {} · {} · undo: groundwork undo {id}",
            output::plain_line(&posted.space_name),
            stored(posted.stored_on)
        ))
    })
}
