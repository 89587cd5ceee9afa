//! What members write, as it is shown: documents, words, claims and rows (DESIGN 7).
//!
//! A *document* is what several people edit. Every node plays the same edits into automerge, and
//! comes to the same document in whatever order they arrive, as long as an edit comes after
//! those that it builds on. A *word* is one member's own; here stands which of the words in one
//! slot shows, and where a claim stands by what both sides say.
//!
//! The crate is pure and knows no store: the caller brings edits and words, and keeps
//! [`Document::save`]d bytes as a cache that may vanish.
//!
//! ```
//! use documents::{Document, Played, campaign};
//! use ledger::{DeviceId, EntryId, ItemId, content_items::Schema};
//!
//! let (author, entry) = (DeviceId::from_bytes([1; 32]), EntryId::from_bytes([2; 32]));
//! let edit = campaign::create("Heat by winter", None).unwrap();
//! let id = ItemId::of(&entry, 0);
//! let mut document = Document::new(id, Schema::Campaign);
//! assert_eq!(document.play(&author, id, entry, &edit), Played::Applied);
//! assert_eq!(campaign::view(&document).title, "Heat by winter");
//! ```

pub mod aid_list;
pub mod campaign;
pub mod can;
pub mod claims;
pub mod code;
mod document;
mod fields;
pub mod limits;
pub mod need;
pub mod space;
pub mod words;

pub use document::{Author, Document, EditRule, LoadError, Played};
pub use fields::FieldError;
