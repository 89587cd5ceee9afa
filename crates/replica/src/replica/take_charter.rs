//! Taking charter entries: judged by their own past, taken when nothing is lost by it (DESIGN 5
//! *Forks*), beside the charter until then.

use charter::{KnockState, Settled};
use ledger::{
    DeviceId, Entry, EntryId, ForkProof, Journal, JournalId, Run, SpaceId,
    charter_items::{CharterBody, CharterItem},
    limits::LOGS_MAX,
};
use store::{Batch, Store, StoreError, WriteId};

use super::{Door, Replica, Taken, charter_body, newer::Unread, read_charter};
use crate::{
    guests::Guest,
    proofs,
    refused::{Refused, TakeError},
};

/// What settling a charter changed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Changes {
    /// The write to wait for before saying so; none where nothing was written.
    pub write: Option<WriteId>,
    /// Entries that are taken from now on.
    pub taken: usize,
    /// The logs in which something was taken, with what is to be said of them: how long each is.
    pub lengths: Vec<(DeviceId, u64)>,
    /// Entries that this home let go of.
    pub gone: usize,
}

impl Replica {
    /// Whether something that is taken would be lost by what came, so that this home is to name it
    /// first, or let go of it: [`Replica::settle`].
    pub fn is_unsettled(&self) -> bool {
        self.charter.is_unsettled()
    }

    /// Whether a charter log is known to fork: its device writes nothing more in the charter.
    pub fn is_forked(&self, device: &DeviceId) -> bool {
        self.proofs.get(device).is_some()
    }

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
            return Ok(self.taken(&entry, changes, new));
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
        let frontier = self.charter.frontier();
        let begins = frontier.log(&entry.device()).is_none();
        if begins && frontier.logs() >= LOGS_MAX {
            return Err(Refused::TooManyLogs);
        }
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
            let write = store.write(batch)?;
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
        Taken { journal, device, new, length, write, lengths, entry, is_guest }
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

    /// The guest that an entry makes or completes, if it is a knock on an invite with room, or the
    /// card behind such a knock.
    fn guest(&self, entry: &Entry, door: Door) -> Option<Guest> {
        let knock = self.charter.guest_of(&entry.id)?;
        if knock != entry.id {
            let guest = self.guests.get(&knock).filter(|guest| guest.card.is_none())?;
            return Some(Guest { card: Some(entry.clone()), ..guest.clone() });
        }
        let state = self.charter.knock_state(&knock)?;
        let invite = self.roll.invites.get(&state.invite)?;
        let has_room = self.guests.on(&state.invite) < invite.knocks_max as usize;
        let begins = self.charter.taken_at(&entry.device(), 0).next().is_none();
        let stands = self.charter.is_on_stem(&state.invite);
        (door.keeps_guest && has_room && begins && stands).then(|| Guest {
            knock: entry.clone(),
            card: None,
            state,
            number: self.guests.free(),
        })
    }

    /// Another entry at a place that is taken proves a fork, whoever shows it and whether or not it
    /// is taken itself.
    fn learn_from(
        &mut self,
        store: &mut impl Store,
        entry: &Entry,
    ) -> Result<Option<WriteId>, StoreError> {
        let (device, seq) = (entry.device(), entry.seq());
        if self.charter.stem(&device) <= seq {
            return Ok(None);
        }
        let Some(other) = self.charter.taken_at(&device, seq).next() else { return Ok(None) };
        let other = self.entries.by_id(store, &other)?;
        match other.map(|other| ForkProof::of(&other, entry)) {
            Some(Ok(proof)) => self.write_proof(store, proof),
            _ => Ok(None),
        }
    }

    /// Learns from two signed headers that a log forks, or at a lower place than was known: only
    /// of a log of which something is here. The write that keeps it, if it is news.
    pub fn learn(
        &mut self,
        store: &mut impl Store,
        proof: ForkProof,
    ) -> Result<Option<WriteId>, StoreError> {
        let is_here = self.charter.frontier().log(&proof.device()).is_some();
        let write = if is_here { self.write_proof(store, proof)? } else { None };
        if write.is_some() {
            self.settle(store, false)?;
        }
        Ok(write)
    }

