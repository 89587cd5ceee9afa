use super::*;
use crate::{Bounded, DeviceKey, HeaderKind, KeyId, Timestamp, Unsigned, ids::JournalId};

fn key(n: u8) -> DeviceKey {
    DeviceKey::from_seed(&[n; 32])
}

fn entry(by: u8, seq: u64, stamp: u64) -> Entry {
    let backlink = (seq > 0).then(|| EntryId::from_bytes([stamp as u8; 32]));
    let unsigned = Unsigned {
        journal: JournalId::from_bytes([4; 32]),
        seq,
        stamp: Timestamp::from_ms(stamp),
        backlink,
        kind: HeaderKind::Charter(Bounded::default()),
        body: vec![0x80],
    };
    unsigned.sign(&key(by)).unwrap()
}

#[test]
fn two_entries_at_one_place_prove_a_fork_whatever_is_before_them() {
    let (one, two) = (entry(1, 3, 7), entry(1, 3, 8));
    let proof = ForkProof::of(&one, &two).unwrap();
    assert_eq!((proof.device(), proof.stem()), (key(1).id(), 3));
    assert_eq!(proof, ForkProof::of(&two, &one).unwrap(), "in either order");
    assert!(proof.ids().is_sorted() && proof.ids().contains(&one.id));
    let [first, second] = proof.headers().clone();
    assert_eq!(ForkProof::open(first, second).unwrap(), proof);
}

#[test]
fn what_can_stand_beside_each_other_proves_nothing() {
    let one = entry(1, 3, 7);
    for other in [one.clone(), entry(2, 3, 7), entry(1, 4, 7)] {
        assert!(matches!(ForkProof::of(&one, &other), Err(ForkError::NoFork)));
    }
}

#[test]
fn nobody_proves_a_fork_of_another() {
    let (one, two) = (entry(1, 3, 7), entry(1, 3, 8));
    let unsigned = Entry { signature: None, ..two.clone() };
    let by_other = key(2).sign(ENTRY_DOMAIN, &two.header.encode());
    let forged = Entry { signature: Some(by_other), ..two.clone() };
    for other in [unsigned, forged] {
        assert!(matches!(ForkProof::of(&one, &other), Err(ForkError::Signature(_))));
    }
    let signed = |entry: &Entry| SignedHeader {
        header: entry.header.encode(),
        signature: entry.signature.unwrap(),
    };
    let mut cut = signed(&two);
    cut.header.pop();
    assert!(matches!(ForkProof::open(signed(&one), cut), Err(ForkError::Decode(_))));
    let content = Unsigned {
        journal: JournalId::from_bytes([5; 32]),
        seq: 3,
        stamp: Timestamp::from_ms(7),
        backlink: Some(EntryId::from_bytes([1; 32])),
        kind: HeaderKind::Content(KeyId::from_bytes([1; 32])),
        body: vec![],
    };
    let content = content.sign(&key(1)).unwrap();
    let proof = ForkProof::of(&one, &content).unwrap();
    assert!(
        proof.journals()[0] != proof.journals()[1],
        "whose journals they are is for the reader"
    );
}
