//! How often a peer may ask for what is work.

use ledger::Timestamp;

use crate::limits::{ASKED_AGAIN_MS, ASKED_AT_ONCE};

/// So many at once, and one more after each while.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    left: u64,
    at: Timestamp,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: ASKED_AT_ONCE, at: Timestamp::default() }
    }
}

impl Budget {
    /// Whether one that comes now is within it.
    pub fn spend(&mut self, now: Timestamp) -> bool {
        let more = now.since_ms(self.at) / ASKED_AGAIN_MS;
        self.left = self.left.saturating_add(more).min(ASKED_AT_ONCE);
        // What is left of a while goes on.
        self.at = self.at.plus_ms(more.saturating_mul(ASKED_AGAIN_MS)).min(now);
        let left = self.left.checked_sub(1);
        self.left = left.unwrap_or(0);
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_within_it_at_once_and_one_more_each_while() {
        let (mut budget, at) = (Budget::default(), Timestamp::from_ms);
        let spent = |budget: &mut Budget, ms| (0..99).filter(|_| budget.spend(at(ms))).count();
        assert_eq!(spent(&mut budget, 7 * ASKED_AGAIN_MS), ASKED_AT_ONCE as usize);
        assert_eq!(spent(&mut budget, 9 * ASKED_AGAIN_MS), 2);
        // Three halves of a while are one and a half, however they are looked at.
        let half = ASKED_AGAIN_MS / 2;
        let counts = [1, 2, 3].map(|n| spent(&mut budget, 9 * ASKED_AGAIN_MS + n * half));
        assert_eq!(counts, [0, 1, 0]);
        assert_eq!(spent(&mut budget, 999 * ASKED_AGAIN_MS), ASKED_AT_ONCE as usize);
        assert_eq!(spent(&mut budget, 0), 0, "a clock that goes back gives nothing");
    }
}
