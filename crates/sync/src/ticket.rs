//! Tickets: an invite as a link or QR code. Where to ask, never a key to the content.

use ledger::{Bounded, EntryId, ItemId, SecretBytes, SpaceId};
use minicbor::{Decode, Encode};

use crate::{
    frame::PeerAt,
    limits::{CONTACTS_MAX, TICKET_CHARS_MAX},
};

/// A node that a newcomer can ask, and where it is reached.
pub type Contact = PeerAt;

/// What a ticket holds. Its text is upper-case base32, so that a QR code stays small.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Ticket {
    /// 16 secret bytes, of which the key that signs the knock and the guest key are derived.
    #[n(0)]
    pub seed: SecretBytes<16>,
    /// The space to knock at.
    #[n(1)]
    pub space: SpaceId,
    /// The item of the charter by which members know the ticket.
    #[n(2)]
    pub invite: ItemId,
    /// One charter entry: the inviter's newest, which has the invite in its past or is its entry.
    #[n(3)]
    pub known: EntryId,
    /// Nodes to ask, that of whoever made it first.
    #[n(4)]
    pub contacts: Bounded<Contact, CONTACTS_MAX>,
}

/// Why a text is no ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// It does not begin as tickets do.
    #[error("a ticket begins with groundwork:1")]
    NoTicket,
    /// It is longer than any ticket.
    #[error("longer than a ticket can be")]
    TooLong,
    /// A character is wrong or missing.
    #[error("a character of the ticket is wrong or missing")]
    Damaged,
}

const SCHEME: &str = "groundwork:";
const VERSION: &str = "1";
const CHECK_BYTES: usize = 4;

impl Ticket {
    /// The ticket as a link.
    pub fn to_text(&self) -> String {
        let mut bytes = ledger::encode(self);
        let check = check(&bytes);
        bytes.extend_from_slice(&check);
        format!("{SCHEME}{VERSION}{}", ledger::base32::encode(&bytes).to_ascii_uppercase())
    }

    /// Reads a link; upper or lower case, with or without `groundwork:`, white space ignored.
    pub fn parse(text: &str) -> Result<Self, TicketError> {
        if text.len() > 2 * TICKET_CHARS_MAX {
            return Err(TicketError::TooLong);
        }
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let text = text.to_ascii_uppercase();
        let text = text.strip_prefix(&SCHEME.to_ascii_uppercase()).unwrap_or(&text);
        let chars = text.strip_prefix(VERSION).ok_or(TicketError::NoTicket)?;
        let bytes = ledger::base32::decode(chars).ok_or(TicketError::Damaged)?;
        let at = bytes.len().checked_sub(CHECK_BYTES).ok_or(TicketError::Damaged)?;
        let (payload, found) = bytes.split_at(at);
        if check(payload) != found {
            return Err(TicketError::Damaged);
        }
        ledger::decode(payload).map_err(|_| TicketError::Damaged)
    }
}

fn check(payload: &[u8]) -> [u8; CHECK_BYTES] {
    let hash = ledger::tagged("groundwork 1 ticket", &[payload]);
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&hash.as_bytes()[..CHECK_BYTES]);
    check
}