    fn write_proof(
        &mut self,
        store: &mut impl Store,
        proof: ForkProof,
    ) -> Result<Option<WriteId>, StoreError> {
        if !self.proofs.is_news(self.space, &proof) {
            return Ok(None);
        }
        let mut batch = Batch::default();
        proofs::keep(self.space, &proof, &mut batch);
        let write = store.write(batch)?;
        self.charter.learn_stem(proof.device(), proof.stem());
        self.proofs.kept(proof);
        Ok(Some(write))
    }

    /// Takes what can be taken of what was heard. What would be lost by that blocks it, unless this
    /// home lets go: it is not in, or its own log forks, so that it cannot name what it had.
    pub fn settle(&mut self, store: &mut impl Store, lets_go: bool) -> Result<Changes, StoreError> {
        self.settle_with(store, lets_go, Batch::default())
    }

    pub(super) fn settle_with(
        &mut self,
        store: &mut impl Store,
        lets_go: bool,
        extra: Batch,
    ) -> Result<Changes, StoreError> {
        let settled = self.charter.settle(lets_go);
        let mut batch = extra;
        let (left, went) = match settled.gone.is_empty() {
            true => (None, Vec::new()),
            false => {
                let (left, went) = self.entries.without(store, &settled.gone, &mut batch)?;
                (Some(left), went)
            }
        };
        let taken = self.entries_of(store, &settled.taken)?;
        let behind = left.as_ref().unwrap_or(&self.entries);
        taken.iter().enumerate().for_each(|(n, entry)| behind.put(entry, n, &mut batch));
        let let_in: Vec<_> =
            settled.taken.iter().filter(|id| self.guests.get(id).is_some()).copied().collect();
        let gone = let_in.iter().filter_map(|knock| self.guests.get(knock));
        gone.for_each(|guest| guest.forget(self.space, &mut batch));
        let proofs = self.proofs_of(store, &settled)?;
        proofs.iter().for_each(|proof| proofs::keep(self.space, proof, &mut batch));
        let write = if batch.is_empty() { None } else { Some(store.write(batch)?) };
        // From here on nothing fails.
        self.charter.commit(&settled);
        if let Some(left) = left {
            self.entries = left;
            self.let_go += 1;
        }
        for entry in &taken {
            self.entries.wrote(entry);
            self.heard.remove(&entry.id);
        }
        let cards = let_in.iter().filter_map(|knock| self.guests.remove(knock)?.card);
        let left = cards.filter(|card| !self.charter.has_entry(&card.id)).collect::<Vec<_>>();
        went.into_iter().chain(left).for_each(|entry| self.heard.add(entry));
        proofs.into_iter().for_each(|proof| self.proofs.kept(proof));
        self.charter_changed();
        let devices: std::collections::BTreeSet<_> = taken.iter().map(Entry::device).collect();
        let frontier = self.charter.frontier();
        let lengths = devices.iter().map(|device| (*device, frontier.length(device))).collect();
        let gone = settled.gone.len();
        Ok(Changes { write, taken: taken.len(), lengths, gone })
    }

    /// What the charter says may be something else.
    pub(super) fn charter_changed(&mut self) {
        self.roll = self.charter.now(&self.held);
        self.guests.need(self.charter.vouches_needed());
    }

    /// Entries that were heard, guests' among them.
    fn entries_of(&self, store: &impl Store, ids: &[EntryId]) -> Result<Vec<Entry>, StoreError> {
        let found = ids.iter().map(|id| {
            let heard = self.heard.get(id).cloned();
            let guest = || {
                let guest = self.guests.of_entry(id)?;
                [Some(&guest.knock), guest.card.as_ref()]
                    .into_iter()
                    .flatten()
                    .find(|e| e.id == *id)
            };
            match heard.or_else(|| guest().cloned()) {
                Some(entry) => Ok(Some(entry)),
                None => self.entries.by_id(store, id),
            }
        });
        let found: Result<Vec<_>, _> = found.collect();
        Ok(found?.into_iter().flatten().collect())
    }

