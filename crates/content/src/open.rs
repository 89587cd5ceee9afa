//! Opening the content of a space: reading goes on where it stopped.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, VecDeque},
};

use replica::Replica;
use store::{Store, StoreError};

use crate::{
    body::Packing,
    cache::Cache,
    content::Content,
    counting::Ends,
    keys::Keys,
    logs::Logs,
    recount::Recount,
    tables::{self, RowsOf},
    told::{ToKeep, Told},
    work::Work,
};

impl Content {
    /// Reads how far the rows go. What changed since they were written (an end that came while
    /// the node was down, rows that were lost) is read again, in slices.
    pub fn open(store: &impl Store, replica: &Replica) -> Result<Self, StoreError> {
        let space = replica.space();
        let rows = RowsOf::now(store, space)?;
        let logs = Logs::open(store, rows)?;
        let mut content = Self {
            space,
            rows,
            keys: Keys::open(store, space)?,
            cursors: BTreeMap::new(),
            skipped: BTreeMap::new(),
            locked: BTreeMap::new(),
            waiting_bytes: BTreeMap::new(),
            charter_seen: (replica.charter_order(), replica.charter_entries()),
            pinned: BTreeMap::new(),
            ends: Ends::noted(store, rows)?,
            woken: VecDeque::new(),
            served: BTreeSet::new(),
            replays: tables::replays(rows).all(store)?.into_iter().map(|(id, ())| id).collect(),
            lacking: tables::lacking(rows).all(store)?.into_iter().collect(),
            replaying: None,
            spent: 0,
            recount: Recount::default(),
            cache: Cache::default(),
            unsaved: BTreeMap::new(),
            unsaved_bytes: 0,
            opened: None,
            shown: RefCell::default(),
            named: Default::default(),
            news: Vec::new(),
            told: Told::open(store, space, rows)?,
            to_keep: ToKeep::default(),
            is_of_another: !logs.are_of(replica.roll()),
            logs,
            packing: Packing::default(),
            work: Work::default(),
        };
        for (log, _) in replica.readable_logs() {
            if let Some(cursor) = tables::cursor(rows, &log).get(store)? {
                content.cursors.insert(log, cursor);
            }
            let skipped: BTreeSet<_> =
                tables::skipped(rows, &log).all(store)?.into_iter().collect();
            if !skipped.is_empty() {
                content.skipped.insert(log, skipped);
            }
        }
        content.find_untold(store)?;
        content.find_waiting(store, replica)?;
        // What was read last may build on what stands behind an end, and the process have ended
        // before that was noted.
        if [&content.ends, &Ends::begun(replica)].into_iter().any(Ends::has_any) {
            content.close_ends(replica);
        }
        Ok(content)
    }
}
