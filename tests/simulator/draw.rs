//! Drawing from the one seed of a run.

use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

/// A number between `min` and `max`, both included.
pub(crate) fn range(rng: &mut ChaCha20Rng, min: u64, max: u64) -> u64 {
    min + rng.next_u64() % (max - min + 1)
}

/// True in `per_mille` of a thousand draws.
pub(crate) fn chance(rng: &mut ChaCha20Rng, per_mille: u64) -> bool {
    rng.next_u64() % 1000 < per_mille
}

/// One of `items`.
pub(crate) fn pick<'a, T>(rng: &mut ChaCha20Rng, items: &'a [T]) -> Option<&'a T> {
    (!items.is_empty()).then(|| &items[range(rng, 0, items.len() as u64 - 1) as usize])
}
