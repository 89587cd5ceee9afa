//! Who knocks: kept beside the charter, and let go of (DESIGN 6 *Guests*).

use charter::KnockState;
use ledger::{Entry, EntryId, MemberId};
use store::{Batch, Store, StoreError, WriteId};

use super::{Door, Replica};
use crate::{guests::Guest, limits::GUESTS_MAX};

impl Replica {
    /// The guest that an entry makes or completes, if it is a knock on an invite with room, or the
    /// card behind such a knock.
    pub(super) fn guest(&self, entry: &Entry, door: Door) -> Option<Guest> {
        let knock = self.charter.guest_of(&entry.id)?;
        if knock != entry.id {
            let guest = self.guests.get(&knock).filter(|guest| guest.card.is_none())?;
            return Some(Guest { card: Some(entry.clone()), ..guest.clone() });
        }
        let state = self.charter.knock_state(&knock)?;
        let invite = self.roll.invites.get(&state.invite)?;
        let has_room = self.guests.on(&state.invite) < invite.knocks_max as usize
            && self.guests_of(&invite.by) < GUESTS_MAX;
        let begins = self.charter.taken_at(&entry.device(), 0).next().is_none();
        let stands = self.charter.is_on_stem(&state.invite);
        (door.keeps_guest && has_room && begins && stands).then(|| Guest {
            knock: entry.clone(),
            card: None,
            state,
            number: self.guests.free(),
        })
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
        let write = store.write(batch)?;
        self.written = self.written.max(Some(write));
        let gone: Vec<_> = over.iter().filter_map(|knock| self.guests.remove(knock)).collect();
        let entries = gone.into_iter().flat_map(|guest| [Some(guest.knock), guest.card]);
        let left = entries.flatten().filter(|entry| !self.charter.has_entry(&entry.id));
        let left: Vec<_> = left.collect();
        left.iter().cloned().for_each(|entry| self.heard.add(entry));
        for entry in &left {
            self.learn_from(store, entry)?;
        }
        Ok(Some(write))
    }

    /// How many knocked on invites of a member.
    pub fn guests_of(&self, member: &MemberId) -> usize {
        let by = |guest: &Guest| self.roll.invites.get(&guest.state.invite).map(|invite| invite.by);
        self.guests.iter().filter(|(_, guest)| by(guest) == Some(*member)).count()
    }

    /// What is told of the guests: the first eight bytes of the hash over the last entry of each,
    /// in the order of their knocks' ids; none without any.
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
}
