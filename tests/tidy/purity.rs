//! Pure crates: no clock, no ambient randomness, no I/O, no threads, no order of a hash table.
//!
//! Clippy says the same with types in hand (`clippy.pure.toml`); this also reads what clippy
//! does not, such as an import, and holds the lists of what pure crates may stand on.

use super::arrows::{HOUSE, dependencies, is_ours, manifest};
use super::source::{Source, has_word};
use super::{assert_none, assert_one, tree};

/// What a pure crate may stand on besides crates of the house.
const PURE_DEPENDENCIES: [&str; 18] = [
    "automerge",
    "blake3",
    "bs58",
    "chacha20poly1305",
    "ed25519-dalek",
    "hpke",
    "icu_properties",
    "minicbor",
    "rand_chacha",
    "rand_core",
    "rpds",
    "serde",
    "serde_json",
    "thiserror",
    "unicode-normalization",
    "unicode-security",
    "zeroize",
    "zstd",
];
/// What only its tests may, too.
const PURE_DEV_DEPENDENCIES: [&str; 1] = ["proptest"];

/// Modules of std that reach outside.
const OUTSIDE: [&str; 6] = ["env", "fs", "net", "os", "process", "thread"];
/// Names that reach outside, or whose order is the process's own.
const IMPURE: [&str; 20] = [
    "HashMap",
    "HashSet",
    "Instant",
    "OsRng",
    "RandomState",
    "SysRng",
    "SystemTime",
    "ThreadRng",
    "UNIX_EPOCH",
    "async_std",
    "eprintln",
    "getrandom",
    "libp2p",
    "println",
    "smol",
    "stderr",
    "stdin",
    "stdout",
    "thread_rng",
    "tokio",
];

fn is_pure_path(path: &str) -> bool {
    let mut parts = path.split('/');
    let (first, name) = (parts.next(), parts.next());
    let inside = matches!(parts.next(), Some("src" | "build.rs"));
    first == Some("crates")
        && inside
        && HOUSE.iter().any(|row| row.is_pure && name == Some(row.name))
}

fn impure(source: &Source) -> Vec<String> {
    let mut problems = Vec::new();
    for (line, code) in source.code.iter().enumerate() {
        for name in IMPURE.iter().filter(|name| has_word(code, name)) {
            problems.push(format!("{}: {name}", source.place(line)));
        }
    }
    let code = source.code.join("\n");
    for (at, start) in code.match_indices("std::") {
        for name in named(&code[at + start.len()..]) {
            if OUTSIDE.contains(&name) {
                let line = code[..at].matches('\n').count();
                problems.push(format!("{}: std::{name}", source.place(line)));
            }
        }
    }
    problems
}

/// The first names behind a `std::` or `crate::`: of a path one, of a group each of its members'.
pub(super) fn named(rest: &str) -> Vec<&str> {
    let first = |path: &'_ str| -> usize {
        path.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(path.len())
    };
    let Some(group) = rest.strip_prefix('{') else {
        return vec![&rest[..first(rest)]];
    };
    let (mut depth, mut start, mut names) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' | ',' if depth == 0 => {
                let member = group[start..at].trim_start();
                names.push(&member[..first(member)]);
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names
}

fn impure_dependencies(name: &str, manifest: &toml::Table, root: &toml::Table) -> Vec<String> {
    let is_allowed = |package: &str, table: &str| {
        is_ours(package)
            || PURE_DEPENDENCIES.contains(&package)
            || (table == "dev-dependencies" && PURE_DEV_DEPENDENCIES.contains(&package))
    };
    let named = dependencies(manifest, root).into_iter();
    let bad = named.filter(|(package, table)| !is_allowed(package, table));
    bad.map(|(package, _)| format!("{name} is pure and stands on {package}")).collect()
}

#[test]
fn pure_crates_reach_nothing_outside() {
    let sources = tree::sources();
    let pure: Vec<&Source> = sources.iter().filter(|source| is_pure_path(&source.path)).collect();
    assert!(pure.len() >= HOUSE.iter().filter(|row| row.is_pure).count(), "nothing was read");
    assert_none(&pure.into_iter().flat_map(impure).collect::<Vec<_>>());
}

#[test]
fn pure_crates_stand_on_pure_ones() {
    let root = manifest("Cargo.toml");
    let pure = HOUSE.iter().filter(|row| row.is_pure).map(|row| row.name);
    let problems = pure.flat_map(|name| {
        impure_dependencies(name, &manifest(&format!("crates/{name}/Cargo.toml")), &root)
    });
    assert_none(&problems.collect::<Vec<_>>());
}

#[test]
fn pure_crates_stand_on_no_edge() {
    for row in HOUSE.iter().filter(|row| row.is_pure) {
        assert!(row.arrows().all(|below| below.is_pure), "{}", row.name);
    }
}

#[test]
fn pure_crates_have_the_pure_clippy_file() {
    let wanted = tree::read("clippy.pure.toml");
    for row in HOUSE {
        let path = format!("crates/{}/clippy.toml", row.name);
        let found = std::fs::read_to_string(tree::root().join(&path)).ok();
        assert_eq!(found.as_ref() == Some(&wanted), row.is_pure, "{path}");
    }
}

#[test]
fn impure_ones_are_found() {
    let rust = |text: &str| Source::new("crates/ledger/src/a.rs", text);
    assert_none(&impure(&rust("//! A HashMap of std::fs.\nuse std::time::Duration;\n")));
    assert_none(&impure(&rust("use std::{collections::BTreeMap, fmt::{self, env}};\n")));
    assert_one(&impure(&rust("\nuse std::fs;")), "a.rs:2: std::fs");
    assert_one(
        &impure(&rust("use std::{\n    fmt::{self, Debug},\n    thread,\n};")),
        "std::thread",
    );
    assert_one(&impure(&rust("fn a() { std::net::lookup() }")), "std::net");
    for name in IMPURE {
        assert_one(&impure(&rust(&format!("fn a() {{ {name}::now() }}"))), name);
    }
    assert!(is_pure_path("crates/ledger/src/a/b.rs") && is_pure_path("crates/engine/src/lib.rs"));
    assert!(!is_pure_path("crates/disk/src/lib.rs") && !is_pure_path("crates/ledger/tests/a.rs"));

    let root = manifest("Cargo.toml");
    let found = |text: &str| impure_dependencies("ledger", &text.parse().unwrap(), &root);
    assert_none(&found("[dependencies]\nblake3.workspace = true\nstore.workspace = true\n"));
    assert_none(&found("[dev-dependencies]\nproptest = \"1\"\n"));
    assert_one(&found("[dependencies]\nproptest = \"1\"\n"), "proptest");
    assert_one(&found("[dependencies]\ntokio.workspace = true\n"), "tokio");
    assert_one(&found("[dev-dependencies]\nb = { version = \"1\", package = \"rand\" }\n"), "rand");
}
