//! Where pages stand in sled: found by a key of their rows, gone through, and changed.

use std::ops::{
    Bound::{Excluded, Included, Unbounded},
    RangeInclusive,
};

use super::{
    Index, IndexKey,
    base::Puts,
    fault::{IndexFault, guarded},
    pages::{FIRST, Page},
};

/// Changes of rows, in the order of their keys: a value, or none where a row goes.
pub(super) type Changes = Vec<(IndexKey, Option<Vec<u8>>)>;

impl Index {
    /// The page in which a key's row is, if there is one.
    pub(super) fn page_of(&self, key: &IndexKey) -> Result<Option<(IndexKey, Page)>, IndexFault> {
        let db = self.base.db()?;
        let found = guarded(|| Ok(db.range(..=key.as_slice()).next_back().transpose()?))?;
        self.page(found)
    }

    /// The page behind the one at a key, up to `until`.
    fn page_behind(
        &self,
        at: &IndexKey,
        until: &IndexKey,
    ) -> Result<Option<(IndexKey, Page)>, IndexFault> {
        let range = (Excluded(at.as_slice()), Included(until.as_slice()));
        let db = self.base.db()?;
        let found = guarded(|| Ok(db.range::<&[u8], _>(range).next().transpose()?))?;
        self.page(found)
    }

    /// The page before the one at a key.
    fn page_before(&self, at: &IndexKey) -> Result<Option<(IndexKey, Page)>, IndexFault> {
        let db = self.base.db()?;
        let found = guarded(|| Ok(db.range(..at.as_slice()).next_back().transpose()?))?;
        self.page(found)
    }

    /// The page that was found; none where it is none: before all stand marks, behind all chunks.
    fn page(
        &self,
        found: Option<(sled::IVec, sled::IVec)>,
    ) -> Result<Option<(IndexKey, Page)>, IndexFault> {
        let Some((at, sealed)) = found else { return Ok(None) };
        let Ok(at) = IndexKey::try_from(at.as_ref()) else { return Ok(None) };
        let plain = self.keys.index.open(&at, &sealed).ok_or(IndexFault::Closed)?;
        Ok(Some((at, Page::decode(plain)?)))
    }

    /// The key of the page behind the one at a key.
    fn key_behind(&self, at: &IndexKey) -> Result<Option<IndexKey>, IndexFault> {
        let range = (Excluded(at.as_slice()), Unbounded);
        let db = self.base.db()?;
        let found = guarded(|| Ok(db.range::<&[u8], _>(range).next().transpose()?))?;
        Ok(found.and_then(|(key, _)| IndexKey::try_from(key.as_ref()).ok()))
    }

    /// To `puts`: the pages that change with these rows.
    pub(super) fn change(&self, rows: &Changes, puts: &mut Puts) -> Result<(), IndexFault> {
        let mut rest = rows.as_slice();
        while let Some((first, _)) = rest.first() {
            let (at, page) = self.page_of(first)?.unwrap_or((FIRST, Page::default()));
            let behind = self.key_behind(&at)?;
            let is_here = |key: &IndexKey| behind.is_none_or(|behind| *key < behind);
            let (here, others) = rest.split_at(rest.partition_point(|(key, _)| is_here(key)));
            rest = others;
            if here.is_empty() {
                return Err(IndexFault::Closed);
            }
            let pages = page.with(here, behind);
            if pages.is_empty() && page.len() > 0 {
                puts.remove(&at);
            }
            for (n, (key, bytes)) in pages.iter().enumerate() {
                // The first stays where it is: what comes before its first row is its too.
                let key = if n == 0 { &at } else { key };
                puts.insert(key, self.seal(key, bytes)?);
            }
        }
        Ok(())
    }

    /// The rows between two keys, in or against their order.
    pub(super) fn rows(&self, keys: RangeInclusive<IndexKey>, backwards: bool) -> Rows<'_> {
        Rows { index: self, keys, backwards, page: None, at: 0, last: None, is_done: false }
    }
}

/// Rows between two keys. Pages may change meanwhile: a row that stood in two of them comes once.
pub(super) struct Rows<'a> {
    index: &'a Index,
    keys: RangeInclusive<IndexKey>,
    backwards: bool,
    /// The page that is gone through.
    page: Option<(IndexKey, Page)>,
    /// The place of its next row; against their order of the one behind it.
    at: usize,
    /// The row that came last.
    last: Option<IndexKey>,
    is_done: bool,
}

impl Rows<'_> {
    pub(super) fn next(&mut self) -> Result<Option<(IndexKey, Vec<u8>)>, IndexFault> {
        while !self.is_done {
            let Some((key, value)) = self.row() else {
                self.turn()?;
                continue;
            };
            if !self.keys.contains(&key) {
                self.is_done = true;
            } else if self.last.is_none_or(|last| (key > last) != self.backwards && key != last) {
                self.last = Some(key);
                return Ok(Some((key, value)));
            }
        }
        Ok(None)
    }

    /// The next row of the page.
    fn row(&mut self) -> Option<(IndexKey, Vec<u8>)> {
        let (_, page) = self.page.as_ref()?;
        let at = if self.backwards { self.at.checked_sub(1)? } else { self.at };
        let (key, value) = page.row(at)?;
        let row = (*key, value.to_vec());
        self.at = if self.backwards { at } else { at + 1 };
        Some(row)
    }

    /// Goes on to the next page.
    fn turn(&mut self) -> Result<(), IndexFault> {
        let (first, last) = (self.keys.start(), self.keys.end());
        let index = self.index;
        let (page, at) = match (&self.page, self.backwards) {
            (None, false) => match index.page_of(first)? {
                Some((key, page)) => {
                    let at = page.place(first);
                    (Some((key, page)), at)
                }
                None => (index.page_behind(first, last)?, 0),
            },
            (None, true) => {
                let found = index.page_of(last)?;
                let behind = |page: &Page| page.place(last) + usize::from(page.get(last).is_some());
                let at = found.as_ref().map_or(0, |(_, page)| behind(page));
                (found, at)
            }
            (Some((key, _)), false) => (index.page_behind(key, last)?, 0),
            (Some((key, _)), true) if key <= first => (None, 0),
            (Some((key, _)), true) => {
                let found = index.page_before(key)?;
                let at = found.as_ref().map_or(0, |(_, page)| page.len());
                (found, at)
            }
        };
        self.is_done = page.is_none();
        (self.page, self.at) = (page, at);
        Ok(())
    }
}
