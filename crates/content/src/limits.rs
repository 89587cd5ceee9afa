//! What reading costs, in units of some hundred microseconds on a small machine. A slice is given
//! so many units and goes on where it stopped, inside an entry too: the node answers in between.

use ledger::content_items::ContentItem;

/// Bytes that are decrypted, loaded or played over in one unit.
const UNIT_BYTES: u64 = 16 * 1024;

/// Operations of an edit that are played in one unit.
const UNIT_OPERATIONS: usize = 16;

/// Rows that are gone over in one unit.
pub(crate) const ROWS_OF_UNIT: usize = 64;

/// Weight of the documents that a slice has to save, beside one of any weight: it ends with more
/// than this, and before it could take much longer than it was given.
pub(crate) const UNSAVED_BYTES_MAX: u64 = 1024 * 1024;

/// Bytes that items of one author's log take up, in all its branches, while they wait for what is
/// not here: more than a thousand words, or the greatest edit. Over it the log waits, as it does
/// for a key, so nobody fills a disk with what may never be read, and nobody but its author is held
/// up.
pub(crate) const WAITING_BYTES_MAX: u64 = 256 * 1024;

/// Bytes that an item takes up while it waits, besides its own: the rows that say for what.
pub(crate) const WAITING_ROW_BYTES: u64 = 150;

/// Edits of a document up to which it has no snapshot: to play these is about as fast as to load
/// one, and most documents have no more.
pub(crate) const FEW_EDITS: u64 = 4;

/// Edits of a document that are listed at once when it is played again.
pub(crate) const EDITS_LISTED: usize = 64;

/// What going over so many bytes costs.
pub(crate) fn bytes_cost(bytes: u64) -> u64 {
    bytes / UNIT_BYTES
}

/// What applying an item costs, besides what it does to a large document.
pub(crate) fn item_cost(item: &ContentItem) -> u64 {
    match item {
        ContentItem::Edit(edit) => 1 + (edit.operations.len() / UNIT_OPERATIONS) as u64,
        _ => 1,
    }
}

/// Items that are asked for at a time for what one author wrote, before it is the next one's turn.
pub(crate) const WANTED_OF_AUTHOR: usize = 4;

/// Rows that are looked at for these: many may wait for the same, or for what is here and waits
/// itself.
pub(crate) const WANTED_ROWS_OF_AUTHOR: usize = 64;

/// Rows that are looked at for all authors at a time.
pub(crate) const WANTED_ROWS: usize = 512;
