//! A disk that lost something (DESIGN 8): what is lost is noted, told as lacking, and comes back
//! from others. What this home itself wrote is looked after, so that it never signs two entries at
//! one place.

use ledger::{
    Journal, PeerId, Signature, SpaceId,
    charter_items::{CharterItem, DeviceAdd},
};
use replica::Refused;
use store::{Batch, Store, StoreError};
use sync::Access;

use crate::{
    engine::Engine,
    failures::AppendError,
    limits::{COMES_BACK_MS, LOOK_THROUGH_MS, STALLED_MS},
    space::{SeatKeys, Space},
};

impl<S: Store> Engine<S> {
    /// Something was read that is damaged: all content is looked through, once in a while and a
    /// piece at a time. Once all is, what is lost is noted in one write, and who was told of more
    /// than is here is told anew.
    pub(super) fn look_for_damage(&mut self) {
        let is_damaged = matches!(self.trouble, Some(StoreError::Damaged { .. }));
        let is_due = self.looking.is_empty() && self.now >= self.look_through_at;
        if (is_damaged || self.is_found_refused) && is_due {
            self.look_through_at = self.now.plus_ms(LOOK_THROUGH_MS);
            match Space::look_through_all(&self.store) {
                Ok(looking) => self.looking = looking,
                Err(error) => self.trouble = Some(error),
            }
        }
        let Some(look) = self.looking.last_mut() else { return };
        match look.step(&self.store) {
            Ok(true) => return,
            Ok(false) => {
                let look = self.looking.pop();
                look.into_iter().for_each(|look| self.found.append(look.into_found()));
            }
            Err(error) => {
                self.trouble = Some(error);
                (self.looking, self.found) = (Vec::new(), Batch::default());
                return;
            }
        }
        if self.looking.is_empty() {
            self.note_found();
        }
    }

    fn note_found(&mut self) {
        let found = std::mem::take(&mut self.found);
        let noted = if found.is_empty() { Ok(false) } else { self.write(found).map(|_| true) };
        self.is_found_refused = noted.is_err();
        match noted {
            Ok(is_news) => {
                self.trouble = self.trouble.take().filter(|_| !is_news);
                // Where all is there after all, what missed it is to find it.
                self.stalled.read_again();
                self.read_spaces_again();
            }
            // What is here by then is looked through again.
            Err(error) => {
                self.trouble = Some(error);
                self.look_through_at = self.now.plus_ms(STALLED_MS);
            }
        }
    }

    /// Of a charter nothing is lost any more, as far as anybody knows, once the nodes of all others
    /// who are in have said that they have the same. Who is alone by a charter that is whole but
    /// for its end, perhaps, asks nobody. Who all others are is not known by a part of it: as long
    /// as somebody has something else, or it does not even say that this home is in.
    pub(super) fn settle_doubts(&mut self) {
        let in_doubt = |space: &&Space| space.lacks_charter();
        let ids: Vec<_> = self.spaces.values().filter(in_doubt).map(|space| space.id).collect();
        for id in ids {
            let Some(space) = self.spaces.get_mut(&id) else { continue };
            let Some((replica, seat)) = space.seat_mut() else { continue };
            let here = replica.frontier(Journal::Charter);
            let own = |peer: &PeerId| peer == self.config.peer();
            // By the first entries of its charter a founder is alone, and all others outsiders.
            let is_alone = replica.roll().peers_in().all(own);
            let (mut is_news, mut is_to_come) = (false, !replica.roll().is_in(&seat.device()));
            for (_, peer, session) in self.links.sessions() {
                let Some(shared) = session.shared(&id) else { continue };
                let is_in = replica.roll().peers_in().any(|other| other == peer);
                if is_in && shared.charter.is_same(here) {
                    is_news |= seat.same_charter(peer);
                }
                // Else an outsider may say what they like.
                let is_asked = is_alone || is_in || shared.access == Access::In;
                is_to_come |= is_asked && shared.charter.is_other(here);
            }
            let same = &seat.doubts().same_charter;
            let has_said = |peer: &PeerId| own(peer) || same.contains(peer);
            let all = !is_to_come && replica.roll().peers_in().all(has_said);
            let anybody = !same.is_empty() || replica.charter_lost().is_empty();
            if all && anybody {
                match replica.charter_is_whole(&mut self.store) {
                    Ok(()) => seat.charter_is_whole(),
                    Err(error) => self.trouble = Some(error),
                }
                is_news = true;
            }
            if is_news {
                self.keep_seat_quietly(id);
            }
        }
    }

    /// Refuses to write to a charter log of which something may be lost that others have.
    pub(crate) fn charter_must_be_whole(&self, id: SpaceId) -> Result<(), AppendError> {
        match self.spaces.get(&id).is_some_and(Space::lacks_charter) {
            true => Err(lost()),
            false => Ok(()),
        }
    }

    /// A content log of this home of which something is lost, or may be, is not written to: it goes
    /// on with another device of its member, whatever becomes of the old log. Refused while what is
    /// lost comes back, and for the moment in which others who may have it are to be met.
    pub(crate) fn content_must_be_whole(&mut self, id: SpaceId) -> Result<(), AppendError> {
        let Some(space) = self.view().seated(&id) else { return Ok(()) };
        let own = space.seat.device();
        if !space.seat.doubts().content && !space.replica.has_hole(&own) {
            return Ok(());
        }
        let length = space.replica.frontier(Journal::Content).length(&own);
        let told = self.links.sessions().filter(|(_, peer, _)| space.peer_is_in(peer));
        let told = told.filter_map(|(.., session)| session.shared(&id));
        let told: Vec<_> = told.filter(|shared| shared.content.is_told()).collect();
        let comes_back = told.iter().any(|shared| shared.content.length(&own) > length);
        let is_alone = space.roll().peers_in().all(|peer| peer == self.config.peer());
        // Without a network nobody is met.
        let may_meet = !is_alone && !self.links.listening.is_empty() && told.is_empty();
        let is_early = self.now < self.started.plus_ms(COMES_BACK_MS);
        if comes_back || may_meet && is_early {
            return Err(lost());
        }
        self.renew_device(id)
    }

    /// Adds another device for this home, which is the one that it writes with from now on.
    fn renew_device(&mut self, id: SpaceId) -> Result<(), AppendError> {
        let keys = SeatKeys::generate(&mut self.rng);
        let Ok((replica, seat, _)) = self.seat_mut(&id) else { return Ok(()) };
        if !replica.charter().may_add_device(&seat.device()) {
            return Err(lost());
        }
        let signature = Signature::from_bytes([0; 64]);
        let mut add = DeviceAdd { device: keys.device.id(), signature };
        add.sign(&keys.device, &id, &seat.device());
        let mut extra = Batch::default();
        seat.keep_others(id, &keys, &mut extra);
        self.append_charter(id, vec![CharterItem::DeviceAdd(add)], extra)?;
        if let Ok((_, seat, _)) = self.seat_mut(&id) {
            seat.goes_on_with(keys);
        }
        self.write_card(id)
    }
}

fn lost() -> AppendError {
    AppendError::Take(Refused::OwnHole.into())
}
