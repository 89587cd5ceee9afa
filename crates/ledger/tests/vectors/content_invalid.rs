//! Content bodies that are refused, bytes as a hostile member may write them, and those of a newer
//! version.

use crate::file::{Made, invalid, newer, unhex};

const H: &str = "5820 0101010101010101010101010101010101010101010101010101010101010101";

/// All of them. In the hex below `#` stands for a byte string of 32 bytes, `<` for the beginning
/// of an edit of one operation, and `(` for that of an operation that sets a field.
pub(crate) fn made(kind: &'static str) -> Vec<Made> {
    let full = |hex: &str| hex.replace('(', "< 84 00 f6 61 61").replace('<', EDIT).replace('#', H);
    let rows = ROWS.iter();
    let mut made: Vec<_> =
        rows.map(|(name, rule, hex)| invalid(kind, name, rule, unhex(&full(hex)))).collect();
    made.extend(NEWER.iter().map(|(name, what, hex)| newer(kind, name, what, unhex(&full(hex)))));
    let operations = [unhex("81 82 00 a2 02 80 03 99 03e9"), unhex("83 02 f6 00").repeat(1001)];
    let rule = "malformed: a list past its limit";
    made.push(invalid(kind, "operations-1001", rule, operations.concat()));
    let heads = [unhex("81 82 00 a2 02 98 41"), vec![0; 65], unhex("03 80")].concat();
    made.push(invalid(kind, "heads-65", rule, heads));
    let name = [unhex("81 82 01 a1 02 82 01 a1 00 79 0101"), vec![b'a'; 257]].concat();
    let rule = "malformed: a text past its limit";
    made.push(invalid(kind, "name-of-257-bytes", rule, name));
    let lang = [unhex("81 82 01 a1 02 82 00 a2 00 60 01 78 41"), vec![b'a'; 65]].concat();
    made.push(invalid(kind, "lang-of-65-bytes", rule, lang));
    made
}

/// What a newer version may write.
const NEWER: &[(&str, &str, &str)] = &[
    ("edit-with-a-key", "a further key of an item", "81 82 00 a3 02 80 03 80 04 f5"),
    ("post-with-a-key", "a further key of a word", "81 82 01 a1 02 82 00 a2 00 60 03 81 00"),
    ("forget-with-keys", "further keys of an item", "81 82 03 a3 00 80 01 00 1818 a1 6161 40"),
];

const EDIT: &str = "81 82 00 a2 02 80 03 81";

const ROWS: &[(&str, &str, &str)] = &[
    ("keys-descending", "not the one encoding: keys ascend", "81 82 00 a2 03 80 02 80"),
    ("bytes-after-the-end", "not the one encoding: nothing after the end", "8000"),
    ("value-null-of-two", "not the one encoding: no other elements", "( 82 00 f6"),
    ("value-map-of-two", "not the one encoding: no other elements", "( 82 07 00"),
    ("value-long-int", "not the one encoding: shortest integers", "( 82 02 18 17"),
    ("value-long-negative", "not the one encoding: shortest integers", "( 82 02 38 17"),
    ("text-length-long", "not the one encoding: shortest lengths", "( 82 03 78 01 61"),
    ("delete-of-four", "not the one encoding: no other elements", "< 84 02 f6 00 00"),
    (
        "document-null",
        "not the one encoding: absent fields are left out",
        "81 82 00 a3 00 f6 02 80 03 80",
    ),
    ("object-long", "not the one encoding: shortest lengths", "< 83 02 98 02 # 00 00"),
    ("value-10", "malformed: no such value", "( 82 0a 00"),
    ("value-bool-int", "malformed: a truth value is no number", "( 82 01 01"),
    (
        "value-int-past-64-bits",
        "malformed: a number has 64 bits and a sign",
        "( 82 02 1b 8000000000000000",
    ),
    (
        "value-int-before-64-bits",
        "malformed: a number has 64 bits and a sign",
        "( 82 02 3b 8000000000000000",
    ),
    ("value-float", "malformed: no floats", "( 82 02 f9 3c00"),
    ("value-missing", "malformed: a value has what it says", "( 81 02"),
    ("value-text-bytes", "malformed: a text is no byte string", "( 82 03 41 61"),
    ("value-text-no-utf-8", "malformed: a text is UTF-8", "( 82 03 63 eda080"),
    ("value-text-past-its-end", "malformed: ends before its last byte", "( 82 03 7a 40000000"),
    (
        "value-time-past-2-53",
        "malformed: a time past what JSON carries",
        "( 82 05 1b 0020000000000000",
    ),
    ("operation-5", "malformed: no such operation", "< 83 05 f6 00"),
    ("operation-no-list", "malformed: an operation is a list", "< 00"),
    ("put-of-three", "malformed: a put has object, key and value", "< 83 00 f6 61 61"),
    ("key-bytes", "malformed: a key is a text or a position", "< 83 02 f6 41 61"),
    ("position-2-32", "malformed: a position has 32 bits", "< 83 02 f6 1b 0000000100000000"),
    ("position-negative", "malformed: a position is not negative", "< 83 02 f6 20"),
    ("object-of-three", "malformed: an object is null or edit and number", "< 83 02 83 # 00 00 00"),
    ("object-number-65536", "malformed: a number has 16 bits", "< 83 02 82 # 1a 00010000 00"),
    ("edit-without-heads", "malformed: an edit has heads", "81 82 00 a1 03 80"),
    ("schema-65536", "malformed: a schema has 16 bits", "81 82 00 a3 01 1a 00010000 02 80 03 80"),
    ("word-without-body", "malformed: a word has a body", "81 82 01 a1 00 #"),
    ("claim-7", "malformed: no such state", "81 82 01 a1 02 82 02 a1 00 07"),
    ("forget-by-index", "malformed: what is forgotten is named by id", "81 82 03 a1 00 81 00"),
    ("word-unknown-tag", "malformed: no tags", "81 82 01 a1 02 82 05 c1 00"),
];
