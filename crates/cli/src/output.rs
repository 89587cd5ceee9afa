//! What is printed, where, and with which exit code (CONTRACT 2).

use std::{
    io::{self, Write},
    process::ExitCode,
};

use api::{Answer, ErrorKind, Failure};

/// Prints an answer: as one JSON object, or as text for a person.
pub(crate) fn answer(answer: &Answer, json: bool, quiet: bool, text: impl FnOnce() -> String) {
    if json {
        line(&answer.to_json().to_string());
    } else if !quiet {
        let text = text();
        line(text.trim_end());
    }
}

/// Prints a line to standard output. A reader that has gone away is no error of ours.
pub(crate) fn line(text: &str) {
    if text.is_empty() {
        return;
    }
    let mut out = io::stdout().lock();
    if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Says why something was not done: one sentence, one hint. The exit code is the error's.
pub(crate) fn fail(failure: &Failure, json: bool) -> ExitCode {
    let kind = failure.code.kind();
    if json {
        if let (ErrorKind::Timeout, Some(state)) = (kind, &failure.state) {
            line(&state.to_json().to_string());
        }
        eprintln!("{}", failure.to_json());
    } else {
        eprintln!("error: {}", failure.message);
        for thing in &failure.things {
            eprintln!("  {thing}");
        }
        if !failure.hint.is_empty() {
            eprintln!("hint: {}", failure.hint);
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

/// Text from others without what would steer a terminal; lines stay lines.
pub(crate) fn plain(text: &str) -> String {
    let steers = |c: char| c.is_control() && c != '\n' && c != '\t';
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// The short form of an id, for a person: the first characters.
pub(crate) fn short(id: &str) -> String {
    id.chars().take(9).collect()
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
    }
}
