//! When a stream to sync is opened to one connected peer.

use ledger::Timestamp;

use crate::limits::{REOPEN_MS_MAX, REOPEN_MS_MIN, STEADY_MS};

/// What this node remembers of opening streams over a connection that stands.
#[derive(Debug, Default)]
pub(crate) struct Opening {
    /// Whether an open is under way: a second one would make two streams of one side.
    pub(crate) pending: bool,
    /// When this node opens, if it comes to that.
    pub(crate) due: Option<Timestamp>,
    /// Streams that ended or failed soon, one after the other.
    ended: u32,
    not_before: Timestamp,
}

impl Opening {
    /// Waits no longer because of streams that ended.
    pub(crate) fn hurry(&mut self) {
        (self.not_before, self.due) = (Timestamp::default(), None);
    }

    /// When this node opens: `wait_ms` after it could, from when this was first asked.
    pub(crate) fn due(&mut self, now: Timestamp, wait_ms: u64) -> Timestamp {
        let due = now.max(self.not_before).plus_ms(wait_ms);
        *self.due.get_or_insert(due)
    }

    /// An open is asked for.
    pub(crate) fn asked(&mut self) {
        (self.pending, self.due) = (true, None);
    }

    /// A stream that was asked for came about.
    pub(crate) fn came(&mut self) {
        (self.pending, self.due) = (false, None);
    }

    /// A stream that was asked for did not come about.
    pub(crate) fn failed(&mut self, now: Timestamp) {
        self.pending = false;
        self.wait_longer(now);
    }

    /// A stream ended while its connection stands.
    pub(crate) fn ended(&mut self, opened_at: Timestamp, now: Timestamp) {
        if now.since_ms(opened_at) >= STEADY_MS {
            self.ended = 0;
        }
        self.wait_longer(now);
    }

    fn wait_longer(&mut self, now: Timestamp) {
        let ms = REOPEN_MS_MIN.saturating_mul(1 << self.ended.min(20)).min(REOPEN_MS_MAX);
        self.ended = self.ended.saturating_add(1);
        self.not_before = now.plus_ms(ms);
        self.due = None;
    }
}
