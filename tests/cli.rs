//! Transcripts: sessions of several people in Markdown, run and compared (DESIGN 11).
//!
//! In a block marked `console`, a line `ana$ COMMAND` is run in Ana's home, and what follows is
//! what it prints, first standard output, then standard error. `[..]` stands for any text in a
//! line, `...` for any lines. A line `[exit N]` says how it ends, if not with 0.
//!
//! - `ana$ groundwork up &` starts a node and waits until it is ready; `ana: stop` ends it,
//!   `ana: kill` does so with `kill -9`.
//! - `ana$ ticket=COMMAND | .FIELD` keeps a field of the JSON object that COMMAND prints; `$ticket`
//!   stands for it from then on.
//! - `COMMAND < TEXT` gives a text on standard input.
//! - `bo$ until COMMAND` polls: it runs the command again and again, up to a deadline, until it
//!   prints what stands there. What others have to bring about is asked for so.

mod compare;
mod session;

use std::{fs, path::Path};

#[test]
fn transcripts_are_true() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = fs::read_dir(here.join("cli")).unwrap().flatten().map(|file| file.path());
    let mut files: Vec<_> =
        listed.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect();
    files.push(here.join("../README.md"));
    files.sort();
    let mut commands = 0;
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        commands += session::run(&file.display().to_string(), &text);
    }
    assert!(files.len() > 5 && commands > 50, "{commands} commands in {} files", files.len());
}
