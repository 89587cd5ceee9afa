//! Taking a run from a peer: checked whole, stored whole, or refused by a rule.

use ledger::{DeviceId, Entry, EntryId, HeaderKind, Journal, Run};
use store::{Batch, Store, WriteId};

use super::Replica;
use crate::{
    logs::Log,
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
    /// Whether the author's share is used up: of a charter entry that is new, it is taken only once
    /// another device names it.
    pub is_over_share: bool,
    /// Whether a further branch is begun of a content log of which as many are kept as are kept
    /// unasked: it may hold what something here waits for.
    pub may_branch: bool,
}

impl Door {
    /// The door of a peer that is in, for everything that has not ended.
    pub const MEMBER: Self =
        Self { is_in: true, keeps_guest: true, is_over_share: false, may_branch: false };
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
    /// Whether anything of the run was not known here before, taken or not.
    pub is_news: bool,
    /// Whether something is new of a content log behind its stem, which no length says.
    pub is_behind_stem: bool,
    /// The branch of a content log that it began, beyond those that are kept unasked.
    pub wanted: Option<Log>,
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
            Journal::Content => self.take_content(store, run, extra, door),
        }
    }

    fn take_content(
        &mut self,
        store: &mut impl Store,
        run: Run,
        mut extra: Batch,
        door: Door,
    ) -> Result<Taken, TakeError> {
        let (journal, device) = (Journal::Content, run.device);
        if run.first_seq > self.longest(&device) && self.waiting.has(journal, &device) {
            return Err(Refused::Newer { kept: None }.into());
        }
        // Of what is past the bound others have more than is here, which is no gap.
        if run.first_seq >= self.longest(&device) {
            self.must_not_be_past_end(&device, run.first_seq)?;
        }
        let mut entries = run.open().map_err(Refused::Run)?;
        let placed = self.content.place(store, &entries, door.may_branch)?;
        let wanted = placed.begins.map(|branch| branch.log);
        let wanted = wanted.filter(|log| self.content.is_full(log.device));
        let new = entries.split_off(placed.known);
        let write = match new.last() {
            None => None,
            Some(last) => {
                self.content.must_have_room(&device)?;
                self.check_content(device, &new)?;
                if placed.begins.is_none() {
                    self.content.must_lead_on(store, placed.log, &new)?;
                }
                let passed = self.waiting.passed(self.space, (journal, device), last.seq() + 1);
                extra.append(passed);
                Some(self.store_content(store, placed, &new, extra)?)
            }
        };
        let length = self.content.frontier().length(&device);
        Ok(Taken {
            journal,
            device,
            new: new.len() as u64,
            length,
            write,
            lengths: vec![(device, length)],
            entry: None,
            is_guest: false,
            is_news: !new.is_empty(),
            is_behind_stem: new.last().is_some_and(|last| last.seq() >= length),
            wanted,
        })
    }

    fn check_content(&self, device: DeviceId, entries: &[Entry]) -> Result<(), Refused> {
        if !self.roll.knows(&device) {
            return Err(Refused::UnknownDevice);
        }
        // No run has entries on both sides of the bound.
        entries.first().map_or(Ok(()), |first| self.must_not_be_past_end(&device, first.seq()))?;
        let is_content = |entry: &Entry| matches!(entry.header.kind, HeaderKind::Content(_));
        if !entries.iter().all(is_content) {
            return Err(Refused::OtherSpace);
        }
        Ok(())
    }
}
