//! groundwork-disk.
