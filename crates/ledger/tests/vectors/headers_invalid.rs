//! Headers that are refused, and those of a newer version.

use crate::{
    file::{Made, invalid, newer, unhex},
    headers::genesis,
};

const H: &str = "5820 0101010101010101010101010101010101010101010101010101010101010101";
const Z: &str = "5820 0000000000000000000000000000000000000000000000000000000000000000";

/// All of them. In the hex below `#` stands for a byte string of 32 ones, `@` for one of zeros.
pub(crate) fn made(kind: &'static str) -> Vec<Made> {
    let rows = ROWS.iter();
    let mut made: Vec<_> = rows
        .map(|(name, rule, hex)| {
            invalid(kind, name, rule, unhex(&hex.replace('#', H).replace('@', Z)))
        })
        .collect();
    made.extend(NEWER.iter().map(|(name, what, hex)| {
        newer(kind, name, what, unhex(&hex.replace('#', H).replace('@', Z)))
    }));
    let heads = (0..257u16).map(|n| [unhex("5820"), vec![0; 30], n.to_be_bytes().to_vec()]);
    let heads: Vec<u8> = heads.flatten().flatten().collect();
    let many = [
        unhex(&"a8 00 01 01 # 02 # 03 00 04 00 06 99 0101".replace('#', H)),
        heads,
        unhex(&format!("08 00 09 {H}")),
    ];
    made.push(invalid(kind, "heads-257", "malformed: a list past its limit", many.concat()));
    let cut = genesis().encode();
    let cut = cut[..cut.len() - 1].to_vec();
    made.push(invalid(kind, "cut", "malformed: ends before its last byte", cut));
    let long = vec![0; 10_241];
    made.push(invalid(kind, "of-10241-bytes", "longer than a header can be", long));
    made
}

