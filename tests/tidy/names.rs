//! Names and places of files, and what their text must not name.

use super::{assert_none, assert_one, tree};

/// Names that say nothing; a file is one idea and is called after it.
const EMPTY_NAMES: [&str; 7] = ["common", "helpers", "manager", "misc", "types", "util", "utils"];

/// Directories of the machines that this is written on. They stand in two halves, so that this
/// file does not name them either.
const MACHINE_PATHS: [(&str, &str); 4] =
    [("/wo", "rk/"), ("/fa", "rm/"), ("/ro", "ot/"), ("/tmp", "/gw/")];

fn files(path: &str) -> Vec<String> {
    let file = path.rsplit('/').next().unwrap_or(path);
    match file.strip_suffix(".rs") {
        Some("mod") => vec![format!("{path}: a module is foo.rs beside foo/")],
        Some(name) if EMPTY_NAMES.contains(&name) => vec![format!("{path}: an empty name")],
        _ => Vec::new(),
    }
}

fn machine_paths(path: &str, text: &str) -> Vec<String> {
    let names_one = |line: &str| {
        MACHINE_PATHS.iter().map(|(a, b)| format!("{a}{b}")).any(|named| {
            let mut found = line.match_indices(&named);
            found.any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '.'))
        })
    };
    let bad = text.lines().enumerate().filter(|(_, line)| names_one(line));
    bad.map(|(line, _)| format!("{path}:{}: a path of one machine", line + 1)).collect()
}

#[test]
fn files_have_names_of_their_own() {
    assert_none(&tree::paths().iter().flat_map(|path| files(path)).collect::<Vec<_>>());
}

#[test]
fn no_path_of_one_machine() {
    let texts = tree::texts();
    assert_none(
        &texts.iter().flat_map(|(path, text)| machine_paths(path, text)).collect::<Vec<_>>(),
    );
}

#[test]
fn bad_names_are_found() {
    assert_none(&files("crates/ledger/src/entry.rs"));
    assert_one(&files("crates/ledger/src/entry/mod.rs"), "beside");
    assert_one(&files("crates/ledger/src/utils.rs"), "empty name");

    assert_none(&machine_paths("a", "see example.org/work/ and frame/work/ and ../work/"));
    assert_one(&machine_paths("a", &format!("\ncd {}{}x", "/wo", "rk/")), "a:2: ");
    assert_one(&machine_paths("a", &format!("\"{}{}x\"", "/ro", "ot/")), "a:1: ");
}
