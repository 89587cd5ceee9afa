//! `need`: asking for help, and taking it on.

use api::{Answer, Command, NeedFields, NeedRow, Query};
use clap::Subcommand;

use super::{Done, stored, tell};
use crate::{args::Global, output, table::table};

#[derive(Debug, Subcommand)]
pub(crate) enum NeedCommand {
    /// Ask for help
    ///
    /// Say what is needed, never an address or a phone number: all members read it.
    Add {
        /// What is needed
        text: String,
        /// Its category
        #[arg(long)]
        category: Option<String>,
        /// Roughly where
        #[arg(long)]
        area: Option<String>,
        /// How much or many, like 3 or "2 bags"
        #[arg(long)]
        quantity: Option<String>,
    },
    /// All needs, with who claims them
    List,
    /// Take on a need
    Claim {
        /// Its code, like K7Q
        code: String,
    },
    /// Give a need back
    Release {
        /// Its code, like K7Q
        code: String,
    },
}

pub(super) fn run(global: &Global, command: &NeedCommand) -> Done {
    match command {
        NeedCommand::Add { text, category, area, quantity } => {
            let fields = NeedFields {
                text: Some(text.clone()),
                category: category.clone(),
                area: area.clone(),
                quantity: quantity.clone(),
                ..NeedFields::default()
            };
            tell(global, Command::NeedAdd(fields), |answer| {
                let Answer::Written(written) = answer else { return None };
                Some(format!(
                    "asked for {} in {}: {} · {}",
                    written.code.as_deref().unwrap_or_default(),
                    output::plain(&written.space_name),
                    output::plain(&written.title),
                    stored(written.stored_on)
                ))
            })
        }
        NeedCommand::List => tell(global, Query::Needs, |answer| {
            let Answer::Needs(rows) = answer else { return None };
            Some(list(&rows.rows))
        }),
        NeedCommand::Claim { code } => {
            let command = Command::NeedClaim { need: code.clone() };
            tell(global, command, |answer| {
                let Answer::Claimed(claimed) = answer else { return None };
                let others: Vec<_> =
                    claimed.others.iter().map(|who| output::plain(&who.name)).collect();
                let others = match others.is_empty() {
                    true => String::new(),
                    false => {
                        format!("\n{} claims it too: speak with each other", others.join(", "))
                    }
                };
                Some(format!(
                    "claimed {} · {} · undo: groundwork need release {}{others}",
                    claimed.code,
                    stored(claimed.stored_on),
                    claimed.code
                ))
            })
        }
        NeedCommand::Release { code } => {
            let command = Command::NeedRelease { need: code.clone() };
            tell(global, command, |answer| {
                let Answer::Claimed(claimed) = answer else { return None };
                let code = &claimed.code;
                Some(format!("gave {code} back · undo: groundwork need claim {code}"))
            })
        }
    }
}

fn list(rows: &[NeedRow]) -> String {
    if rows.is_empty() {
        return "no needs yet: groundwork need add TEXT".to_owned();
    }
    let row = |row: &NeedRow| {
        vec![
            row.code.clone(),
            output::plain(&row.text),
            row.status.clone(),
            claims(row),
            output::plain(&row.author.name),
            output::plain(&row.space_name),
        ]
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    table(&["code", "need", "status", "claims", "by", "space"], &rows)
}

pub(super) fn claims(row: &NeedRow) -> String {
    let claims = row.claims.iter();
    let claims = claims.map(|claim| format!("{} ({})", output::plain(&claim.by.name), claim.state));
    claims.collect::<Vec<_>>().join(", ")
}
