//! `runs.json`: entries as they travel.

use ledger::{
    DecodeError, Entry, EntryId, Forgotten, Hash, HeaderKind, KeyId, Run, RunEntry, RunError,
    Signature, Timestamp, Unsigned, encode, limits,
};
use serde_json::{Value, json};

use crate::{
    entries::{charter_kind, genesis, unsigned},
    file::{Made, check, hex, invalid, valid},
    fixed::*,
    refusal, runs_newer,
};

const KIND: &str = "run";

#[test]
fn runs_hold() {
    let mut made = runs();
    made.extend(hostile_chains());
    made.extend(hostile_runs());
    made.extend(hostile_entries());
    made.extend(runs_newer::made(KIND));
    check("runs.json", made, true, |_, _, bytes| read(bytes));
}

/// What an entry of a chain is made of: its key, hours, and the length of its body.
type Link = (u8, u64, usize);

/// A chain in a content journal from `seq` on.
fn chain(seq: u64, links: &[Link]) -> Vec<Entry> {
    let (mut entries, mut backlink) = (Vec::new(), (seq > 0).then(|| entry(1)));
    for (place, (key_id, hours, length)) in (seq..).zip(links) {
        let body = vec![place as u8; *length];
        let (stamp, kind) = (time(*hours), HeaderKind::Content(epoch(*key_id)));
        let unsigned = Unsigned { journal: journal(9), seq: place, stamp, backlink, kind, body };
        entries.push(unsigned.sign(&key(1)).unwrap());
        backlink = entries.last().map(|entry| entry.id);
    }
    entries
}

pub(crate) fn steady(seq: u64, count: usize) -> Vec<Entry> {
    chain(seq, &vec![(4, 1, 3); count])
}

fn run(entries: &[Entry]) -> Run {
    Run::of(entries).unwrap()
}

fn runs() -> Vec<Made> {
    let made = |name, entries: &[Entry]| valid(KIND, name, run(entries).encode());
    let mut forgotten = chain(5, &[(4, 1, 30), (4, 2, 31), (4, 3, 32)]);
    forgotten[1].body = None;
    let mut last_forgotten = chain(5, &[(4, 1, 30), (4, 2, 31)]);
    last_forgotten[1].body = None;
    let mut all_forgotten = chain(0, &[(4, 1, 5000)]);
    all_forgotten[0].body = None;
    let keys = chain(0, &[(4, 1, 9), (4, 1, 9), (5, 1, 9), (5, 2, 9), (4, 3, 9)]);
    let charter = unsigned(journal(9), charter_kind(vec![entry(1), entry(2)]), vec![0x80]);
    let charter = Unsigned { seq: 63, backlink: Some(entry(3)), ..charter };
    let last = chain(limits::INTEGER_MAX - 1, &[(4, 1, 3)]);
    vec![
        made("genesis", &[genesis()]),
        made("charter", &[charter.sign(&key(2)).unwrap()]),
        made("one", &steady(0, 1)),
        made("three", &steady(64, 3)),
        made("sixty-four", &steady(0, 64)),
        made("up-to-63", &steady(60, 4)),
        made("keys-that-change", &keys),
        made("stamps-that-fall", &chain(0, &[(4, 9, 3), (4, 1, 3), (4, 9, 3)])),
        made("a-long-body-last", &chain(0, &[(4, 1, 4096), (4, 1, 4097)])),
        made("bodies-of-nothing", &chain(0, &[(4, 1, 0), (4, 1, 0)])),
        made("forgotten-between", &forgotten),
        made("forgotten-last", &last_forgotten),
        made("forgotten-all", &all_forgotten),
        made("at-the-last-seq", &last),
    ]
}

/// Chains that are whole and signed, and no run for where they end, and signatures that fail.
fn hostile_chains() -> Vec<Made> {
    const ANCHOR: &str = "a run ends at its first kept signature";
    const SIGNATURE: &str = "the signature does not hold";
    let bad = |name, rule, run: &Run| invalid(KIND, name, rule, run.encode());
    let charter = |seq, backlink| {
        let first = unsigned(journal(9), charter_kind(vec![]), vec![0x80]);
        Unsigned { seq, backlink, ..first }.sign(&key(1)).unwrap()
    };
    let first = charter(0, None);
    let second = charter(1, Some(first.id));
    let three = steady(5, 3);
    let right = run(&three);
    let changed = |change: fn(&mut Run)| {
        let mut run = right.clone();
        change(&mut run);
        run
    };
    vec![
        bad("two-of-the-charter", ANCHOR, &run(&[first, second])),
        bad("past-63", ANCHOR, &run(&steady(62, 3))),
        bad("a-long-body-first", ANCHOR, &run(&chain(0, &[(4, 1, 4097), (4, 1, 3)]))),
        bad(
            "signature-changed",
            SIGNATURE,
            &changed(|run| {
                run.signature = Signature::from_bytes([3; 64]);
            }),
        ),
        bad(
            "signature-of-the-first",
            SIGNATURE,
            &Run { signature: three[0].signature.unwrap(), ..right.clone() },
        ),
        bad("journal-changed", SIGNATURE, &changed(|run| run.journal = journal(8))),
        bad("device-changed", SIGNATURE, &changed(|run| run.device = key(2).id())),
        bad("device-no-key", SIGNATURE, &changed(|run| run.device = device(2))),
        bad("seq-changed", SIGNATURE, &changed(|run| run.first_seq = 6)),
        bad("backlink-changed", SIGNATURE, &changed(|run| run.backlink = Some(entry(2)))),
        bad(
            "entries-cut",
            SIGNATURE,
            &changed(|run| {
                let mut entries = run.entries.clone().into_inner();
                entries.pop();
                run.entries = list(entries);
            }),
        ),
        bad(
            "entries-swapped",
            SIGNATURE,
            &Run {
                entries: run(&chain(5, &[(4, 1, 3), (4, 1, 4), (4, 1, 3)])).entries,
                ..right.clone()
            },
        ),
    ]
}

