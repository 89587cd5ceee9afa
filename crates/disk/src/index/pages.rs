//! Rows, many in one value of sled's: a page has the rows from its key up to the next page's key.
//!
//! To sled a value of its own costs a key, a message in its log and a place in a leaf of sixteen;
//! to us a nonce and a tag: five times what most rows say. A page costs that once. So this is a
//! B+tree (Comer 1979, The Ubiquitous B-Tree) of which sled holds all but the leaves. Rows stand in
//! a page in the order of their keys, each key without what it shares with the one before. Pages
//! are never joined: one without rows goes, and what comes there later is the page before's.

use std::ops::Range;

use super::{IndexKey, KEY_BYTES, fault::IndexFault, value::CHUNK_BYTES};

/// Bytes of a page, unless it has one row that is longer.
pub(crate) const PAGE_BYTES: usize = 1024;

/// The key of the page that has all rows before the first other page.
pub(crate) const FIRST: IndexKey = {
    let mut first = [0; KEY_BYTES];
    first[0] = 1;
    first
};

/// Bytes of a key that are those of its table and group.
const GROUP_BYTES: usize = KEY_BYTES - 8;

/// A row: its key and its value.
type Row<'a> = (&'a IndexKey, &'a [u8]);

/// Bytes of a value's length.
const LENGTH_BYTES: usize = 2;

/// Whatever stands in a page is shorter than a chunk and what says what it is.
const _: () = assert!(CHUNK_BYTES + PAGE_BYTES < u16::MAX as usize);

/// A page that was read: its bytes, and where in them each row's value is.
#[derive(Default)]
pub(crate) struct Page {
    bytes: Vec<u8>,
    rows: Vec<(IndexKey, Range<usize>)>,
}

impl Page {
    /// The page that these bytes are.
    pub(crate) fn decode(bytes: Vec<u8>) -> Result<Self, IndexFault> {
        let rows = rows(&bytes).ok_or(IndexFault::Closed)?;
        Ok(Self { bytes, rows })
    }

    /// The value at a key.
    pub(crate) fn get(&self, key: &IndexKey) -> Option<&[u8]> {
        let at = self.rows.binary_search_by(|(other, _)| other.cmp(key)).ok()?;
        self.row(at).map(|(_, value)| value)
    }

    /// How many rows it has.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The row at a place in their order.
    pub(crate) fn row(&self, at: usize) -> Option<(&IndexKey, &[u8])> {
        let (key, value) = self.rows.get(at)?;
        Some((key, self.bytes.get(value.clone())?))
    }

    /// The place of the first row that is not before `key`.
    pub(crate) fn place(&self, key: &IndexKey) -> usize {
        self.rows.partition_point(|(other, _)| other < key)
    }

    /// What comes of it with these changes, which are in order, where the next page has the key
    /// `next`: pages in their order, each with the key of its first row. None where no row is left.
    pub(crate) fn with<'a>(
        &'a self,
        changes: &'a [(IndexKey, Option<Vec<u8>>)],
        next: Option<IndexKey>,
    ) -> Vec<(IndexKey, Vec<u8>)> {
        let mut rows: Vec<Row<'_>> = Vec::with_capacity(self.len() + changes.len());
        let mut old = (0..self.len()).filter_map(|at| self.row(at)).peekable();
        for (key, value) in changes {
            while let Some(row) = old.next_if(|(other, _)| *other < key) {
                rows.push(row);
            }
            old.next_if(|(other, _)| *other == key);
            rows.extend(value.as_ref().map(|value| (key, value.as_slice())));
        }
        rows.extend(old);
        let behind =
            changes.last().map_or(0, |(last, _)| rows.partition_point(|(key, _)| *key <= last));
        if !is_growth(&rows, behind, next, changes) {
            return split(&rows, Cut::Even);
        }
        // What stands behind a group that grows is out of its way, so that it leaves full pages.
        let (grown, rest) = rows.split_at(behind);
        match length(&rows) <= PAGE_BYTES {
            true => split(&rows, Cut::Full),
            false => [split(grown, Cut::Full), split(rest, Cut::Even)].concat(),
        }
    }
}

