use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng, SeedableRng},
};

use super::*;
use crate::{entry::Unsigned, limits::UNSIGNED_BODY_BYTES_MAX, sign::DeviceKey};

/// What an entry of a chain is made of: its key, stamp, and the length of its body.
type Link = (u8, u64, usize);

/// A chain in a content journal from `seq` on.
fn chain(seq: u64, links: impl IntoIterator<Item = Link>) -> Vec<Entry> {
    let key = DeviceKey::from_seed(&[1; 32]);
    let (mut entries, mut backlink) = (Vec::new(), (seq > 0).then(EntryId::default));
    for (seq, (key_id, ms, length)) in (seq..).zip(links) {
        let (journal, stamp) = (JournalId::from_bytes([9; 32]), Timestamp::from_ms(ms));
        let kind = HeaderKind::Content(KeyId::from_bytes([key_id; 32]));
        let body = vec![seq as u8; length];
        let entry = Unsigned { journal, seq, stamp, backlink, kind, body }.sign(&key).unwrap();
        backlink = Some(entry.id);
        entries.push(entry);
    }
    entries
}

/// The entries as they come out of a run: only the last is signed.
fn as_opened(entries: &[Entry]) -> Vec<Entry> {
    let mut entries = entries.to_vec();
    let last = entries.len() - 1;
    entries[..last].iter_mut().for_each(|entry| entry.signature = None);
    entries
}

fn refusal(run: Run) -> String {
    run.open().unwrap_err().to_string()
}

#[test]
fn a_run_opens_to_the_entries_that_it_is_of() {
    let mut rng = ChaCha20Rng::from_seed([3; 32]);
    for _ in 0..100 {
        let mut draw = |bound: u64| rng.next_u64() % bound;
        let (start, count) = (draw(3) * 64, draw(20) + 1);
        let links: Vec<Link> =
            (0..count).map(|_| (draw(2) as u8, draw(1 << 40), draw(60) as usize)).collect();
        let mut entries = chain(start, links);
        for entry in &mut entries {
            if draw(5) == 0 {
                entry.body = None;
            }
        }
        let run = Run::of(&entries).unwrap();
        assert_eq!(Run::decode(&run.encode()).unwrap(), run);
        assert_eq!(run.open().unwrap(), as_opened(&entries));
    }
}

#[test]
fn a_run_of_64_is_the_longest() {
    let entries = chain(0, [(1, 1, 2); 65]);
    let run = Run::of(&entries[..64]).unwrap();
    assert_eq!(run.open().unwrap(), as_opened(&entries[..64]));
    let error = Run::of(&entries).unwrap_err();
    assert!(error.to_string().contains("at most 64 entries"), "{error}");
}

#[test]
fn the_longest_run_fits_its_limit() {
    let links = (0..63).map(|_| (1, 1, UNSIGNED_BODY_BYTES_MAX)).chain([(1, 1, BODY_BYTES_MAX)]);
    let bytes = Run::of(&chain(0, links)).unwrap().encode();
    assert!(bytes.len() <= RUN_BYTES_MAX, "{}", bytes.len());
    assert!(Run::decode(&bytes).unwrap().open().is_ok());
    let long = Run::decode(&vec![0; RUN_BYTES_MAX + 1]).unwrap_err();
    assert!(long.to_string().contains("longer than a run can be"), "{long}");
}

#[test]
fn a_run_is_of_something_and_ends_signed() {
    assert!(Run::of(&[]).is_err());
    let entries = as_opened(&chain(0, [(1, 1, 2); 2]));
    let error = Run::of(&entries[..1]).unwrap_err();
    assert!(error.to_string().contains("ends signed"), "{error}");
}

#[test]
fn a_run_ends_at_the_first_signature_that_all_keep() {
    let anchor = "a run ends at its first kept signature";
    let past_63 = Run::of(&chain(63, [(1, 1, 2); 2])).unwrap();
    assert!(refusal(past_63).contains(anchor));
    let long_body = chain(0, [(1, 1, UNSIGNED_BODY_BYTES_MAX + 1), (1, 1, 2)]);
    assert!(refusal(Run::of(&long_body).unwrap()).contains(anchor));
    assert!(Run::of(&chain(62, [(1, 1, 2); 2])).unwrap().open().is_ok());
}

#[test]
fn entries_that_do_not_follow_each_other_do_not_open() {
    let entries = chain(0, [(1, 1, 2), (1, 2, 3), (1, 3, 4)]);
    let hole = [entries[0].clone(), entries[2].clone()];
    assert!(Run::of(&hole).unwrap().open().is_err());
    let swapped = [entries[1].clone(), entries[0].clone(), entries[2].clone()];
    assert!(Run::of(&swapped).unwrap().open().is_err());
    let other = chain(0, [(1, 9, 2)]);
    let mixed = [other[0].clone(), entries[1].clone()];
    assert!(Run::of(&mixed).unwrap().open().is_err());
}

#[test]
fn a_forgotten_body_comes_back_as_nothing_else() {
    let entries = chain(0, [(1, 1, 20), (1, 2, 3)]);
    let mut run = Run::of(&entries).unwrap();
    let mut wire = run.entries.into_inner();
    wire[0].body = Some(Blob::try_from(vec![8; 20]).unwrap());
    run.entries = wire.clone().try_into().unwrap();
    assert!(matches!(run.clone().open(), Err(RunError::Signature(_))));
    wire[0].body = None;
    wire[0].forgotten = Some(Forgotten { length: 20, hash: Hash::of(&[8; 20]) });
    run.entries = wire.clone().try_into().unwrap();
    assert!(matches!(run.clone().open(), Err(RunError::Signature(_))));
    wire[0].forgotten = Some(Forgotten { length: 20, hash: entries[0].header.body_hash });
    run.entries = wire.try_into().unwrap();
    assert_eq!(run.open().unwrap()[0].id, entries[0].id);
}

#[test]
fn every_changed_bit_is_refused_or_changes_nothing() {
    let mut entries = chain(61, [(1, 1_000_000, 9), (1, 900_000, 3), (2, 900_100, 12)]);
    entries[1].body = None;
    let bytes = Run::of(&entries).unwrap().encode();
    let whole = as_opened(&entries);
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        if let Ok(opened) = Run::decode(&changed).map_err(RunError::from).and_then(Run::open) {
            assert_eq!(opened, whole, "bit {bit}");
        }
    }
}

#[test]
fn every_cut_is_refused() {
    let bytes = Run::of(&chain(0, [(1, 1, 9), (1, 2, 3)])).unwrap().encode();
    assert!((0..bytes.len()).all(|length| Run::decode(&bytes[..length]).is_err()));
}
