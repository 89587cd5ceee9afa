//! Secrets and what they encrypt: epochs, content bodies, sealed boxes, short texts, tickets.
//!
//! One secret begins an epoch. From it comes the content key, and from that, one way, the text
//! key, so who is given the text key learns nothing of the content (CHARTER 10). A secret reaches
//! a device in a box that only that device opens. Everything here takes its randomness as an
//! argument and is bound to where it stands, so nothing can be moved elsewhere and still open.

mod boxes;
mod content;
mod epoch;
mod padding;
mod text;
mod ticket;

pub use boxes::{
    BoxContext, BoxError, SealSecretKey, decrypt_secret, encrypt_secret, open_secret, seal_secret,
};
pub use content::{AssociatedData, ContentError, open_body, seal_body};
pub use epoch::{ContentKey, Secret, TextKey};
pub use padding::padded_length;
pub use text::{TextError, TextSecret, open_text, seal_text};
pub use ticket::{GuestKey, TicketSeed};

#[cfg(test)]
mod tests;
