//! The logs of the content journal in the store: which there are, where they end, their entries.
//!
//! A device that signs two entries at one place makes its log branch (DESIGN 5). What came first
//! here is the log, and each further branch is one of its own, which begins at the place where it
//! differs. Nothing that is shown depends on which of them is which.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    DecodeError, DeviceId, Entry, EntryId, Frontier, JournalId, LogTips, Run, Timestamp, Tip,
    limits::{INTEGER_MAX, LOGS_MAX, RUN_ENTRIES_MAX},
};
use minicbor::{Decode, Encode};
use store::{Batch, Direction, Group, Key, Store, StoreError, Table};

use crate::{
    limits::BRANCHES_MAX,
    refused::Refused,
    stored::{self, Stored},
};

mod heads;
mod lost;
mod place;

pub use lost::{LookThrough, Loss};
pub(crate) use place::Placed;

use lost::Holes;

/// A device's content log on this node, or another branch of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Encode, Decode)]
pub struct Log {
    /// The device that signs its entries.
    #[n(0)]
    pub device: DeviceId,
    /// Which branch, in order of arrival; 0 is what came first.
    #[n(1)]
    pub branch: u16,
}

/// Where a log branches: two entries of one device that follow the same one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Branch {
    /// The branch that begins here; never 0, which is what came first.
    #[n(0)]
    pub log: Log,
    /// The branch of the same device that it parts from.
    #[n(1)]
    pub parent: u16,
    /// The place at which both have an entry.
    #[n(2)]
    pub begins: u64,
    /// The entry there of this branch.
    #[n(3)]
    pub root: EntryId,
    /// The entry there of the other one.
    #[n(4)]
    pub sibling: EntryId,
}

/// The logs of one journal: their frontier, and how to read and write them.
#[derive(Debug, Default)]
pub(crate) struct Logs {
    id: JournalId,
    tips: BTreeMap<Log, Tip>,
    branches: BTreeMap<Log, Branch>,
    /// All branches that are kept, also those that part behind a hole.
    rows: BTreeMap<Log, Branch>,
    holes: BTreeMap<Log, Holes>,
    /// The logs that the store lists, and where its lists of logs and of branches end.
    listed: BTreeSet<DeviceId>,
    next_row: (u64, u64),
    /// Devices of whose logs as many branches are kept as are kept unasked.
    full: BTreeSet<DeviceId>,
    frontier: Frontier,
}

impl From<DeviceId> for Log {
    fn from(device: DeviceId) -> Self {
        Self { device, branch: 0 }
    }
}

impl Branch {
    /// What it parts from.
    pub fn parent(&self) -> Log {
        Log { device: self.log.device, branch: self.parent }
    }
}

impl Logs {
    /// Reads from the store which logs there are and where each ends.
    pub(crate) fn open(store: &impl Store, id: JournalId) -> Result<Self, StoreError> {
        let mut logs = Self { id, ..Self::default() };
        let wrong = || damaged("a list of logs");
        for (number, device) in store.all(Table::Logs, &journal(id))? {
            let device: [u8; 32] = device.try_into().map_err(|_| wrong())?;
            logs.listed.insert(DeviceId::from_bytes(device));
            logs.next_row.0 = number + 1;
        }
        for (number, branch) in store.all(Table::Branches, &journal(id))? {
            let branch: Branch = ledger::decode(&branch).map_err(|_| wrong())?;
            logs.rows.insert(branch.log, branch);
            logs.next_row.1 = number + 1;
        }
        for device in logs.listed.clone() {
            logs.find_ends(store, device)?;
        }
        Ok(logs)
    }

