//! The golden vectors of what nodes say to each other and of tickets, and the mutations of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "vectors are files")]

#[allow(dead_code, reason = "each crate uses a part of it")]
#[path = "../../../../tests/vectors/file.rs"]
mod file;

mod fixed;
mod frames;
mod frames_invalid;
mod knocks;
mod mutations;
mod tickets;

use ledger::DecodeError;

/// The beginning of the rule by which bytes are refused.
fn refusal(error: DecodeError) -> String {
    match error {
        DecodeError::Malformed(_) => "malformed".to_owned(),
        DecodeError::NotCanonical => "not the one encoding".to_owned(),
        DecodeError::Newer => file::NEWER.to_owned(),
        DecodeError::Rule(rule) => rule.to_owned(),
    }
}
