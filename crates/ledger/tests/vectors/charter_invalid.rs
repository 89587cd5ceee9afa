//! Charter bodies that are refused, bytes as a hostile node may write them, and those of a newer
//! version.

use crate::file::{Made, invalid, newer, unhex};

const H: &str = "5820 0101010101010101010101010101010101010101010101010101010101010101";

/// All of them. In the hex below `#` stands for a byte string of 32 bytes.
pub(crate) fn made(kind: &'static str) -> Vec<Made> {
    let all = CANONICAL.iter().chain(SHAPE).chain(UNKNOWN);
    let mut made: Vec<_> = all
        .map(|(name, rule, hex)| invalid(kind, name, rule, unhex(&hex.replace('#', H))))
        .collect();
    made.extend(NEWER.iter().map(|(name, what, hex)| {
        let signature = ["5840", &"01".repeat(64)].concat();
        newer(kind, name, what, unhex(&hex.replace('#', H).replace('$', &signature)))
    }));
    let many = [unhex("81 82 06 a1 00 99 0401"), vec![0; 1025]].concat();
    made.push(invalid(kind, "approve-1025", "malformed: a list past its limit", many));
    let items = [unhex("99 0401"), unhex("82 08 a0").repeat(1025)].concat();
    made.push(invalid(kind, "items-1025", "malformed: a list past its limit", items));
    let zone = [
        unhex("81 82 00 a4 00 01 01 a2 00 82 02 03 01 82 01 02 02 78 41"),
        vec![b'a'; 65],
        unhex(&format!("03 {H}")),
    ];
    let rule = "malformed: a text past its limit";
    made.push(invalid(kind, "zone-of-65-bytes", rule, zone.concat()));
    let peer = [unhex("81 82 01 a3 00 58 41"), vec![7; 65], unhex(&format!("01 {H} 02 40"))];
    let peer = peer.concat();
    made.push(invalid(kind, "peer-of-65-bytes", "malformed: bytes past their limit", peer));
    let reason = [unhex(&format!("81 82 05 a2 00 82 00 a1 00 {H} 01 59 1001")), vec![7; 4097]];
    let rule = "malformed: bytes past their limit";
    made.push(invalid(kind, "reason-of-4097-bytes", rule, reason.concat()));
    let deep = [unhex("81 82 11"), vec![0x81; 17], vec![0]].concat();
    let rule = "malformed: an item of an unknown kind, nested 17 deep";
    made.push(invalid(kind, "unknown-nested-17-deep", rule, deep));
    let deepest = [unhex("81 82 11"), vec![0x81; 10_000]].concat();
    let rule = "malformed: an item of an unknown kind, nested 10000 deep";
    made.push(invalid(kind, "unknown-nested-10000-deep", rule, deepest));
    made
}

