use crate::{Blob, Bounded, DecodeError, Text, TooLong, decode, encode};

#[test]
fn what_fits_is_taken_and_one_more_is_not() {
    assert_eq!(Bounded::<u8, 3>::try_from(vec![1, 2, 3]).unwrap().into_inner(), [1, 2, 3]);
    let long = Err(TooLong { length: 4, max: 3 });
    assert_eq!(Bounded::<u8, 3>::try_from(vec![0; 4]), long);
    assert_eq!(Blob::<3>::try_from(vec![0; 4]).map(|_| ()), long.clone().map(|_| ()));
    assert_eq!(Text::<3>::try_from("four").map(|_| ()), long.map(|_| ()));
}

#[test]
fn a_text_is_bounded_in_bytes() {
    assert!(Text::<4>::try_from("éé").is_ok());
    assert_eq!(Text::<3>::try_from("éé"), Err(TooLong { length: 4, max: 3 }));
}

#[test]
fn the_bound_holds_while_decoding() {
    let three = encode(&vec![1u8, 2, 3]);
    assert_eq!(&*decode::<Bounded<u8, 3>>(&three).unwrap(), [1, 2, 3]);
    assert!(decode::<Bounded<u8, 2>>(&three).is_err());
    let text = encode(&Text::<8>::try_from("abc").unwrap());
    assert_eq!(&*decode::<Text<3>>(&text).unwrap(), "abc");
    assert!(decode::<Text<2>>(&text).is_err());
    let blob = encode(&Blob::<8>::try_from(vec![9; 3]).unwrap());
    assert_eq!(&*decode::<Blob<3>>(&blob).unwrap(), [9; 3]);
    assert!(decode::<Blob<2>>(&blob).is_err());
}

#[test]
fn a_claimed_length_alone_keeps_nothing() {
    // The bound itself lets these through: it is the bytes that are missing.
    let claims: [&[u8]; 2] =
        [&[0x9b, 0, 0, 1, 0, 0, 0, 0, 0], &[0x9b, 0xff, 255, 255, 255, 255, 255, 255, 255]];
    for claim in claims {
        let found = decode::<Bounded<u8, { usize::MAX }>>(claim);
        assert!(matches!(found, Err(DecodeError::Malformed(_))), "{found:?}");
    }
    assert!(decode::<Blob<{ usize::MAX }>>(&[0x5a, 0x40, 0, 0, 0, 1]).is_err());
    assert!(decode::<Text<{ usize::MAX }>>(&[0x7a, 0x40, 0, 0, 0, b'a']).is_err());
}

#[test]
fn bytes_do_not_show_in_debug_output() {
    let blob = Blob::<8>::try_from(b"secret".to_vec()).unwrap();
    assert_eq!(format!("{blob:?}"), "6 bytes");
}
