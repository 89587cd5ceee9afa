//! The logs of one journal in the store: which there are, where they end, their entries.

use ledger::{
    DecodeError, DeviceId, Entry, Frontier, JournalId, Run, Tip,
    limits::{INTEGER_MAX, LOGS_MAX, RUN_ENTRIES_MAX},
};
use store::{Batch, Direction, Group, Key, Store, StoreError, Table};

use crate::{refused::Refused, stored};

/// The logs of one journal: their frontier, and how to read and write them.
#[derive(Debug)]
pub(crate) struct Logs {
    id: JournalId,
    frontier: Frontier,
}

impl Logs {
    /// Reads from the store which logs there are and where each ends.
    pub(crate) fn open(store: &impl Store, id: JournalId) -> Result<Self, StoreError> {
        let mut frontier = Frontier::default();
        let wrong = || damaged("a list of logs");
        for (_, device) in store.all(Table::Logs, &logs(id))? {
            let device: [u8; 32] = device.try_into().map_err(|_| wrong())?;
            let device = DeviceId::from_bytes(device);
            let (group, all) = (entries(id, device), 0..=u64::MAX);
            let last = store.scan(Table::Entries, &group, all, Direction::Descending, 1)?;
            if let Some((seq, bytes)) = last.into_iter().next() {
                let head = stored::decode(&bytes)?.id;
                let tip = Tip { length: seq + 1, head };
                frontier.set(device, tip).map_err(|_| wrong())?;
            }
        }
        Ok(Self { id, frontier })
    }

    pub(crate) fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Adds to `batch` what storing an entry takes.
    pub(crate) fn put(&self, batch: &mut Batch, entry: &Entry) {
        let device = entry.device();
        if entry.seq() == 0 {
            let key = Key::new(Table::Logs, logs(self.id), self.frontier.logs() as u64);
            batch.put(key, device.as_bytes().to_vec());
        }
        let key = Key::new(Table::Entries, entries(self.id, device), entry.seq());
        batch.put(key, stored::encode(entry));
    }

    /// Refuses what would begin one log more than a journal can have.
    pub(crate) fn must_have_room(&self, device: &DeviceId) -> Result<(), Refused> {
        let is_there = self.frontier.tip(device).is_some();
        let has_room = is_there || self.frontier.logs() < LOGS_MAX;
        if has_room { Ok(()) } else { Err(Refused::TooManyLogs) }
    }

    /// An entry for which there was room has been written.
    pub(crate) fn wrote(&mut self, entry: &Entry) {
        let tip = Tip { length: entry.seq() + 1, head: entry.id };
        // INVARIANT: whoever writes an entry has asked whether its log has room.
        #[expect(clippy::expect_used, reason = "it was asked for")]
        self.frontier.set(entry.device(), tip).expect("there is room for its log");
    }

    /// Up to `limit` entries of one log from `from` on.
    pub(crate) fn read(
        &self,
        store: &impl Store,
        device: DeviceId,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let group = entries(self.id, device);
        let numbers = from..=INTEGER_MAX;
        let found = store.scan(Table::Entries, &group, numbers, Direction::Ascending, limit)?;
        found.iter().map(|(_, bytes)| stored::decode(bytes)).collect()
    }

    /// The run from `from` on: up to and with the first entry whose signature every node keeps,
    /// or the newest. None where the log has no more.
    pub(crate) fn run(
        &self,
        store: &impl Store,
        device: DeviceId,
        from: u64,
    ) -> Result<Option<Run>, StoreError> {
        let left = self.frontier.length(&device).saturating_sub(from);
        let mut limit = RUN_ENTRIES_MAX.min(usize::try_from(left).unwrap_or(usize::MAX));
        // One entry is what is mostly wanted; more are read once it is known not to end a run.
        if limit > 1 {
            let first = self.read(store, device, from, 1)?;
            limit = if first.iter().any(Entry::is_anchor) { 1 } else { limit };
        }
        let mut entries = self.read(store, device, from, limit)?;
        let Some(last) = entries.iter().position(Entry::is_anchor).or(entries.len().checked_sub(1))
        else {
            return Ok(None);
        };
        entries.truncate(last + 1);
        let unsigned = |_: DecodeError| damaged("the signature of a log's newest entry");
        Run::of(&entries).map(Some).map_err(unsigned)
    }
}

pub(crate) fn logs(journal: JournalId) -> Group {
    Group::of(&[journal.as_bytes()])
}

pub(crate) fn entries(journal: JournalId, device: DeviceId) -> Group {
    Group::of(&[journal.as_bytes(), device.as_bytes()])
}

pub(crate) fn damaged(what: &str) -> StoreError {
    StoreError::Damaged { what: what.to_owned() }
}
