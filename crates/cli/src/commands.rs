//! One file per command: its arguments with their help, and what it does.

pub(crate) mod campaign;
pub(crate) mod catalogue;
pub(crate) mod charter;
pub(crate) mod completions;
pub(crate) mod feed;
pub(crate) mod found;
pub(crate) mod join;
pub(crate) mod member;
pub(crate) mod need;
pub(crate) mod node;
pub(crate) mod post;
pub(crate) mod profile;
pub(crate) mod show;
pub(crate) mod status;
pub(crate) mod sync;
pub(crate) mod todo;
pub(crate) mod undo;
pub(crate) mod up;
pub(crate) mod r#use;
pub(crate) mod why;

use std::{
    io::{IsTerminal, Read},
    process::ExitCode,
};

use ::node::{Client, Home};
use api::{Answer, Ask, ErrorCode, Failure, What};

use crate::{
    args::{Cli, Command, Global},
    output,
};

type CommandResult = Result<(), Failure>;

/// Bytes that are read from standard input at most: a text of the greatest length and the end of
/// its last line. What is longer is not read to its end.
const INPUT_BYTES_MAX: u64 = 64 * 1024 + 2;

/// Runs a command, and says how it went.
pub(crate) fn run(cli: &Cli) -> ExitCode {
    let global = &cli.global;
    let done = match &cli.command {
        None => status::start(global),
        Some(command) => dispatch(global, command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => output::fail(&failure, global.json),
    }
}

fn dispatch(global: &Global, command: &Command) -> CommandResult {
    match command {
        Command::Up(args) => up::run(global, args),
        Command::Found(args) => found::run(global, args),
        Command::Join(args) => join::run(global, args),
        Command::Use(args) => r#use::run(global, args),
        Command::Profile(args) => profile::run(global, args),
        Command::Member(command) => member::run(global, command),
        Command::Status => status::run(global),
        Command::Todo => todo::run(global),
        Command::Post(args) => post::run(global, args),
        Command::Feed(args) => feed::run(global, args),
        Command::Campaign(command) => campaign::run(global, command),
        Command::Need(command) => need::run(global, command),
        Command::Show(args) => show::run(global, args),
        Command::Undo(args) => undo::run(global, args),
        Command::Why(args) => why::run(global, args),
        Command::Sync(args) => sync::run(global, args),
        Command::Charter(command) => charter::run(global, command),
        Command::Node(command) => node::run(global, command),
        Command::Errors => catalogue::errors(global),
        Command::Commands => catalogue::commands(global),
        Command::Completions(args) => completions::run(global, args),
    }
}

/// The home that is meant.
pub(crate) fn home(global: &Global) -> Result<Home, Failure> {
    Home::resolve(global.home.clone())
}

/// Puts a question to the node.
pub(crate) fn ask(global: &Global, what: impl Into<What>) -> Result<Answer, Failure> {
    let ask = Ask {
        space: global.space.clone().filter(|space| !space.is_empty()),
        timeout_ms: global.timeout.saturating_mul(1000),
        wait: global.wait,
        ..Ask::new(what)
    };
    Client::ask(&home(global)?, ask)
}

/// Puts a question, and prints what `text` makes of the answer.
pub(crate) fn tell(
    global: &Global,
    what: impl Into<What>,
    text: impl FnOnce(&Answer) -> Option<String>,
) -> CommandResult {
    let answer = ask(global, what)?;
    output::answer(&answer, global.json, global.quiet, || text(&answer).unwrap_or_default());
    Ok(())
}

/// What was written and how to take it back.
pub(crate) fn stored(stored_on: u64) -> String {
    match stored_on {
        0 => "on this machine".to_owned(),
        1 => "on this machine and 1 other".to_owned(),
        n => format!("on this machine and {n} others"),
    }
}

/// A text that was given, or standard input for `-`.
pub(crate) fn text_or_input(given: &str) -> Result<String, Failure> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    if std::io::stdin().is_terminal() {
        eprintln!("reading from the keyboard; end with Ctrl-D");
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(INPUT_BYTES_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::because(ErrorCode::BadArgument, error.to_string()))?;
    if bytes.len() as u64 > INPUT_BYTES_MAX {
        return Err(Failure::of(ErrorCode::TextTooLong));
    }
    let text = String::from_utf8(bytes).map_err(|_| Failure::of(ErrorCode::NotUtf8))?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}
