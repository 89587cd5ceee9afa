//! `charter`: what the space has decided about itself.

use api::{Answer, Failure, Query};
use clap::Subcommand;

use crate::{asking::tell, global::Global, output, wording::members};

#[derive(Debug, Subcommand)]
pub(crate) enum CharterCommand {
    /// Who decides, and with how many approvals
    Show,
    /// Five words to read aloud: the same words, the same charter
    Words,
    /// Every entry, and what they come to, as JSON
    Export,
}

pub(crate) fn run(global: &Global, command: &CharterCommand) -> Result<(), Failure> {
    match command {
        CharterCommand::Show => tell(global, Query::CharterShow, |answer| {
            let Answer::CharterShown(shown) = answer else { return None };
            Some(format!(
                "{}: {} with a say; {} approvals for what is grave, {} for the rest\n\
                 words: {}\n{}",
                output::plain_line(&shown.name),
                shown.electorate,
                shown.grave,
                shown.other,
                shown.words.join(" "),
                members(&shown.members)
            ))
        }),
        CharterCommand::Words => tell(global, Query::CharterWords, |answer| {
            let Answer::CharterWords(words) = answer else { return None };
            Some(words.words.join(" "))
        }),
        CharterCommand::Export => tell(global, Query::CharterExport, |answer| {
            serde_json::to_string_pretty(&answer.to_json()).ok()
        }),
    }
}
