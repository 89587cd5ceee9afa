//! groundwork-api.
