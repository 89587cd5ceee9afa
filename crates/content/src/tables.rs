//! Where what was read stands in the store. One function a group, so that no two meet.
//!
//! All of it is index: it can vanish and is then read again from the entries. The version stands
//! in every group, so a program with other rows reads again and finds none of the old ones.

use ledger::{DeviceId, ItemId, MemberId, SpaceId, Timestamp};
use store::{Group, Key, Table};

use crate::place::Loc;

/// Raised when any row here changes its shape.
const ROWS_VERSION: u8 = 3;

fn group(name: &[u8; 4], space: SpaceId, id: &[u8]) -> Group {
    Group::of(&[&[ROWS_VERSION], name, space.as_bytes(), id])
}

/// Where an item stands and what it is.
pub(crate) fn place(space: SpaceId, item: &ItemId) -> Key {
    Key::new(Table::Items, group(b"item", space, item.as_bytes()), 0)
}

/// How far one log has been read.
pub(crate) fn cursor(space: SpaceId, device: &DeviceId) -> Key {
    Key::new(Table::Reading, group(b"curs", space, device.as_bytes()), 0)
}

/// Items that wait for `missing`.
pub(crate) fn waiting_for(space: SpaceId, missing: &ItemId) -> Group {
    group(b"want", space, missing.as_bytes())
}

/// All items that wait.
pub(crate) fn waiting(space: SpaceId) -> Group {
    group(b"wait", space, &[])
}

/// Items that this version cannot read.
pub(crate) fn all_newer(space: SpaceId) -> Group {
    group(b"newr", space, &[])
}

/// One of them.
pub(crate) fn newer(space: SpaceId, item: &ItemId) -> Key {
    Key::new(Table::Reading, all_newer(space), number_of(item))
}

/// The waiting edits of one author in one document, by their place: later ones wait for them.
pub(crate) fn stalled(space: SpaceId, document: &ItemId, loc: &Loc) -> Key {
    let both = [document.as_bytes().as_slice(), loc.device.as_bytes()].concat();
    Key::new(Table::Reading, group(b"stal", space, &both), loc.number())
}

/// What entries of other logs build on in one log.
pub(crate) fn edges(space: SpaceId, target: &DeviceId) -> Group {
    group(b"edge", space, target.as_bytes())
}

/// Which documents a log's entries touch; number: seq and item.
pub(crate) fn touched(space: SpaceId, device: &DeviceId) -> Group {
    group(b"touc", space, device.as_bytes())
}

/// The ends by which the rows were last counted.
pub(crate) fn ends(space: SpaceId) -> Key {
    Key::new(Table::Reading, group(b"ends", space, &[]), 0)
}

/// Documents that are to be played again, by the beginning of their id.
pub(crate) fn replays(space: SpaceId) -> Group {
    group(b"rply", space, &[])
}

/// The edits of one document in the order in which they were played here.
pub(crate) fn edits(space: SpaceId, document: &ItemId) -> Group {
    group(b"edit", space, document.as_bytes())
}

/// A document's snapshot.
pub(crate) fn snapshot(space: SpaceId, document: &ItemId) -> Key {
    Key::new(Table::Documents, group(b"snap", space, document.as_bytes()), 0)
}

/// Documents of one schema, by the beginning of their id.
pub(crate) fn documents(space: SpaceId, schema: u16) -> Group {
    group(b"docs", space, &schema.to_be_bytes())
}

/// Which document is the space's own.
pub(crate) fn own_document(space: SpaceId) -> Key {
    Key::new(Table::Rows, group(b"ownd", space, &[]), 0)
}

/// Words of one kind, by the beginning of their id.
pub(crate) fn words(space: SpaceId, kind: u16) -> Group {
    group(b"word", space, &kind.to_be_bytes())
}

/// The stamps that posts have.
pub(crate) fn feed(space: SpaceId) -> Group {
    group(b"feed", space, &[])
}

/// Posts that were read, and whose news nobody has been told.
pub(crate) fn all_untold(space: SpaceId) -> Group {
    group(b"news", space, &[])
}

/// One of them.
pub(crate) fn untold(space: SpaceId, post: &ItemId) -> Key {
    Key::new(Table::Reading, all_untold(space), number_of(post))
}

/// Posts of one stamp, by the beginning of their id: however many share it, each has its place,
/// and the same one on every node.
pub(crate) fn feed_at(space: SpaceId, stamp: Timestamp) -> Group {
    group(b"post", space, &stamp.as_ms().to_be_bytes())
}

/// Words in one slot, its first one included.
pub(crate) fn slot(space: SpaceId, root: &ItemId) -> Group {
    group(b"slot", space, root.as_bytes())
}

/// Profiles of one member.
pub(crate) fn profiles(space: SpaceId, member: &MemberId) -> Group {
    group(b"prof", space, member.as_bytes())
}

/// First words of the claims of one need, and of the answers to one claim.
pub(crate) fn claims(space: SpaceId, subject: &ItemId) -> Group {
    group(b"clai", space, subject.as_bytes())
}

/// Guest keys of one invite.
pub(crate) fn guest_keys(space: SpaceId, invite: &ItemId) -> Group {
    group(b"gues", space, invite.as_bytes())
}

/// A row number for an id: its first eight bytes. Two ids that share them would need 2^64 tries
/// against somebody else's, and against one's own they hide one's own.
pub(crate) fn number_of(id: &ItemId) -> u64 {
    let mut start = [0; 8];
    start.copy_from_slice(&id.as_bytes()[..8]);
    u64::from_be_bytes(start)
}
