//! No answer shows a part as the whole: a node that says that nothing is unread shows all it has.

use api::{FeedRow, SpaceRow};

use super::{promises::Lengths, shown::Said};

/// Compares a feed with what the node has stored, and with what it says of itself. Everything
/// that was ever posted is known here: which post stands where in which log.
pub(crate) fn is_told(
    row: &SpaceRow,
    feed: &[FeedRow],
    said: &[Said],
    stored: &Lengths,
) -> Result<(), String> {
    let missing = |said: &&Said| {
        said.post().is_some_and(|(id, log, seq)| {
            stored.get(&log).is_some_and(|length| *length > seq)
                && feed.iter().all(|row| row.id != id)
        })
    };
    let missing = said.iter().filter(|said| said.space == row.space).filter(missing).count();
    if missing == 0 || row.unread > 0 || row.waiting > 0 {
        return Ok(());
    }
    Err(format!("a part is shown as the whole: {missing} stored posts are not in the feed"))
}
