//! Questions before what cannot be taken back.

use std::io::{BufRead, IsTerminal, Write};

use api::{ErrorCode, Failure};

use crate::{global::Global, output};

/// Whether there is somebody to ask: scripts say beforehand what they want.
pub(crate) fn is_asked(global: &Global) -> bool {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    terminal && !global.yes && !global.json
}

/// Asks, and goes on only after a yes.
pub(crate) fn ask(question: &str) -> Result<(), Failure> {
    let no = |_| Failure::of(ErrorCode::NotConfirmed);
    let mut screen = std::io::stderr().lock();
    write!(screen, "{} [y/N] ", output::plain(question))
        .and_then(|()| screen.flush())
        .map_err(no)?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(no)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::of(ErrorCode::NotConfirmed)),
    }
}
