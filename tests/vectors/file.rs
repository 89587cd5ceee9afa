//! Golden vectors as the crates' tests check them. Each crate that has some includes this file by
//! its path, because vectors are read from the disk and its own sources reach nothing outside.
//!
//! A file is a list of objects. All have `name`, `kind`, `hex` and, where bytes alone are not
//! enough, `given`; a valid one has `expect`, an invalid one the `rule` that refuses it, one of a
//! newer version what is `newer` in it, and `expect` too if it is read all the same. They are
//! append-only: `GROUNDWORK_VECTORS=write` adds the missing ones and changes none.

use std::{collections::BTreeSet, path::PathBuf};

use minicbor::{Decoder, data::Type};
use serde_json::{Value, json};

/// A vector as its generator makes it.
pub(crate) struct Made {
    name: String,
    kind: &'static str,
    bytes: Vec<u8>,
    given: Value,
    rule: Option<&'static str>,
    newer: Option<&'static str>,
}

/// A valid vector; what to expect is read from it when it is first written.
pub(crate) fn valid(kind: &'static str, name: &str, bytes: Vec<u8>) -> Made {
    Made { name: name.to_owned(), kind, bytes, given: Value::Null, rule: None, newer: None }
}

/// An invalid vector, and the rule that refuses it.
pub(crate) fn invalid(kind: &'static str, name: &str, rule: &'static str, bytes: Vec<u8>) -> Made {
    Made { rule: Some(rule), ..valid(kind, name, bytes) }
}

/// A vector of a newer version, and what is new in it.
pub(crate) fn newer(kind: &'static str, name: &str, what: &'static str, bytes: Vec<u8>) -> Made {
    Made { newer: Some(what), ..valid(kind, name, bytes) }
}

/// As what a reader refuses that comes upon something of a newer version.
pub(crate) const NEWER: &str = "newer";

impl Made {
    /// With what else is needed to read it.
    pub(crate) fn given(self, given: Value) -> Self {
        Self { given, ..self }
    }
}

/// Checks that `file` holds all of `made`, byte for byte if `is_fixed`, and that `read`, given
/// kind, `given` and bytes, agrees with each vector in it: with what to expect of a valid one,
/// with the beginning of the rule of an invalid one, with [`NEWER`] of one of a newer version that
/// is not read.
pub(crate) fn check(
    file: &str,
    made: Vec<Made>,
    is_fixed: bool,
    read: impl Fn(&str, &Value, &[u8]) -> Result<Value, String>,
) {
    let mut stored = load(file);
    if std::env::var("GROUNDWORK_VECTORS").is_ok_and(|mode| mode == "write") {
        add_missing(file, &mut stored, &made, &read);
    }
    for made in &made {
        let found = stored.iter().find(|vector| vector["name"] == *made.name);
        let found = found.unwrap_or_else(|| panic!("{file} lacks {}", made.name));
        if is_fixed {
            assert_eq!(found["hex"], hex(&made.bytes), "{file}: {} has changed", made.name);
            assert_eq!(found["given"], made.given, "{file}: {} has changed", made.name);
        }
    }
    let mut names = BTreeSet::new();
    for vector in &stored {
        let name = vector["name"].as_str().unwrap();
        assert!(names.insert(name), "{file} has {name} twice");
        let bytes = unhex(vector["hex"].as_str().unwrap());
        let outcome = read(vector["kind"].as_str().unwrap(), &vector["given"], &bytes);
        let is_newer = vector["newer"].is_string() && vector["expect"].is_null();
        match (vector["rule"].as_str(), outcome) {
            (None, Err(found)) if is_newer => assert_eq!(found, NEWER, "{file}: {name}"),
            (None, Ok(found)) => assert_eq!(found, vector["expect"], "{file}: {name}"),
            (Some(rule), Err(found)) => {
                assert!(rule.starts_with(&found), "{file}: {name} is refused for {found:?}");
            }
            (None, Err(error)) => panic!("{file}: {name} is refused: {error}"),
            (Some(_), Ok(_)) => panic!("{file}: {name} is not refused"),
        }
    }
}

fn add_missing(
    file: &str,
    stored: &mut Vec<Value>,
    made: &[Made],
    read: &impl Fn(&str, &Value, &[u8]) -> Result<Value, String>,
) {
    for made in made {
        if stored.iter().any(|vector| vector["name"] == *made.name) {
            continue;
        }
        let mut vector = json!({ "name": made.name, "kind": made.kind, "hex": hex(&made.bytes) });
        if !made.given.is_null() {
            vector["given"] = made.given.clone();
        }
        if let Some(what) = made.newer {
            vector["newer"] = json!(what);
        }
        match (made.rule, read(made.kind, &made.given, &made.bytes)) {
            (Some(rule), Err(error)) if rule.starts_with(&error) => vector["rule"] = json!(rule),
            (Some(_), found) => panic!("{file}: {} gives {found:?}", made.name),
            (None, Ok(expect)) => vector["expect"] = expect,
            (None, Err(error)) if made.newer.is_some() && error == NEWER => {}
            (None, Err(error)) => panic!("{file}: {} is refused: {error}", made.name),
        }
        stored.push(vector);
    }
    let text = serde_json::to_string_pretty(stored).unwrap() + "\n";
    std::fs::write(path(file), text).unwrap();
}

/// The bytes of every vector in `file`, valid and invalid.
pub(crate) fn corpus(file: &str) -> Vec<Vec<u8>> {
    load(file).iter().map(|vector| unhex(vector["hex"].as_str().unwrap())).collect()
}

fn path(file: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors")).join(file)
}

fn load(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(path(file)).unwrap_or_else(|_| "[]".to_owned());
    serde_json::from_str(&text).unwrap()
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hex, with spaces between where wanted, as bytes.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    let pairs = (0..digits.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// One CBOR value as JSON: keys as texts, byte strings as `h'...'`.
pub(crate) fn json_of(bytes: &[u8]) -> Value {
    value_of(&mut Decoder::new(bytes))
}

fn value_of(d: &mut Decoder<'_>) -> Value {
    match d.datatype().unwrap() {
        Type::Bytes => json!(format!("h'{}'", hex(d.bytes().unwrap()))),
        Type::String => json!(d.str().unwrap()),
        Type::Bool => json!(d.bool().unwrap()),
        Type::Null => d.null().map(|()| Value::Null).unwrap(),
        Type::Array => (0..d.array().unwrap().unwrap()).map(|_| value_of(d)).collect(),
        Type::Map => {
            let pairs = 0..d.map().unwrap().unwrap();
            pairs.map(|_| (d.i64().unwrap().to_string(), value_of(d))).collect()
        }
        Type::I8 | Type::I16 | Type::I32 | Type::I64 => json!(d.i64().unwrap()),
        _ => json!(d.u64().unwrap()),
    }
}
