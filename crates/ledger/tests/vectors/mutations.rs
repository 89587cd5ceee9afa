//! Stable mutation tests: each decoder, over all vectors of its kind and of the others.

use ledger::{
    FrontierDigest, Header, Run,
    charter_items::CharterBody,
    content_items::ContentBody,
    decode, encode,
    id_text::{self, IdQuery},
};

use crate::file::corpus;

#[path = "../../../../tests/vectors/mutate.rs"]
mod mutate;

use mutate::mutations;

const MUTATIONS: usize = 20_000;

/// How many mutations `decode` takes; each must be the one encoding of what it gives.
fn taken(file: &str, decode: impl Fn(&[u8]) -> Option<Vec<u8>>) -> usize {
    let mut taken = 0;
    mutations(&corpus(file), MUTATIONS, |bytes| {
        if let Some(again) = decode(bytes) {
            assert_eq!(again, bytes);
            taken += 1;
        }
    });
    taken
}

#[test]
fn headers_survive_mutations() {
    let taken = taken("headers.json", |bytes| Some(Header::decode(bytes).ok()?.encode()));
    assert!(taken > 300, "{taken}");
}

#[test]
fn charter_bodies_survive_mutations() {
    let body = |bytes: &[u8]| Some(encode(&decode::<CharterBody>(bytes).ok()?));
    let taken = taken("charter_bodies.json", body);
    assert!(taken > 500, "{taken}");
}

#[test]
fn content_bodies_survive_mutations() {
    let body = |bytes: &[u8]| Some(encode(&decode::<ContentBody>(bytes).ok()?));
    let taken = taken("content_bodies.json", body);
    assert!(taken > 500, "{taken}");
}

#[test]
fn frontiers_survive_mutations() {
    let digest = |bytes: &[u8]| Some(encode(&decode::<FrontierDigest>(bytes).ok()?));
    let taken = taken("ids.json", digest);
    assert!(taken > 50, "{taken}");
}

#[test]
fn runs_survive_mutations() {
    let (mut decoded, mut opened) = (0, 0);
    mutations(&corpus("runs.json"), MUTATIONS, |bytes| {
        let Ok(run) = Run::decode(bytes) else { return };
        assert_eq!(run.encode(), bytes);
        decoded += 1;
        let Ok(entries) = run.clone().open() else { return };
        assert_eq!(Run::of(&entries).unwrap(), run);
        opened += 1;
    });
    assert!(decoded > 500 && opened > 10, "{decoded}, {opened}");
}

#[test]
fn texts_survive_mutations() {
    let mut taken = 0;
    mutations(&corpus("ids.json"), MUTATIONS, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        if let Ok(IdQuery::Full(kind, id)) = id_text::parse(&text) {
            let whole = id_text::format(kind, &id);
            assert_eq!(id_text::parse(&whole), Ok(IdQuery::Full(kind, id)));
            taken += 1;
        }
    });
    assert!(taken > 50, "{taken}");
}
