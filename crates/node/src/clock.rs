//! The time that the engine is told.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use ledger::Timestamp;

/// This machine's wall clock, but for one thing: it never goes back.
///
/// Deadlines are times that the engine was told once. If the wall clock is set back by an hour
/// (by hand, or by a time server after a start with a wrong one), all deadlines would lie an hour
/// ahead, and nothing would be dialled, asked or given for as long. So from the latest time that
/// was shown this clock goes on at the monotonic clock's pace, until the wall clock has caught
/// up. When the wall clock jumps ahead, as after a sleep, in which the monotonic clock may stand
/// still, this one jumps with it. A node whose wall clock was ahead and was corrected stamps what
/// it writes ahead until it starts again: stamps gate nothing, and a log's never go back either.
#[derive(Debug)]
pub(crate) struct Clock {
    /// The latest time that the wall clock showed, and when that was.
    anchor_ms: u64,
    since: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { anchor_ms: wall_ms(), since: Instant::now() }
    }

    /// Milliseconds since 1970.
    pub(crate) fn now(&mut self) -> Timestamp {
        self.read(wall_ms(), Instant::now())
    }

    fn read(&mut self, wall_ms: u64, at: Instant) -> Timestamp {
        let passed = at.saturating_duration_since(self.since).as_millis();
        let went_on = self.anchor_ms.saturating_add(passed.try_into().unwrap_or(u64::MAX));
        if wall_ms > went_on {
            (self.anchor_ms, self.since) = (wall_ms, at);
        }
        Timestamp::from_ms(wall_ms.max(went_on))
    }
}

fn wall_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOON: u64 = 1_700_000_000_000;

    /// What the clock shows when the wall clock shows the first after so many milliseconds.
    fn readings(walls: &[(u64, u64)]) -> Vec<u64> {
        let since = Instant::now();
        let mut clock = Clock { anchor_ms: NOON, since };
        let read =
            |(wall, ms): &(u64, u64)| clock.read(*wall, since + Duration::from_millis(*ms)).as_ms();
        walls.iter().map(read).collect()
    }

    #[test]
    fn a_wall_clock_set_back_stops_nothing() {
        let hour = 3_600_000;
        let shown = readings(&[(NOON + 10, 10), (NOON - hour, 20), (NOON - hour + 980, 1_000)]);
        assert_eq!(shown, [NOON + 10, NOON + 20, NOON + 1_000]);
    }

    #[test]
    fn a_wall_clock_that_jumps_ahead_is_followed_and_not_back() {
        let day = 86_400_000;
        let shown = readings(&[(NOON + day, 10), (NOON + 20, 20), (NOON + 30, 30)]);
        assert_eq!(shown, [NOON + day, NOON + day + 10, NOON + day + 20]);
    }

    #[test]
    fn a_wall_clock_that_catches_up_is_followed_again() {
        let shown = readings(&[(NOON - 50, 10), (NOON + 15, 20), (NOON + 40, 30)]);
        assert_eq!(shown, [NOON + 10, NOON + 20, NOON + 40]);
    }
}
