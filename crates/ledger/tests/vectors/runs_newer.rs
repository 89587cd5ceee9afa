//! Runs with headers of a newer version, and those that claim to be such.

use ledger::{DeviceKey, Entry, HeaderKind, NewerRun, Run, RunError, Unsigned, encode};

use crate::{
    entries::{charter_kind, unsigned},
    file::{Made, NEWER, invalid, newer},
    fixed::*,
    refusal,
    runs::steady,
};

/// The header of an entry under version 2, with a key 10 at its end.
fn of_version_2(entry: &Entry) -> Vec<u8> {
    let mut bytes = entry.header.encode();
    (bytes[0], bytes[2]) = (bytes[0] + 1, 2);
    bytes.extend([0x0a, 0xf5]);
    bytes
}

/// An entry with its header whole.
fn whole(header: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut e = minicbor::Encoder::new(&mut bytes);
    e.array(2).unwrap().bytes(header).unwrap().bytes(body).unwrap();
    bytes
}

/// A run of these entries, as they are written, signed over `last` by this key.
fn run(before: &Run, entries: &[Vec<u8>], key: &DeviceKey, last: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x86];
    bytes.extend(encode(&before.journal));
    bytes.extend(encode(&before.device));
    bytes.extend(encode(&before.first_seq));
    bytes.extend(encode(&before.backlink));
    minicbor::Encoder::new(&mut bytes).array(entries.len() as u64).unwrap();
    bytes.extend(entries.concat());
    bytes.extend(encode(&key.sign(b"groundwork 1 entry\0", last)));
    bytes
}

/// All of them.
pub(crate) fn made(kind: &'static str) -> Vec<Made> {
    const SIGNATURE: &str = "the signature does not hold";
    let three = steady(5, 3);
    let first = Run::of(&three[..1]);
    assert!(first.is_ok(), "each of them is signed");
    let (of_three, first) = (Run::of(&three).unwrap(), first.unwrap());
    let parts: Vec<_> = of_three.entries.iter().map(encode).collect();
    let newer_last = of_version_2(&three[2]);
    let last = whole(&newer_last, three[2].body.as_ref().unwrap());
    let entries = [parts[0].clone(), parts[1].clone(), last.clone()];
    let right = run(&of_three, &entries, &key(1), &newer_last);
    let newer_first = of_version_2(&three[0]);
    let id = ledger::EntryId::from(ledger::Hash::of(&newer_first));
    let behind = Unsigned {
        seq: 6,
        backlink: Some(id),
        ..unsigned(journal(9), HeaderKind::Content(epoch(4)), vec![6; 3])
    };
    let behind = behind.sign(&key(1)).unwrap();
    let behind_parts = encode(&Run::of(std::slice::from_ref(&behind)).unwrap().entries[0]);
    let mixed = [whole(&newer_first, three[0].body.as_ref().unwrap()), behind_parts];
    let charter = unsigned(journal(9), charter_kind(vec![entry(1)]), vec![0x80]);
    let charter = charter.sign(&key(1)).unwrap();
    let of_charter = Run::of(std::slice::from_ref(&charter)).unwrap();
    let newer_charter = of_version_2(&charter);
    let charter = [whole(&newer_charter, &[0x80])];
    let plain = [whole(&three[0].header.encode(), three[0].body.as_ref().unwrap())];
    let bad = |name, rule, bytes| invalid(kind, name, rule, bytes);
    let header = "a header of version 2";
    vec![
        newer(kind, "newer-last", header, right.clone()),
        newer(kind, "newer-first", header, run(&first, &mixed, &key(1), &behind.header.encode())),
        newer(
            kind,
            "newer-in-the-charter",
            header,
            run(&of_charter, &charter, &key(1), &newer_charter),
        ),
        bad("newer-by-another", SIGNATURE, run(&of_three, &entries, &key(2), &newer_last)),
        bad(
            "newer-with-another-body",
            "another body than its header says",
            run(&first, &[whole(&newer_first, &[9; 3])], &key(1), &newer_first),
        ),
        bad(
            "newer-of-another-place",
            "a header of another place",
            run(&first, &[parts[0].clone(), last], &key(1), &newer_last),
        ),
        bad(
            "whole-of-this-version",
            "malformed: a header of this version travels by its parts",
            run(&first, &plain, &key(1), &three[0].header.encode()),
        ),
        bad("newer-cut", "malformed: ends before its last byte", right[..right.len() - 1].to_vec()),
    ]
}

/// What a run comes to that this version cannot read.
pub(crate) fn read(bytes: &[u8]) -> String {
    let run = NewerRun::decode(bytes).unwrap();
    assert_eq!(run.bytes(), bytes);
    match run.verify() {
        Ok(_) => NEWER.to_owned(),
        Err(RunError::Decode(error)) => refusal(error),
        Err(RunError::Signature(error)) => error.to_string(),
    }
}
