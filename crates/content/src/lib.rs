//! One space as a member has it: written, read, counted, played, shown.
//!
//! Writing makes items into an encrypted entry. Reading is a fold over the stored entries, in
//! slices: it decrypts, makes what cannot be read yet wait, plays edits into documents, and keeps
//! rows for lists. Rows are an index: lost, they are made again from the entries. What counts is
//! worked out from the roll of now, so nodes with the same entries show the same, whatever the
//! order in which these came.

mod body;
mod cache;
mod content;
mod counting;
mod docs;
mod find;
mod fingerprint;
mod keys;
mod limits;
mod place;
mod read;
mod tables;
#[cfg(test)]
mod tests;
mod words;
mod work;

pub use body::BodyError;
pub use content::{Content, News, WriteError};
pub use counting::Ends;
pub use docs::{DocumentRow, View};
pub use fingerprint::Fingerprint;
pub use keys::Keys;
pub use place::{Kind, Loc, Place};
pub use read::Waiting;
pub use words::{ShownPost, WordRow};
pub use work::Work;
