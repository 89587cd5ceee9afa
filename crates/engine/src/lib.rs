//! groundwork-engine.
