//! The tests of the whole, in one binary: one module a part, as `./tests/run` names them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cli;
mod errors;
mod fields;
mod forks;
mod homes;
mod names;
mod person;
mod processes;
mod screen;
mod simulator;
mod tidy;
