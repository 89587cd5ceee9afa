//! In which order posts came here: each has a number, which is the cursor of its notice.

use store::{Batch, Direction, Group, Key, Store, StoreError, Table};

/// Which post each notice was about, by the notice's number.
pub(crate) fn group() -> Group {
    Group::of(&[b"arrivals"])
}

/// What keeps the post of a notice.
pub(crate) fn numbered(cursor: u64) -> Key {
    Key::new(Table::Rows, group(), cursor)
}

/// What keeps a number up to which notices had come once, whatever becomes of the index.
fn reached() -> Key {
    Key::new(Table::Facts, Group::of(&[b"reached"]), 0)
}

/// To `batch`: what keeps that.
pub(crate) fn keep(cursor: u64, batch: &mut Batch) {
    batch.put(reached(), cursor.to_be_bytes().to_vec());
}

/// The number of the newest notice that the store knows.
pub(crate) fn newest(store: &impl Store) -> Result<u64, StoreError> {
    let last = store.scan(Table::Rows, &group(), 0..=u64::MAX, Direction::Descending, 1)?;
    let last = last.first().map_or(0, |(number, _)| *number);
    let kept = store.get(&reached())?.and_then(|bytes| bytes.try_into().ok());
    Ok(kept.map_or(last, |kept| last.max(u64::from_be_bytes(kept))))
}
