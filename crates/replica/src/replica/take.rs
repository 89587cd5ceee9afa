//! Taking a run from a peer: checked whole, stored whole, or refused by a rule.

use ledger::{DeviceId, Entry, EntryId, HeaderKind, Journal, Run};
use store::{Batch, Store, WriteId};

use super::Replica;
use crate::{
    aside,
    refused::{Refused, TakeError},
};

/// What a run's sender may have kept here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Door {
    /// Whether they are in: what a newer version wrote is kept aside for them only.
    pub is_in: bool,
    /// Whether a knock in the run may be a guest's: its ticket has not ended by this node's clock.
    /// One that may not can still be taken in by what names it.
    pub keeps_guest: bool,
}

impl Door {
    /// The door of a peer that is in, for everything that has not ended.
    pub const MEMBER: Self = Self { is_in: true, keeps_guest: true };
}

/// What taking a run came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// The journal that the run is of.
    pub journal: Journal,
    /// The device whose log it is part of.
    pub device: DeviceId,
    /// How many entries are new here: in the charter others may be that were waiting for it.
    pub new: u64,
    /// How many entries of the log this node has now.
    pub length: u64,
    /// The write to wait for before saying so; none where nothing is new.
    pub write: Option<WriteId>,
    /// The logs that grew by it, the run's own among them, with their lengths.
    pub lengths: Vec<(DeviceId, u64)>,
    /// The entry, if it is the charter's: each run there has one.
    pub entry: Option<EntryId>,
    /// Whether it is beside the charter from now on, somebody's knock or card.
    pub is_guest: bool,
}

impl Replica {
    /// Verifies a run that a peer sent, and stores what is new of it.
    pub fn take(
        &mut self,
        store: &mut impl Store,
        run: Run,
        door: Door,
    ) -> Result<Taken, TakeError> {
        self.take_with(store, run, Batch::default(), door)
    }

    pub(super) fn take_with(
        &mut self,
        store: &mut impl Store,
        run: Run,
        extra: Batch,
        door: Door,
    ) -> Result<Taken, TakeError> {
        let journal = Journal::of(run.journal, self.space).ok_or(Refused::OtherSpace)?;
        if run.entries.iter().any(|entry| entry.body.is_none()) {
            return Err(Refused::NoBody.into());
        }
        match journal {
            Journal::Charter => self.take_charter(store, run, extra, door),
            Journal::Content => self.take_content(store, run, extra),
        }
    }

    fn take_content(
        &mut self,
        store: &mut impl Store,
        run: Run,
        mut extra: Batch,
    ) -> Result<Taken, TakeError> {
        let (journal, device) = (Journal::Content, run.device);
        let have = self.content.frontier().length(&device);
        if run.first_seq > have && self.waiting.has(journal, &device) {
            return Err(Refused::Newer { kept: None }.into());
        }
        let signed = run.clone();
        let entries = run.open().map_err(Refused::Run)?;
        if entries[0].seq() > have {
            return Err(Refused::Gap { first: entries[0].seq(), have }.into());
        }
        if self.forks(store, &entries)? {
            self.keep_aside(store, &signed)?;
            return Err(Refused::Fork.into());
        }
        let new: Vec<_> = entries.into_iter().filter(|entry| entry.seq() >= have).collect();
        let (count, taken) = (new.len() as u64, have + new.len() as u64);
        let lengths = vec![(device, taken)];
        if count == 0 {
            let write = None;
            return Ok(Taken {
                journal,
                device,
                new: 0,
                length: have,
                write,
                lengths,
                entry: None,
                is_guest: false,
            });
        }
        self.content.must_have_room(&device)?;
        self.check_content(device, &new)?;
        extra.append(self.waiting.passed(self.space, (journal, device), taken));
        let write = Some(self.store_content(store, &new, extra)?);
        let (entry, is_guest) = (None, false);
        Ok(Taken { journal, device, new: count, length: taken, write, lengths, entry, is_guest })
    }

    /// Whether an entry stands where another one stands here, or follows one that does.
    fn forks(&self, store: &impl Store, entries: &[Entry]) -> Result<bool, store::StoreError> {
        let logs = &self.content;
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

    fn keep_aside(&mut self, store: &mut impl Store, run: &Run) -> Result<(), store::StoreError> {
        let mut batch = Batch::default();
        if aside::keep(&self.asides, Journal::Content.id(self.space), run, &mut batch) {
            store.write(batch)?;
            self.asides.push(aside::Aside { device: run.device, seq: run.first_seq });
        }
        Ok(())
    }

    fn check_content(&self, device: DeviceId, entries: &[Entry]) -> Result<(), Refused> {
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
        Ok(())
    }
}
