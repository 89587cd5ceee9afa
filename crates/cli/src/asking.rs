//! Asking the node of the home that is meant, and printing what it answers.

use api::{Answer, Ask, Failure, Next, Page, Rows, What};
use node::{Client, Home};

use crate::{global::Global, output};

/// The home that is meant.
pub(crate) fn home(global: &Global) -> Result<Home, Failure> {
    Home::resolve(global.home.clone())
}

/// Puts a question, and prints the answer: whole as JSON, or what `text` makes of it for a person.
/// `text` gives nothing for an answer that is not the question's.
pub(crate) fn tell(
    global: &Global,
    what: impl Into<What>,
    text: impl FnOnce(&Answer) -> Option<String>,
) -> Result<(), Failure> {
    tell_page(global, Page::default(), what, text)
}

/// As [`tell`], of a part of a list.
pub(crate) fn tell_page(
    global: &Global,
    page: Page,
    what: impl Into<What>,
    text: impl FnOnce(&Answer) -> Option<String>,
) -> Result<(), Failure> {
    let answer = answer(global, page, what)?;
    if answer.unread() > 0 && !global.json && !global.quiet {
        output::note(&format!(
            "{} entries are here and not read yet, so this may lack some: groundwork status",
            answer.unread()
        ));
    }
    output::answer(&answer, global.json, global.quiet, || text(&answer).unwrap_or_default());
    Ok(())
}

/// The answer to a question, for whoever has more to do with it than to print it.
pub(crate) fn answer(
    global: &Global,
    page: Page,
    what: impl Into<What>,
) -> Result<Answer, Failure> {
    let ask = Ask {
        page,
        space: global.space.clone().filter(|space| !space.is_empty()),
        timeout_ms: global.timeout.saturating_mul(1000),
        wait: global.wait,
        ..Ask::new(what)
    };
    Client::ask(&home(global)?, ask)
}

/// What is said where a list has no rows: that there is nothing yet, unless that is not known.
pub(crate) fn nothing<T>(rows: &Rows<T>, is_part: bool, yet: &str) -> String {
    match (rows.unread, is_part) {
        (0, false) => yet.to_owned(),
        (0, true) => "nothing more".to_owned(),
        (_, _) => "nothing in what has been read so far".to_owned(),
    }
}

/// How to go on behind a page, where there is more.
pub(crate) fn more<T>(rows: &Rows<T>, command: &str) -> String {
    match &rows.next {
        Some(Next::Row(last)) => format!("\nthere is more: {command} --after {last}"),
        _ => String::new(),
    }
}
