use super::*;

fn header() -> Header {
    Header {
        journal: JournalId::from_bytes([9; 32]),
        device: DeviceId::from_bytes([1; 32]),
        seq: 7,
        stamp: Timestamp::from_ms(5),
        backlink: Some(EntryId::from_bytes([2; 32])),
        kind: HeaderKind::Content(KeyId::from_bytes([3; 32])),
        body_length: 4,
        body_hash: Hash::of(b"body"),
    }
}

fn charter(heads: &[u8]) -> HeaderKind {
    let heads: Vec<_> = heads.iter().map(|n| EntryId::from_bytes([*n; 32])).collect();
    HeaderKind::Charter(heads.try_into().unwrap())
}

fn genesis() -> Header {
    Header { journal: JournalId::GENESIS, seq: 0, backlink: None, kind: charter(&[]), ..header() }
}

/// The rule that refuses a header, both where it is made and where it is read.
fn refused(header: &Header) -> &'static str {
    let made = header.validate();
    let read = Header::decode(&header.encode());
    match (made, read) {
        (Err(DecodeError::Rule(made)), Err(DecodeError::Rule(read))) if made == read => made,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_header_is_read_as_it_was_written() {
    let most = charter(&(0..=255).collect::<Vec<_>>());
    for header in [header(), genesis(), Header { kind: most, ..header() }] {
        let bytes = header.encode();
        assert!(bytes.len() <= HEADER_BYTES_MAX);
        assert_eq!(Header::decode(&bytes).unwrap(), header);
        assert_eq!(header.id(), Hash::of(&bytes).into());
    }
}

#[test]
fn every_field_is_part_of_the_id() {
    let same = header().id();
    let others = [
        Header { journal: JournalId::from_bytes([8; 32]), ..header() },
        Header { device: DeviceId::default(), ..header() },
        Header { seq: 8, ..header() },
        Header { stamp: Timestamp::from_ms(6), ..header() },
        Header { backlink: Some(EntryId::default()), ..header() },
        Header { kind: HeaderKind::Content(KeyId::default()), ..header() },
        Header { kind: charter(&[3]), ..header() },
        Header { body_length: 5, ..header() },
        Header { body_hash: Hash::default(), ..header() },
    ];
    for other in others {
        assert_ne!(other.id(), same, "{other:?}");
    }
}

#[test]
fn a_backlink_stands_exactly_after_the_first_entry() {
    let wanted = "a backlink stands exactly in entries after the first";
    assert_eq!(refused(&Header { backlink: None, ..header() }), wanted);
    assert_eq!(refused(&Header { seq: 0, ..header() }), wanted);
}

#[test]
fn heads_ascend() {
    assert!(Header { kind: charter(&[1, 2, 3]), ..header() }.validate().is_ok());
    let wanted = "heads ascend without repeats";
    for heads in [[2, 1].as_slice(), &[1, 1], &[1, 3, 2]] {
        assert_eq!(refused(&Header { kind: charter(heads), ..header() }), wanted);
    }
}

#[test]
fn a_genesis_is_the_first_entry_of_a_charter() {
    assert!(genesis().is_genesis() && !header().is_genesis());
    let first = "a genesis is the first entry, without heads";
    assert_eq!(refused(&Header { kind: charter(&[1]), ..genesis() }), first);
    let backlink = Some(EntryId::default());
    assert_eq!(refused(&Header { seq: 1, backlink, ..genesis() }), first);
    let content = Header { kind: header().kind, ..genesis() };
    assert_eq!(refused(&content), "a genesis is a charter entry");
}

#[test]
fn numbers_have_their_limits() {
    let (seq, body_length) = (INTEGER_MAX, BODY_BYTES_MAX as u32);
    assert!(Header { seq, body_length, ..header() }.validate().is_ok());
    let seq = Header { seq: seq + 1, ..header() };
    assert_eq!(refused(&seq), "a sequence number past its limit");
    let body = Header { body_length: body_length + 1, ..header() };
    assert_eq!(refused(&body), "a body past its limit");
}

#[test]
fn no_flipped_bit_gives_the_same_header() {
    for header in [header(), genesis()] {
        let bytes = header.encode();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            if let Ok(found) = Header::decode(&changed) {
                assert_eq!(found.encode(), changed);
                assert_ne!(found.id(), header.id());
            }
        }
    }
}

/// A header with these changes to its bytes: its version, and pairs at its end.
fn extended(header: &Header, version: u8, pairs: &[&[u8]]) -> Vec<u8> {
    let mut bytes = header.encode();
    (bytes[0], bytes[2]) = (bytes[0] + pairs.len() as u8, version);
    [bytes, pairs.concat()].concat()
}

/// A content header's bytes without its key id.
fn without_key(bytes: &[u8]) -> Vec<u8> {
    let key = [&[0x07, 0x58, 0x20][..], &[3; 32]].concat();
    let at = bytes.windows(key.len()).position(|window| window == key).unwrap();
    let mut bytes = [&bytes[..at], &bytes[at + key.len()..]].concat();
    bytes[0] -= 1;
    bytes
}

#[test]
fn a_higher_version_or_an_unknown_key_is_newer() {
    let key_10: &[u8] = &[0x0a, 0xf5];
    let far: &[u8] = &[0x18, 0xff, 0xa1, 0x61, 0x61, 0x80];
    for bytes in [
        extended(&header(), 2, &[]),
        extended(&header(), 23, &[]),
        extended(&header(), 1, &[key_10]),
        extended(&header(), 2, &[key_10, far]),
        extended(&genesis(), 2, &[]),
        // What this version needs and another may not: its key id.
        without_key(&extended(&header(), 2, &[])),
    ] {
        let read = Header::decode(&bytes);
        assert!(matches!(read, Err(DecodeError::Newer)), "{bytes:x?}: {read:?}");
    }
}

#[test]
fn what_is_newer_is_well_formed_and_placed() {
    let far = [&[0x18, 0xff][..], &[0x80; 1]].concat();
    for (bytes, why) in [
        (extended(&header(), 0, &[&far]), "version 0"),
        (extended(&header(), 2, &[&[0x0a, 0xc1, 0x00]]), "a tag"),
        (extended(&header(), 2, &[&[0x0a, 0x18, 0x00]]), "a long number"),
        (extended(&header(), 2, &[&[0x18, 0x0a, 0x00]]), "a long key"),
        (extended(&header(), 2, &[&[0x0b, 0x00], &[0x0a, 0x00]]), "keys that descend"),
        (extended(&header(), 2, &[&[0x61, 0x61, 0x00]]), "a key that is a text"),
        (extended(&header(), 2, &[&[0x20, 0x00]]), "a key below zero"),
        (extended(&Header { seq: 0, ..header() }, 2, &[]), "a backlink at seq 0"),
        (extended(&Header { backlink: None, ..header() }, 2, &[&far]), "no backlink"),
        (extended(&Header { seq: INTEGER_MAX + 1, ..header() }, 2, &[]), "too high a place"),
        (extended(&Header { body_length: u32::MAX, ..header() }, 2, &[]), "too long a body"),
        ([extended(&header(), 2, &[]), vec![0]].concat(), "something behind it"),
        (
            extended(&header(), 2, &[&[&[0x0a, 0x59, 0x28, 0x00][..], &[0; 10_240]].concat()]),
            "long",
        ),
    ] {
        let read = Header::decode(&bytes);
        assert!(!matches!(read, Ok(_) | Err(DecodeError::Newer)), "{why}: {read:?}");
    }
}
