//! Stamps that are in doubt (DESIGN 5): more than ten minutes after this node's clock when the
//! entry came. Such an entry stands in lists where the nearest earlier one of its log does that is
//! not in doubt, else where it came; nothing else moves for it.
//!
//! That an entry came before its time is told by when it came, which stands beside it in the store:
//! so who reads all again, later, comes to the same.

use ledger::{Timestamp, limits::STAMP_AHEAD_MS_MAX};
use replica::Log;
use store::{Batch, Store, StoreError};

use crate::{
    body::Opened,
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
        tables::doubtful(self.rows, &loc.log()).at(loc.seq).get(store)
    }

    /// As [`doubtful`](Self::doubtful), of the next entry of its log, which is about to be read.
    pub(crate) fn stands(
        &mut self,
        store: &mut impl Store,
        log: Log,
        opened: &Opened,
    ) -> Result<Option<Timestamp>, StoreError> {
        let (stamp, came) = (opened.entry.header.stamp, opened.came);
        let cursor = self.cursor(&log);
        if is_near(stamp, came) {
            self.cursors.insert(log, Cursor { steady: Some(stamp), ..cursor });
            return Ok(None);
        }
        let row = tables::doubtful(self.rows, &log).at(opened.entry.seq());
        // It was begun, or read before something that was lost came again.
        if let Some(stands) = row.get(store)? {
            return Ok(Some(stands));
        }
        let stands = cursor.steady.unwrap_or(came);
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
