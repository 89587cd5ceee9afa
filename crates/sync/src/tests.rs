//! Sessions, what a peer is known to have, tickets; and bytes that nobody honest would send.

mod fuzz;
mod known;
mod session;
mod ticket;

use ledger::{
    DeviceId, DeviceKey, EntryId, ForkProof, Frontier, HeaderKind, Journal, KeyId, NewerRun,
    PeerId, Run, SpaceId, Timestamp, Tip, Unsigned,
};

use crate::{Fork, PeerAt, SpaceNewer, SpaceRun};

fn space(n: u8) -> SpaceId {
    // Not zeros, which in a journal's place say genesis.
    SpaceId::from_bytes([n.wrapping_add(1).max(1); 32])
}

fn device(n: u8) -> DeviceId {
    DeviceId::from_bytes([n; 32])
}

fn frontier(logs: &[(u8, u64)]) -> Frontier {
    let mut frontier = Frontier::default();
    for (log, length) in logs {
        let head = EntryId::from_bytes([*log ^ *length as u8; 32]);
        frontier.set(device(*log), Tip { length: *length, head }).unwrap();
    }
    frontier
}

/// A run of `count` entries of the log of key `n`.
fn run(space: SpaceId, journal: Journal, n: u8, count: u64) -> SpaceRun {
    let key = DeviceKey::from_seed(&[n; 32]);
    let kind = match journal {
        Journal::Charter => HeaderKind::Charter(Default::default()),
        Journal::Content => HeaderKind::Content(KeyId::from_bytes([4; 32])),
    };
    let (journal, mut entries) = (journal.id(space), Vec::new());
    let mut backlink = None;
    for seq in 0..count {
        let (stamp, kind) = (Timestamp::from_ms(seq), kind.clone());
        let unsigned = Unsigned { journal, seq, stamp, backlink, kind, body: vec![1, 2, 3] };
        let entry = unsigned.sign(&key).unwrap();
        backlink = Some(entry.id);
        entries.push(entry);
    }
    SpaceRun { space, run: Run::of(&entries).unwrap() }
}

/// Two signed headers at one place of a charter log.
fn fork(space: SpaceId) -> Fork {
    let signed = |stamp| {
        let (journal, kind) = (Journal::Charter.id(space), HeaderKind::Charter(Default::default()));
        let (stamp, backlink) = (Timestamp::from_ms(stamp), Some(EntryId::from_bytes([9; 32])));
        let unsigned = Unsigned { journal, seq: 2, stamp, backlink, kind, body: vec![0x80] };
        unsigned.sign(&DeviceKey::from_seed(&[1; 32])).unwrap()
    };
    let proof = ForkProof::of(&signed(1), &signed(2)).unwrap();
    Fork { space, headers: proof.headers().clone() }
}

/// A run of one entry of a newer version.
fn newer(space: SpaceId) -> SpaceNewer {
    let kind = HeaderKind::Content(KeyId::from_bytes([4; 32]));
    let (journal, stamp) = (Journal::Content.id(space), Timestamp::from_ms(1));
    let unsigned = Unsigned { journal, seq: 0, stamp, backlink: None, kind, body: vec![1, 2, 3] };
    let run = NewerRun::by_hand(&[], unsigned, &DeviceKey::from_seed(&[1; 32])).unwrap();
    SpaceNewer { space, run }
}

fn peer_at(n: u8) -> PeerAt {
    let peer = PeerId::from_bytes(vec![n; 38]).unwrap();
    let address = format!("/ip4/192.0.2.{n}/tcp/4711").as_str().try_into().unwrap();
    PeerAt { peer, addresses: ledger::Bounded::one(address) }
}
