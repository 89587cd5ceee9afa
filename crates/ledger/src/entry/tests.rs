use super::*;
use crate::KeyId;

fn unsigned(body: Vec<u8>) -> Unsigned {
    Unsigned {
        journal: JournalId::from_bytes([9; 32]),
        seq: 0,
        stamp: Timestamp::from_ms(5),
        backlink: None,
        kind: HeaderKind::Content(KeyId::default()),
        body,
    }
}

fn key() -> DeviceKey {
    DeviceKey::from_seed(&[1; 32])
}

#[test]
fn a_signed_entry_verifies_and_names_itself() {
    let entry = unsigned(b"body".to_vec()).sign(&key()).unwrap();
    assert!(entry.verify().is_ok());
    assert_eq!((entry.id, entry.device()), (entry.header.id(), key().id()));
    assert_eq!((entry.header.body_length, entry.header.body_hash), (4, Hash::of(b"body")));
    let forgotten = Entry { body: None, ..entry.clone() };
    assert!(forgotten.verify().is_ok(), "the chain verifies without the body");
    assert!(Entry { signature: None, ..entry }.verify().is_err());
}

#[test]
fn what_cannot_be_read_is_not_signed() {
    assert!(unsigned(vec![0; BODY_BYTES_MAX]).sign(&key()).is_ok());
    assert!(unsigned(vec![0; BODY_BYTES_MAX + 1]).sign(&key()).is_err());
    let first_with_backlink = Unsigned { backlink: Some(EntryId::default()), ..unsigned(vec![]) };
    assert!(first_with_backlink.sign(&key()).is_err());
}

#[test]
fn signatures_are_kept_of_long_bodies_charter_entries_and_each_64th() {
    let is_anchor = |unsigned: Unsigned| unsigned.sign(&key()).unwrap().is_anchor();
    let at =
        |seq: u64| Unsigned { seq, backlink: (seq > 0).then(EntryId::default), ..unsigned(vec![]) };
    let found: Vec<u64> = (0..200).filter(|seq| is_anchor(at(*seq))).collect();
    assert_eq!(found, [63, 127, 191]);
    assert!(!is_anchor(unsigned(vec![0; UNSIGNED_BODY_BYTES_MAX])));
    assert!(is_anchor(unsigned(vec![0; UNSIGNED_BODY_BYTES_MAX + 1])));
    let kind = HeaderKind::Charter(Default::default());
    assert!(is_anchor(Unsigned { kind, ..unsigned(vec![]) }));
}
