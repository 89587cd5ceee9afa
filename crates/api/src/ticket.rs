//! A ticket's text, which whoever reads it can knock with.

use serde::{Deserialize, Serialize};

/// A ticket's text as it was given or is handed over. It holds the ticket's secret, so nothing that
/// is printed to find a fault shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketText(String);

impl TicketText {
    /// The text, to be read or handed over.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for TicketText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for TicketText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TicketText(..)")
    }
}
