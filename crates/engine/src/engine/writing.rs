//! Writing: own entries, rows, and reading what was written.

use api::{ErrorCode, Failure};
use content::WriteError;
use ledger::{Entry, Journal, SpaceId, charter_items::CharterItem, content_items::ContentItem};
use replica::{Refused, Replica, TakeError};
use store::{Batch, Store, StoreError, WriteId};

use crate::{
    engine::Engine,
    failures::{AppendError, Result},
    limits::{READ_AT_ONCE_MAX, SLICE_ITEMS},
    sabotage::sabotaged,
    space::{Seat, Seated, Space},
    watched::Watched,
};

impl<S: Store> Engine<S> {
    /// Writes, and asks for the write to become durable.
    pub(crate) fn write(&mut self, batch: Batch) -> Result<WriteId, StoreError> {
        if batch.is_empty() {
            return Ok(WriteId::default());
        }
        let write = self.store.write(batch)?;
        self.gate.wrote(write);
        Ok(write)
    }

    /// Writes what nobody waits for; trouble is shown by `status`.
    pub(crate) fn write_quietly(&mut self, batch: Batch) {
        if let Err(error) = self.write(batch) {
            self.trouble = Some(error);
        }
    }

    /// Keeps the secrets and the state of a seat that the store does not have. What it refuses is
    /// kept as soon as it has room.
    pub(crate) fn keep_seat(&mut self, id: SpaceId) -> Result<(), StoreError> {
        let Ok((_, seat, _)) = self.seat_mut(&id) else { return Ok(()) };
        let (is_knock, unkept) = (seat.joining().is_some(), seat.unkept(id));
        if !(is_knock && sabotaged!(self.config, KnockNotKept)) {
            self.write(unkept)?;
        }
        if let Ok((_, seat, _)) = self.seat_mut(&id) {
            seat.kept();
        }
        Ok(())
    }

    /// As [`Engine::keep_seat`], for nobody who waits.
    pub(crate) fn keep_seat_quietly(&mut self, id: SpaceId) {
        if let Err(error) = self.keep_seat(id) {
            self.trouble = Some(error);
        }
    }

    /// Writes rows that nobody waits for and that need no flush.
    pub(crate) fn write_index(&mut self, batch: Batch) {
        if !batch.is_empty()
            && let Err(error) = self.store.write(batch)
        {
            self.trouble = Some(error);
        }
    }

    /// A space that this home has from now on.
    pub(crate) fn add_space(&mut self, mut space: Space) {
        space.replica.set_clock(self.now);
        self.spaces.insert(space.id, space);
    }

    /// This home's seat in a space, to be changed, and the store that goes with it.
    pub(crate) fn seat_mut(
        &mut self,
        id: &SpaceId,
    ) -> Result<(&mut Replica, &mut Seat, &mut Watched<S>)> {
        let seat = self.spaces.get_mut(id).and_then(|space| space.seat_mut());
        let (replica, seat) = seat.ok_or_else(|| Failure::of(ErrorCode::NoSpace))?;
        Ok((replica, seat, &mut self.store))
    }

    /// Writes charter items as one entry of this home, `extra` with it.
    pub(crate) fn append_charter(
        &mut self,
        id: SpaceId,
        items: Vec<CharterItem>,
        extra: Batch,
    ) -> Result<(Entry, WriteId), AppendError> {
        let now = self.now;
        self.keep_seat(id)?;
        self.take_own_card(id)?;
        self.charter_must_be_whole(id)?;
        let (replica, seat, store) = self.seat_mut(&id).map_err(|_| WriteError::NoKey)?;
        // One without items only names what would be lost.
        if !items.is_empty() {
            must_be_alone(replica, seat)?;
        }
        let entry = replica.sign_charter(store, &seat.keys.device, now, items)?;
        let write = replica.append(store, entry.clone(), extra)?;
        self.appended(id, Journal::Charter, entry, write)
    }

