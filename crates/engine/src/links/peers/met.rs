//! How often and when a node was met: a session or a knock with it was answered.

use ledger::Timestamp;
use minicbor::{Decode, Encode};

use crate::limits::LATELY_MS;

/// When a node was last met, and how often: what a node chooses by whom it tries and whom it lets
/// go. Kept with the node's addresses.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub(crate) struct Met {
    /// When last; zero of whom this node never met.
    #[n(0)]
    pub(crate) at: Timestamp,
    /// How many meetings began, those before this start among them; it stops at the greatest
    /// number.
    #[n(1)]
    pub(crate) times: u32,
    /// Whether the two are meeting now; after a start they are not.
    #[cbor(skip)]
    now: bool,
}

impl Met {
    /// Whether this node ever met it.
    pub(crate) fn ever(&self) -> bool {
        self.times > 0
    }

    /// Whether the two are meeting now.
    pub(crate) fn is_now(&self) -> bool {
        self.now
    }

    /// Something was answered; whether that begins a meeting.
    pub(super) fn begins(&mut self, now: Timestamp) -> bool {
        let begins = !std::mem::replace(&mut self.now, true);
        if begins {
            (self.at, self.times) = (now, self.times.saturating_add(1));
        }
        begins
    }

    /// The connection is gone.
    pub(super) fn ends(&mut self, now: Timestamp) {
        if std::mem::take(&mut self.now) {
            self.at = now;
        }
    }

    /// Whether it was met not long ago, so that it is likely to come back.
    pub(super) fn lately(&self, now: Timestamp) -> bool {
        self.ever() && now.since_ms(self.at) < LATELY_MS
    }
}
