//! A disk that lost something (DESIGN 8): what is lost is noted, told as lacking, and comes back
//! from others.

use ledger::{
    Journal, PeerId, Signature, SpaceId,
    charter_items::{CharterItem, DeviceAdd},
};
use store::{Batch, Store, StoreError};

use crate::{
    engine::Engine,
    failures::AppendError,
    limits::LOOK_THROUGH_MS,
    space::{SeatKeys, Space},
};

impl<S: Store> Engine<S> {
    /// Something was read that is damaged: all that is kept is looked through, once in a while, and
    /// who was told of more than is here is told anew.
    pub(super) fn look_for_damage(&mut self) {
        let is_damaged = matches!(self.trouble, Some(StoreError::Damaged { .. }));
        if !is_damaged || self.now < self.look_through_at {
            return;
        }
        self.look_through_at = self.now.plus_ms(LOOK_THROUGH_MS);
        match Space::look_through_all(&mut self.store) {
            Ok(Some(write)) => {
                self.gate.wrote(write);
                self.trouble = None;
                self.read_spaces_again();
            }
            Ok(None) => {}
            Err(error) => self.trouble = Some(error),
        }
    }

    /// See [`settle_doubt`](Self::settle_doubt), of all spaces; and of a charter nothing is lost
    /// any more, as far as anybody knows, once somebody who is in has the same.
    pub(super) fn settle_doubts(&mut self) {
        let is_lacking = |space: &&Space| {
            let own = space.seated().map(|seated| seated.seat.device());
            let has_hole = own.is_some_and(|own| space.replica.has_hole(&own));
            space.doubt || has_hole || !space.replica.charter_lost().is_empty()
        };
        let lacking: Vec<_> = self.spaces.values().filter(is_lacking).map(|one| one.id).collect();
        for id in lacking {
            self.settle_doubt(id);
            self.go_on_with_new_key(id);
            if self.others_have_this_charter(id)
                && let Some(space) = self.spaces.get_mut(&id)
                && let Err(error) = space.replica.charter_is_whole(&mut self.store)
            {
                self.trouble = Some(error);
            }
        }
    }

    /// Where nobody who is in can give back what this disk lost of this home's own log, which each
    /// has said by what it has, this home goes on with another device of the same member: nothing
    /// that stands behind the hole reaches others, and what is written from now on does.
    fn go_on_with_new_key(&mut self, id: SpaceId) {
        let Some(space) = self.spaces.get_mut(&id) else { return };
        let Some(own) = space.seated().map(|seated| seated.seat.device()) else { return };
        if !space.is_in() || !space.replica.has_hole(&own) {
            return;
        }
        let length = space.replica.frontier(Journal::Content).length(&own);
        for (_, peer, session) in self.links.sessions() {
            let told = session.shared(&id).map(|shared| &shared.content);
            if told.is_some_and(|told| told.is_told() && told.length(&own) <= length) {
                space.cannot_fill.insert(peer.clone());
            }
        }
        let (own, told) = (self.config.peer(), &space.cannot_fill);
        let has_told = |peer: &PeerId| peer == own || told.contains(peer);
        let all_told = space.replica.roll().peers_in().all(has_told);
        if all_told
            && let Some(error) = self.renew_device(id).err().and_then(AppendError::into_store)
        {
            self.trouble = Some(error);
        }
    }

    /// Adds another device for this home, which is the one that it writes with from now on.
    fn renew_device(&mut self, id: SpaceId) -> Result<(), AppendError> {
        let keys = SeatKeys::generate(&mut self.rng);
        let Ok((_, seat, _)) = self.seat_mut(&id) else { return Ok(()) };
        let signature = Signature::from_bytes([0; 64]);
        let mut add = DeviceAdd { device: keys.device.id(), signature };
        add.sign(&keys.device, &id, &seat.device());
        let mut extra = Batch::default();
        seat.keep_others(id, &keys, &mut extra);
        self.append_charter(id, vec![CharterItem::DeviceAdd(add)], extra)?;
        if let Ok((_, seat, _)) = self.seat_mut(&id) {
            seat.keys = keys;
        }
        self.write_card(id)
    }

    fn others_have_this_charter(&self, id: SpaceId) -> bool {
        let Some(space) = self.spaces.get(&id) else { return false };
        let told = self.links.sessions().filter(|(_, peer, _)| space.peer_is_in(peer));
        let mut told = told.filter_map(|(.., session)| session.shared(&id));
        told.any(|shared| shared.charter.is_same(space.replica.frontier(Journal::Charter)))
    }

    /// Where of a home's own log more may have been than is here, nothing is written to it before
    /// the node of somebody else who is in has said that there was not. Who is alone asks nobody.
    pub(crate) fn settle_doubt(&mut self, id: SpaceId) {
        let Some(space) = self.view().seated(&id).filter(|space| space.doubt) else { return };
        let own = space.seat.device();
        let is_alone = space.roll().peers_in().all(|peer| peer == self.config.peer());
        let told = self.links.sessions().filter(|(_, peer, _)| space.peer_is_in(peer));
        let mut told = told.filter_map(|(.., session)| session.shared(&id));
        let is_here = |shared: &sync::Shared| {
            Journal::ALL.into_iter().all(|journal| {
                let known = shared.known(journal);
                known.is_told()
                    && known.length(&own) <= space.replica.frontier(journal).length(&own)
            })
        };
        if (is_alone || told.any(is_here))
            && let Some(space) = self.spaces.get_mut(&id)
        {
            space.doubt = false;
        }
    }
}
