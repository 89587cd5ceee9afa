//! groundwork-node.
