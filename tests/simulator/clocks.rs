//! The clocks of the simulated machines: wrong, drifting, and set by hand.
//!
//! The world keeps the true time; a node is told its own. As on a real machine two clocks stand
//! behind it: a wall clock, which can be set back, and the one that a running node shows, which
//! never goes back (`node/src/clock.rs`). A deadline is a time that a node was shown, so the world
//! asks the clock when that comes.

use rand_chacha::ChaCha20Rng;

use super::draw::{chance, range};

const MINUTE_MS: u64 = 60_000;
const YEAR_MS: u64 = 365 * 24 * 60 * MINUTE_MS;

/// Parts in a million by which a clock is fast or slow, at most: a bad crystal in the cold.
const DRIFT_PPM_MAX: u64 = 500;

const MILLION: i128 = 1_000_000;

/// One machine's clock.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    /// The wall clock showed `wall` when the time was `at`, and goes on from there.
    at: i128,
    wall: i128,
    ppm: i128,
    /// What the running node was shown last, and when.
    shown: Option<(i128, i128)>,
}

impl Clock {
    /// A clock that is right.
    pub(crate) fn right() -> Self {
        Self { at: 0, wall: 0, ppm: 0, shown: None }
    }

    /// A clock as people have them: half are right, some are minutes off, some years.
    pub(crate) fn draw(rng: &mut ChaCha20Rng, now: u64) -> Self {
        let off = match range(rng, 0, 9) {
            0..5 => 0,
            5..8 => range(rng, 0, 90 * MINUTE_MS) as i128,
            _ => range(rng, 0, 20 * YEAR_MS) as i128,
        };
        let off = if chance(rng, 500) { off } else { -off };
        let ppm = range(rng, 0, 2 * DRIFT_PPM_MAX) as i128 - DRIFT_PPM_MAX as i128;
        let now = i128::from(now);
        Self { at: now, wall: now + off, ppm, shown: None }
    }

    /// What the node is told at the true time `now`.
    pub(crate) fn now(&mut self, now: u64) -> u64 {
        let now = i128::from(now);
        let went_on = self.shown.map_or(0, |(at, shown)| shown + (now - at));
        let shown = self.wall(now).max(went_on).max(0);
        self.shown = Some((now, shown));
        shown as u64
    }

    /// The true time at which the node is told `deadline` or later.
    pub(crate) fn when(&self, deadline: u64) -> u64 {
        let deadline = i128::from(deadline);
        let rate = MILLION + self.ppm;
        // Rounded up: a tick before the deadline would come to nothing.
        let left = (deadline - self.wall) * MILLION;
        let by_wall = self.at + left.div_euclid(rate) + i128::from(left.rem_euclid(rate) > 0);
        let by_shown = self.shown.map(|(at, shown)| at + (deadline - shown));
        by_shown.map_or(by_wall, |by_shown| by_shown.min(by_wall)).max(0) as u64
    }

    /// Somebody sets the clock ahead.
    pub(crate) fn ahead(&mut self, now: u64, ms: u64) {
        let now = i128::from(now);
        self.wall = self.wall(now) + i128::from(ms);
        self.at = now;
    }

    /// Somebody sets the clock, forward or back, by a minute or a year.
    pub(crate) fn jump(&mut self, rng: &mut ChaCha20Rng, now: u64) {
        let most = if chance(rng, 700) { 10 * MINUTE_MS } else { YEAR_MS };
        let by = range(rng, 1, most) as i128;
        let now = i128::from(now);
        self.wall = self.wall(now) + if chance(rng, 500) { by } else { -by };
        self.at = now;
    }

    /// The node was started anew: it has been shown nothing.
    pub(crate) fn started(&mut self) {
        self.shown = None;
    }

    fn wall(&self, now: i128) -> i128 {
        let passed = now - self.at;
        self.wall + passed + (passed * self.ppm).div_euclid(MILLION)
    }
}

#[test]
fn a_deadline_comes_when_the_clock_shows_it() {
    let mut rng = rand_core::SeedableRng::seed_from_u64(1);
    for _ in 0..1_000 {
        let start = 1_700_000_000_000;
        let mut clock = Clock::draw(&mut rng, start);
        let shown = clock.now(start);
        if chance(&mut rng, 500) {
            clock.jump(&mut rng, start + 1);
        }
        let deadline = shown + range(&mut rng, 1, 100_000);
        let when = clock.when(deadline);
        assert!(clock.clone().now(when) >= deadline);
        assert!(when <= start + 1 || clock.clone().now(when - 1) < deadline);
    }
}
