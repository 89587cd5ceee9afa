//! Rows that sled has not got yet: held in order in front of it, read before it, and put down many
//! at a time.
//!
//! Only what is durable in the entry file goes to sled, with the mark that says how far that is. So
//! what sled has is never ahead of the entry file; what a crash takes of these rows is what it
//! takes of an index that is behind, which catches up. Most rows change several times before they
//! are put down, or are gone again.

use std::{collections::BTreeMap, ops::RangeInclusive, sync::Arc};

use super::{IndexKey, Value};
use crate::position::Mark;

/// Rows that are put down at once: enough that what changes often does so here.
pub(super) const ROWS_AT_ONCE: usize = 4_000;

/// Bytes that are put down at once, however few rows they are.
const BYTES_AT_ONCE: usize = 4 * 1024 * 1024;

/// Rows, and bytes, that wait at most: more come only once some were put down, else a node that is
/// sent much would hold all of it.
const ROWS_MAX: usize = 4 * ROWS_AT_ONCE;
const BYTES_MAX: usize = 4 * BYTES_AT_ONCE;

/// Layers in which rows wait.
const LAYERS: usize = 4;

/// A row: what stands at a key of an index table, or nothing any more; or a kept value.
pub(super) type Row = Option<Value>;

/// Rows by their key, and how far of the entry file they bring the index.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) rows: BTreeMap<IndexKey, Row>,
    /// Bytes of all rows that came, also where later ones took their place.
    bytes: usize,
    pub(super) mark: Option<Mark>,
}

impl Rows {
    /// Adds later rows.
    fn extend(&mut self, later: Self) {
        self.rows.extend(later.rows);
        self.bytes += later.bytes;
        self.mark = later.mark.or(self.mark);
    }
}

/// All rows that wait, the newest first.
#[derive(Default)]
pub(super) struct Waiting {
    /// Written since the last flush began.
    fresh: Rows,
    /// The flush that is under way makes these durable.
    flying: Rows,
    durable: Rows,
    /// What is being put down.
    sinking: Arc<Rows>,
    sunk_up_to: Mark,
}

impl Waiting {
    /// Adds the rows of one batch.
    pub(super) fn add(&mut self, rows: impl IntoIterator<Item = (IndexKey, Row)>, mark: Mark) {
        let Rows { rows: fresh, bytes, .. } = &mut self.fresh;
        fresh.extend(rows.into_iter().inspect(|(_, row)| {
            *bytes += row.as_ref().map_or(0, Value::bytes);
        }));
        self.fresh.mark = Some(mark);
    }

    /// A flush begins.
    pub(super) fn flush_begins(&mut self) {
        self.flying.extend(std::mem::take(&mut self.fresh));
    }

    /// It succeeded.
    pub(super) fn flushed(&mut self) {
        self.durable.extend(std::mem::take(&mut self.flying));
    }

    /// What is to be put down: all that is durable, if it is as many rows as that, or much. What
    /// could not be is first.
    pub(super) fn sink(&mut self, at_least: usize) -> Option<Arc<Rows>> {
        if self.sinking.mark.is_some() {
            return Some(self.sinking.clone());
        }
        let Rows { rows, bytes, mark } = &self.durable;
        let is_enough = rows.len() >= at_least || *bytes >= BYTES_AT_ONCE;
        if mark.is_none() || !is_enough {
            return None;
        }
        self.sinking = Arc::new(std::mem::take(&mut self.durable));
        Some(self.sinking.clone())
    }

    /// It was put down.
    pub(super) fn sunk(&mut self) {
        self.sunk_up_to = self.sinking.mark.unwrap_or(self.sunk_up_to);
        self.sinking = Arc::default();
    }

    /// All up to there was put down.
    pub(super) fn has_sunk(&mut self, mark: Mark) {
        self.sunk_up_to = mark;
    }

    /// How far of the entry file the rows go that were put down.
    pub(super) fn sunk_up_to(&self) -> Mark {
        self.sunk_up_to
    }

    /// Whether as many wait as may.
    pub(super) fn is_crowded(&self) -> bool {
        let sum = |of: fn(&Rows) -> usize| self.layers().into_iter().map(of).sum::<usize>();
        sum(|layer| layer.rows.len()) > ROWS_MAX || sum(|layer| layer.bytes) > BYTES_MAX
    }

    /// How far of the entry file these rows go, those among them that are durable.
    pub(super) fn mark(&self) -> Option<Mark> {
        self.durable.mark.or(self.sinking.mark)
    }

    fn layers(&self) -> [&Rows; LAYERS] {
        [&self.fresh, &self.flying, &self.durable, &self.sinking]
    }

    /// What waits at a key.
    pub(super) fn get(&self, key: &IndexKey) -> Option<&Row> {
        self.layers().into_iter().find_map(|layer| layer.rows.get(key))
    }

    /// What waits between two keys, in or against their order.
    pub(super) fn range(
        &self,
        keys: &RangeInclusive<IndexKey>,
        backwards: bool,
    ) -> impl Iterator<Item = (IndexKey, &Row)> {
        let mut layers = self.layers().map(|layer| layer.rows.range(keys.clone()).peekable());
        let mut layers_back =
            self.layers().map(|layer| layer.rows.range(keys.clone()).rev().peekable());
        std::iter::from_fn(move || match backwards {
            false => next(&mut layers, |one, other| one < other),
            true => next(&mut layers_back, |one, other| one > other),
        })
    }
}

/// The next row of several layers in one order: at one key that of the first layer.
fn next<'a, I: Iterator<Item = (&'a IndexKey, &'a Row)>>(
    layers: &mut [std::iter::Peekable<I>; LAYERS],
    comes_first: impl Fn(&IndexKey, &IndexKey) -> bool,
) -> Option<(IndexKey, &'a Row)> {
    let mut first: Option<(IndexKey, &Row)> = None;
    for layer in layers.iter_mut() {
        if let Some((key, row)) = layer.peek()
            && first.is_none_or(|(found, _)| comes_first(key, &found))
        {
            first = Some((**key, row));
        }
    }
    let (key, row) = first?;
    for layer in layers {
        layer.next_if(|(other, _)| **other == key);
    }
    Some((key, row))
}
