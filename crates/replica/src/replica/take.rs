//! Taking a run from a peer: checked whole, stored whole, or refused by a rule.

use ledger::{DeviceId, Entry, HeaderKind, Journal, Run, SpaceId, limits::LOGS_MAX};
use store::{Batch, Store, WriteId};

use super::{Replica, charter_body};
use crate::{
    aside,
    refused::{Refused, TakeError},
};

/// What taking a run came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taken {
    /// Of which journal.
    pub journal: Journal,
    /// Whose log.
    pub device: DeviceId,
    /// How many of its entries are new here.
    pub new: u64,
    /// How many entries of the log this node has now.
    pub length: u64,
    /// The write to wait for before saying so; none where nothing is new.
    pub write: Option<WriteId>,
}

impl Replica {
    /// Verifies a run that a peer sent and stores what is new of it.
    pub fn take(&mut self, store: &mut impl Store, run: Run) -> Result<Taken, TakeError> {
        let journal = Journal::of(run.journal, self.space).ok_or(Refused::OtherSpace)?;
        if run.entries.iter().any(|entry| entry.body.is_none()) {
            return Err(Refused::NoBody.into());
        }
        let (device, signed) = (run.device, run.clone());
        let entries = run.open().map_err(Refused::Run)?;
        if entries[0].header.is_genesis() && SpaceId::from(entries[0].id) != self.space {
            return Err(Refused::OtherSpace.into());
        }
        let have = self.logs(journal).frontier().length(&device);
        if entries[0].seq() > have {
            return Err(Refused::Gap { first: entries[0].seq(), have }.into());
        }
        if self.forks(store, journal, &entries)? {
            self.keep_aside(store, journal, &signed)?;
            return Err(Refused::Fork.into());
        }
        let new: Vec<_> = entries.into_iter().filter(|entry| entry.seq() >= have).collect();
        let count = new.len() as u64;
        if count == 0 {
            return Ok(Taken { journal, device, new: 0, length: have, write: None });
        }
        if have == 0 && self.logs(journal).frontier().logs() >= LOGS_MAX {
            return Err(Refused::TooManyLogs.into());
        }
        let checked = match journal {
            Journal::Charter => self.check_charter(new)?,
            Journal::Content => self.check_content(device, new)?,
        };
        let write = self.store(store, journal, checked, Batch::default())?;
        Ok(Taken { journal, device, new: count, length: have + count, write: Some(write) })
    }

    /// Whether an entry stands where another one stands here, or follows one that does.
    fn forks(
        &self,
        store: &impl Store,
        journal: Journal,
        entries: &[Entry],
    ) -> Result<bool, store::StoreError> {
        let logs = self.logs(journal);
        let device = entries[0].device();
        let Some(tip) = logs.frontier().tip(&device) else { return Ok(false) };
        if entries[0].seq() == tip.length {
            return Ok(entries[0].header.backlink != Some(tip.head));
        }
        // The chain makes the last common place tell for all before it.
        let last = (tip.length - entries[0].seq()).min(entries.len() as u64) as usize - 1;
        let here = if entries[last].seq() + 1 == tip.length {
            Some(tip.head)
        } else {
            logs.read(store, device, entries[last].seq(), 1)?.first().map(|entry| entry.id)
        };
        Ok(here != Some(entries[last].id))
    }

    fn keep_aside(
        &mut self,
        store: &mut impl Store,
        journal: Journal,
        run: &Run,
    ) -> Result<(), store::StoreError> {
        let known = &mut self.asides[journal as usize];
        let mut batch = Batch::default();
        if aside::keep(known, journal.id(self.space), run, &mut batch) {
            store.write(batch)?;
            known.push(aside::Aside { device: run.device, seq: run.first_seq });
        }
        Ok(())
    }

    fn check_charter(&mut self, entries: Vec<Entry>) -> Result<Vec<Checked>, Refused> {
        // Each charter entry is an anchor, so a run of them has one.
        let mut check = |entry: Entry| {
            let body = charter_body(&entry).ok_or(Refused::CharterBody)?;
            self.charter.check(&entry, &body)?;
            Ok((entry, Some(body)))
        };
        entries.into_iter().map(&mut check).collect()
    }

    fn check_content(
        &self,
        device: DeviceId,
        entries: Vec<Entry>,
    ) -> Result<Vec<Checked>, Refused> {
        if !self.roll.knows(&device) {
            return Err(Refused::UnknownDevice);
        }
        // No run has entries on both sides of the bound.
        let max = self.content_length_max(&device);
        if entries.first().is_some_and(|first| first.seq() >= max) {
            let end = self.roll.ends.get(&device).map_or(0, |end| end.length);
            return Err(Refused::PastEnd { end });
        }
        let is_content = |entry: &Entry| matches!(entry.header.kind, HeaderKind::Content(_));
        if !entries.iter().all(is_content) {
            return Err(Refused::OtherSpace);
        }
        Ok(entries.into_iter().map(|entry| (entry, None)).collect())
    }
}

type Checked = (Entry, Option<ledger::charter_items::CharterBody>);
