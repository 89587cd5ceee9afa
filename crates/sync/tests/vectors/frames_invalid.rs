//! Frames that are refused, and those of a newer version.

use crate::file::{Made, invalid, newer, unhex};

const H: &str = "5820 0101010101010101010101010101010101010101010101010101010101010101";

/// All of them. In the hex below `#` stands for a byte string of 32 bytes.
pub(crate) fn made() -> Vec<Made> {
    let full = |hex: &str| unhex(&hex.replace('#', H));
    let frames = FRAMES.iter().map(|(name, rule, hex)| invalid("frame", name, rule, full(hex)));
    let answers = ANSWERS.iter();
    let answers = answers.map(|(name, rule, hex)| invalid("knock-answer", name, rule, full(hex)));
    let mut made: Vec<Made> = frames.chain(answers).collect();
    made.extend(NEWER.iter().map(|(kind, name, what, hex)| newer(kind, name, what, full(hex))));
    let spaces = full("82 # 82 80 #");
    let spaces = [full("82 00 83 82 01 01 00 98 41"), spaces.repeat(65)].concat();
    let long = "malformed: a list past its limit";
    made.push(invalid("frame", "hello-of-65-spaces", long, spaces));
    let peers = [full("82 04 82 # 91"), full("82 40 80").repeat(17)].concat();
    made.push(invalid("frame", "peers-17", long, peers));
    let addresses = [full("82 04 82 # 81 82 40 89"), vec![0x60; 9]].concat();
    made.push(invalid("frame", "addresses-9", long, addresses));
    let address = [full("82 04 82 # 81 82 40 81 79 0101"), vec![b'a'; 257]].concat();
    let rule = "malformed: a text past its limit";
    made.push(invalid("frame", "address-of-257-bytes", rule, address));
    made
}

type Row = (&'static str, &'static str, &'static str);

const FRAMES: &[Row] = &[
    ("empty", "malformed: no value", ""),
    ("no-list", "malformed: a frame is kind and payload", "a0"),
    ("kind-alone", "a frame is [kind, payload]", "81 00"),
    ("kind-payload-more", "a frame is [kind, payload]", "83 00 00 00"),
    ("open-ended", "a frame is [kind, payload]", "9f 00 00 ff"),
    ("kind-65536", "malformed: a kind has 16 bits", "82 1a 00010000 00"),
    ("kind-negative", "malformed: a kind is not negative", "82 20 00"),
    ("kind-long", "not the one encoding: shortest integers", "82 18 03 83 # f4 80"),
    ("bytes-after-the-end", "not the one encoding: nothing after the end", "82 03 83 # f4 80 00"),
    (
        "content-null",
        "not the one encoding: nulls at the end of a list are left out",
        "82 00 83 82 01 01 00 81 83 # 82 80 # f6",
    ),
    ("hello-of-four-with-a-tag", "not the one encoding: no tags", "82 00 84 82 01 01 00 80 c1 00"),
    (
        "hello-of-four-with-null",
        "not the one encoding: nulls at the end of a list are left out",
        "82 00 84 82 01 01 00 80 f6",
    ),
    ("payload-of-another-kind", "malformed: a hello begins with versions", "82 00 83 # f4 80"),
    ("hello-of-two", "malformed: a hello has spaces", "82 00 82 82 01 01 00"),
    ("version-65536", "malformed: a version has 16 bits", "82 01 83 1a 00010000 80 00"),
    ("content-number", "malformed: a truth value is no number", "82 03 83 # 00 80"),
    ("receipt-of-513", "malformed: a list past its limit", "82 03 83 # f4 99 0201"),
    ("heads-4097", "malformed: a list past its limit", "82 05 83 # f4 99 1001"),
    (
        "logs-of-a-gigabyte",
        "malformed: a list past its limit",
        "82 00 83 82 01 01 00 81 83 # 82 9a 40000000",
    ),
    ("peer-of-a-gigabyte", "malformed: ends before its last byte", "82 04 82 # 81 82 5a 40000000"),
    ("run-cut", "malformed: ends before its last element", "82 02 82 # 86 # # 00 f6"),
];

/// What a newer version may add, which is passed over.
const NEWER: &[(&str, &str, &str, &str)] = &[
    (
        "frame",
        "hello-of-four",
        "an element at the end of a list",
        "82 00 84 82 01 01 00 80 a1 00 40",
    ),
    (
        "frame",
        "versions-of-three",
        "an element at the end of a list",
        "82 00 83 83 01 02 81 f5 00 80",
    ),
    (
        "frame",
        "hello-with-more-of-a-space",
        "an element at the end of a list, behind one that is absent",
        "82 00 83 82 01 01 00 81 85 # 82 80 # f6 f6 05",
    ),
    ("frame", "answer-of-four", "an element at the end of a list", "82 01 84 01 80 00 61 61"),
    ("frame", "receipt-of-five", "an element at the end of a list", "82 03 85 # f4 80 # 00"),
    ("frame", "peer-with-more", "an element at the end of a list", "82 04 82 # 81 83 40 80 41 07"),
    ("frame", "heads-of-six", "an element at the end of a list", "82 05 86 # f4 80 80 f4 00"),
    ("knock-answer", "answer-4", "an answer of an unknown kind", "81 04"),
    (
        "knock-answer",
        "answer-4-with-more",
        "an answer of an unknown kind",
        "83 04 a1 00 40 f9 3c00",
    ),
    ("knock-answer", "answer-ended-with-more", "an element at the end of a list", "82 02 00"),
];

const ANSWERS: &[Row] = &[
    ("answer-no-list", "malformed: an answer is a list", "02"),
    ("answer-long", "not the one encoding: shortest integers", "81 18 02"),
    ("answer-boxes-17", "malformed: a list past its limit", "83 01 91"),
    ("answer-contacts-6", "malformed: a list past its limit", "84 00 01 02 86"),
    ("answer-vouches-2-32", "malformed: a number has 32 bits", "84 00 1b 0000000100000000 02 80"),
];
