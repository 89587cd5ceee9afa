//! A home on disk: the entry file, which is the truth; sled, which is what is read from; the key
//! that encrypts both; the lock that one process holds (DESIGN 8).
//!
//! A batch is one record, appended to a segment of `entries/` and encrypted; `fdatasync` is
//! durability and happens on the flusher's thread. `index/` is sled: where each kept value stands
//! in the segments, and all index tables. Each sled batch carries how far of the segments it has
//! seen. Behind, it catches up; ahead, missing or unopenable, it is set aside and built again.
//!
//! This is the only crate that makes anything durable.

mod entries;
mod error;
mod home;
mod index;
mod key;
mod record;
mod store;

pub use crate::store::{DiskStore, Flusher, OpenOptions, Opened};
pub use entries::Damage;
pub use error::OpenError;
pub use home::{Lock, write_private};

#[cfg(test)]
mod tests;
