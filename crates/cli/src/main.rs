//! The `groundwork` command line: one file per command, each asking the node and saying what it
//! answered. No command works out a rule by itself.

mod args;
mod asking;
mod commands;
mod confirm;
mod fields;
mod global;
mod input;
mod output;
mod shown;
mod table;
mod wording;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use api::{ErrorCode, Failure};
use clap::{
    CommandFactory, Parser,
    error::{ContextKind, ContextValue, ErrorKind},
};

use args::Cli;

fn main() -> ExitCode {
    // Words that are not UTF-8 are wrong use, said in a sentence.
    let mut words = Vec::new();
    for word in std::env::args_os() {
        match word.into_string() {
            Ok(word) => words.push(word),
            Err(_) => return output::fail(&Failure::of(ErrorCode::NotUtf8), wants_json()),
        }
    }
    match Cli::try_parse_from(words) {
        Ok(cli) => match cli.run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => output::fail(&failure, cli.global.json),
        },
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                // Who has closed the other end has read enough.
                _ = write!(io::stdout(), "{error}");
                ExitCode::SUCCESS
            }
            _ => output::fail(&usage(&error), wants_json()),
        },
    }
}

fn wants_json() -> bool {
    std::env::args_os().any(|word| word == "--json")
}

/// What clap says is wrong, in one sentence, and the help of the command that was meant.
fn usage(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let said: Vec<_> = lines
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"))
        .map(|line| line.trim_start_matches("error: ").trim_start_matches("tip: "))
        .collect();
    let (command, help) = meant();
    let mut message = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "say what to do".to_owned(),
        _ => said.join("; ").replace(":; ", ": ").replace(">; <", ">, <"),
    };
    if error.kind() == ErrorKind::InvalidSubcommand
        && error.get(ContextKind::SuggestedSubcommand).is_none()
        && let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
    {
        let names = command.get_subcommands().map(clap::Command::get_name);
        if let Some(nearest) = names.min_by_key(|name| node::config::distance(name, word)) {
            message.push_str(&format!("; the nearest is '{nearest}'"));
        }
    }
    Failure::because(ErrorCode::BadArgument, message).hint(format!("{help} --help"))
}

/// The command that the words lead to, as far as they name one, and its whole name.
fn meant() -> (clap::Command, String) {
    let mut command = Cli::command();
    let mut name = command.get_name().to_owned();
    for word in std::env::args_os().skip(1) {
        let word = word.to_string_lossy().into_owned();
        let Some(sub) = command.find_subcommand(&word).cloned() else { continue };
        name = format!("{name} {word}");
        command = sub;
    }
    (command, name)
}
