//! The signed, append-only logs that everything else stands on.
//!
//! A *log* is the hash chain of one device in one journal; a *journal* is all logs of a space's
//! charter, or all of its content. This crate knows the bytes: ids, headers, entries, the items
//! in a body, runs and frontiers, and how each is checked. It is pure: no clock, no randomness of
//! its own, no I/O. The wire shapes stand in `groundwork.cddl`; golden vectors pin them.
//!
//! ```
//! use ledger::{ItemId, IdKind, id_text};
//! let id = ItemId::from_bytes([7; 32]);
//! let text = id_text::format(IdKind::Update, id.as_bytes());
//! assert!(text.starts_with("up_"));
//! ```

pub mod base32;
mod bounded;
pub mod charter_items;
mod codec;
pub mod content_items;
mod entry;
mod extension;
mod fork;
mod frontier;
mod hash;
mod header;
pub mod id_text;
mod ids;
mod items;
mod journal;
pub mod limits;
mod node_key;
mod run;
mod secret;
mod sign;
mod time;

pub use bounded::{Blob, Bounded, Text, TooLong};
pub use codec::{DecodeError, decode, decode_said, encode};
pub use entry::{Entry, Unsigned};
pub use fork::{ForkError, ForkProof, SignedHeader};
pub use frontier::{Frontier, FrontierDigest, LogTips, Tip};
pub use hash::{Hash, tagged};
pub use header::{Header, HeaderError, HeaderKind};
pub use id_text::IdKind;
pub use ids::{
    DeviceId, EntryId, ItemId, ItemRef, JournalId, KeyId, MemberId, PeerId, SealKey, SpaceId,
};
pub use items::{Body, Unknown};
pub use journal::Journal;
pub use node_key::NodeKey;
pub use run::{Forgotten, NewerRun, Run, RunEntry, RunError};
pub use secret::SecretBytes;
pub use sign::{DeviceKey, Signature, SignatureError};
pub use time::Timestamp;
