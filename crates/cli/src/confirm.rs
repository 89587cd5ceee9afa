//! Questions before what cannot be taken back.

use std::{
    fs::File,
    io::{BufRead, IsTerminal, Write},
};

use api::{ErrorCode, Failure};

use crate::{global::Global, output};

/// Whether there is somebody to ask: scripts say beforehand what they want.
pub(crate) fn is_asked(global: &Global) -> bool {
    std::io::stdin().is_terminal() && !global.yes && !global.json
}

/// Asks, and goes on only after a yes.
pub(crate) fn ask(question: &str) -> Result<(), Failure> {
    let no = |_| Failure::of(ErrorCode::NotConfirmed);
    // Whatever goes to a file, the question is seen.
    let mut screen: Box<dyn Write> = match File::options().write(true).open("/dev/tty") {
        Ok(terminal) => Box::new(terminal),
        Err(_) => Box::new(std::io::stderr()),
    };
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
