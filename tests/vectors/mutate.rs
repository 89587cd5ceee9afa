//! Changes vectors as a fuzzer would, the same in every run: what decodes must encode to the very
//! bytes that it was decoded from, and nothing may panic. So no decoder keeps more than the bytes
//! that a peer really sent.

use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng, SeedableRng},
};

/// Heads of lists, maps and strings that claim much, ends and longer spellings.
const TOKENS: &[&[u8]] = &[
    &[0x9a, 0x40, 0, 0, 0],
    &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x5a, 0x40, 0, 0, 0],
    &[0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0],
    &[0x3b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x18, 0x00],
    &[0x9f],
    &[0xbf],
    &[0x5f],
    &[0xff],
    &[0xf6],
    &[0xc1],
    &[0x80],
    &[0xa0],
    &[0x81],
    &[0x00],
];

/// Gives `each` all of `corpus`, then `count` things that it mutates to.
pub(crate) fn mutations(corpus: &[Vec<u8>], count: usize, mut each: impl FnMut(&[u8])) {
    corpus.iter().for_each(|bytes| each(bytes));
    let mut rng = ChaCha20Rng::from_seed([42; 32]);
    for _ in 0..count {
        let mut bytes = corpus[below(&mut rng, corpus.len())].clone();
        for _ in 0..=below(&mut rng, 3) {
            mutate(&mut rng, corpus, &mut bytes);
        }
        each(&bytes);
    }
}

fn below(rng: &mut ChaCha20Rng, bound: usize) -> usize {
    (rng.next_u64() % bound.max(1) as u64) as usize
}

fn mutate(rng: &mut ChaCha20Rng, corpus: &[Vec<u8>], bytes: &mut Vec<u8>) {
    let at = below(rng, bytes.len() + 1);
    let to = at + below(rng, (bytes.len() - at).min(40) + 1);
    match below(rng, 8) {
        0 if at < bytes.len() => bytes[at] ^= 1 << below(rng, 8),
        1 if at < bytes.len() => bytes[at] = rng.next_u64() as u8,
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(at..to)),
        4 => {
            let stretch = bytes[at..to].to_vec();
            drop(bytes.splice(at..at, stretch));
        }
        5 => drop(bytes.splice(at..to, TOKENS[below(rng, TOKENS.len())].iter().copied())),
        6 => drop(bytes.splice(at..at, TOKENS[below(rng, TOKENS.len())].iter().copied())),
        _ => {
            let other = &corpus[below(rng, corpus.len())];
            let from = below(rng, other.len() + 1);
            let end = from + below(rng, other.len() - from + 1);
            drop(bytes.splice(at.., other[from..end].iter().copied()));
        }
    }
}
