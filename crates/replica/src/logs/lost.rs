//! What a damaged disk lost of content logs, and how far these go for it.
//!
//! A log is as long as its first hole, less what no signature holds before that: so much is told
//! and sent, and the rest is fetched again. What stands behind a hole is still read.

use std::collections::BTreeSet;

use ledger::{DeviceId, Entry, EntryId, Timestamp, Tip};
use minicbor::{Decode, Encode};
use store::{Batch, Direction, Group, Key, Store, StoreError, Table};

use super::{Log, Logs, entries};
use crate::{
    refused::{Refused, TakeError},
    stored,
};

/// Rows that are looked at at once; few in tests, so that what is lost lies across them.
const ROWS_AT_ONCE: usize = if cfg!(test) { 3 } else { 1_000 };

/// An entry that was here and cannot be read any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct Loss {
    /// What the entry before it says of when it was written, if that can be read.
    #[n(0)]
    pub after: Option<Timestamp>,
    /// What the one behind it says.
    #[n(1)]
    pub before: Option<Timestamp>,
}

/// What is lost of one log, and where the last entry stands that is here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Holes {
    lost: BTreeSet<u64>,
    /// How many entries there were at least.
    end: u64,
}

impl Logs {
    /// Works out where the branches of a device's log end.
    pub(super) fn find_ends(
        &mut self,
        store: &impl Store,
        device: DeviceId,
    ) -> Result<(), StoreError> {
        let rows = Log { device, branch: 0 }..=Log { device, branch: u16::MAX };
        let rows: Vec<_> = self.rows.range(rows).map(|(_, branch)| *branch).collect();
        let logs = std::iter::once(Log::from(device)).chain(rows.iter().map(|row| row.log));
        for log in logs.collect::<Vec<_>>() {
            self.tips.remove(&log);
            self.branches.remove(&log);
            self.find_end(store, log)?;
        }
        // Of what parts behind a hole nothing is told before that is filled. A branch parts from
        // one that came before it.
        for row in rows {
            let parent = self.length(&row.parent());
            if row.begins <= parent {
                self.branches.insert(row.log, row);
            } else {
                self.tips.remove(&row.log);
            }
        }
        self.tell(device);
        Ok(())
    }

    fn find_end(&mut self, store: &impl Store, log: Log) -> Result<(), StoreError> {
        let (group, all) = (entries(self.id, log), 0..=u64::MAX);
        let lost = match self.holes.remove(&log) {
            Some(holes) => holes.lost,
            None => store.all(Table::Lost, &group)?.into_iter().map(|(seq, _)| seq).collect(),
        };
        let last = store.scan(Table::Entries, &group, all, Direction::Descending, 1)?;
        let length = last.first().map_or(0, |(seq, _)| seq + 1);
        let begins = self.rows.get(&log).map_or(0, |row| row.begins);
        let first = lost.first().map_or(length, |first| length.min(*first));
        let mut last = last.into_iter().next().filter(|_| first == length);
        for seq in (begins..first).rev() {
            let bytes = match last.take() {
                Some((_, bytes)) => Some(bytes),
                None => store.get(&Key::new(Table::Entries, group.clone(), seq))?,
            };
            let Some(bytes) = bytes else { break };
            let entry = stored::decode(&bytes)?.entry;
            if entry.signature.is_some() {
                self.tips.insert(log, Tip { length: seq + 1, head: entry.id });
                break;
            }
        }
        let end = length.max(lost.last().map_or(0, |last| last + 1));
        if end > self.length(&log).max(begins) {
            self.holes.insert(log, Holes { lost, end });
        }
        Ok(())
    }

    /// All branches with how many entries there are of each to be read, holes among them.
    pub(crate) fn readable(&self) -> impl Iterator<Item = (Log, u64)> {
        let whole = self.iter().filter(|(log, _)| !self.holes.contains_key(log));
        whole.chain(self.holes.iter().map(|(log, holes)| (*log, holes.end)))
    }

    /// Whether any branch of a device's log has a hole.
    pub(crate) fn has_hole(&self, device: DeviceId) -> bool {
        let branches = Log { device, branch: 0 }..=Log { device, branch: u16::MAX };
        self.holes.range(branches).next().is_some()
    }

    /// What is lost of each log.
    pub(crate) fn lost(&self) -> impl Iterator<Item = (Log, u64)> {
        self.holes.iter().flat_map(|(log, holes)| holes.lost.iter().map(|seq| (*log, *seq)))
    }

    /// What is known of an entry that is lost.
    pub(crate) fn loss(&self, store: &impl Store, log: Log, seq: u64) -> Result<Loss, StoreError> {
        let found = store.get(&Key::new(Table::Lost, entries(self.id, log), seq))?;
        let wrong = |_| super::damaged("a note of what is lost");
        found.map_or(Ok(Loss::default()), |bytes| ledger::decode(&bytes).map_err(wrong))
    }

