//! groundwork-charter.
