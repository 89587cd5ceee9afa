//! In which order posts came here: each has a number, which is the cursor of its notice.

use content::Spot;
use store::{Batch, Direction, Group, Key, Store, StoreError, Table};

use crate::space::Seated;

/// Which post each notice was about, by the notice's number. It names rows of the content's, and so
/// goes with their version.
fn group() -> Group {
    Group::of(&[b"arrived", &[content::ROWS_VERSION]])
}

/// What keeps the post of a notice.
fn numbered(cursor: u64) -> Key {
    Key::new(Table::Rows, group(), cursor)
}

/// To `batch`: the post of a notice, by the number of this home's seat in its space.
pub(crate) fn put(cursor: u64, seat: u64, spot: Spot, batch: &mut Batch) {
    batch.put(numbered(cursor), ledger::encode(&(seat, spot)));
}

/// A post that came.
pub(crate) struct Arrival<'a> {
    pub(crate) cursor: u64,
    /// Its space and its place there; none where it is of another space than was asked for.
    pub(crate) place: Option<(Seated<'a>, Spot)>,
}

/// Posts of these spaces, and of others, that came behind a cursor.
pub(crate) fn behind<'a>(
    store: &impl Store,
    cursor: u64,
    spaces: &[Seated<'a>],
) -> Result<Vec<Arrival<'a>>, StoreError> {
    let numbers = cursor.saturating_add(1)..=u64::MAX;
    let came = store.scan(Table::Rows, &group(), numbers, Direction::Ascending, usize::MAX)?;
    let place = |bytes: &[u8]| {
        let (seat, spot) = ledger::decode::<(u64, Spot)>(bytes).ok()?;
        let space = spaces.iter().find(|space| space.seat.number == seat)?;
        Some((*space, spot))
    };
    let arrival = |(cursor, bytes): (u64, Vec<u8>)| Arrival { cursor, place: place(&bytes) };
    Ok(came.into_iter().map(arrival).collect())
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