    /// Writes content items as one entry of this home, and reads it. Not under a key that the store
    /// does not have: it could not be read after the next start.
    pub(crate) fn append_content(
        &mut self,
        id: SpaceId,
        items: Vec<ContentItem>,
    ) -> Result<(Entry, WriteId), AppendError> {
        self.keep_seat(id)?;
        self.content_must_be_whole(id)?;
        let space = self.spaces.get_mut(&id).and_then(|space| space.seat_mut());
        let (replica, seat) = space.ok_or(WriteError::NoKey)?;
        must_be_alone(replica, seat)?;
        let (store, key) = (&mut self.store, &seat.keys.device);
        let entry = seat.content.write(store, replica, key, self.now, items, &mut self.rng)?;
        if sabotaged!(self.config, AnsweredNotWritten) && entry.seq() % 8 == 7 {
            return Ok((entry, self.gate.written()));
        }
        let write = replica.append(store, entry.clone(), Batch::default())?;
        self.appended(id, Journal::Content, entry, write)
    }

    fn appended(
        &mut self,
        id: SpaceId,
        journal: Journal,
        entry: Entry,
        write: WriteId,
    ) -> Result<(Entry, WriteId), AppendError> {
        if let Ok((_, seat, _)) = self.seat_mut(&id) {
            seat.own_write = write;
        }
        self.asking.wrote(id, journal, entry.seq());
        self.gate.wrote(write);
        self.entries_stored(id, journal);
        Ok((entry, write))
    }

    /// Does one slice of reading, of the next space in turn that has any left and did not just
    /// fail.
    pub(super) fn read_slice(&mut self) {
        let due = |space: &Seated<'_>| self.stalled.is_due(space);
        let behind: Vec<_> = self.view().seats().filter(due).map(|space| space.id).collect();
        let next = behind.iter().find(|id| Some(**id) > self.read_last).or(behind.first());
        if let Some(id) = next.copied() {
            self.read_last = Some(id);
            self.read(id, SLICE_ITEMS);
        }
    }

    /// Reads one's own writes and what just came, so that an answer has what was there when it was
    /// asked; a long first reading goes on in slices.
    pub(crate) fn read_at_once(&mut self) {
        let short = |space: &Seated<'_>| space.readable() <= READ_AT_ONCE_MAX as u64;
        let ids: Vec<_> = self.view().seats().filter(short).map(|space| space.id).collect();
        for id in ids {
            self.read(id, READ_AT_ONCE_MAX);
        }
        // Nothing of what is read there outlives the process.
        if self.store.may_write() == Err(StoreError::ReadOnlyDisk) {
            self.read_all(|_| ());
        }
        self.tell_news();
    }

    /// Reads all that can be read, however long that takes, saying now and then how much is left: a
    /// process that answers once and ends has no other time for it.
    pub fn read_all(&mut self, mut progress: impl FnMut(u64)) {
        while self.view().seats().any(|space| self.stalled.is_due(&space)) {
            let spaces: Vec<_> = self.view().seats().collect();
            progress(self.view().unread(&spaces));
            self.read_slice();
        }
    }

    fn read(&mut self, id: SpaceId, units: usize) {
        let Ok((replica, seat, store)) = self.seat_mut(&id) else { return };
        if let Err(error) = seat.content.read_slice(store, replica, units) {
            self.trouble = Some(error.clone());
            self.stalled.reading_failed(id, error, self.now);
        }
    }
}

/// Refuses to write with a key with which another home writes too, in either journal.
fn must_be_alone(replica: &Replica, seat: &Seat) -> std::result::Result<(), TakeError> {
    let device = seat.device();
    let forks = |journal: &Journal| replica.is_forked(*journal, &device);
    match Journal::ALL.iter().any(forks) {
        true => Err(Refused::OwnFork.into()),
        false => Ok(()),
    }
}
