//! Taking a run from a peer: checked whole, stored whole, or refused by a rule.

use ledger::{DeviceId, Entry, HeaderKind, Journal, JournalId, Run, SpaceId};
use store::{Batch, Store, WriteId};

use super::{Replica, charter_body, newer::Unread};
use crate::{
    aside,
    refused::{Refused, TakeError},
};

/// What taking a run came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taken {
    /// The journal that the run is of.
    pub journal: Journal,
    /// The device whose log it is part of.
    pub device: DeviceId,
    /// How many of its entries are new here.
    pub new: u64,
    /// How many entries of the log this node has now.
    pub length: u64,
    /// The write to wait for before saying so; none where nothing is new.
    pub write: Option<WriteId>,
}

impl Replica {
    /// Verifies a run that a peer sent who is in, and stores what is new of it; what a newer
    /// version wrote is kept aside.
    pub fn take(&mut self, store: &mut impl Store, run: Run) -> Result<Taken, TakeError> {
        self.take_with(store, run, Batch::default(), true)
    }

    /// As [`Replica::take`], from a peer that is not in: for it nothing is kept aside.
    pub fn take_from_outside(
        &mut self,
        store: &mut impl Store,
        run: Run,
    ) -> Result<Taken, TakeError> {
        self.take_with(store, run, Batch::default(), false)
    }

    pub(super) fn take_with(
        &mut self,
        store: &mut impl Store,
        run: Run,
        mut extra: Batch,
        keeps_newer: bool,
    ) -> Result<Taken, TakeError> {
        let journal = Journal::of(run.journal, self.space).ok_or(Refused::OtherSpace)?;
        if run.entries.iter().any(|entry| entry.body.is_none()) {
            return Err(Refused::NoBody.into());
        }
        let device = run.device;
        let have = self.logs(journal).frontier().length(&device);
        if run.first_seq > have && self.waiting.has(journal, &device) {
            return Err(Refused::Newer { kept: None }.into());
        }
        let signed = run.clone();
        let entries = run.open().map_err(Refused::Run)?;
        if entries[0].header.is_genesis() && SpaceId::from(entries[0].id) != self.space {
            return Err(Refused::OtherSpace.into());
        }
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
        self.logs(journal).must_have_room(&device)?;
        let checked = match journal {
            Journal::Charter => match self.check_charter(new) {
                Err(Refused::Newer { .. }) if keeps_newer => {
                    let kept = self.keep_newer_items(store, &signed)?;
                    return Err(Refused::Newer { kept }.into());
                }
                checked => checked?,
            },
            Journal::Content => self.check_content(device, new)?,
        };
        extra.append(self.waiting.passed(self.space, (journal, device), have + count));
        let write = self.store(store, journal, checked, extra)?;
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

    /// A charter entry has the header of this version, and items of a newer one: its log waits. It
    /// was opened, and goes on from what is here.
    fn keep_newer_items(
        &mut self,
        store: &mut impl Store,
        run: &Run,
    ) -> Result<Option<WriteId>, TakeError> {
        if self.waiting.has(Journal::Charter, &run.device) {
            return Ok(None);
        }
        let unread = Unread {
            journal: Journal::Charter,
            device: run.device,
            first_seq: run.first_seq,
            // A charter entry is an anchor, so its run has no other.
            newer_seq: run.first_seq,
            backlink: run.backlink,
        };
        self.may_wait(&unread, run.journal == JournalId::GENESIS)?;
        self.wait(store, &unread, run.encode())
    }

    fn check_charter(&mut self, entries: Vec<Entry>) -> Result<Vec<Checked>, Refused> {
        // Each charter entry is an anchor, so a run of them has one.
        let mut check = |entry: Entry| {
            let body = charter_body(&entry)?;
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
