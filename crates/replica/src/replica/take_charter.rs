//! Taking charter entries: judged by their own past, taken when nothing is lost by it (DESIGN 5
//! *Forks*), beside the charter until then.

use ledger::{
    DeviceId, Entry, EntryId, Journal, JournalId, Run, SpaceId,
    charter_items::{CharterBody, CharterItem},
};
use store::{Batch, Store, StoreError, WriteId};

use super::{Changes, Door, Replica, Taken, charter_body, newer::Unread};
use crate::refused::{Refused, TakeError};

impl Replica {
    pub(super) fn take_charter(
        &mut self,
        store: &mut impl Store,
        run: Run,
        extra: Batch,
        door: Door,
    ) -> Result<Taken, TakeError> {
        let signed = run.clone();
        // A charter entry is an anchor, so its run has no other.
        let entry = run.open().map_err(Refused::Run)?.swap_remove(0);
        if entry.header.is_genesis() && SpaceId::from(entry.id) != self.space {
            return Err(Refused::OtherSpace.into());
        }
        let is_here = self.charter.knows_entry(&entry.id)
            && (self.heard.get(&entry.id).is_some()
                || self.guests.of_entry(&entry.id).is_some()
                || self.charter.has_entry(&entry.id));
        if is_here {
            // It was heard when nothing could be written.
            let changes = match self.charter.is_fresh() {
                true => self.settle_with(store, false, extra)?,
                false => Changes::default(),
            };
            let new = changes.taken as u64;
            return Ok(Taken { is_news: false, ..self.taken(&entry, changes, new) });
        }
        if door.is_over_share {
            let device = entry.device();
            let length = self.charter.frontier().length(&device);
            self.charter.hold_back(device, Some(length));
        }
        let learned = self.learn_from(store, &entry)?;
        match self.hear(&entry) {
            Ok(()) => self.take_heard(store, entry, extra, door, learned),
            Err(refused) => {
                if learned.is_some() {
                    self.settle(store, false)?;
                }
                self.not_heard(store, refused, &signed, door)
            }
        }
    }

    /// Judges an entry, and lets others name it.
    pub(super) fn hear(&mut self, entry: &Entry) -> Result<(), Refused> {
        // What is missing is no fault of who sent it, whatever this entry says.
        if !self.charter.has_past(entry) {
            return Err(Refused::Charter(charter::Refused::Past));
        }
        let body = charter_body(entry)?;
        self.charter.hear(entry, body).map_err(Refused::Charter)
    }

    fn take_heard(
        &mut self,
        store: &mut impl Store,
        entry: Entry,
        extra: Batch,
        door: Door,
        learned: Option<WriteId>,
    ) -> Result<Taken, TakeError> {
        if let Some(guest) = self.guest(&entry, door) {
            let mut batch = extra;
            guest.keep(self.space, &mut batch)?;
            // Whoever names it finds it, if nothing can be written now.
            self.heard.add(entry.clone());
            let write = store.write(batch)?;
            self.written = self.written.max(Some(write));
            self.heard.remove(&entry.id);
            self.guests.add(guest);
            let changes = Changes { write: Some(write), ..Changes::default() };
            return Ok(self.taken(&entry, changes, 1));
        }
        self.heard.add(entry.clone());
        let length = entry.seq() + 1;
        let log = (Journal::Charter, entry.device());
        let mut batch = extra;
        batch.append(self.waiting.passed(self.space, log, length));
        let mut changes = self.settle_with(store, false, batch)?;
        changes.write = changes.write.max(learned);
        let new = changes.taken as u64;
        self.forget_flood(store)?;
        Ok(self.taken(&entry, changes, new))
    }

    fn taken(&self, entry: &Entry, changes: Changes, new: u64) -> Taken {
        let device = entry.device();
        // Of a guest nothing is promised: it goes when its ticket ends.
        let length = self.charter.frontier().length(&device);
        let Changes { write, mut lengths, .. } = changes;
        if length > entry.seq() && lengths.iter().all(|(log, _)| *log != device) {
            lengths.push((device, length));
        }
        let is_guest = self.guests.of_entry(&entry.id).is_some();
        let (journal, entry) = (Journal::Charter, Some(entry.id));
        let (is_news, is_behind_stem) = (true, false);
        Taken {
            journal,
            device,
            new,
            length,
            write,
            lengths,
            entry,
            is_guest,
            is_news,
            is_behind_stem,
            wanted: None,
        }
    }

    /// Why an entry is not taken; what a newer version wrote is kept aside.
    fn not_heard(
        &mut self,
        store: &mut impl Store,
        refused: Refused,
        signed: &Run,
        door: Door,
    ) -> Result<Taken, TakeError> {
        match refused {
            Refused::Newer { .. } if door.is_in => {
                let kept = self.keep_newer_items(store, signed)?;
                Err(Refused::Newer { kept }.into())
            }
            Refused::Charter(charter::Refused::Past)
                if self.waiting.has(Journal::Charter, &signed.device) =>
            {
                Err(Refused::Newer { kept: None }.into())
            }
            refused => Err(refused.into()),
        }
    }

    /// A charter entry that is taken, or a guest's, as it travels.
    pub fn known_run(&self, store: &impl Store, id: &EntryId) -> Result<Option<Run>, StoreError> {
        match (self.entries.place(id), self.guests.of_entry(id)) {
            (Some(n), _) => self.entries.run(store, n),
            (None, Some(guest)) => Ok(guest
                .runs()
                .into_iter()
                .find(|run| run.first_seq == u64::from(guest.knock.id != *id))),
            (None, None) => Ok(None),
        }
    }

    /// Whether the length of its log says that a charter entry is here.
    pub fn is_before_stem(&self, arrival: &crate::Arrival) -> bool {
        arrival.seq < self.charter.stem(&arrival.device)
    }

    /// The charter entries that nobody has who has these, in order of arrival.
    /// Of the logs of `later` only what another one's has in its past.
    pub fn charter_lacking(
        &self,
        heads: impl IntoIterator<Item = EntryId>,
        later: impl Fn(&DeviceId) -> bool,
    ) -> Vec<EntryId> {
        let mut lacking = self.charter.lacking(heads, later);
        lacking.sort_by_key(|id| self.entries.place(id));
        lacking
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
            newer_seq: run.first_seq,
            backlink: run.backlink,
        };
        self.may_wait(&unread, run.journal == JournalId::GENESIS)?;
        self.wait(store, &unread, run.encode())
    }
}

/// The knocks that these items propose to admit.
pub(super) fn admitted(items: &CharterBody) -> impl Iterator<Item = EntryId> {
    items.iter().filter_map(|item| match item {
        CharterItem::Propose(propose) => match &propose.act {
            ledger::charter_items::Act::Admit(admit) => Some(admit.knock),
            _ => None,
        },
        _ => None,
    })
}
