//! In which order posts came here: each has a number, which is the cursor of its notice.

use store::{Direction, Group, Key, Store, StoreError, Table};

/// Which post each notice was about, by the notice's number.
pub(crate) fn group() -> Group {
    Group::of(&[b"arrivals"])
}

/// What keeps the post of a notice.
pub(crate) fn numbered(cursor: u64) -> Key {
    Key::new(Table::Rows, group(), cursor)
}

/// The number of the newest notice that the store knows.
pub(crate) fn newest(store: &impl Store) -> Result<u64, StoreError> {
    let last = store.scan(Table::Rows, &group(), 0..=u64::MAX, Direction::Descending, 1)?;
    Ok(last.first().map_or(0, |(number, _)| *number))
}
