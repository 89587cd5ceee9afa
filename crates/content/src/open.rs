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
    content::{Content, News},
    counting::Ends,
    keys::Keys,
    logs::Logs,
    tables,
    work::Work,
};

impl Content {
    /// Reads how far the rows go. What changed since they were written (an end that came while
    /// the node was down, rows that were lost) is read again, in slices.
    pub fn open(store: &impl Store, replica: &Replica) -> Result<Self, StoreError> {
        let space = replica.space();
        let mut content = Self {
            space,
            keys: Keys::open(store, space)?,
            cursors: BTreeMap::new(),
            logs: Logs::open(store, space)?,
            skipped: BTreeMap::new(),
            locked: BTreeMap::new(),
            waiting_bytes: BTreeMap::new(),
            charter_seen: (replica.charter_order(), replica.charter_entries()),
            pinned: BTreeMap::new(),
            ends: Ends::noted(store, space)?,
            woken: VecDeque::new(),
            served: BTreeSet::new(),
            replays: tables::replays(space).all(store)?.into_iter().collect(),
            lacking: tables::lacking(space).all(store)?.into_iter().collect(),
            replaying: None,
            spent: 0,
            recounted: false,
            cache: Cache::default(),
            unsaved: BTreeMap::new(),
            unsaved_bytes: 0,
            opened: None,
            shown: RefCell::default(),
            news: Vec::new(),
            packing: Packing::default(),
            work: Work::default(),
        };
        for (log, _) in replica.readable_logs() {
            if let Some(cursor) = tables::cursor(space, &log).get(store)? {
                content.cursors.insert(log, cursor);
            }
            let skipped: BTreeSet<_> =
                tables::skipped(space, &log).all(store)?.into_iter().collect();
            if !skipped.is_empty() {
                content.skipped.insert(log, skipped);
            }
        }
        // The process ended between reading these and telling them.
        content.news.extend(tables::untold(space).all(store)?.into_iter().map(News::Post));
        content.find_waiting(store, replica)?;
        content.close_ends(store, replica)?;
        Ok(content)
    }
}
