//! What is read from standard input, bounded.

use std::io::{IsTerminal, Read};

use api::{ErrorCode, Failure};

/// Bytes that are read from standard input at most: a text of the greatest length and the end of
/// its last line. What is longer is not read to its end.
const INPUT_BYTES_MAX: u64 = 64 * 1024 + 2;

/// A text that was given, or standard input for `-`.
pub(crate) fn text_or_input(given: &str) -> Result<String, Failure> {
    if given != "-" {
        return Ok(given.to_owned());
    }
    if std::io::stdin().is_terminal() {
        eprintln!("reading from the keyboard; end with Ctrl-D");
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(INPUT_BYTES_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::because(ErrorCode::BadArgument, error.to_string()))?;
    if bytes.len() as u64 > INPUT_BYTES_MAX {
        return Err(Failure::of(ErrorCode::TextTooLong));
    }
    let text = String::from_utf8(bytes).map_err(|_| Failure::of(ErrorCode::NotUtf8))?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}
