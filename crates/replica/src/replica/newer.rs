//! Runs from a newer version: kept aside, and taken once this program can read them.

use ledger::{DeviceId, EntryId, Journal, NewerRun, SpaceId, limits::LOGS_MAX};
use store::{Batch, Store, StoreError, WriteId};

use super::{Door, Replica};
use crate::refused::{Refused, TakeError};

/// A log's run that cannot be read, as far as it was worked out.
pub(super) struct Unread {
    pub(super) journal: Journal,
    pub(super) device: DeviceId,
    pub(super) first_seq: u64,
    /// The place of the first entry that cannot be read.
    pub(super) newer_seq: u64,
    pub(super) backlink: Option<EntryId>,
}

impl Replica {
    /// Logs that wait for a newer version of this program, charter first.
    pub fn newer_logs(&self) -> impl Iterator<Item = (Journal, DeviceId)> {
        self.waiting.logs()
    }

    /// Takes notice of a run with headers of a newer version, from a peer that is in: once it is
    /// verified it is kept aside and its log waits. The write is what keeps it, if it is kept.
    pub fn keep_newer(
        &mut self,
        store: &mut impl Store,
        run: &NewerRun,
    ) -> Result<Option<WriteId>, TakeError> {
        let journal = Journal::of(run.journal(), self.space).ok_or(Refused::OtherSpace)?;
        if !run.has_bodies() {
            return Err(Refused::NoBody.into());
        }
        let unread = Unread {
            journal,
            device: run.device(),
            first_seq: run.first_seq(),
            newer_seq: run.newer_seq(),
            backlink: run.backlink(),
        };
        if self.waiting.has(journal, &unread.device) {
            return Ok(None);
        }
        let is_genesis = run.journal() == ledger::JournalId::GENESIS;
        // Before the signature, so that it costs nothing to refuse what has no place here.
        self.may_wait(&unread, is_genesis)?;
        let ids = run.verify().map_err(Refused::Run)?;
        if is_genesis && ids.first().map(|id| SpaceId::from(*id)) != Some(self.space) {
            return Err(Refused::OtherSpace.into());
        }
        self.goes_on(&unread, &ids)?;
        self.wait(store, &unread, run.bytes().to_vec())
    }

    /// Takes what was kept aside and can be read by now. The write to wait for, if there is one.
    /// What still lacks its past is left for the next start, and for peers to send again.
    pub fn retry_newer(&mut self, store: &mut impl Store) -> Result<Option<WriteId>, StoreError> {
        let (mut ready, mut last) = (std::mem::take(&mut self.waiting.ready), None);
        let door = Door { is_in: false, keeps_guest: false, ..Door::MEMBER };
        loop {
            let (before, mut tried) = (ready.len(), std::mem::take(&mut ready).into_iter());
            while let Some((number, run)) = tried.next() {
                let forget = self.waiting.forget(self.space, number);
                let refused = match self.take_with(store, run.clone(), forget.clone(), door) {
                    Ok(taken) if taken.write.is_some() => {
                        last = taken.write.max(last);
                        None
                    }
                    Err(TakeError::Refused(Refused::Charter(charter::Refused::Past))) => {
                        self.waiting.keep(number);
                        ready.push((number, run));
                        continue;
                    }
                    Ok(_) | Err(TakeError::Refused(_)) => match store.write(forget) {
                        Ok(write) => {
                            last = Some(write);
                            None
                        }
                        Err(error) => Some(error),
                    },
                    Err(TakeError::Store(error)) => Some(error),
                };
                // It is tried again with the rest.
                if let Some(error) = refused {
                    self.waiting.keep(number);
                    ready.push((number, run));
                    self.waiting.ready = ready.into_iter().chain(tried).collect();
                    return Err(error);
                }
            }
            if ready.len() == before {
                return Ok(last);
            }
        }
    }

    /// Whether a log may wait at all: only a device's that the roll knows, so that nobody can fill
    /// the store by making keys, and the genesis, of which there is one.
    pub(super) fn may_wait(&self, unread: &Unread, is_genesis: bool) -> Result<(), Refused> {
        if !is_genesis && !self.roll.knows(&unread.device) {
            return Err(Refused::UnknownDevice);
        }
        let frontier = self.frontier(unread.journal);
        let have = frontier.tip(&unread.device).map_or(0, |tip| tip.length);
        if unread.first_seq > have {
            return Err(Refused::Gap { first: unread.first_seq, have });
        }
        if have == 0 && frontier.logs() >= LOGS_MAX {
            return Err(Refused::TooManyLogs);
        }
        let is_content = unread.journal == Journal::Content;
        if is_content {
            self.must_not_be_past_end(&unread.device, unread.first_seq)
        } else {
            Ok(())
        }
    }

    /// Whether the run goes on from what is here; else it is another branch.
    fn goes_on(&self, unread: &Unread, ids: &[EntryId]) -> Result<(), Refused> {
        let tip = self.frontier(unread.journal).tip(&unread.device);
        let Some(tip) = tip else { return Ok(()) };
        let before = match usize::try_from(tip.length - unread.first_seq) {
            Ok(0) => unread.backlink,
            Ok(shared) => ids.get(shared - 1).copied(),
            Err(_) => None,
        };
        let is_behind = unread.newer_seq < tip.length;
        if is_behind || before != Some(tip.head) { Err(Refused::Fork) } else { Ok(()) }
    }

    /// Has the log wait, and keeps the run if there is room.
    pub(super) fn wait(
        &mut self,
        store: &mut impl Store,
        unread: &Unread,
        run: Vec<u8>,
    ) -> Result<Option<WriteId>, TakeError> {
        let log = (unread.journal, unread.device);
        let batch: Batch = self.waiting.wait(self.space, log, unread.newer_seq, run);
        if batch.is_empty() { Ok(None) } else { Ok(Some(store.write(batch)?)) }
    }
}
