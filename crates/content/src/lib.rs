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
mod items;
mod keys;
mod limits;
mod logs;
mod open;
mod place;
mod read;
mod recount;
mod rows;
mod slot;
mod stamps;
mod table;
mod tables;
#[cfg(test)]
mod tests;
mod told;
mod waiting;
mod wanted;
mod words;
mod work;
mod write;

pub use body::BodyError;
pub use content::{Content, News};
pub use counting::Ends;
pub use fingerprint::Fingerprint;
pub use items::Weight;
pub use keys::Keys;
pub use place::{Kind, Loc, Place, Waiting};
pub use rows::{DocumentRow, DocumentView, Says, WordRow};
pub use tables::ROWS_VERSION;
pub use wanted::WantedTurn;
pub use words::{Named, Saying, ShownPost, Wanted};
pub use work::Work;
pub use write::WriteError;
