//! groundwork-content.
