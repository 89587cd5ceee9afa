//! Where what was read stands in the store. One function a group, so that no two meet.
//!
//! All of it is index: it can vanish and is then read again from the entries. The version stands
//! in every group, so a program with other rows reads again and finds none of the old ones; and so
//! does one reading of a space after another.

use ledger::{ItemId, MemberId, SpaceId, Timestamp};
use replica::Log;
use store::{Batch, Group, Key, Store, StoreError, Table};

use crate::{
    place::{Cursor, Held, Loc, Spot, Waiting},
    rows::{Chunk, ItemRow, KeptDocument},
    slot::Slot,
    table::{ById, List, Row},
};

/// Raised when any row here changes its shape.
pub const ROWS_VERSION: u8 = 8;

/// Whose rows they are: a space's, as it is read for the n-th time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RowsOf {
    space: SpaceId,
    reading: u32,
}

impl RowsOf {
    /// The rows that a space has now.
    pub(crate) fn now(store: &impl Store, space: SpaceId) -> Result<Self, StoreError> {
        let reading = times_read(space).get(store)?.unwrap_or_default();
        Ok(Self { space, reading })
    }

    /// To `batch`: from now on it has others, and none of these.
    pub(crate) fn begin_anew(self, batch: &mut Batch) {
        times_read(self.space).put(&self.reading.wrapping_add(1), batch);
    }
}

/// How often a space was read from its beginning.
fn times_read(space: SpaceId) -> Row<u32> {
    let group = Group::of(&[&[ROWS_VERSION], b"time", space.as_bytes()]);
    List::new(Table::Reading, group).at(0)
}

fn group(name: &[u8; 4], of: RowsOf, id: &[u8]) -> Group {
    let reading = of.reading.to_be_bytes();
    Group::of(&[&[ROWS_VERSION], name, of.space.as_bytes(), &reading, id])
}

fn named(log: &Log) -> [u8; 34] {
    let mut name = [0; 34];
    name[..32].copy_from_slice(log.device.as_bytes());
    name[32..].copy_from_slice(&log.branch.to_be_bytes());
    name
}

fn items<T>(name: &[u8; 4], of: RowsOf, id: &[u8]) -> List<T> {
    List::new(Table::Items, group(name, of, id))
}

fn reading<T>(name: &[u8; 4], of: RowsOf, id: &[u8]) -> List<T> {
    List::new(Table::Reading, group(name, of, id))
}

fn rows<T>(name: &[u8; 4], of: RowsOf, id: &[u8]) -> List<T> {
    List::new(Table::Rows, group(name, of, id))
}

/// The logs that were read, each under the number that it has in other rows, and whose it was.
pub(crate) fn logs(of: RowsOf) -> List<(Log, Option<MemberId>)> {
    items(b"logs", of, &[])
}

/// Where items stand, by the beginning of their id, which several may share.
pub(crate) fn places(of: RowsOf) -> List<Vec<Spot>> {
    items(b"item", of, &[])
}

/// The items of one log that were read; number: seq and item.
pub(crate) fn read(of: RowsOf, log: &Log) -> List<ItemRow> {
    rows(b"read", of, &named(log))
}

/// How far one log has been read.
pub(crate) fn cursor(of: RowsOf, log: &Log) -> Row<Cursor> {
    reading(b"curs", of, &named(log)).at(0)
}

/// The entries of one log that were passed over, for they are lost: each is read once it came
/// again.
pub(crate) fn skipped(of: RowsOf, log: &Log) -> List<u64> {
    reading(b"skip", of, &named(log))
}

/// Where items stand that wait for `missing`.
pub(crate) fn waiting_for(of: RowsOf, missing: &ItemId) -> ById<Loc> {
    ById::new(reading(b"want", of, missing.as_bytes()))
}

/// The items of one log that wait; number: seq and item.
pub(crate) fn waiting(of: RowsOf, log: &Log) -> List<Waiting> {
    reading(b"wait", of, &named(log))
}

/// The same items themselves.
pub(crate) fn held(of: RowsOf, log: &Log) -> List<Held> {
    reading(b"held", of, &named(log))
}

/// The items of one log that this version cannot read; number: seq and item.
pub(crate) fn newer(of: RowsOf, log: &Log) -> List<()> {
    reading(b"newr", of, &named(log))
}

