//! Five words to read aloud: the same words, the same charter.

use ledger::{Frontier, ItemId, tagged};
use std::collections::BTreeSet;

const ONSETS: [&str; 16] =
    ["b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z"];
const VOWELS: [&str; 4] = ["a", "e", "i", "o"];

/// Five words of three syllables each, 90 bits: pronounceable in most tongues, with no two
/// spellings of one sound.
pub fn charter_words(frontier: &Frontier, held: &BTreeSet<ItemId>) -> [String; 5] {
    let held: Vec<_> = held.iter().flat_map(|act| *act.as_bytes()).collect();
    let hash = tagged("groundwork 1 charter words", &[frontier.hash().as_bytes(), &held]);
    let mut bits = hash.as_bytes().iter().flat_map(|byte| (0..8).map(move |n| byte >> n & 1));
    let mut take = |count: u32| {
        (0..count).fold(0usize, |value, _| value << 1 | usize::from(bits.next().unwrap_or(0)))
    };
    std::array::from_fn(|_| {
        (0..3).map(|_| format!("{}{}", ONSETS[take(4)], VOWELS[take(2)])).collect()
    })
}
