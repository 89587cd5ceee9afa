//! Logs that wait for a newer version of this program.
//!
//! A run with an entry that is well formed and that this version cannot read is checked as far as
//! any version can (chain, bodies, signature, whose device it is), and its bytes are kept for the
//! version that can: one run a log, and of so many logs. The log waits there: nothing behind that
//! entry is taken. Who sent it is not blamed, and has no receipt (DESIGN 6).
//!
//! What this version can read and goes on from what is here is taken all the same, at the very
//! place too. It is another branch, and without it an author could hold up one node's charter for
//! good, by showing it something "newer" where all others were shown an entry that they build on.

use std::collections::BTreeMap;

use ledger::{
    DecodeError, DeviceId, Entry, Journal, NewerRun, Run, SpaceId, charter_items::CharterBody,
};
use store::{Batch, Direction, Group, Key, Store, StoreError, Table};

use crate::limits::NEWER_KEPT_MAX;

/// The logs of one space that wait, and what is kept of them.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// Each with the place of its first entry that cannot be read, and with the number under which
    /// its run is kept, if it is.
    logs: BTreeMap<(Journal, DeviceId), (u64, Option<u64>)>,
    /// The numbers under which runs are kept.
    kept: Vec<u64>,
    /// Runs that were kept and that this version can read, by their numbers.
    pub(crate) ready: Vec<(u64, Run)>,
}

impl Waiting {
    /// Reads what is kept of a space.
    pub(crate) fn open(store: &impl Store, space: SpaceId) -> Result<Self, StoreError> {
        let mut waiting = Self::default();
        let (all, order) = (0..=u64::MAX, Direction::Ascending);
        for (number, bytes) in store.scan(Table::Newer, &group(space), all, order, usize::MAX)? {
            waiting.kept.push(number);
            match Kept::decode(&bytes) {
                Some(Kept::Readable(run)) => waiting.ready.push((number, run)),
                Some(Kept::Newer(journal, device, seq)) => {
                    let journal = Journal::of(journal, space);
                    let log = journal.map(|journal| ((journal, device), (seq, Some(number))));
                    waiting.logs.extend(log);
                }
                // Its place is used again.
                None => _ = waiting.kept.pop(),
            }
        }
        Ok(waiting)
    }

    /// Whether a log waits.
    pub(crate) fn has(&self, journal: Journal, device: &DeviceId) -> bool {
        self.logs.contains_key(&(journal, *device))
    }

    /// A log is about to have `length` entries: if that is past the place at which it waits, it
    /// went on in another branch, and waits no longer. What forgets the run of this one.
    pub(crate) fn passed(
        &mut self,
        space: SpaceId,
        log: (Journal, DeviceId),
        length: u64,
    ) -> Batch {
        match self.logs.get(&log).copied() {
            Some((seq, number)) if seq < length => {
                self.logs.remove(&log);
                number.map(|number| self.forget(space, number)).unwrap_or_default()
            }
            _ => Batch::default(),
        }
    }

    /// The logs that wait.
    pub(crate) fn logs(&self) -> impl Iterator<Item = (Journal, DeviceId)> {
        self.logs.keys().copied()
    }

    /// Has a log wait at `seq`. What keeps its run; nothing where as many are kept as can be: then
    /// it is asked for again after a start.
    pub(crate) fn wait(
        &mut self,
        space: SpaceId,
        log: (Journal, DeviceId),
        seq: u64,
        run: Vec<u8>,
    ) -> Batch {
        let (mut batch, mut all) = (Batch::default(), 0..NEWER_KEPT_MAX as u64);
        let free = all.find(|number| !self.kept.contains(number));
        self.logs.insert(log, (seq, free));
        if let Some(number) = free {
            self.kept.push(number);
            batch.put(key(space, number), run);
        }
        batch
    }

    /// A run is kept after all.
    pub(crate) fn keep(&mut self, number: u64) {
        self.kept.push(number);
    }

    /// What forgets a run that was kept.
    pub(crate) fn forget(&mut self, space: SpaceId, number: u64) -> Batch {
        self.kept.retain(|kept| *kept != number);
        let mut batch = Batch::default();
        batch.remove(key(space, number));
        batch
    }
}

/// What stored bytes are to this version.
enum Kept {
    Readable(Run),
    Newer(ledger::JournalId, DeviceId, u64),
}

impl Kept {
    fn decode(bytes: &[u8]) -> Option<Self> {
        match Run::decode(bytes) {
            Ok(run) => Some(match newer_seq(&run) {
                Some(seq) => Self::Newer(run.journal, run.device, seq),
                None => Self::Readable(run),
            }),
            Err(DecodeError::Newer) => {
                let run = NewerRun::decode(bytes).ok()?;
                Some(Self::Newer(run.journal(), run.device(), run.newer_seq()))
            }
            Err(_) => None,
        }
    }
}

/// The place of the first charter entry in a run whose items are from a newer version.
fn newer_seq(run: &Run) -> Option<u64> {
    let is_newer = |entry: &Entry| {
        let is_charter = matches!(entry.header.kind, ledger::HeaderKind::Charter(_));
        let body = entry.body.as_deref().filter(|_| is_charter);
        let read = body.map(ledger::decode::<CharterBody>);
        matches!(read, Some(Err(DecodeError::Newer)))
    };
    let entries = run.clone().open().ok()?;
    entries.iter().find(|entry| is_newer(entry)).map(Entry::seq)
}

fn group(space: SpaceId) -> Group {
    Group::of(&[space.as_bytes()])
}

fn key(space: SpaceId, number: u64) -> Key {
    Key::new(Table::Newer, group(space), number)
}
