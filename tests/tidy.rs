//! House style, dependency arrows and purity, checked over every file that git would commit.
//!
//! A check is a function from sources or manifests to a list of problems, so that each is also
//! run on a bad sample and shown to fail.

mod arrows;
mod commands;
mod features;
mod marks;
mod names;
mod overflows;
mod panics;
mod purity;
mod sizes;
mod source;
mod tree;

/// Fails with every problem on a line of its own.
fn assert_none(problems: &[String]) {
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// Fails unless there is exactly one problem, and it says `what`.
fn assert_one(problems: &[String], what: &str) {
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains(what), "{:?} does not say {what:?}", problems[0]);
}
