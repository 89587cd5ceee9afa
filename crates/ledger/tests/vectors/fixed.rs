//! The fixed things that vectors are made of.

use ledger::{
    Blob, Bounded, DeviceId, DeviceKey, EntryId, ItemId, ItemRef, JournalId, KeyId, MemberId,
    NodeKey, PeerId, SealKey, SpaceId, Text, Timestamp,
    charter_items::{Card, End, SealedSecret, SealedText},
};

/// The device key with this seed.
pub(crate) fn key(n: u8) -> DeviceKey {
    DeviceKey::from_seed(&[n; 32])
}

macro_rules! ids {
    ($($name:ident $id:ident)*) => {$(
        pub(crate) fn $name(n: u8) -> $id {
            $id::from_bytes([n; 32])
        }
    )*};
}

ids! {
    entry EntryId
    item ItemId
    member MemberId
    device DeviceId
    space SpaceId
    journal JournalId
    epoch KeyId
    seal_key SealKey
}

/// A reference to an item of another entry.
pub(crate) fn reference(n: u8) -> ItemRef {
    ItemRef::Id(item(n))
}

/// The list of `items`, which fit.
pub(crate) fn list<T, const MAX: usize>(items: Vec<T>) -> Bounded<T, MAX> {
    items.try_into().unwrap_or_else(|_| panic!("too many"))
}

/// `length` bytes that count up.
pub(crate) fn blob<const MAX: usize>(length: u8) -> Blob<MAX> {
    (0..length).collect::<Vec<_>>().try_into().unwrap()
}

pub(crate) fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    text.try_into().unwrap()
}

/// Something sealed.
pub(crate) fn sealed() -> SealedText {
    blob(41)
}

/// A time.
pub(crate) fn time(hours: u64) -> Timestamp {
    Timestamp::from_ms(1_790_000_000_000 + hours * 3_600_000)
}

/// The PeerId of a home, an identity multihash.
pub(crate) fn peer(n: u8) -> PeerId {
    let multihash = [&[0, 36, 8, 1, 18, 32], device(n).as_bytes().as_slice()].concat();
    PeerId::from_bytes(multihash).unwrap()
}

/// The node key with this seed.
pub(crate) fn node_key(n: u8) -> NodeKey {
    NodeKey::from_seed(&[n; 32])
}

/// A card of the device whose key has seed 3, in space 8.
pub(crate) fn card(n: u8) -> Card {
    Card::sign(&node_key(n), seal_key(n + 1), &space(8), &key(3).id())
}

pub(crate) fn end(n: u8) -> End {
    End { device: device(n), length: u64::from(n), last: Some(entry(n + 1)) }
}

/// Where a log ends of which nothing counts.
pub(crate) fn end_of_none(n: u8) -> End {
    End { device: device(n), length: 0, last: None }
}

pub(crate) fn sealed_secret(n: u8) -> SealedSecret {
    SealedSecret { device: device(n), sealed: blob(80) }
}
