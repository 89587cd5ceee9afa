//! The golden vectors of this crate, and the mutations of them: see `groundwork.cddl` for what
//! they pin, and `tests/vectors/check.py` for the reader that shares no code with this one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "vectors are files")]

#[path = "../../../../tests/vectors/file.rs"]
mod file;

mod charter;
mod charter_invalid;
mod content;
mod content_invalid;
mod entries;
mod fixed;
mod headers;
mod headers_invalid;
mod ids;
mod mutations;
mod runs;
mod runs_newer;

use ledger::{DecodeError, decode, encode};
use serde_json::{Value, json};

/// The beginning of the rule by which bytes are refused.
fn refusal(error: DecodeError) -> String {
    match error {
        DecodeError::Malformed(_) => "malformed".to_owned(),
        DecodeError::NotCanonical => "not the one encoding".to_owned(),
        DecodeError::Newer => file::NEWER.to_owned(),
        DecodeError::Rule(rule) => rule.to_owned(),
    }
}

/// Reads a body: the kinds of its items, and its CBOR as JSON.
fn read_body<T>(bytes: &[u8], kinds: impl Fn(&T) -> Vec<u16>) -> Result<Value, String>
where
    T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()>,
{
    let body: T = decode(bytes).map_err(refusal)?;
    assert_eq!(encode(&body), bytes);
    Ok(json!({ "kinds": kinds(&body), "value": file::json_of(bytes) }))
}
