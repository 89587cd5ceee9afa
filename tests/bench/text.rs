//! What people post: the same words in each run, drawn from one number.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

const NAMES: &[&str] = &[
    "Amara", "Beatriz", "Chidi", "Dalia", "Farah", "Gustavo", "Hanan", "Jamal", "Lindiwe", "Mateo",
    "Nadia", "Oskar", "Priya", "Rosa", "Samir", "Tamsin", "Vikram", "Wanjiru", "Yusuf", "Zofia",
];
const PLACES: &[&str] = &[
    "on Harbour Street",
    "at the old tram depot",
    "in the north allotments",
    "at Kestrel House",
    "behind the Elm Road library",
    "on Mill Lane",
    "in the union office",
    "in Riverside block C",
    "at the school gym",
    "under the railway arches",
    "in the church basement",
    "on Tanner's Yard",
    "at the food co-op",
    "in the youth club",
    "at the print shop",
    "on the town hall steps",
];
const DOES: &[&str] = &[
    "collected",
    "delivered",
    "sorted",
    "ran out of",
    "promised",
    "repaired",
    "counted",
    "stored",
    "picked up",
    "still needs",
    "can spare",
    "is short of",
    "received",
    "divided up",
    "asked for",
];
const THINGS: &[&str] = &[
    "rice",
    "lentils",
    "nappies",
    "blankets",
    "phone chargers",
    "bus passes",
    "winter coats",
    "cooking oil",
    "tinned tomatoes",
    "sleeping bags",
    "first-aid kits",
    "rain tarps",
    "paint",
    "bicycle tubes",
    "printer toner",
    "space heaters",
    "school bags",
    "potatoes",
    "door locks",
    "mattresses",
    "soap",
    "folding tables",
    "megaphones",
    "leaflets",
    "placards",
    "work gloves",
];
const WHO: &[&str] = &[
    "families",
    "pensioners",
    "tenants",
    "drivers",
    "nurses",
    "new arrivals",
    "students",
    "pickets",
    "neighbours",
    "volunteers",
    "carers",
    "couriers",
    "teachers",
    "growers",
    "households",
];

/// Bytes after which a post ends with its sentence: so it has 200 to 300 of them.
const BYTES: usize = 190;

/// Draws posts.
pub(crate) struct Writer {
    rng: ChaCha20Rng,
    written: usize,
}

impl Writer {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rng: ChaCha20Rng::seed_from_u64(seed), written: 0 }
    }

    /// The next post; no two are alike.
    pub(crate) fn post(&mut self) -> String {
        self.written += 1;
        let mut text = format!("Note {}:", self.written);
        while text.len() < BYTES {
            let number = 2 + self.rng.next_u32() % 90;
            let [name, does, thing, place, who] =
                [NAMES, DOES, THINGS, PLACES, WHO].map(|words| self.word(words));
            text.push_str(&format!(" {name} {does} {number} {thing} {place} for the {who}."));
        }
        text
    }

    fn word(&mut self, words: &[&'static str]) -> &'static str {
        words[self.rng.next_u32() as usize % words.len()]
    }
}