    /// What proves the forks that settling found, if they are news.
    fn proofs_of(&self, store: &impl Store, found: &Settled) -> Result<Vec<ForkProof>, StoreError> {
        let mut proofs = Vec::new();
        for pair in &found.forks {
            if let [one, other] = self.entries_of(store, pair)?.as_slice() {
                proofs.extend(ForkProof::of(one, other));
            }
        }
        proofs.retain(|proof| self.proofs.is_news(self.space, proof));
        Ok(proofs)
    }

    /// Lets go of guests who are none any more: taken in by now, their log begun by another knock,
    /// their invite behind a stem, or ended as `is_over` says. What knocked is still known, so that
    /// whoever took it in can name it.
    pub fn let_guests_go(
        &mut self,
        store: &mut impl Store,
        is_over: impl Fn(&KnockState) -> bool,
    ) -> Result<Option<WriteId>, StoreError> {
        let is_over = |guest: &&Guest| {
            let begun = self.charter.taken_at(&guest.knock.device(), 0).next().is_some();
            begun || !self.charter.is_on_stem(&guest.state.invite) || is_over(&guest.state)
        };
        let over = self.guests.iter().map(|(_, guest)| guest).filter(is_over);
        let over: Vec<_> = over.map(|guest| guest.knock.id).collect();
        if over.is_empty() {
            return Ok(None);
        }
        let mut batch = Batch::default();
        let gone = over.iter().filter_map(|knock| self.guests.get(knock));
        gone.for_each(|guest| guest.forget(self.space, &mut batch));
        let mut last = store.write(batch)?;
        for guest in over.iter().filter_map(|knock| self.guests.remove(knock)).collect::<Vec<_>>() {
            for entry in [Some(guest.knock), guest.card].into_iter().flatten() {
                if !self.charter.has_entry(&entry.id) {
                    last = self.learn_from(store, &entry)?.unwrap_or(last);
                    self.heard.add(entry);
                }
            }
        }
        Ok(Some(last))
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

    /// What is told of the guests: the first bytes of the hash over their entries; none without
    /// any.
    pub fn guests_digest(&self) -> Option<u64> {
        let mut bytes = Vec::new();
        for (_, guest) in self.guests.iter() {
            bytes.extend_from_slice(guest.last().id.as_bytes());
        }
        let mut start = [0; 8];
        start.copy_from_slice(&ledger::Hash::of(&bytes).as_bytes()[..8]);
        (!bytes.is_empty()).then_some(u64::from_be_bytes(start))
    }

    /// The entries of guests: each knock, then its card.
    pub fn guest_entries(&self) -> Vec<EntryId> {
        let entries = self
            .guests
            .iter()
            .flat_map(|(knock, guest)| [Some(*knock), guest.card.as_ref().map(|card| card.id)]);
        entries.flatten().collect()
    }

    /// Whether the length of its log says that a charter entry is here.
    pub fn is_before_stem(&self, arrival: &crate::Arrival) -> bool {
        arrival.seq < self.charter.stem(&arrival.device)
    }

    /// The charter entries that nobody has who has these, in order of arrival.
    pub fn charter_lacking(&self, heads: impl IntoIterator<Item = EntryId>) -> Vec<EntryId> {
        let mut lacking = self.charter.lacking(heads);
        lacking.sort_by_key(|id| self.entries.place(id));
        lacking
    }

    /// Forgets what was heard of the largest log, where that is more than is kept.
    fn forget_flood(&mut self, store: &impl Store) -> Result<(), StoreError> {
        if self.heard.is_full() {
            let left = self.heard.without_the_largest();
            self.read_again(store, left)?;
        }
        Ok(())
    }

    /// Forgets all that was heard and is not taken, but for these.
    pub(super) fn read_again(
        &mut self,
        store: &impl Store,
        heard: Vec<Entry>,
    ) -> Result<(), StoreError> {
        (self.charter, self.entries, self.guests) = read_charter(store, self.space, &self.proofs)?;
        self.heard = Default::default();
        self.charter_changed();
        // In what order they come after each other is not known: as long as one more is heard.
        let mut left = heard;
        loop {
            let before = left.len();
            left = left
                .into_iter()
                .filter_map(|entry| match self.hear(&entry) {
                    Ok(()) => {
                        self.heard.add(entry);
                        None
                    }
                    Err(_) => Some(entry),
                })
                .collect();
            if left.len() == before {
                return Ok(());
            }
        }
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
