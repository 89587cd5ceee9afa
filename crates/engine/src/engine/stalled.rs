//! What the store refused is left for a while, then tried again: without that, work that has to
//! be written would be due at once for ever.

use std::collections::BTreeMap;

use ledger::{SpaceId, Timestamp};
use store::{Store, StoreError};

use crate::{
    engine::Engine,
    limits::STALLED_MS,
    space::{Seated, Space},
};

/// What waits for a store that refused.
#[derive(Debug, Default)]
pub(crate) struct Stalled {
    /// When it is tried again; none where nothing waits.
    until: Option<Timestamp>,
    /// Whether writes were refused, and none was made since.
    refused: bool,
    /// Spaces in which reading failed, and why.
    reading: BTreeMap<SpaceId, StoreError>,
}

impl Stalled {
    /// When it is tried again.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.until
    }

    /// Whether reading has anything left to do in a space, and did not fail there just now.
    pub(crate) fn is_due(&self, space: &Seated<'_>) -> bool {
        space.is_behind() && !self.reading.contains_key(&space.id)
    }

    /// Reading failed in a space, whether the store refused to write or what is in it is damaged.
    pub(crate) fn reading_failed(&mut self, id: SpaceId, why: StoreError, now: Timestamp) {
        self.reading.insert(id, why);
        self.wait(now);
    }

    /// Why what is in a space cannot be read. Where the disk only takes no more, what was read is
    /// there, and how much was not is known.
    pub(crate) fn unreadable(&self, id: &SpaceId) -> Option<&StoreError> {
        let is_broken = |error: &&StoreError| {
            use StoreError::{Damaged, Failed, ReadOnly};
            matches!(error, Damaged { .. } | Failed { .. } | ReadOnly)
        };
        self.reading.get(id).filter(is_broken)
    }

    /// What was damaged is looked at again at once.
    pub(crate) fn read_again(&mut self) {
        self.reading.clear();
    }

    fn wait(&mut self, now: Timestamp) {
        self.until.get_or_insert(now.plus_ms(STALLED_MS));
    }
}

impl<S: Store> Engine<S> {
    /// Tries again what was refused, if it is time to.
    pub(super) fn retry(&mut self) {
        if self.stalled.until.is_none_or(|until| until > self.now) {
            return;
        }
        (self.stalled.until, self.stalled.reading) = (None, BTreeMap::new());
        self.spaces.values_mut().for_each(Space::settle_soon);
        self.take_newer();
        let ids: Vec<_> = self.spaces.keys().copied().collect();
        for id in ids {
            self.keep_seat_quietly(id);
            self.plan_seals(id);
            self.repeat_vouches(id);
        }
    }

    /// Looks at what the writes of one input came to. Where some were refused, and now one was made
    /// and none refused, there is room again: what waits is tried at once.
    pub(super) fn look_at_store(&mut self) {
        let seen = self.store.take_seen();
        if seen.refused {
            self.stalled.refused = true;
            self.stalled.wait(self.now);
        } else if seen.wrote && self.stalled.refused {
            self.stalled.refused = false;
            self.stalled.until = Some(self.now);
            // What is damaged is so whatever can be written.
            self.trouble = self.trouble.take().filter(is_damage);
        }
    }
}

fn is_damage(error: &StoreError) -> bool {
    matches!(error, StoreError::Damaged { .. })
}