    /// A look through all that the store has of the journal's logs.
    pub(crate) fn look_through(
        store: &impl Store,
        id: JournalId,
    ) -> Result<LookThrough, StoreError> {
        let wrong = || damaged("a list of logs");
        let mut logs = Vec::new();
        for (_, device) in store.all(Table::Logs, &journal(id))? {
            let device: [u8; 32] = device.try_into().map_err(|_| wrong())?;
            logs.push((entries(id, DeviceId::from_bytes(device).into()), 0));
        }
        for (_, branch) in store.all(Table::Branches, &journal(id))? {
            let branch: Branch = ledger::decode(&branch).map_err(|_| wrong())?;
            logs.push((entries(id, branch.log), branch.begins));
        }
        Ok(LookThrough::of(logs))
    }

    /// Whether of a device's log more may have been here, behind what is, than anything knows of.
    pub(crate) fn may_lack(
        &self,
        store: &impl Store,
        device: DeviceId,
        since: &Key,
    ) -> Result<bool, StoreError> {
        store.may_lack(Table::Entries, &entries(self.id, device.into()), since)
    }

    pub(crate) fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// All logs and branches, with how many entries stand before the end of each.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Log, u64)> {
        self.tips.iter().map(|(log, tip)| (*log, tip.length))
    }

    /// Those of one device.
    fn of(&self, device: DeviceId) -> impl Iterator<Item = (Log, Tip)> {
        let branches = Log { device, branch: 0 }..=Log { device, branch: u16::MAX };
        self.tips.range(branches).map(|(log, tip)| (*log, *tip))
    }

    /// The branches that came after a device's first.
    pub(crate) fn branches_of(&self, device: DeviceId) -> impl Iterator<Item = &Branch> {
        let branches = Log { device, branch: 0 }..=Log { device, branch: u16::MAX };
        self.branches.range(branches).map(|(_, branch)| branch)
    }

    /// All branches that came after the first of their device.
    pub(crate) fn branches(&self) -> impl Iterator<Item = &Branch> {
        self.branches.values()
    }

    /// Where a branch begins; none of what came first.
    pub(crate) fn branch(&self, log: &Log) -> Option<&Branch> {
        self.branches.get(log)
    }

    /// How many entries all branches of a device's log share; none where it does not fork. Of one
    /// with as many as are kept unasked it is not known how many more there are, nor where these
    /// part: then it is 0.
    pub(crate) fn stem(&self, device: DeviceId) -> Option<u64> {
        let stem = self.branches_of(device).map(|branch| branch.begins).min();
        stem.map(|stem| if self.is_full(device) { 0 } else { stem })
    }

    /// How many entries stand before the end of a branch, those before its beginning among them.
    pub(crate) fn length(&self, log: &Log) -> u64 {
        self.tips.get(log).map_or(0, |tip| tip.length)
    }

    fn begins(&self, log: &Log) -> u64 {
        self.branches.get(log).map_or(0, |branch| branch.begins)
    }

    /// Adds to `batch` what storing an entry takes that came now.
    pub(crate) fn put(&self, batch: &mut Batch, log: Log, entry: &Entry, now: Timestamp) {
        if entry.seq() == 0 && log.branch == 0 && !self.listed.contains(&log.device) {
            let key = Key::new(Table::Logs, journal(self.id), self.next_row.0);
            batch.put(key, log.device.as_bytes().to_vec());
        }
        let key = Key::new(Table::Entries, entries(self.id, log), entry.seq());
        batch.put(key, stored::encode(entry, now));
    }

    /// Adds to `batch` what keeps that a log branches.
    pub(crate) fn put_branch(&self, batch: &mut Batch, branch: &Branch) {
        let key = Key::new(Table::Branches, journal(self.id), self.next_row.1);
        batch.put(key, ledger::encode(branch));
    }

    /// Refuses what would begin one log more than a journal can have.
    pub(crate) fn must_have_room(&self, device: &DeviceId) -> Result<(), Refused> {
        let has_room = self.listed.contains(device) || self.listed.len() < LOGS_MAX;
        if has_room { Ok(()) } else { Err(Refused::TooManyLogs) }
    }

    /// A log was written that branches.
    pub(crate) fn branched(&mut self, branch: Branch) {
        self.branches.insert(branch.log, branch);
        self.rows.insert(branch.log, branch);
        self.next_row.1 += 1;
    }

    /// Entries for which there was room have been written, from this place to that entry.
    pub(crate) fn wrote(
        &mut self,
        store: &impl Store,
        log: Log,
        (first, last): (u64, &Entry),
    ) -> Result<(), StoreError> {
        if self.listed.insert(log.device) {
            self.next_row.0 += 1;
        }
        if self.has_hole(log.device) {
            self.filled(log, first..=last.seq());
            return self.find_ends(store, log.device);
        }
        self.tips.insert(log, Tip { length: last.seq() + 1, head: last.id });
        self.tell(log.device);
        Ok(())
    }

    /// Has the frontier say of a device's log where each branch ends. Of one with as many as are
    /// kept unasked nodes have different ones, so it says nothing of them: one end, of length 0.
    fn tell(&mut self, device: DeviceId) {
        if self.is_full(device) {
            self.full.insert(device);
        }
        let tips = match self.is_full(device) {
            true => vec![Tip { length: 0, head: Default::default() }],
            false => self.of(device).map(|(_, tip)| tip).collect(),
        };
        self.frontier.set_log(device, LogTips::new(tips, self.stem(device)));
    }

    /// The logs of which as many branches are kept as are kept unasked.
    pub(crate) fn full(&self) -> impl Iterator<Item = &DeviceId> {
        self.full.iter()
    }

    /// Whether as many branches of a log are kept as are kept unasked, [`BRANCHES_MAX`] beside the
    /// first, or more, which somebody asked for.
    pub(crate) fn is_full(&self, device: DeviceId) -> bool {
        self.branches_of(device).count() >= BRANCHES_MAX
    }

    /// Up to `limit` entries of one branch from `from` on, none from before it begins.
    pub(crate) fn read(
        &self,
        store: &impl Store,
        log: Log,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let stored = self.stored(store, log, from, limit)?;
        Ok(stored.into_iter().map(|stored| stored.entry).collect())
    }

    /// As [`read`](Self::read), each with when it came.
    pub(crate) fn stored(
        &self,
        store: &impl Store,
        log: Log,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        let group = entries(self.id, log);
        let numbers = from..=INTEGER_MAX;
        let found = store.scan(Table::Entries, &group, numbers, Direction::Ascending, limit)?;
        found.iter().map(|(_, bytes)| stored::decode(bytes)).collect()
    }

    /// The run from `from` on: up to and with the first entry whose signature every node keeps,
    /// or the newest. None where the log has no more.
    pub(crate) fn run(
        &self,
        store: &impl Store,
        log: Log,
        from: u64,
    ) -> Result<Option<Run>, StoreError> {
        let from = from.max(self.begins(&log));
        let left = self.length(&log).saturating_sub(from);
        let mut limit = RUN_ENTRIES_MAX.min(usize::try_from(left).unwrap_or(usize::MAX));
        // One entry is what is mostly wanted; more are read once it is known not to end a run.
        if limit > 1 {
            let first = self.read(store, log, from, 1)?;
            limit = if first.iter().any(Entry::is_anchor) { 1 } else { limit };
        }
        let mut entries = self.read(store, log, from, limit)?;
        let Some(last) = entries.iter().position(Entry::is_anchor).or(entries.len().checked_sub(1))
        else {
            return Ok(None);
        };
        entries.truncate(last + 1);
        let unsigned = |_: DecodeError| damaged("the signature of a log's newest entry");
        Run::of(&entries).map(Some).map_err(unsigned)
    }
}

fn journal(id: JournalId) -> Group {
    Group::of(&[id.as_bytes()])
}

fn entries(id: JournalId, log: Log) -> Group {
    let Log { device, branch } = log;
    match branch {
        0 => Group::of(&[id.as_bytes(), device.as_bytes()]),
        branch => Group::of(&[id.as_bytes(), device.as_bytes(), &branch.to_be_bytes()]),
    }
}

pub(crate) fn damaged(what: &str) -> StoreError {
    StoreError::Damaged { what: what.to_owned() }
}
