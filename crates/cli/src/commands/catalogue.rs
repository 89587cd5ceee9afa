//! `errors` and `commands`: what programs can rely on.

use api::{ErrorCode, Failure};
use clap::ArgAction;
use serde_json::{Value, json};

use crate::{fields::ANSWERS, global::Global, output, table::table};

/// Every error, with its exit code.
pub(crate) fn errors(global: &Global) -> Result<(), Failure> {
    if global.json {
        let row = |code: &ErrorCode| {
            json!({
                "code": code.code(), "kind": code.kind(), "exit": code.kind().exit(),
                "status": code.status(), "message": code.message(), "hint": code.hint(),
            })
        };
        let rows: Vec<_> = ErrorCode::ALL.iter().map(row).collect();
        output::json(&json!({ "v": api::VERSION, "rows": rows, "next": null, "unread": 0 }));
        return Ok(());
    }
    let row = |code: &ErrorCode| {
        vec![code.code().to_owned(), code.kind().exit().to_string(), code.message().to_owned()]
    };
    output::line(table(&["code", "exit", "message"], ErrorCode::ALL.iter().map(row)).trim_end());
    Ok(())
}

/// Every command under `whole`, the tree of all that can be said.
pub(crate) fn commands(global: &Global, whole: &clap::Command) -> Result<(), Failure> {
    let mut rows = Vec::new();
    collect(whole, "", &mut rows);
    if global.json {
        let is_global = |arg: &&clap::Arg| arg.is_global_set();
        let flags: Vec<_> = whole.get_arguments().filter(is_global).map(argument).collect();
        output::json(&json!({
            "v": api::VERSION, "global": flags, "rows": rows, "next": null, "unread": 0,
        }));
        return Ok(());
    }
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let rows = rows.iter().map(|row| vec![text(row, "command"), text(row, "about")]);
    output::line(table(&["command", "what it does"], rows).trim_end());
    Ok(())
}

/// Every command that can be run, with its arguments and flags and the fields of its answers.
fn collect(command: &clap::Command, before: &str, rows: &mut Vec<Value>) {
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let name = format!("{before}{}", sub.get_name());
        if sub.has_subcommands() {
            collect(sub, &format!("{name} "), rows);
            continue;
        }
        let arguments: Vec<_> = sub.get_arguments().map(argument).collect();
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        let (mut fields, mut answers) = (Vec::<String>::new(), Vec::new());
        for answer in ANSWERS.iter().filter(|answers| answers.command == name) {
            let paths = answer.paths();
            for path in &paths {
                if !fields.contains(path) {
                    fields.push(path.clone());
                }
            }
            answers.push(json!({ "of": answer.of, "fields": paths }));
        }
        rows.push(json!({
            "command": name, "about": about, "arguments": arguments,
            "fields": fields, "answers": answers,
        }));
    }
}

/// An argument (no flag) or a flag.
fn argument(arg: &clap::Arg) -> Value {
    let long = arg.get_long().map(|long| format!("--{long}"));
    let takes_value = arg.get_action().takes_values();
    let names = arg.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
    let name = names.unwrap_or_else(|| arg.get_id().as_str().to_uppercase());
    let values = arg.get_possible_values();
    let values: Vec<_> = values.iter().filter(|_| takes_value).map(|v| v.get_name()).collect();
    let default = arg.get_default_values().first().filter(|_| takes_value);
    json!({
        "flag": long.or_else(|| arg.get_short().map(|short| format!("-{short}"))),
        "value": takes_value.then_some(name),
        "values": values,
        "default": default.map(|default| default.to_string_lossy()),
        "required": arg.is_required_set(),
        "many": matches!(arg.get_action(), ArgAction::Append),
        "help": arg.get_help().map(ToString::to_string).unwrap_or_default(),
    })
}
