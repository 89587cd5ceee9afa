//! `campaign`: what the space wants to win.

use api::{Answer, CampaignFields, CampaignRow, Command, Failure, Query};
use clap::{Args, Subcommand};

use crate::{
    asking::{more, nothing, tell, tell_page},
    global::{Global, Paging},
    output,
    table::table,
    wording::{shown_yet, stored},
};

#[derive(Debug, Subcommand)]
pub(crate) enum CampaignCommand {
    /// Begin a campaign
    New {
        /// What it is called
        title: String,
        /// What it is to win, so that one can tell whether it has
        #[arg(long)]
        goal: Option<String>,
    },
    /// Change a campaign
    Edit {
        /// The campaign's id
        campaign: String,
        #[command(flatten)]
        fields: Fields,
    },
    /// All campaigns
    List {
        #[command(flatten)]
        paging: Paging,
    },
}

/// Fields of a campaign; an empty text clears one.
#[derive(Clone, Debug, Args)]
pub(crate) struct Fields {
    /// What it is called
    #[arg(long)]
    title: Option<String>,
    /// What it is to win, so that one can tell whether it has
    #[arg(long)]
    goal: Option<String>,
    /// Where it is fought
    #[arg(long)]
    place: Option<String>,
    /// draft, active, paused, won, partly-won, lost or ended
    #[arg(long)]
    status: Option<String>,
    /// What you would tell whoever fights the next one
    #[arg(long)]
    learned: Option<String>,
}

pub(crate) fn run(global: &Global, command: &CampaignCommand) -> Result<(), Failure> {
    match command {
        CampaignCommand::New { title, goal } => {
            let title = Some(title.clone());
            let fields = CampaignFields { title, goal: goal.clone(), ..CampaignFields::default() };
            tell(global, Command::CampaignNew(fields), |answer| written(answer, "began"))
        }
        CampaignCommand::Edit { campaign, fields } => {
            let Fields { title, goal, place, status, learned } = fields.clone();
            let fields = CampaignFields { title, goal, place, status, learned };
            let command = Command::CampaignEdit { campaign: campaign.clone(), fields };
            tell(global, command, |answer| written(answer, "changed"))
        }
        CampaignCommand::List { paging } => {
            tell_page(global, paging.page(), Query::Campaigns, |answer| {
                let Answer::Campaigns(rows) = answer else { return None };
                if rows.rows.is_empty() {
                    let yet = "no campaigns yet: groundwork campaign new TITLE";
                    return Some(nothing(rows, paging.is_part(), yet));
                }
                Some(list(&rows.rows) + &more(rows, "groundwork campaign list"))
            })
        }
    }
}

fn written(answer: &Answer, verb: &str) -> Option<String> {
    let Answer::Written(written) = answer else { return None };
    let id = output::short(&written.id);
    Some(format!(
        "{verb} {id} {} in {} · {}{} · change it: groundwork campaign edit {id}",
        output::plain_line(&written.title),
        output::plain_line(&written.space_name),
        stored(written.stored_on),
        shown_yet(&written.state)
    ))
}

fn list(rows: &[CampaignRow]) -> String {
    let row = |row: &CampaignRow| {
        vec![
            output::plain_line(&row.title),
            row.status.clone(),
            output::plain_line(&row.goal),
            output::short(&row.id),
            output::plain_line(&row.space_name),
        ]
    };
    table(&["title", "status", "goal", "id", "space"], rows.iter().map(row))
}
