//! Where what was read stands in the store. One function a group, so that no two meet.
//!
//! All of it is index: it can vanish and is then read again from the entries. The version stands
//! in every group, so a program with other rows reads again and finds none of the old ones.

use ledger::{ItemId, MemberId, SpaceId, Timestamp};
use replica::Log;
use store::{Group, Key, Table};

use crate::{
    place::{Cursor, Held, Loc, Spot, Waiting},
    rows::{ItemRow, KeptDocument},
    slot::Slot,
    table::{List, Row},
};

/// Raised when any row here changes its shape.
pub const ROWS_VERSION: u8 = 7;

fn group(name: &[u8; 4], space: SpaceId, id: &[u8]) -> Group {
    Group::of(&[&[ROWS_VERSION], name, space.as_bytes(), id])
}

fn named(log: &Log) -> [u8; 34] {
    let mut name = [0; 34];
    name[..32].copy_from_slice(log.device.as_bytes());
    name[32..].copy_from_slice(&log.branch.to_be_bytes());
    name
}

fn items<T>(name: &[u8; 4], space: SpaceId, id: &[u8]) -> List<T> {
    List::new(Table::Items, group(name, space, id))
}

fn reading<T>(name: &[u8; 4], space: SpaceId, id: &[u8]) -> List<T> {
    List::new(Table::Reading, group(name, space, id))
}

fn rows<T>(name: &[u8; 4], space: SpaceId, id: &[u8]) -> List<T> {
    List::new(Table::Rows, group(name, space, id))
}

/// The logs that were read, each under the number that it has in other rows.
pub(crate) fn logs(space: SpaceId) -> List<Log> {
    items(b"logs", space, &[])
}

/// Where items stand, by the beginning of their id, which several may share.
pub(crate) fn places(space: SpaceId) -> List<Vec<Spot>> {
    items(b"item", space, &[])
}

/// The items of one log that were read; number: seq and item.
pub(crate) fn read(space: SpaceId, log: &Log) -> List<ItemRow> {
    rows(b"read", space, &named(log))
}

/// How far one log has been read.
pub(crate) fn cursor(space: SpaceId, log: &Log) -> Row<Cursor> {
    reading(b"curs", space, &named(log)).at(0)
}

/// The entries of one log that were passed over, for they are lost: each is read once it came
/// again.
pub(crate) fn skipped(space: SpaceId, log: &Log) -> List<u64> {
    reading(b"skip", space, &named(log))
}

/// Where items stand that wait for `missing`, by the beginning of their id.
pub(crate) fn waiting_for(space: SpaceId, missing: &ItemId) -> List<Loc> {
    reading(b"want", space, missing.as_bytes())
}

/// The items of one log that wait; number: seq and item.
pub(crate) fn waiting(space: SpaceId, log: &Log) -> List<Waiting> {
    reading(b"wait", space, &named(log))
}

/// The same items themselves.
pub(crate) fn held(space: SpaceId, log: &Log) -> List<Held> {
    reading(b"held", space, &named(log))
}

/// Where items stand that this version cannot read, by the beginning of their id.
pub(crate) fn newer(space: SpaceId) -> List<Loc> {
    reading(b"newr", space, &[])
}

/// The waiting edits of one log in one document, by their place: later ones wait for them.
pub(crate) fn stalled(space: SpaceId, document: &ItemId, log: &Log) -> List<ItemId> {
    let both = [document.as_bytes().as_slice(), &named(log)].concat();
    reading(b"stal", space, &both)
}

/// What entries of other logs build on in one log: the entry's number, and what builds on it.
pub(crate) fn edges(space: SpaceId, target: &Log) -> List<(u64, Spot)> {
    reading(b"edge", space, &named(target))
}

/// What the items of one log build on in other logs; number: seq and item.
pub(crate) fn builds_on(space: SpaceId, source: &Log) -> List<Vec<Spot>> {
    reading(b"buil", space, &named(source))
}

/// The ends by which the rows were last counted.
pub(crate) fn ends(space: SpaceId) -> Row<Vec<(Log, u64)>> {
    reading(b"ends", space, &[]).at(0)
}

/// Documents that are to be played again, by the beginning of their id.
pub(crate) fn replays(space: SpaceId) -> List<ItemId> {
    reading(b"rply", space, &[])
}

/// Documents that were played without an edit whose entry is lost, by the beginning of their id.
pub(crate) fn lacking(space: SpaceId) -> List<(ItemId, Loc)> {
    reading(b"lack", space, &[])
}

/// The edits of one document in the order in which they were played here.
pub(crate) fn edits(space: SpaceId, document: &ItemId) -> List<Spot> {
    rows(b"edit", space, document.as_bytes())
}

/// A document's snapshot.
pub(crate) fn snapshot(space: SpaceId, document: &ItemId) -> Key {
    Key::new(Table::Documents, group(b"snap", space, document.as_bytes()), 0)
}

/// Documents of one schema, by the beginning of their id.
pub(crate) fn documents(space: SpaceId, schema: u16) -> List<KeptDocument> {
    rows(b"docs", space, &schema.to_be_bytes())
}

/// Which document is the space's own.
pub(crate) fn own_document(space: SpaceId) -> Row<ItemId> {
    rows(b"ownd", space, &[]).at(0)
}

/// Where those entries of a log stand in lists whose stamps were doubtful when they came; number:
/// seq.
pub(crate) fn doubtful(space: SpaceId, log: &Log) -> List<Timestamp> {
    reading(b"doub", space, &named(log))
}

/// The times at which posts stand, and the post; none where several stand at one time.
pub(crate) fn feed(space: SpaceId) -> List<Option<Spot>> {
    rows(b"feed", space, &[])
}

/// Posts that share their time, by the beginning of their id.
pub(crate) fn feed_at(space: SpaceId, at: Timestamp) -> List<Spot> {
    rows(b"post", space, &at.as_ms().to_be_bytes())
}

/// Posts that were read, and whose news nobody has been told, by the beginning of their id.
pub(crate) fn untold(space: SpaceId) -> List<ItemId> {
    reading(b"news", space, &[])
}

/// Which words of one log stand in a slot, but for a post's first; number: seq and item.
pub(crate) fn said(space: SpaceId, slot: Slot, log: &Log) -> List<()> {
    rows(b"said", space, &[slot.as_bytes().as_slice(), &named(log)].concat())
}

/// The logs that have something in a slot.
pub(crate) fn speakers(space: SpaceId, slot: Slot) -> List<Log> {
    rows(b"spea", space, slot.as_bytes())
}

/// Of each log the first word that replaces this one.
pub(crate) fn replaced(space: SpaceId, word: &ItemId) -> List<Loc> {
    rows(b"repl", space, word.as_bytes())
}

/// The members who have claimed a need, by the beginning of their id.
pub(crate) fn claimants(space: SpaceId, need: &ItemId) -> List<MemberId> {
    rows(b"clai", space, need.as_bytes())
}