const ROWS: &[(&str, &str, &str)] = &[
    ("empty", "malformed: no value", ""),
    ("no-map", "malformed: a header is a map", "80"),
    (
        "keys-descending",
        "not the one encoding: keys ascend",
        "a8 01 # 00 01 02 # 03 00 04 00 06 80 08 00 09 #",
    ),
    (
        "key-twice",
        "not the one encoding: a key stands once",
        "a9 00 01 00 01 01 # 02 # 03 00 04 00 06 80 08 00 09 #",
    ),
    (
        "seq-long",
        "not the one encoding: shortest integers",
        "a8 00 01 01 # 02 # 03 18 00 04 00 06 80 08 00 09 #",
    ),
    (
        "stamp-long",
        "not the one encoding: shortest integers",
        "a8 00 01 01 # 02 # 03 00 04 1b 00000000ffffffff 06 80 08 00 09 #",
    ),
    (
        "heads-length-long",
        "not the one encoding: shortest lengths",
        "a8 00 01 01 # 02 # 03 00 04 00 06 98 00 08 00 09 #",
    ),
    (
        "map-open-ended",
        "not the one encoding: definite lengths",
        "bf 00 01 01 # 02 # 03 00 04 00 06 80 08 00 09 # ff",
    ),
    (
        "backlink-null",
        "not the one encoding: absent fields are left out",
        "a9 00 01 01 # 02 # 03 00 04 00 05 f6 06 80 08 00 09 #",
    ),
    (
        "bytes-after-the-end",
        "not the one encoding: nothing after the end",
        "a8 00 01 01 # 02 # 03 00 04 00 06 80 08 00 09 # 00",
    ),
    ("tag", "malformed: no tags", "d9 d9f7 a8 00 01 01 # 02 # 03 00 04 00 06 80 08 00 09 #"),
    (
        "heads-open-ended",
        "malformed: definite lengths",
        "a8 00 01 01 # 02 # 03 00 04 00 06 9f ff 08 00 09 #",
    ),
    (
        "heads-of-a-gigabyte",
        "malformed: a list past its limit",
        "a8 00 01 01 # 02 # 03 00 04 00 06 9a 40000000",
    ),
    ("fields-of-a-gigabyte", "malformed: ends before its last field", "ba 40000000 00 01"),
    ("journal-of-a-gigabyte", "malformed: ends before its last byte", "a8 00 01 01 5a 40000000"),
    (
        "device-missing",
        "malformed: a header has a device",
        "a7 00 01 01 # 03 00 04 00 06 80 08 00 09 #",
    ),
    (
        "device-of-31-bytes",
        "malformed: a device has 32 bytes",
        "a8 00 01 01 # 02 581f
        01010101010101010101010101010101010101010101010101010101010101
        03 00 04 00 06 80 08 00 09 #",
    ),
    (
        "seq-negative",
        "malformed: a seq is not negative",
        "a8 00 01 01 # 02 # 03 20 04 00 06 80 08 00 09 #",
    ),
    (
        "stamp-past-2-53",
        "malformed: a time past what JSON carries",
        "a8 00 01 01 # 02 # 03 00 04 1b 0020000000000000 06 80 08 00 09 #",
    ),
    (
        "body-length-2-32",
        "malformed: a body length has 32 bits",
        "a8 00 01 01 # 02 # 03 00 04 00 06 80 08 1b 0000000100000000 09 #",
    ),
    ("version-0", "of another version than 1", "a8 00 00 01 # 02 # 03 00 04 00 06 80 08 00 09 #"),
    (
        "heads-and-key",
        "needs either heads or a key id",
        "a9 00 01 01 # 02 # 03 00 04 00 06 80 07 # 08 00 09 #",
    ),
    (
        "neither-heads-nor-key",
        "needs either heads or a key id",
        "a7 00 01 01 # 02 # 03 00 04 00 08 00 09 #",
    ),
    (
        "seq-past-2-53",
        "a sequence number past its limit",
        "a9 00 01 01 # 02 # 03 1b 0020000000000000 04 00 05 # 06 80 08 00 09 #",
    ),
    (
        "backlink-at-seq-0",
        "a backlink stands exactly in entries after the first",
        "a9 00 01 01 # 02 # 03 00 04 00 05 # 06 80 08 00 09 #",
    ),
    (
        "no-backlink-at-seq-1",
        "a backlink stands exactly in entries after the first",
        "a8 00 01 01 # 02 # 03 01 04 00 06 80 08 00 09 #",
    ),
    (
        "body-length-past-its-limit",
        "a body past its limit",
        "a8 00 01 01 # 02 # 03 00 04 00 06 80 08 1a 0003d801 09 #",
    ),
    (
        "heads-descending",
        "heads ascend without repeats",
        "a8 00 01 01 # 02 # 03 00 04 00 06 82 # @ 08 00 09 #",
    ),
    (
        "head-twice",
        "heads ascend without repeats",
        "a8 00 01 01 # 02 # 03 00 04 00 06 82 # # 08 00 09 #",
    ),
    (
        "genesis-with-seq-1",
        "a genesis is the first entry, without heads",
        "a9 00 01 01 @ 02 # 03 01 04 00 05 # 06 80 08 00 09 #",
    ),
    (
        "genesis-with-a-head",
        "a genesis is the first entry, without heads",
        "a8 00 01 01 @ 02 # 03 00 04 00 06 81 # 08 00 09 #",
    ),
    (
        "version-2-without-device",
        "malformed: a header has a device",
        "a5 00 02 01 # 03 00 08 00 09 #",
    ),
    (
        "version-2-backlink-null",
        "malformed: absent fields are left out",
        "a7 00 02 01 # 02 # 03 00 05 f6 08 00 09 #",
    ),
    (
        "version-2-no-backlink-at-seq-1",
        "malformed: a backlink stands exactly in entries after the first",
        "a7 00 02 01 # 02 # 03 01 08 00 09 # 0a 00",
    ),
    (
        "version-2-genesis-with-seq-1",
        "malformed: a genesis is the first entry",
        "a8 00 02 01 @ 02 # 03 01 05 # 08 00 09 # 0a 00",
    ),
    (
        "key-10-tag",
        "not the one encoding: no tags",
        "a9 00 01 01 # 02 # 03 00 04 00 06 80 08 00 09 # 0a c1 00",
    ),
    (
        "key-10-null",
        "not the one encoding: absent fields are left out",
        "a9 00 01 01 # 02 # 03 00 04 00 06 80 08 00 09 # 0a f6",
    ),
    (
        "key-text",
        "malformed: keys are whole numbers",
        "a9 00 01 01 # 02 # 03 00 04 00 06 80 08 00 09 # 61 61 00",
    ),
    (
        "genesis-of-content",
        "a genesis is a charter entry",
        "a8 00 01 01 @ 02 # 03 00 04 00 07 # 08 00 09 #",
    ),
];

/// What a newer version may write.
const NEWER: &[(&str, &str, &str)] = &[
    ("key-10", "a key above 9", "a9 00 01 01 # 02 # 03 00 04 00 06 80 08 00 09 # 0a 00"),
    ("version-2", "a version above 1", "a8 00 02 01 # 02 # 03 00 04 00 06 80 08 00 09 #"),
    ("version-256", "a version above 1", "a8 00 19 0100 01 # 02 # 03 00 04 00 06 80 08 00 09 #"),
    (
        "version-2-with-keys",
        "a version above 1, keys above 9",
        "ab 00 02 01 # 02 # 03 01 04 00 05 # 07 # 08 00 09 # 0a a1 61 61 81 f5 19 ffff 20",
    ),
    ("version-2-bare", "a version above 1", "a6 00 02 01 # 02 # 03 00 08 00 09 #"),
    (
        "version-2-stamp-a-text",
        "a version above 1",
        "a9 00 02 01 @ 02 # 03 00 04 61 61 06 80 07 80 08 00 09 #",
    ),
];
