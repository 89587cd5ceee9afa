//! Which posts were told to whoever follows, and under which numbers.
//!
//! That is kept beside the entries, some notices at a time: who reads all again, where rows were
//! lost or are of another version, tells nobody anew what was told, and numbers mean what they
//! meant.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{ItemId, SpaceId};
use replica::{Log, Replica};
use store::{Batch, Direction, Store, StoreError};

use crate::{
    content::{Content, News},
    place::Loc,
    rows::{Chunk, ItemIs, ItemRow, KeptWord},
    tables::{self, RowsOf},
};

/// Entries that are read before what was told of them is kept, however soon: so many are told again
/// at most, where the index is lost.
const KEPT_AT_ONCE: usize = 256;

/// What was told before, while all is read again.
#[derive(Debug, Default)]
pub(crate) struct Told {
    read: BTreeMap<Log, u64>,
    notices: BTreeMap<Loc, u64>,
    /// Posts, their words, and the number of which the rows have it that it is yet to be told.
    untold: Vec<(ItemId, Loc, u64)>,
    /// Whether all was read but what is lost or waits for a key.
    is_read: bool,
}

/// What was told and is to be kept.
#[derive(Debug, Default)]
pub(crate) struct ToKeep {
    /// Logs of which something was read.
    logs: BTreeSet<Log>,
    entries: usize,
    /// Whether anything was kept since these rows were opened. The first is kept at once: numbers
    /// have come so far.
    has_kept: bool,
}

impl Told {
    /// What was told of a space and these rows do not know of, because they were begun after it or
    /// a crash took the last of them; none where there is nothing.
    pub(crate) fn open(
        store: &impl Store,
        space: SpaceId,
        rows: RowsOf,
    ) -> Result<Option<Self>, StoreError> {
        let known = tables::told_known(rows).get(store)?;
        let (kept, mut told) = (tables::told(space), Self::default());
        let Some(first) = known.map_or(Some(0), |known| known.checked_add(1)) else {
            return Ok(None);
        };
        if known.is_some() && kept.next(store)? <= first {
            return Ok(None);
        }
        if known.is_none() {
            for (number, (log, place)) in tables::newly_told(space).numbered(store)? {
                let loc = Loc::of(log, place);
                told.has_read(log, loc.seq + 1);
                told.notices.insert(loc, number);
            }
        }
        // What is lost of it is told again.
        for chunk in kept.readable(store, first..=u64::MAX)? {
            chunk.logs.iter().for_each(|(log, read)| told.has_read(*log, *read));
            told.notices.extend(chunk.notices().map(|(number, loc)| (loc, number)));
        }
        Ok(Some(told))
    }

    fn has_read(&mut self, log: Log, entries: u64) {
        let read = self.read.entry(log).or_default();
        *read = entries.max(*read);
    }
}

impl ToKeep {
    /// An entry of a log was read.
    pub(crate) fn has_read(&mut self, log: Log) {
        self.logs.insert(log);
        self.entries += 1;
    }
}

impl Content {
    /// Whether what was read and told once is being read again.
    pub(crate) fn reads_again(&self) -> bool {
        self.told.as_ref().is_some_and(|told| !told.is_read && !told.read.is_empty())
    }

    /// Whether what stands there was read, and told, before these rows were begun.
    pub(crate) fn is_old(&self, loc: &Loc) -> bool {
        let read = self.told.as_ref().and_then(|told| told.read.get(&loc.log()));
        read.is_some_and(|read| loc.seq < *read)
    }

    /// Under which number a word was told that is read again.
    pub(crate) fn told_as(&self, loc: &Loc) -> Option<u64> {
        self.told.as_ref()?.notices.get(loc).copied()
    }

    /// News of what stands there, unless it is old.
    pub(crate) fn tell(&mut self, loc: &Loc, news: News) {
        if !self.is_old(loc) {
            self.news.push(news);
        }
    }

    /// To `store`, once all is read again: that nothing is old any more. What is lost and may come
    /// again, or is locked, is old then too.
    pub(crate) fn end_reading_again(
        &mut self,
        store: &mut impl Store,
        replica: &Replica,
    ) -> Result<(), StoreError> {
        if self.told.is_none() || self.is_behind(replica) {
            return Ok(());
        }
        let Some(mut told) = self.told.take() else { return Ok(()) };
        let is_left = |log: &Log, read: &u64| {
            let skipped = self.skipped.get(log).is_some_and(|seqs| !seqs.is_empty());
            skipped || self.cursor(log).seq < *read
        };
        told.read.retain(|log, read| is_left(log, read));
        told.notices.retain(|loc, _| told.read.contains_key(&loc.log()));
        told.is_read = true;
        // Of a post that was told twice the last number is the one.
        told.untold.sort_by_key(|(.., number)| *number);
        let is_over = told.read.is_empty();
        let noted = self.note_untold(store, &told.untold, is_over);
        if noted.is_ok() {
            told.untold = Vec::new();
        }
        self.told = Some(told).filter(|_| noted.is_err() || !is_over);
        noted
    }

