//! Stamps that are in doubt (DESIGN 5): more than ten minutes after this node's clock when the
//! entry came. Such an entry stands in lists where the nearest earlier one of its log does that is
//! not in doubt, else where it came; nothing else moves for it.
//!
//! That an entry came before its time cannot be told once the time is there, so where it stands is
//! kept, and not an index: who reads all again, later, comes to the same.

use ledger::{Entry, Timestamp, limits::STAMP_AHEAD_MS_MAX};
use replica::Log;
use store::{Batch, Store, StoreError};

use crate::{
    content::Content,
    place::{Cursor, Loc},
    tables,
};

impl Content {
    /// Where an entry stands that was read, if its stamp was doubtful then.
    pub(crate) fn doubtful(
        &self,
        store: &impl Store,
        loc: Loc,
    ) -> Result<Option<Timestamp>, StoreError> {
        tables::doubtful(self.space, &loc.log()).at(loc.seq).get(store)
    }

    /// As [`doubtful`](Self::doubtful), of the next entry of its log. Where nothing of it was read
    /// yet, that is judged by the clock.
    pub(crate) fn stands(
        &mut self,
        store: &mut impl Store,
        log: Log,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let stamp = entry.header.stamp;
        let cursor = self.cursor(&log);
        let row = tables::doubtful(self.space, &log).at(entry.seq());
        if let Some(stands) = row.get(store)? {
            return Ok(Some(stands));
        }
        if cursor.index > 0 {
            return Ok(None);
        }
        if is_near(stamp, now) {
            self.cursors.insert(log, Cursor { steady: Some(stamp), ..cursor });
            return Ok(None);
        }
        let stands = cursor.steady.unwrap_or(now);
        let mut batch = Batch::default();
        row.put(&stands, &mut batch);
        store.write(batch)?;
        Ok(Some(stands))
    }

    /// The stamp of what is written now: the later of the clock and of what was read, as far as
    /// that is not in doubt.
    pub(crate) fn stamp(&self, now: Timestamp) -> Timestamp {
        let steady = self.cursors.values().filter_map(|cursor| cursor.steady);
        steady.filter(|stamp| is_near(*stamp, now)).fold(now, Timestamp::max)
    }
}

fn is_near(stamp: Timestamp, now: Timestamp) -> bool {
    stamp <= now.plus_ms(STAMP_AHEAD_MS_MAX)
}
