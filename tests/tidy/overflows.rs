//! What is too long or too great is an error, or said: it never becomes nothing.

use super::arrows::manifest;
use super::source::Source;
use super::{assert_none, assert_one, tree};

/// What makes nothing of an error.
const NOTHING: [&str; 2] = [".unwrap_or_default()", ".unwrap_or(0)"];

/// Conversions outside tests whose failure becomes an empty list or a zero.
fn hidden(source: &Source) -> Vec<String> {
    // Without white space, each character with its line.
    let lines = source.code.iter().enumerate().filter(|(line, _)| !source.test[*line]);
    let code: Vec<(usize, char)> = lines
        .flat_map(|(line, code)| code.chars().map(move |c| (line, c)))
        .filter(|(_, c)| !c.is_whitespace())
        .collect();
    let text: String = code.iter().map(|(_, c)| if c.is_ascii() { *c } else { '_' }).collect();
    let begins = ["try_into(", "try_from("].into_iter().flat_map(|call| text.match_indices(call));
    let hides = |(at, call): &(usize, &str)| {
        let end = at + call.len() + arguments(&text[at + call.len()..]);
        NOTHING.iter().any(|nothing| text[end..].starts_with(nothing))
    };
    let place = |(at, _): (usize, &str)| source.place(code[at].0);
    begins.filter(hides).map(place).map(|place| format!("{place}: hides an overflow")).collect()
}

/// The length of what stands before and with the bracket that closes a call.
fn arguments(rest: &str) -> usize {
    let mut depth = 1;
    for (at, c) in rest.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth == 0 {
            return at + 1;
        }
    }
    rest.len()
}

#[test]
fn no_conversion_makes_nothing_of_what_does_not_fit() {
    assert_none(&tree::sources().iter().flat_map(hidden).collect::<Vec<_>>());
}

#[test]
fn a_released_program_stops_at_an_overflow() {
    let checks = manifest("Cargo.toml")["profile"]["release"].get("overflow-checks").cloned();
    assert_eq!(checks, Some(toml::Value::Boolean(true)));
}

#[test]
fn hidden_ones_are_found() {
    let rust = |text: &str| hidden(&Source::new("crates/a/src/a.rs", text));
    assert_none(&rust("fn a() { b.try_into().unwrap_or(u64::MAX); c.unwrap_or_default() }"));
    assert_none(&rust("fn a() { u8::try_from(b).map_err(c)?; d.get(e).unwrap_or_default() }"));
    assert_none(&rust("#[cfg(test)]\nmod tests { fn a() { b.try_into().unwrap_or_default() } }"));
    assert_one(&rust("fn a() {\n    b.try_into().unwrap_or_default()\n}"), "a.rs:2: hides");
    assert_one(&rust("fn a() { b\n.try_into()\n.unwrap_or(0) }"), "a.rs:2");
    assert_one(&rust("fn a() { u8::try_from(b.c(d)).unwrap_or_default() }"), "a.rs:1");
}
