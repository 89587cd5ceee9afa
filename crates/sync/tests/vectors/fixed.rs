//! The fixed things that vectors are made of.

use ledger::{
    Bounded, DeviceId, DeviceKey, EntryId, Frontier, FrontierDigest, HeaderKind, ItemId, KeyId,
    PeerId, Run, SpaceId, Text, Timestamp, Tip, Unsigned,
};
use sync::PeerAt;

macro_rules! ids {
    ($($name:ident $id:ident)*) => {$(
        pub(crate) fn $name(n: u8) -> $id {
            $id::from_bytes([n; 32])
        }
    )*};
}

ids! {
    device DeviceId
    entry EntryId
    item ItemId
    epoch KeyId
    space SpaceId
}

/// The list of `items`, which fit.
pub(crate) fn list<T, const MAX: usize>(items: Vec<T>) -> Bounded<T, MAX> {
    items.try_into().unwrap_or_else(|_| panic!("too many"))
}

pub(crate) fn digest(logs: &[(u8, u64)]) -> FrontierDigest {
    let mut frontier = Frontier::default();
    for (n, length) in logs {
        frontier.set(device(*n), Tip { length: *length, head: entry(n + 1) }).unwrap();
    }
    frontier.digest()
}

/// Two entries of a content log.
pub(crate) fn run() -> Run {
    let key = DeviceKey::from_seed(&[1; 32]);
    let (journal, stamp) = (space(8).content_journal(), Timestamp::from_ms(1_790_000_000_000));
    let kind = HeaderKind::Content(epoch(4));
    let first = Unsigned { journal, seq: 0, stamp, backlink: None, kind, body: vec![7; 48] };
    let entry = first.clone().sign(&key).unwrap();
    let second = Unsigned { seq: 1, backlink: Some(entry.id), ..first };
    Run::of(&[entry, second.sign(&key).unwrap()]).unwrap()
}

/// A node with these addresses.
pub(crate) fn node(n: u8, addresses: &[&str]) -> PeerAt {
    let multihash = [&[0, 36, 8, 1, 18, 32], device(n).as_bytes().as_slice()].concat();
    let address = |text: &&str| Text::try_from(*text).unwrap();
    PeerAt {
        peer: PeerId::from_bytes(multihash).unwrap(),
        addresses: list(addresses.iter().map(address).collect()),
    }
}

/// Two nodes, one of them reached in two ways.
pub(crate) fn nodes<const MAX: usize>() -> Bounded<PeerAt, MAX> {
    let ways = ["/ip4/192.0.2.7/tcp/4101", "/ip6/2001:db8::7/udp/4101/quic-v1"];
    list(vec![node(3, &ways), node(4, &[])])
}
