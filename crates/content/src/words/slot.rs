//! Which word of a slot shows.
//!
//! A slot has the last word of each log at hand, however many were said before: whoever changed
//! their name a thousand times is found as fast as anybody. An end that comes or goes changes no
//! row: the last word that counts is the last before it.

use std::collections::BTreeSet;

use documents::words::shown;
use store::{Batch, Direction, Store, StoreError};

use crate::{content::Content, place::Loc, rows::WordRow, slot::Slot, table::ALL, tables};

impl Content {
    /// To `batch`: a word in its slot, and which word it replaces.
    pub(super) fn put_in_slot(
        &self,
        store: &impl Store,
        slot: Slot,
        row: &WordRow,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let log = row.loc.log();
        let number = u64::from(self.logs.number(&log));
        // Whoever asks for a post knows its first word, and so where that stands.
        if slot != Slot::post(&row.id) {
            tables::said(self.rows, slot, &log).at(row.loc.number()).mark(batch);
            tables::speakers(self.rows, slot).at(number).mark(batch);
        }
        if let Some(replaced) = &row.replaces {
            // The first of each log that counts does it, so that later ones need no row.
            let by = tables::replaced(self.rows, replaced).at(number);
            if by.get(store)?.is_none_or(|first| row.loc.number() < first) {
                by.put(&row.loc.number(), batch);
            }
        }
        Ok(())
    }

    /// The word of a slot that shows, of those that count or of all. A log's last word stands,
    /// unless one of the others names it as replaced. Of a post it is given where its first word
    /// stands.
    pub(super) fn shown_in(
        &self,
        store: &impl Store,
        slot: Slot,
        counting: bool,
        first: Option<Loc>,
    ) -> Result<Option<WordRow>, StoreError> {
        let mut words = Vec::new();
        let mut logs: BTreeSet<_> = first.iter().map(Loc::log).collect();
        for log in tables::speakers(self.rows, slot).marked(store)? {
            logs.insert(self.logs.log(log)?);
        }
        for log in logs {
            let numbers = if counting { self.ends.numbers(&log) } else { Some(ALL) };
            let Some(numbers) = numbers else { continue };
            let said = tables::said(self.rows, slot, &log);
            let last = said.numbers(store, numbers.clone(), Direction::Descending, 1)?;
            let first = first.filter(|first| first.log() == log).map(|first| first.number());
            let last = last.into_iter().chain(first.filter(|first| numbers.contains(first))).max();
            let Some(last) = last else { continue };
            let Some(row) = self.word_at(store, &Loc::of(log, last))? else { continue };
            if !self.is_replaced(store, &row, counting)? {
                words.push(row);
            }
        }
        let versions: Vec<_> = words.iter().map(WordRow::version).collect();
        let shows = shown(&versions).map(|version| version.id);
        Ok(words.into_iter().find(|row| Some(row.id) == shows))
    }

    /// Whether a word replaces this one, of those that count or of all.
    fn is_replaced(
        &self,
        store: &impl Store,
        row: &WordRow,
        counting: bool,
    ) -> Result<bool, StoreError> {
        for (log, first) in tables::replaced(self.rows, &row.id).numbered(store)? {
            let first = Loc::of(self.logs.log(log)?, first);
            if !counting || self.counts(&first) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
