use super::*;
use crate::{DeviceKey, Entry, HeaderKind, KeyId, Run, Unsigned};

fn key() -> DeviceKey {
    DeviceKey::from_seed(&[1; 32])
}

fn next(on: Option<&Entry>, body: usize) -> Unsigned {
    let seq = on.map_or(0, |on| on.seq() + 1);
    Unsigned {
        journal: JournalId::from_bytes([9; 32]),
        seq,
        stamp: Timestamp::from_ms(1_000 + seq),
        backlink: on.map(|on| on.id),
        kind: HeaderKind::Content(KeyId::from_bytes([4; 32])),
        body: vec![7; body],
    }
}

fn chain(count: usize, body: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push(next(entries.last(), body).sign(&key()).unwrap());
    }
    entries
}

#[test]
fn a_run_with_a_newer_header_is_newer_and_its_chain_holds() {
    for before in 0..4 {
        let entries = chain(before, 3);
        let run = NewerRun::by_hand(&entries, next(entries.last(), 5), &key()).unwrap();
        assert!(matches!(Run::decode(run.bytes()), Err(DecodeError::Newer)));
        assert_eq!((run.first_seq(), run.newer_seq()), (0, before as u64));
        let ids = run.verify().unwrap();
        assert_eq!(ids.len(), before + 1);
        assert!(ids.iter().zip(&entries).all(|(id, entry)| *id == entry.id));
        assert!(run.has_bodies());
        assert_eq!(NewerRun::decode(run.bytes()).unwrap(), run);
    }
}

#[test]
fn nobody_but_the_author_makes_one() {
    let entries = chain(2, 3);
    let run = NewerRun::by_hand(&entries, next(entries.last(), 5), &key()).unwrap();
    let ids = run.verify().unwrap();
    let mut refused = 0;
    for bit in 0..run.bytes().len() * 8 {
        let mut bytes = run.bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        match NewerRun::decode(&bytes).map_err(RunError::from).and_then(|run| run.verify()) {
            Ok(same) => assert_eq!(same, ids, "bit {bit}"),
            Err(_) => refused += 1,
        }
        assert!(Run::decode(&bytes).is_err(), "bit {bit}");
    }
    assert!(refused > 8 * 64, "{refused}");
    let other = DeviceKey::from_seed(&[2; 32]);
    let mut forged = NewerRun::by_hand(&[], next(None, 5), &other).unwrap();
    assert!(forged.verify().is_ok());
    forged.wire.device = key().id();
    assert!(forged.verify().is_err(), "under another's name");
}

#[test]
fn entries_of_this_version_go_on_behind_a_newer_one() {
    let newer = NewerRun::by_hand(&[], next(None, 5), &key()).unwrap();
    let backlink = newer.verify().unwrap().last().copied();
    let after = Unsigned { seq: 1, backlink, ..next(None, 4) }.sign(&key()).unwrap();
    let parts = Run::of(std::slice::from_ref(&after)).unwrap().entries.into_inner().remove(0);
    let mut run = newer.clone();
    let sent = [run.wire.entries.into_inner(), vec![Sent::Parts(parts)]].concat();
    (run.wire.entries, run.wire.signature) = (sent.try_into().unwrap(), after.signature.unwrap());
    let run = NewerRun::decode(&codec::encode(&run.wire)).unwrap();
    assert_eq!(run.verify().unwrap(), [backlink.unwrap(), after.id]);
}

#[test]
fn a_header_of_this_version_travels_by_its_parts() {
    let entry = chain(1, 3).remove(0);
    let mut run = NewerRun::by_hand(&[], next(None, 3), &key()).unwrap();
    let (header, body) = (entry.header.encode().try_into(), entry.body.unwrap().try_into());
    let whole = Sent::Whole { header: header.unwrap(), body: body.unwrap() };
    run.wire.entries = Bounded::one(whole);
    let bytes = codec::encode(&run.wire);
    assert!(
        matches!(NewerRun::decode(&bytes), Err(DecodeError::Rule(rule)) if rule.contains("by"))
    );
    assert!(!matches!(Run::decode(&bytes), Ok(_) | Err(DecodeError::Newer)));
}

#[test]
fn a_run_ends_at_its_first_anchor_before_a_newer_header_too() {
    let long = chain(1, crate::limits::UNSIGNED_BODY_BYTES_MAX + 1);
    let run = NewerRun::by_hand(&long, next(long.last(), 5), &key()).unwrap();
    assert!(run.verify().unwrap_err().to_string().contains("kept signature"));
}

#[test]
fn a_body_is_that_of_its_header_and_is_there() {
    let entries = chain(2, 3);
    let mut run = NewerRun::by_hand(&entries, next(entries.last(), 5), &key()).unwrap();
    let mut sent = run.wire.entries.clone().into_inner();
    if let Sent::Whole { body, .. } = &mut sent[2] {
        *body = vec![8; 5].try_into().unwrap();
    }
    run.wire.entries = sent.try_into().unwrap();
    assert!(run.verify().unwrap_err().to_string().contains("another body"));
    let blank = Entry { body: None, ..entries[0].clone() };
    let blanked = [blank, entries[1].clone()];
    let run = NewerRun::by_hand(&blanked, next(entries.last(), 5), &key()).unwrap();
    assert!(run.verify().is_ok() && !run.has_bodies());
}