/// A run as anyone can write it: any number of entries.
fn free(seq: u64, backlink: Option<EntryId>, entries: Vec<RunEntry>) -> Vec<u8> {
    let signature = Signature::from_bytes([1; 64]);
    let device = minicbor::bytes::ByteArray::from(*key(1).id().as_bytes());
    encode(&(journal(9), device, seq, backlink, entries, signature))
}

fn content(key: Option<KeyId>) -> RunEntry {
    let body = Some(blob(3));
    RunEntry { stamp_delta: 1000, heads: None, key, body, forgotten: None }
}

fn hostile_runs() -> Vec<Made> {
    let one = || vec![content(Some(epoch(4)))];
    let bad = |name, rule, bytes| invalid(KIND, name, rule, bytes);
    let long = vec![content(None); 65];
    let right = run(&steady(0, 1)).encode();
    let extended = [right.clone(), vec![0]].concat();
    let cut = right[..right.len() - 1].to_vec();
    let claim = right[..1 + 34 + 34 + 2].iter().copied().chain([0x9a, 0x40, 0, 0, 0]).collect();
    const LINK: &str = "a backlink stands exactly in entries after the first";
    const SEQ: &str = "a sequence number past its limit";
    let far = limits::INTEGER_MAX;
    vec![
        bad("no-entries", "a run has at least one entry", free(0, None, vec![])),
        bad("sixty-five-entries", "malformed: a list past its limit", free(0, None, long)),
        bad("entries-of-a-gigabyte", "malformed: a list past its limit", claim),
        bad("bytes-after-the-end", "not the one encoding: nothing after the end", extended),
        bad("cut", "malformed: ends before its last byte", cut),
        bad("backlink-at-seq-0", LINK, free(0, Some(entry(1)), one())),
        bad("no-backlink-at-seq-1", LINK, free(1, None, one())),
        bad("seq-past-2-53", SEQ, free(far + 1, Some(entry(1)), one())),
        bad("seq-past-64-bits", SEQ, free(u64::MAX, Some(entry(1)), one())),
        bad("seq-that-grows-past-2-53", SEQ, free(far, Some(entry(1)), one())),
    ]
}

fn hostile_entries() -> Vec<Made> {
    const EITHER: &str = "either a body or what stays of one";
    const KEY: &str = "heads, or a key where it changes";
    const STAMP: &str = "a stamp past its limit";
    let bad = |name, rule, entries| invalid(KIND, name, rule, free(0, None, entries));
    let with_key = || content(Some(epoch(4)));
    let heads = || Some(list(vec![entry(1)]));
    let gone = Forgotten { length: 9, hash: Hash::of(b"") };
    let huge = Forgotten { length: limits::BODY_BYTES_MAX as u32 + 1, ..gone };
    let forgotten = |gone| RunEntry { body: None, forgotten: Some(gone), ..with_key() };
    let after = |stamp_delta| vec![with_key(), RunEntry { stamp_delta, ..content(None) }];
    let unsorted = Some(list(vec![entry(2), entry(1)]));
    let of_charter = |heads| RunEntry { heads, ..content(None) };
    let past = i64::try_from(Timestamp::from_ms(u64::MAX).as_ms()).unwrap() + 1;
    vec![
        bad(
            "body-and-forgotten",
            EITHER,
            vec![RunEntry { body: Some(blob(1)), ..forgotten(gone) }],
        ),
        bad("neither-body-nor-forgotten", EITHER, vec![RunEntry { body: None, ..with_key() }]),
        bad("forgotten-past-its-limit", "a body past its limit", vec![forgotten(huge)]),
        bad("no-key-first", KEY, vec![content(None)]),
        bad("key-again", KEY, vec![with_key(), with_key()]),
        bad("heads-and-key", KEY, vec![RunEntry { heads: heads(), ..with_key() }]),
        bad("heads-after-a-key", KEY, vec![with_key(), of_charter(heads())]),
        bad("heads-descending", "heads ascend without repeats", vec![of_charter(unsorted)]),
        bad("stamp-before-1970", STAMP, vec![RunEntry { stamp_delta: -1, ..with_key() }]),
        bad("stamp-before-1970-later", STAMP, after(-1001)),
        bad("stamp-past-2-53", STAMP, vec![RunEntry { stamp_delta: past, ..with_key() }]),
        bad("stamp-past-2-53-later", STAMP, after(past - 1000)),
        bad("stamp-past-64-bits", STAMP, after(i64::MAX)),
    ]
}

fn read(bytes: &[u8]) -> Result<Value, String> {
    let run = match Run::decode(bytes) {
        Err(DecodeError::Newer) => return Err(runs_newer::read(bytes)),
        run => run.map_err(refusal)?,
    };
    assert_eq!(run.encode(), bytes);
    let entries = run.clone().open().map_err(|error| match error {
        RunError::Decode(error) => refusal(error),
        RunError::Signature(error) => error.to_string(),
    })?;
    assert_eq!(Run::of(&entries).unwrap(), run);
    let last = entries.last().unwrap();
    last.verify().unwrap();
    let entry = |entry: &Entry| {
        json!({
            "id": hex(entry.id.as_bytes()),
            "seq": entry.header.seq,
            "stamp": entry.header.stamp.as_ms(),
            "body_length": entry.header.body_length,
            "forgotten": entry.body.is_none(),
        })
    };
    Ok(json!({ "entries": entries.iter().map(entry).collect::<Vec<_>>() }))
}