    /// What fills a hole leads to what stands behind it: entries that do not are of another branch,
    /// whose place is not known as long as the hole is there, and are refused as such.
    pub(crate) fn must_lead_on(
        &self,
        store: &impl Store,
        log: Log,
        come: &[Entry],
    ) -> Result<(), TakeError> {
        let (Some(_), Some(last)) = (self.holes.get(&log), come.last()) else { return Ok(()) };
        let at = |seq| -> Result<Option<Entry>, StoreError> {
            let found = store.get(&Key::new(Table::Entries, entries(self.id, log), seq))?;
            Ok(found.map(|bytes| stored::decode(&bytes)).transpose()?.map(|stored| stored.entry))
        };
        let wanted: Option<EntryId> = match at(last.seq())? {
            Some(here) => Some(here.id),
            None => at(last.seq() + 1)?.and_then(|next| next.header.backlink),
        };
        let leads_on = wanted.is_none_or(|wanted| wanted == last.id);
        if leads_on { Ok(()) } else { Err(Refused::Fork.into()) }
    }

    /// Adds to `batch` what storing an entry takes where there is a hole; nothing where one stands.
    pub(crate) fn fill(&self, batch: &mut Batch, log: Log, entry: &Entry, now: Timestamp) {
        let Some(holes) = self.holes.get(&log) else { return self.put(batch, log, entry, now) };
        let is_lost = holes.lost.contains(&entry.seq());
        if is_lost {
            batch.remove(Key::new(Table::Lost, entries(self.id, log), entry.seq()));
        }
        // One that is here may have come without its signature.
        if is_lost || entry.seq() >= holes.end || entry.signature.is_some() {
            self.put(batch, log, entry, now);
        }
    }

    /// Entries were written where a log may have had holes.
    pub(super) fn filled(&mut self, log: Log, seqs: std::ops::RangeInclusive<u64>) {
        if let Some(holes) = self.holes.get_mut(&log) {
            holes.lost.retain(|seq| !seqs.contains(seq));
        }
    }
}

/// A look through what the store has of a journal's entries, some rows at a time: which are lost
/// and were not known to be. Nothing is written on the way: whoever has logs open is to open them
/// again in the moment in which what is lost ceases to be there.
#[derive(Debug)]
pub struct LookThrough {
    /// Branches that were not looked at, and where each begins.
    left: Vec<(Group, u64)>,
    at: Option<OneBranch>,
    found: Batch,
}

/// The branch that is being looked through.
#[derive(Debug)]
struct OneBranch {
    group: Group,
    known: BTreeSet<u64>,
    next: u64,
    /// When the last one before `open` was written.
    after: Option<Timestamp>,
    /// Lost entries behind which none was found yet.
    open: Vec<u64>,
}

impl LookThrough {
    pub(super) fn of(left: Vec<(Group, u64)>) -> Self {
        Self { left, at: None, found: Batch::default() }
    }

    /// Looks at some more rows; whether there are more.
    pub fn step(&mut self, store: &impl Store) -> Result<bool, StoreError> {
        let mut one = match self.at.take() {
            Some(one) => one,
            None => match self.left.pop() {
                Some((group, begins)) => OneBranch::of(store, group, begins)?,
                None => return Ok(false),
            },
        };
        let is_end = one.look_on(store, &mut self.found)?;
        self.at = (!is_end).then_some(one);
        Ok(self.at.is_some() || !self.left.is_empty())
    }

    /// What notes that what was found is lost, and removes what is left of it.
    pub fn into_found(self) -> Batch {
        self.found
    }
}

impl OneBranch {
    fn of(store: &impl Store, group: Group, begins: u64) -> Result<Self, StoreError> {
        let known = store.all(Table::Lost, &group)?;
        let known = known.into_iter().map(|(number, _)| number).collect();
        Ok(Self { group, known, next: begins, after: None, open: Vec::new() })
    }

    /// To `found`: what the next rows have to be noted. Whether they were the last.
    fn look_on(&mut self, store: &impl Store, found: &mut Batch) -> Result<bool, StoreError> {
        let numbers = self.next..=u64::MAX;
        let rows =
            store.look(Table::Entries, &self.group, numbers, Direction::Ascending, ROWS_AT_ONCE)?;
        let is_end = rows.len() < ROWS_AT_ONCE;
        for (seq, bytes) in rows {
            self.open.extend(self.next..seq);
            match bytes.and_then(|bytes| stored::decode(&bytes).ok()) {
                Some(stored) => {
                    let stamp = Some(stored.entry.header.stamp);
                    self.note(stamp, found);
                    self.after = stamp;
                }
                None => {
                    found.remove(Key::new(Table::Entries, self.group.clone(), seq));
                    self.open.push(seq);
                }
            }
            self.next = seq + 1;
        }
        if is_end && let Some(last) = self.known.last() {
            // Before one of which it is known that it is lost there was one, if none is there now.
            self.open.extend(self.next..*last);
        }
        // As many as there are are noted at once, and the rest with those that come next.
        self.note(None, found);
        Ok(is_end)
    }

    /// To `batch`: what is lost before an entry that was written at `before`.
    fn note(&mut self, before: Option<Timestamp>, batch: &mut Batch) {
        let note = ledger::encode(&Loss { after: self.after, before });
        for seq in self.open.drain(..).filter(|seq| !self.known.contains(seq)) {
            batch.put(Key::new(Table::Lost, self.group.clone(), seq), note.clone());
        }
    }
}
