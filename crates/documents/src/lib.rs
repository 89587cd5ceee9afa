//! groundwork-documents.
