//! The dictionary that bodies are compressed with: what it saves, and how it is made.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{os::unix::ffi::OsStrExt, path::Path};

use documents::{campaign, need};
use ledger::content_items::{
    Claim, ClaimState, ContentBody, ContentItem, Post, Profile, Undone, Word, WordBody,
};
use zstd::bulk::{Compressor, Decompressor};

const DICTIONARY: &[u8] = include_bytes!("../dictionary/bodies.zdict");

/// Sentences of organizing life, in several languages, those of one next to each other.
const SENTENCES: &str = include_str!("../dictionary/sentences.txt");

/// Bodies that `zstd --train` is given, of the sentences and of prose.
const BODIES: usize = 4_000;

/// All prose of this project, in sentences: what its pages and its public documentation say. It is
/// English, and whatever it is about, its letters and small words are those of other texts.
#[expect(clippy::disallowed_methods, reason = "it is read to make bodies for another program")]
fn prose() -> Vec<String> {
    let (mut left, mut sentences) = (vec![Path::new("../..").to_owned()], Vec::new());
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let inner = std::fs::read_dir(&path).unwrap().map(|file| file.unwrap().path());
            left.extend(
                inner.filter(|path| !path.file_name().unwrap().as_bytes().starts_with(b".")),
            );
            continue;
        }
        let is_page = path.extension().is_some_and(|extension| extension == "md");
        if !is_page && path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let comment = |line: &str| -> String {
            let line = line.trim_start();
            let said = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
            said.or(is_page.then_some(line)).unwrap_or_default().to_owned()
        };
        let text = text.lines().map(comment).collect::<Vec<_>>().join("\n");
        for part in text.split("\n\n") {
            let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
            let part = part.replace(['`', '*', '|', '#', '[', ']'], "");
            sentences.extend(part.split_inclusive(". ").map(|one| one.trim().to_owned()));
        }
    }
    sentences.retain(|sentence| (20..300).contains(&sentence.len()));
    sentences.sort_unstable();
    sentences
}

/// A fixed sequence.
struct Random {
    last: u64,
    sentences: Vec<String>,
}

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.last = self.last.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.last >> 33) as usize % end
    }

    /// An id, which tells a dictionary nothing.
    fn id(&mut self) -> ledger::ItemId {
        let hash = ledger::Hash::of(&self.below(usize::MAX >> 33).to_be_bytes());
        ledger::ItemId::from_bytes(*hash.as_bytes())
    }

    fn item(&mut self) -> Option<ledger::ItemRef> {
        Some(ledger::ItemRef::Id(self.id()))
    }

    /// Some sentences of one language.
    fn text(&mut self, most: usize) -> String {
        let first = self.below(self.sentences.len() - 4);
        let count = 1 + self.below(most);
        let picked: Vec<_> = (0..count).map(|_| first + self.below(4)).collect();
        picked.into_iter().map(|n| self.sentences[n].as_str()).collect::<Vec<_>>().join(" ")
    }

    fn short(&mut self, chars: usize) -> String {
        self.text(1).chars().take(chars).collect::<String>().trim().to_owned()
    }

    fn post(&mut self, in_campaign: bool) -> WordBody {
        let campaign = if in_campaign { self.item() } else { None };
        let text = self.text(3).as_str().try_into().unwrap();
        WordBody::Post(Post { text, lang: None, campaign })
    }

    fn body(&mut self, n: usize) -> Vec<u8> {
        let word = |subject, replaces, body| ContentItem::Word(Word { subject, replaces, body });
        let item = match n % 16 {
            0 => {
                let (title, goal) = (self.short(40), self.text(1));
                ContentItem::Edit(campaign::create(&title, Some(&goal)).unwrap())
            }
            1 => {
                let what = need::create(&self.short(60), &need::Change::default());
                ContentItem::Edit(what.unwrap())
            }
            2 => {
                let claim = WordBody::Claim(Claim { state: ClaimState::Offered });
                word(self.item(), None, claim)
            }
            3 => {
                let name = self.short(12).as_str().try_into().unwrap();
                word(None, None, WordBody::Profile(Profile { name }))
            }
            4 => word(None, self.item(), WordBody::Undone(Undone {})),
            5..8 => word(self.item(), None, self.post(false)),
            8..12 => word(None, None, self.post(true)),
            _ => word(None, None, self.post(false)),
        };
        ledger::encode(&ContentBody::try_from(vec![item]).unwrap())
    }
}

/// What it is can never change: whoever has bodies that were compressed with it needs it.
#[test]
fn the_dictionary_is_the_one_that_bodies_were_compressed_with() {
    assert_eq!(ledger::Hash::of(DICTIONARY).to_string(), DIGEST);
}

const DIGEST: &str = "4d142a76095f1ee0b73dacfb5bab5f2e1e76bcacdaf358c8f2eb5e67ced7f8c8";

/// `GROUNDWORK_DICTIONARY=DIR` has this write bodies into a directory, for `zstd --train`: see
/// `dictionary/README.md`.
#[test]
#[expect(clippy::disallowed_methods, reason = "bodies for another program are files")]
fn bodies_to_train_with_are_compressed_well() {
    let lines = SENTENCES.lines().map(str::to_owned).collect();
    let mut random = Random { last: 1, sentences: lines };
    let mut compressor = Compressor::with_dictionary(9, DICTIONARY).unwrap();
    let mut decompressor = Decompressor::with_dictionary(DICTIONARY).unwrap();
    let (mut plain_bytes, mut packed_bytes) = (0, 0);
    let into = std::env::var("GROUNDWORK_DICTIONARY").ok().map(std::path::PathBuf::from);
    for n in 0..2 * BODIES {
        match (n, &into) {
            (BODIES, None) => break,
            (BODIES, Some(_)) => random.sentences = prose(),
            _ => {}
        }
        let plain = random.body(n);
        if let Some(into) = &into {
            std::fs::write(into.join(format!("{n:05}")), &plain).unwrap();
        }
        let packed = compressor.compress(&plain).unwrap();
        assert_eq!(decompressor.decompress(&packed, plain.len()).unwrap(), plain);
        plain_bytes += plain.len();
        packed_bytes += packed.len();
    }
    // It was trained with these, so of others this says nothing.
    assert!(packed_bytes < plain_bytes / 2, "{packed_bytes} of {plain_bytes} bytes");
}
