//! groundwork-net.
