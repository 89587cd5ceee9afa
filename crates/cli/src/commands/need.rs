//! `need`: asking for help, and taking it on.

use api::{Answer, Command, Failure, NeedFields, NeedRow, Query};
use clap::{Args, Subcommand};

use crate::{
    asking::{more, nothing, tell, tell_page},
    global::{Global, Paging},
    output,
    table::table,
    wording::{claims, shown_yet, stored},
};

#[derive(Debug, Subcommand)]
pub(crate) enum NeedCommand {
    /// Ask for help
    ///
    /// Say what is needed, never an address or a phone number: all members read it.
    Add {
        /// What is needed
        text: String,
        #[command(flatten)]
        details: Details,
    },
    /// Change a need, or close it with --status closed; an empty text clears a field
    Edit {
        /// Its code, like K7Q
        code: String,
        /// What is needed
        #[arg(long)]
        text: Option<String>,
        #[command(flatten)]
        details: Details,
        /// draft, open, paused or closed
        #[arg(long)]
        status: Option<String>,
    },
    /// All needs, with who claims them
    List {
        #[command(flatten)]
        paging: Paging,
    },
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

/// What a need says beside its text.
#[derive(Clone, Debug, Args)]
pub(crate) struct Details {
    /// What kind of need it is, like tools
    #[arg(long)]
    category: Option<String>,
    /// Roughly where, like a part of town; never an address
    #[arg(long)]
    area: Option<String>,
    /// How much or many, like 3 or "2 bags"
    #[arg(long)]
    quantity: Option<String>,
}

pub(crate) fn run(global: &Global, command: &NeedCommand) -> Result<(), Failure> {
    match command {
        NeedCommand::Add { text, details } => {
            let fields = NeedFields { text: Some(text.clone()), ..fields(details) };
            tell(global, Command::NeedAdd(fields), |answer| written(answer, "asked for"))
        }
        NeedCommand::Edit { code, text, details, status } => {
            let (text, status) = (text.clone(), status.clone());
            let fields = NeedFields { text, status, ..fields(details) };
            let command = Command::NeedEdit { need: code.clone(), fields };
            tell(global, command, |answer| written(answer, "changed"))
        }
        NeedCommand::List { paging } => tell_page(global, paging.page(), Query::Needs, |answer| {
            let Answer::Needs(rows) = answer else { return None };
            if rows.rows.is_empty() {
                let yet = "no needs yet: groundwork need add 'A ladder'";
                return Some(nothing(rows, paging.is_part(), yet));
            }
            Some(list(&rows.rows) + &more(rows, "groundwork need list"))
        }),
        NeedCommand::Claim { code } => {
            tell(global, Command::NeedClaim { need: code.clone() }, claimed)
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

fn fields(details: &Details) -> NeedFields {
    let Details { category, area, quantity } = details.clone();
    NeedFields { category, area, quantity, ..NeedFields::default() }
}

fn written(answer: &Answer, verb: &str) -> Option<String> {
    let Answer::Written(written) = answer else { return None };
    let code = written.code.as_deref().unwrap_or_default();
    Some(format!(
        "{verb} {code} in {}: {} · {}{} · change it: groundwork need edit {code}",
        output::plain_line(&written.space_name),
        output::plain_line(&written.title),
        stored(written.stored_on),
        shown_yet(&written.state)
    ))
}

fn claimed(answer: &Answer) -> Option<String> {
    let Answer::Claimed(claimed) = answer else { return None };
    let others: Vec<_> = claimed.others.iter().map(output::who).collect();
    let others = match others.is_empty() {
        true => String::new(),
        false => format!("\n{} claims it too: speak with each other", others.join(", ")),
    };
    let (code, stored) = (&claimed.code, stored(claimed.stored_on));
    Some(format!("claimed {code} · {stored} · undo: groundwork need release {code}{others}"))
}

fn list(rows: &[NeedRow]) -> String {
    let row = |row: &NeedRow| {
        vec![
            row.code.clone(),
            output::plain(&row.text),
            row.status.clone(),
            claims(row),
            output::who(&row.author),
            output::plain_line(&row.space_name),
        ]
    };
    table(&["code", "need", "status", "claims", "by", "space"], rows.iter().map(row))
}
