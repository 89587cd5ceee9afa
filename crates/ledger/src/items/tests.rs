use crate::{
    DecodeError, Unknown,
    charter_items::{Act, CharterBody, CharterItem, Propose},
    decode, encode,
};

/// A body of one item of kind 500 with this payload.
fn body(payload: &[u8]) -> Vec<u8> {
    [&[0x81, 0x82, 0x19, 0x01, 0xf4], payload].concat()
}

fn is_taken(payload: &[u8]) -> bool {
    match decode::<CharterBody>(&body(payload)) {
        Ok(items) => {
            let unknown = Unknown { kind: 500, payload: payload.to_vec() };
            assert_eq!(items.into_inner(), [CharterItem::Unknown(unknown)]);
            true
        }
        Err(DecodeError::Malformed(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn an_unknown_item_is_kept_as_it_came() {
    let payloads: [&[u8]; 8] = [
        &[0x00],
        &[0x3b, 0xff, 255, 255, 255, 255, 255, 255, 255],
        &[0x43, 1, 2, 3],
        &[0x62, 0xc3, 0xa9],
        &[0xf5],
        &[0xf6],
        &[0x82, 0x80, 0xa0],
        &[0xa3, 0x00, 0x01, 0x18, 0x18, 0x02, 0x61, 0x61, 0xa1, 0x00, 0x00],
    ];
    for payload in payloads {
        assert!(is_taken(payload), "{payload:x?}");
    }
}

#[test]
fn an_unknown_item_has_one_encoding() {
    let payloads: [&[u8]; 12] = [
        &[],
        &[0x18, 0x17],
        &[0x19, 0x00, 0xff],
        &[0x1a, 0x00, 0x00, 0xff, 0xff],
        &[0x1b, 0, 0, 0, 0, 0xff, 255, 255, 255],
        &[0x38, 0x17],
        &[0x58, 0x01, 0x00],
        &[0x98, 0x00],
        &[0xb8, 0x00],
        &[0xa2, 0x01, 0x00, 0x00, 0x00],
        &[0xa2, 0x00, 0x00, 0x00, 0x01],
        &[0xa2, 0x18, 0x18, 0x00, 0x17, 0x00],
    ];
    for payload in payloads {
        assert!(!is_taken(payload), "{payload:x?}");
    }
}

#[test]
fn an_unknown_item_nests_sixteen_deep() {
    let nested = |depth| [vec![0x81; depth], vec![0x00]].concat();
    assert!(is_taken(&nested(16)));
    assert!(!is_taken(&nested(17)));
    assert!(!is_taken(&nested(1_000_000)));
}

#[test]
fn an_unknown_act_is_known_as_an_act() {
    let unknown = Unknown { kind: 77, payload: vec![0xa0] };
    let act = Act::Unknown(unknown);
    let item = CharterItem::Propose(Propose { act: act.clone(), reason: None });
    let body = encode::<CharterBody>(&CharterBody::one(item));
    let read = decode::<CharterBody>(&body).unwrap();
    assert!(matches!(&read[0], CharterItem::Propose(propose) if propose.act == act));
    assert_eq!(act.kind(), 77);
}

#[test]
fn a_known_kind_is_never_read_as_unknown() {
    // Kind 8 is `return`, whose payload is an empty map.
    assert!(decode::<CharterBody>(&[0x81, 0x82, 0x08, 0x80]).is_err());
    assert!(decode::<CharterBody>(&[0x81, 0x82, 0x08, 0xa0]).is_ok());
}

#[test]
fn a_known_kind_with_an_unknown_key_is_newer() {
    // `return` and `propose` of an unknown act, with a key 7.
    for body in [&[0x81, 0x82, 0x08, 0xa1, 0x07, 0x00][..], &{
        [0x81, 0x82, 0x05, 0xa2, 0x00, 0x82, 0x18, 0x4d, 0xa0, 0x07, 0x80]
    }] {
        let read = decode::<CharterBody>(body);
        assert!(matches!(read, Err(DecodeError::Newer)), "{body:x?}: {read:?}");
    }
}