/// Whether all changes are rows at the end of one group, the last of them before `behind`.
fn is_growth(
    rows: &[Row<'_>],
    behind: usize,
    next: Option<IndexKey>,
    changes: &[(IndexKey, Option<Vec<u8>>)],
) -> bool {
    let Some(begins) = behind.checked_sub(changes.len()) else { return false };
    let run = &rows[begins..behind];
    let is_run = run.iter().map(|(key, _)| *key).eq(changes.iter().map(|(key, _)| key));
    let is_of_group = |key: &IndexKey| key[..GROUP_BYTES] == changes[0].0[..GROUP_BYTES];
    let before = begins.checked_sub(1).and_then(|at| rows.get(at));
    is_run
        && run.iter().all(|(key, _)| is_of_group(key))
        && (changes.len() > 1 || before.is_some_and(|(key, _)| is_of_group(key)))
        && !rows.get(behind).map(|(key, _)| *key).or(next.as_ref()).is_some_and(is_of_group)
}

/// How rows are cut into pages.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// Into full ones.
    Full,
    /// Into ones of about the same length, so that each has room.
    Even,
}

/// Rows as pages of at most about [`PAGE_BYTES`].
fn split(rows: &[Row<'_>], cut: Cut) -> Vec<(IndexKey, Vec<u8>)> {
    let all = length(rows);
    let wanted = match cut {
        Cut::Full => PAGE_BYTES,
        Cut::Even => all.div_ceil(all.div_ceil(PAGE_BYTES).max(1)),
    };
    let mut pages: Vec<(IndexKey, Vec<u8>)> = Vec::new();
    let mut before = None;
    for row @ (key, value) in rows {
        let fits = |page: &Vec<u8>| {
            page.len() < wanted && page.len() + row_length(before, row) <= PAGE_BYTES
        };
        if !pages.last().is_some_and(|(_, page)| fits(page)) {
            pages.push((**key, Vec::with_capacity(PAGE_BYTES)));
            before = None;
        }
        if let Some((_, page)) = pages.last_mut() {
            put(page, before, key, value);
        }
        before = Some(*key);
    }
    pages
}

/// Bytes of rows as one page.
fn length(rows: &[Row<'_>]) -> usize {
    let before = std::iter::once(None).chain(rows.iter().map(|(key, _)| Some(*key)));
    before.zip(rows).map(|(before, row)| row_length(before, row)).sum()
}

fn row_length(before: Option<&IndexKey>, (key, value): &Row<'_>) -> usize {
    1 + KEY_BYTES - shared(before, key) + LENGTH_BYTES + value.len()
}

/// Bytes with which a key begins as the one before it does.
fn shared(before: Option<&IndexKey>, key: &IndexKey) -> usize {
    before.map_or(0, |before| key.iter().zip(before).take_while(|(a, b)| a == b).count())
}

/// Adds a row behind the one with the key `before`.
fn put(page: &mut Vec<u8>, before: Option<&IndexKey>, key: &IndexKey, value: &[u8]) {
    let shared = shared(before, key);
    page.push(shared as u8);
    page.extend_from_slice(&key[shared..]);
    page.extend_from_slice(&(value.len() as u16).to_be_bytes());
    page.extend_from_slice(value);
}

/// Where the rows of a page are; none where it is no page.
fn rows(page: &[u8]) -> Option<Vec<(IndexKey, Range<usize>)>> {
    let mut rows: Vec<(IndexKey, Range<usize>)> = Vec::new();
    let (mut at, mut key) = (0, [0; KEY_BYTES]);
    while let Some(shared) = page.get(at) {
        let shared = usize::from(*shared);
        let suffix = key.get_mut(shared..)?;
        at += 1;
        let end = at + suffix.len();
        suffix.copy_from_slice(page.get(at..end)?);
        let length = page.get(end..end + LENGTH_BYTES)?.try_into().ok()?;
        let begins = end + LENGTH_BYTES;
        at = begins + usize::from(u16::from_be_bytes(length));
        page.get(begins..at)?;
        if rows.last().is_some_and(|(before, _)| *before >= key) {
            return None;
        }
        rows.push((key, begins..at));
    }
    Some(rows)
}