    /// To `store`: that these were told once, and where all was, that these rows know of it.
    fn note_untold(
        &self,
        store: &mut impl Store,
        untold: &[(ItemId, Loc, u64)],
        is_over: bool,
    ) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for (post, word, number) in untold {
            tables::untold(self.rows, &word.log()).at(word.number()).remove(&mut batch);
            self.note_number(store, post, *number, &mut batch)?;
        }
        if is_over {
            let last = tables::told(self.space).next(store)?.saturating_sub(1);
            tables::told_known(self.rows).put(&last, &mut batch);
        }
        if batch.is_empty() { Ok(()) } else { store.write(batch).map(drop) }
    }

    /// What was read and not told when the process ended.
    pub(crate) fn find_untold(&mut self, store: &impl Store) -> Result<(), StoreError> {
        let mut words = Vec::new();
        for log in self.logs.iter() {
            let numbers = tables::untold(self.rows, log).marked(store)?;
            words.extend(numbers.into_iter().map(|number| Loc::of(*log, number)));
        }
        for word in words {
            let Some(post) = self.word_at(store, &word)?.map(|row| row.root) else { continue };
            match (self.told_as(&word), &mut self.told) {
                (Some(number), Some(told)) => told.untold.push((post, word, number)),
                _ => self.news.push(News::Post { post, word }),
            }
        }
        Ok(())
    }

    /// To `batch`: news of a post, that of `word`, has been told under this number.
    pub fn has_told(
        &mut self,
        store: &impl Store,
        (post, word): (&ItemId, &Loc),
        number: u64,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        tables::untold(self.rows, &word.log()).at(word.number()).remove(batch);
        tables::newly_told(self.space).at(number).put(&(word.log(), word.number()), batch);
        self.note_number(store, post, number, batch)
    }

    /// To `batch`: the number under which a post's news was told last.
    pub(crate) fn note_number(
        &self,
        store: &impl Store,
        post: &ItemId,
        number: u64,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let Some(loc) = self.place(store, post)?.map(|place| place.loc) else { return Ok(()) };
        let row = self.item_row(store, &loc)?;
        if let Some(ItemRow { entry, is: ItemIs::Word(word) }) = row
            && word.cursor.is_none_or(|before| before < number)
        {
            let is = ItemIs::Word(KeptWord { cursor: Some(number), ..word });
            let row = tables::read(self.rows, &loc.log()).at(loc.number());
            row.put(&ItemRow { entry, is }, batch);
        }
        Ok(())
    }

    /// Whether what was told is to be kept: it is much, or the first, or its time has come.
    pub fn is_told_to_keep(&self, is_due: bool) -> bool {
        let ToKeep { logs, entries, has_kept } = &self.to_keep;
        !logs.is_empty() && (is_due || !has_kept || *entries >= KEPT_AT_ONCE)
    }

    /// To `batch`: all that was told and is not kept, under a number of which nothing was told, and
    /// that is behind all that were. [`told_is_kept`](Self::told_is_kept) is to follow.
    pub fn keep_told(
        &self,
        store: &impl Store,
        last: u64,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let new = tables::newly_told(self.space);
        let Chunk { mut logs, mut notices } = Chunk::default();
        // Those before the last that is kept are so: a crash took from the rows that they are.
        let before = tables::told(self.space).next(store)?;
        let mut told = new.numbered(store)?;
        told.iter().for_each(|(number, _)| new.at(*number).remove(batch));
        told.retain(|(number, _)| *number >= before);
        for log in told.iter().map(|(_, (log, _))| log).chain(&self.to_keep.logs) {
            if logs.iter().all(|(other, _)| other != log) {
                logs.push((*log, 0));
            }
        }
        for (number, (log, place)) in told {
            let log = logs.iter().position(|(other, _)| *other == log).unwrap_or_default();
            notices.push((number, log as u32, place));
        }
        for (log, read) in &mut logs {
            *read = self.cursor(log).seq.max(*read);
        }
        tables::told(self.space).at(last).put(&Chunk { logs, notices }, batch);
        if self.told.is_none() {
            tables::told_known(self.rows).put(&last, batch);
        }
        Ok(())
    }

    /// The store has what [`keep_told`](Self::keep_told) gave it.
    pub fn told_is_kept(&mut self) {
        self.to_keep = ToKeep { has_kept: true, ..ToKeep::default() };
    }

    /// Notices of posts behind a number, at most `limit` in their order: the number of each, and
    /// the word that it was about.
    pub fn notices(
        &self,
        store: &impl Store,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Loc)>, StoreError> {
        let (mut found, mut behind) = (Vec::new(), after.checked_add(1));
        let kept = tables::told(self.space);
        while let Some(first) = behind
            && found.len() < limit
        {
            // A row's number is behind those of its notices, and before those of the next.
            let chunk = kept.scan(store, first..=u64::MAX, Direction::Ascending, 1)?;
            let Some((last, chunk)) = chunk.into_iter().next() else { break };
            found.extend(chunk.notices().filter(|(number, _)| *number > after));
            behind = last.checked_add(1);
        }
        // What is newer than all that is kept.
        let kept_up_to = kept.next(store)?;
        if let Some(first) = behind.map(|behind| behind.max(kept_up_to))
            && found.len() < limit
        {
            let new = tables::newly_told(self.space);
            let new = new.scan(store, first..=u64::MAX, Direction::Ascending, limit)?;
            found.extend(
                new.into_iter().map(|(number, (log, place))| (number, Loc::of(log, place))),
            );
        }
        found.truncate(limit);
        Ok(found)
    }

    /// How far numbers had come when something was told last.
    pub fn last_told(&self, store: &impl Store) -> Result<u64, StoreError> {
        let kept = tables::told(self.space).next(store)?;
        let new = tables::newly_told(self.space).next(store)?;
        Ok(kept.max(new).saturating_sub(1))
    }
}