type Row = (&'static str, &'static str, &'static str);

const CANONICAL: &[Row] = &[
    ("keys-descending", "not the one encoding: keys ascend", "81 82 0b a3 01 # 00 # 02 00"),
    ("key-twice", "not the one encoding: a key stands once", "81 82 03 a2 00 # 00 #"),
    ("key-unknown-null", "not the one encoding: absent fields are left out", "81 82 08 a1 07 f6"),
    ("key-unknown-tag", "not the one encoding: no tags", "81 82 08 a1 07 c1 00"),
    ("key-negative", "not the one encoding: keys are whole numbers", "81 82 08 a1 20 00"),
    ("key-text", "malformed: keys are whole numbers", "81 82 08 a1 61 61 00"),
    ("key-long", "not the one encoding: shortest integers", "81 82 03 a1 18 00 #"),
    ("kind-long", "not the one encoding: shortest integers", "81 82 18 08 a0"),
    ("kind-longest", "not the one encoding: shortest integers", "81 82 1b 0000000000000008 a0"),
    ("list-length-long", "not the one encoding: shortest lengths", "98 01 82 08 a0"),
    ("item-length-long", "not the one encoding: shortest lengths", "81 98 02 08 a0"),
    ("map-length-long", "not the one encoding: shortest lengths", "81 82 08 b8 00"),
    (
        "id-length-long",
        "not the one encoding: shortest lengths",
        "81 82 03 a1 00 59 0020
        0101010101010101010101010101010101010101010101010101010101010101",
    ),
    ("map-open-ended", "not the one encoding: definite lengths", "81 82 03 bf 00 # ff"),
    (
        "null-for-absent",
        "not the one encoding: absent fields are left out",
        "81 82 05 a2 00 82 00 a1 00 # 01 f6",
    ),
    (
        "end-with-a-last-null",
        "not the one encoding: nulls at the end of a list are left out",
        "81 82 07 a1 00 81 83 # 00 f6",
    ),
    ("end-of-four", "not the one encoding: no other elements", "81 82 07 a1 00 81 84 # 00 # 00"),
    ("bytes-after-the-end", "not the one encoding: nothing after the end", "80 00"),
    ("two-bodies", "not the one encoding: nothing after the end", "81 82 08 a0 80"),
];

/// What a newer version may write.
const NEWER: &[Row] = &[
    ("key-unknown", "a further key of an item", "81 82 03 a2 00 # 01 00"),
    ("return-with-a-key", "a further key of an item", "82 82 08 a0 82 08 a1 18ff a1 6161 80"),
    ("act-with-a-key", "a further key of an act", "81 82 05 a1 00 82 00 a2 00 # 05 00"),
    ("card-with-a-key", "a further key of a card", "81 82 01 a4 00 40 01 # 02 $ 03 00"),
    (
        "thresholds-with-a-key",
        "a further key inside an item",
        "81 82 00 a4 00 01 01 a3 00 82 02 03 01 82 01 02 02 00 02 63 555443 03 #",
    ),
];

const SHAPE: &[Row] = &[
    ("empty", "malformed: no value", ""),
    ("no-list", "malformed: a body is a list", "a0"),
    ("list-open-ended", "malformed: definite lengths", "9f 82 08 a0 ff"),
    ("item-open-ended", "malformed: definite lengths", "81 9f 08 a0 ff"),
    ("bytes-open-ended", "malformed: definite lengths", "81 82 03 a1 00 5f # ff"),
    ("tag", "malformed: no tags", "81 c1 82 08 a0"),
    ("item-of-one", "malformed: an item has kind and payload", "81 81 08"),
    ("item-of-three", "malformed: an item has kind and payload", "81 83 08 a0 00"),
    ("kind-65536", "malformed: a kind has 16 bits", "81 82 1a 00010000 a0"),
    ("kind-negative", "malformed: a kind is not negative", "81 82 20 a0"),
    ("kind-float", "malformed: no floats", "81 82 f9 4800 a0"),
    ("kind-text", "malformed: a kind is a number", "81 82 61 61 a0"),
    ("list-of-a-gigabyte", "malformed: a list past its limit", "9a 40000000"),
    ("list-of-all", "malformed: a list past its limit", "9b ffffffffffffffff"),
    ("list-cut", "malformed: ends before its last item", "82 82 08 a0"),
    ("acts-of-a-gigabyte", "malformed: a list past its limit", "81 82 06 a1 00 9a 40000000"),
    ("map-of-a-gigabyte", "malformed: ends before its last field", "81 82 08 ba 40000000"),
    (
        "bytes-of-a-gigabyte",
        "malformed: ends before its last byte",
        "81 82 05 a2 00 82 00 a1 00 # 01 5a 40000000",
    ),
    (
        "text-of-a-gigabyte",
        "malformed: ends before its last byte",
        "81 82 00 a4 00 01 01 a2 00 82 02 03 01 82 01 02 02 7a 40000000",
    ),
    (
        "text-no-utf-8",
        "malformed: a text is UTF-8",
        "81 82 00 a4 00 01 01 a2 00 82 02 03 01 82 01 02 02 62 c328 03 #",
    ),
    ("field-missing", "malformed: a card has three fields", "81 82 01 a2 00 40 01 #"),
    (
        "card-without-a-signature",
        "malformed: a signature has 64 bytes",
        "81 82 01 a3 00 40 01 # 02 40",
    ),
    (
        "id-of-31-bytes",
        "malformed: an id has 32 bytes",
        "81 82 05 a1 00 82 00 a1 00 581f
        01010101010101010101010101010101010101010101010101010101010101",
    ),
    (
        "id-of-33-bytes",
        "malformed: an id has 32 bytes",
        "81 82 05 a1 00 82 00 a1 00 5821
        010101010101010101010101010101010101010101010101010101010101010101",
    ),
    ("answer-3", "malformed: an answer is 0, 1 or 2", "81 82 0b a3 00 # 01 # 02 03"),
    ("counts-1", "malformed: a truth value is no number", "81 82 05 a1 00 82 05 a2 00 80 01 01"),
    (
        "numerator-256",
        "malformed: a numerator has 8 bits",
        "81 82 05 a1 00 82 04 a2 00 82 190100 03 01 82 01 02",
    ),
    (
        "time-past-2-53",
        "malformed: a time past what JSON carries",
        "81 82 02 a3 00 # 01 1b0020000000000000 02 01",
    ),
    ("time-negative", "malformed: a time is not negative", "81 82 02 a3 00 # 01 20 02 01"),
    ("index-65536", "malformed: an index has 16 bits", "81 82 03 a1 00 1a 00010000"),
    ("index-negative", "malformed: an index is not negative", "81 82 03 a1 00 20"),
    ("member-by-index", "malformed: a member is named by id", "81 82 05 a1 00 82 03 a1 00 81 00"),
    (
        "signature-of-63-bytes",
        "malformed: a signature has 64 bytes",
        "81 82 10 a3 00 82 40 583f 0101010101010101010101010101010101010101010101010101010101010101
        01010101010101010101010101010101010101010101010101010101010101 01 82 40 40 02 80",
    ),
];

const UNKNOWN: &[Row] = &[
    ("unknown-tag", "malformed: no tags", "81 82 11 c1 00"),
    ("unknown-float", "malformed: no floats", "81 82 11 f9 0000"),
    ("unknown-undefined", "malformed: no such simple value", "81 82 11 f7"),
    ("unknown-simple", "malformed: no such simple value", "81 82 11 f8 ff"),
    ("unknown-break", "malformed: no value", "81 82 11 ff"),
    ("unknown-reserved", "malformed: no value", "81 82 11 1c"),
    ("unknown-open-ended", "malformed: definite lengths", "81 82 11 9f ff"),
    ("unknown-text-open-ended", "malformed: definite lengths", "81 82 11 7f 61 61 ff"),
    ("unknown-long-integer", "malformed: shortest integers", "81 82 11 18 17"),
    ("unknown-long-length", "malformed: shortest lengths", "81 82 11 78 01 61"),
    ("unknown-keys-descending", "malformed: keys ascend", "81 82 11 a2 01 00 00 00"),
    ("unknown-key-twice", "malformed: a key stands once", "81 82 11 a2 00 00 00 00"),
    ("unknown-list-of-all", "malformed: ends before its last item", "81 82 11 9bffffffffffffffff"),
    ("unknown-act-open-ended", "malformed: definite lengths", "81 82 05 a1 00 82 18 64 bf ff"),
];
