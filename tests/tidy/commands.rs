//! The command line is a tower: below, what several commands need; then the commands, of which none
//! knows another; above, the tree of all that can be said, which knows each.

use super::purity::named;
use super::source::{Source, has_word};
use super::{assert_none, assert_one, tree};

/// Modules of the command line that stand above its commands.
const ABOVE: [&str; 2] = ["args", "commands"];

fn is_command(path: &str) -> bool {
    path.starts_with("crates/cli/src/commands/")
}

/// Where a command names its parent, another command or what stands above.
fn reaches_up(source: &Source) -> Vec<String> {
    let mut problems = Vec::new();
    for (line, code) in source.code.iter().enumerate() {
        if !source.test[line] && has_word(code, "super") {
            problems.push(format!("{}: super: what it shares goes below", source.place(line)));
        }
    }
    let code = source.code.join("\n");
    for (at, start) in code.match_indices("crate::") {
        for name in named(&code[at + start.len()..]).into_iter().filter(|it| ABOVE.contains(it)) {
            let line = code[..at].matches('\n').count();
            problems.push(format!("{}: {name} stands above it", source.place(line)));
        }
    }
    problems
}

#[test]
fn no_command_knows_another() {
    let sources = tree::sources();
    let commands: Vec<_> = sources.iter().filter(|source| is_command(&source.path)).collect();
    assert!(commands.len() > 10, "nothing was read");
    assert_none(&commands.into_iter().flat_map(reaches_up).collect::<Vec<_>>());
}

#[test]
fn commands_that_know_another_are_found() {
    let rust = |text: &str| Source::new("crates/cli/src/commands/a.rs", text);
    assert!(is_command(&rust("").path) && !is_command("crates/cli/src/commands.rs"));
    assert_none(&reaches_up(&rust("use crate::{asking::tell, global::Global};\nfn a(args: A) {}")));
    assert_none(&reaches_up(&rust("#[cfg(test)]\nmod tests {\n    use super::*;\n}\n")));
    assert_one(&reaches_up(&rust("\nuse super::post;")), "a.rs:2: super");
    assert_one(&reaches_up(&rust("use crate::{\n    args::Cli,\n    output,\n};")), "args stands");
    assert_one(&reaches_up(&rust("fn a() { crate::commands::post::run() }")), "commands stands");
}
