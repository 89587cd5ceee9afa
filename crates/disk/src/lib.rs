//! A home on disk: the entry file, which is the truth; sled, which is what is read from; the key
//! that encrypts both; the lock that one process holds (DESIGN 8).
//!
//! A batch is one record, appended to a segment of `entries/` and encrypted; `fdatasync` is
//! durability and happens on the flusher's thread. `index/` is sled: where each kept value stands
//! in the segments, and all index tables. Each sled batch carries how far of the segments it has
//! seen. At opening the two are compared, record by record: an index that is behind catches up;
//! one that is ahead, lacks anything, or does not open is set aside and built again. Only where
//! the last process closed both in good order, and nothing touched them since, is it believed.
//!
//! This is the only crate that makes anything durable.

mod closed;
mod copies;
mod entries;
mod error;
mod flusher;
mod home;
mod index;
mod key;
mod open;
mod position;
mod read_only;
mod record;
mod secret;
mod shared;
mod store;

pub use crate::store::DiskStore;
pub use entries::{Cut, Damage};
pub use error::OpenError;
pub use flusher::Flusher;
pub use home::{Lock, write_private};
pub use open::{OpenOptions, Opened};
pub use secret::NodeKeyFile;

#[cfg(test)]
mod tests;
