//! `errors` and `commands`: what programs can rely on.

use api::ErrorCode;
use clap::CommandFactory;
use serde_json::{Value, json};

use super::Done;
use crate::{
    args::{Cli, Global},
    output,
    table::table,
};

pub(super) fn errors(global: &Global) -> Done {
    if global.json {
        let row = |code: &ErrorCode| {
            json!({
                "code": code.code(), "kind": code.kind(), "exit": code.kind().exit(),
                "status": code.status(), "message": code.message(), "hint": code.hint(),
            })
        };
        let rows: Vec<_> = ErrorCode::ALL.iter().map(row).collect();
        output::line(&json!({ "v": api::VERSION, "rows": rows, "next": null }).to_string());
        return Ok(());
    }
    let row = |code: &ErrorCode| {
        vec![code.code().to_owned(), code.kind().exit().to_string(), code.message().to_owned()]
    };
    let rows: Vec<_> = ErrorCode::ALL.iter().map(row).collect();
    output::line(table(&["code", "exit", "message"], &rows).trim_end());
    Ok(())
}

pub(super) fn commands(global: &Global) -> Done {
    let mut rows = Vec::new();
    collect(&Cli::command(), "", &mut rows);
    if global.json {
        output::line(&json!({ "v": api::VERSION, "rows": rows, "next": null }).to_string());
        return Ok(());
    }
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let rows: Vec<_> =
        rows.iter().map(|row| vec![text(row, "command"), text(row, "about")]).collect();
    output::line(table(&["command", "what it does"], &rows).trim_end());
    Ok(())
}

/// Every command that can be run, with its arguments and flags.
fn collect(command: &clap::Command, before: &str, rows: &mut Vec<Value>) {
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let name = format!("{before}{}", sub.get_name());
        if sub.has_subcommands() {
            collect(sub, &format!("{name} "), rows);
            continue;
        }
        let argument = |arg: &clap::Arg| {
            let long = arg.get_long().map(|long| format!("--{long}"));
            let flag = long.or_else(|| arg.get_short().map(|short| format!("-{short}")));
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let value = arg.get_action().takes_values().then(|| arg.get_id().as_str().to_owned());
            json!({ "flag": flag, "value": value, "help": help })
        };
        let arguments: Vec<_> = sub.get_arguments().map(argument).collect();
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        rows.push(json!({ "command": name, "about": about, "arguments": arguments }));
    }
}