/// The waiting edits of one log in one document, by their place: later ones wait for them.
pub(crate) fn stalled(of: RowsOf, document: &ItemId, log: &Log) -> List<ItemId> {
    let both = [document.as_bytes().as_slice(), &named(log)].concat();
    reading(b"stal", of, &both)
}

/// What entries of other logs build on in one log: the entry's number, and what builds on it.
pub(crate) fn edges(of: RowsOf, target: &Log) -> List<(u64, Spot)> {
    reading(b"edge", of, &named(target))
}

/// What the items of one log build on in other logs; number: seq and item.
pub(crate) fn builds_on(of: RowsOf, source: &Log) -> List<Vec<Spot>> {
    reading(b"buil", of, &named(source))
}

/// The ends by which the rows were last counted.
pub(crate) fn ends(of: RowsOf) -> Row<Vec<(Log, u64)>> {
    reading(b"ends", of, &[]).at(0)
}

/// Documents that are to be played again.
pub(crate) fn replays(of: RowsOf) -> ById<()> {
    ById::new(reading(b"rply", of, &[]))
}

/// Documents that were played without an edit whose entry is lost, and where that stood.
pub(crate) fn lacking(of: RowsOf) -> ById<Loc> {
    ById::new(reading(b"lack", of, &[]))
}

/// The edits of one document in the order in which they were played here.
pub(crate) fn edits(of: RowsOf, document: &ItemId) -> List<Spot> {
    rows(b"edit", of, document.as_bytes())
}

/// A document's snapshot.
pub(crate) fn snapshot(of: RowsOf, document: &ItemId) -> Key {
    Key::new(Table::Documents, group(b"snap", of, document.as_bytes()), 0)
}

/// Documents of one schema.
pub(crate) fn documents(of: RowsOf, schema: u16) -> ById<KeptDocument> {
    ById::new(rows(b"docs", of, &schema.to_be_bytes()))
}

/// Which document is the space's own.
pub(crate) fn own_document(of: RowsOf) -> Row<ItemId> {
    rows(b"ownd", of, &[]).at(0)
}

/// Where those entries of a log stand in lists whose stamps were doubtful when they came; number:
/// seq.
pub(crate) fn doubtful(of: RowsOf, log: &Log) -> List<Timestamp> {
    reading(b"doub", of, &named(log))
}

/// The times at which posts stand, and the post; none where several stand at one time.
pub(crate) fn feed(of: RowsOf) -> List<Option<Spot>> {
    rows(b"feed", of, &[])
}

/// Posts that share their time.
pub(crate) fn feed_at(of: RowsOf, at: Timestamp) -> ById<Spot> {
    ById::new(rows(b"post", of, &at.as_ms().to_be_bytes()))
}

/// The posts of one log, and changes of them, that were read and whose news nobody has been told;
/// number: seq and item.
pub(crate) fn untold(of: RowsOf, log: &Log) -> List<()> {
    reading(b"news", of, &named(log))
}

/// Which words of one log stand in a slot, but for a post's first; number: seq and item.
pub(crate) fn said(of: RowsOf, slot: Slot, log: &Log) -> List<()> {
    rows(b"said", of, &[slot.as_bytes().as_slice(), &named(log)].concat())
}

/// The logs that have something in a slot, by their numbers.
pub(crate) fn speakers(of: RowsOf, slot: Slot) -> List<()> {
    rows(b"spea", of, slot.as_bytes())
}

/// Of each log, by its number, the first word that replaces this one: seq and item.
pub(crate) fn replaced(of: RowsOf, word: &ItemId) -> List<u64> {
    rows(b"repl", of, word.as_bytes())
}

/// The logs in which a need was claimed, by their numbers.
pub(crate) fn claimants(of: RowsOf, need: &ItemId) -> List<()> {
    rows(b"clai", of, need.as_bytes())
}

/// The number of the last row of what was told that these rows know of: what stands there was read
/// by them, or once more.
pub(crate) fn told_known(of: RowsOf) -> Row<u64> {
    reading(b"know", of, &[]).at(0)
}

/// Which posts were told, kept: each row under a number behind those that it has.
pub(crate) fn told(space: SpaceId) -> List<Chunk> {
    List::new(Table::Told, Group::of(&[b"told", space.as_bytes()]))
}

/// Those of them that are not kept yet, by their numbers. As those rows these go with no version.
pub(crate) fn newly_told(space: SpaceId) -> List<(Log, u64)> {
    List::new(Table::Reading, Group::of(&[b"told", space.as_bytes()]))
}
