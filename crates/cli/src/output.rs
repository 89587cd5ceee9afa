//! What is printed, where, and with which exit code (CONTRACT 2).

use std::{
    io::{self, Write},
    process::ExitCode,
};

use api::{Answer, ErrorKind, Failure, Who};
use serde_json::Value;

/// Prints an answer: as one JSON object, or as text for a person.
pub(crate) fn answer(answer: &Answer, as_json: bool, quiet: bool, text: impl FnOnce() -> String) {
    if as_json {
        json(&answer.to_json());
    } else if !quiet {
        line(text().trim_end());
    }
}

/// Prints one JSON object to standard output.
pub(crate) fn json(object: &Value) {
    raw(&json_text(object));
}

/// Prints text for a person to standard output. Whatever is in it, it steers no terminal.
pub(crate) fn line(text: &str) {
    raw(&plain(text));
}

/// Prints a line to standard output as it is. A reader that has gone away is no error of ours.
pub(crate) fn raw(text: &str) {
    if text.is_empty() {
        return;
    }
    let mut out = io::stdout().lock();
    if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Says something beside an answer, to standard error.
pub(crate) fn note(text: &str) {
    eprintln!("{}", plain_line(text));
}

/// Says why something was not done: one sentence, one hint. The exit code is the error's.
pub(crate) fn fail(failure: &Failure, as_json: bool) -> ExitCode {
    let kind = failure.code.kind();
    if as_json {
        if let (ErrorKind::Timeout, Some(state)) = (kind, &failure.state) {
            json(&state.to_json());
        }
        eprintln!("{}", json_text(&failure.to_json()));
    } else {
        eprintln!("error: {}", plain_line(&failure.message));
        for thing in &failure.things {
            eprintln!("  {}", plain_line(thing));
        }
        if !failure.hint.is_empty() {
            eprintln!("hint: {}", plain_line(&failure.hint));
        }
    }
    ExitCode::from(u8::try_from(kind.exit()).unwrap_or(70))
}

/// Milliseconds since 1970 as a date and time in UTC.
pub(crate) fn when(ms: u64) -> String {
    let (days, minutes) = (ms / 86_400_000, ms % 86_400_000 / 60_000);
    // Civil from days (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", minutes / 60, minutes % 60)
}

/// Whether a character moves the cursor, changes colours, or turns the direction of what follows.
fn steers(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = matches!(c, '\u{2028}' | '\u{2029}');
    turns || breaks || (c.is_control() && c != '\n' && c != '\t')
}

/// Text from others without what would steer a terminal; lines stay lines.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// As [`plain`], for what has to stay in its line: names, titles, cells of a table.
pub(crate) fn plain_line(text: &str) -> String {
    plain(text).replace(['\n', '\t'], " ")
}

/// Somebody by name, with what tells them from others.
pub(crate) fn who(who: &Who) -> String {
    plain_line(&who.shown())
}

/// JSON in one line; what would steer a terminal stands in it as an escape of JSON's.
fn json_text(object: &Value) -> String {
    let text = object.to_string();
    if !text.chars().any(steers) {
        return text;
    }
    // Outside of strings JSON has none of these, and none is beyond the first plane.
    let escaped = |c: char| match steers(c) {
        true => format!("\\u{:04x}", u32::from(c)),
        false => c.to_string(),
    };
    text.chars().map(escaped).collect()
}

/// The short form of an id, for a person: the first characters.
pub(crate) fn short(id: &str) -> String {
    id.chars().take(9).collect()
}

/// The short form of a PeerId, for a person: the last characters, for all begin alike.
pub(crate) fn short_peer(peer: &str) -> String {
    format!("…{}", &peer[peer.len().saturating_sub(6)..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_dates() {
        assert_eq!(when(0), "1970-01-01 00:00");
        assert_eq!(when(951_782_400_000), "2000-02-29 00:00");
        assert_eq!(when(1_795_564_799_000), "2026-11-24 23:59");
    }

    #[test]
    fn what_others_wrote_steers_no_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\nc"), "a\u{fffd}[2Jb\nc");
        assert_eq!(plain("a\u{202e}b\u{9b}31mc\rd"), "a\u{fffd}b\u{fffd}31mc\u{fffd}d");
        assert_eq!(plain("\u{200f}\u{5e9}\u{5dc}\u{5d5}\u{5dd}\u{200f}"), "\u{200f}שלום\u{200f}");
        assert_eq!(plain_line("Bo\nerror: no\u{2066}"), "Bo error: no\u{fffd}");
    }

    #[test]
    fn json_keeps_the_text_and_steers_no_terminal() {
        let object = serde_json::json!({ "text": "a\u{9b}31m\u{202e}b\u{1b}" });
        let text = json_text(&object);
        assert!(!text.chars().any(steers), "{text:?}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), object);
    }
}
