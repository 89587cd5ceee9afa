use super::*;

/// Bytes from hex with spaces between.
fn bytes(hex: &str) -> Vec<u8> {
    hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

fn adds(found: &str, known: &str) -> [bool; 2] {
    [Lists::Closed, Lists::Open].map(|lists| extends(&bytes(found), &bytes(known), lists))
}

#[test]
fn further_keys_extend_a_map_at_any_depth() {
    assert_eq!(adds("a2 00 01 07 80", "a1 00 01"), [true, true]);
    assert_eq!(adds("a2 00 01 01 02", "a1 01 02"), [true, true], "before a known one too");
    assert_eq!(adds("81 82 05 a2 00 f6 18 18 a0", "81 82 05 a1 00 f6"), [true, true]);
    assert_eq!(adds("a0", "a0"), [true, true]);
}

#[test]
fn further_elements_extend_only_what_is_said() {
    assert_eq!(adds("83 01 02 03", "82 01 02"), [false, true]);
    assert_eq!(adds("82 81 01 80", "82 80 80"), [false, true]);
    assert_eq!(adds("83 01 f6 03", "81 01"), [false, true]);
    assert_eq!(adds("82 01 f6", "81 01"), [false, false], "nulls at the end are left out");
}

#[test]
fn nothing_else_is_an_addition() {
    for (found, known) in [
        ("a2 07 80 00 01", "a1 00 01"),
        ("a2 00 01 00 01", "a1 00 01"),
        ("a2 00 01 07 f6", "a1 00 01"),
        ("a2 00 01 61 61 00", "a1 00 01"),
        ("a2 00 01 20 00", "a1 00 01"),
        ("a2 00 01 18 07 00", "a1 00 01"),
        ("a2 00 01 07 18 00", "a1 00 01"),
        ("a2 00 01 07 c1 00", "a1 00 01"),
        ("b8 02 00 01 07 00", "a1 00 01"),
        ("bf 00 01 07 00 ff", "a1 00 01"),
        ("a2 00 02 07 00", "a1 00 01"),
        ("a1 07 00", "a1 00 01"),
        ("a0", "a1 00 01"),
        ("81 01", "82 01 02"),
        ("a2 00 01 07 00 00", "a1 00 01"),
        ("a2 00 01 07", "a1 00 01"),
        ("ba 40 00 00 00 00 01", "a1 00 01"),
        ("9b ff ff ff ff ff ff ff ff 01", "81 01"),
    ] {
        assert_eq!(adds(found, known), [false, false], "{found}");
    }
}

#[test]
fn an_addition_nests_no_deeper_than_an_unknown_item() {
    let found = |depth| [bytes("a2 00 01 07"), vec![0x81; depth], vec![0]].concat();
    let known = bytes("a1 00 01");
    assert!(extends(&found(16), &known, Lists::Closed));
    assert!(!extends(&found(17), &known, Lists::Closed));
    assert!(!extends(&found(1_000_000), &known, Lists::Closed));
}
