//! groundwork-seal.
