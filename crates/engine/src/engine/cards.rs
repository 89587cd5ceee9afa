//! This home's card in each space: the entry that says at which PeerId its device is reached
//! (CHARTER 1).

use ledger::{
    Journal, SpaceId,
    charter_items::{Card, CharterItem},
};
use replica::{Door, TakeError};
use store::{Batch, Store};

use crate::{
    engine::Engine,
    failures::{AppendError, Result},
    space::Seated,
};

impl<S: Store> Engine<S> {
    /// Writes this home's card in a space.
    pub(crate) fn write_card(&mut self, id: SpaceId) -> Result<(), AppendError> {
        let Ok((_, seat, _)) = self.seat_mut(&id) else { return Ok(()) };
        let (seal_key, device) = (seat.keys.seal.public(), seat.device());
        let card = Card::sign(&self.config.key, seal_key, &id, &device);
        self.append_charter(id, vec![CharterItem::Card(card)], Batch::default()).map(|_| ())
    }

    /// Writes a card wherever this home is in and none holds that names its node: power may have
    /// gone between a genesis and its card, and a node key may be a new one.
    pub(super) fn renew_cards(&mut self) {
        if self.gate.failure().is_some() {
            return;
        }
        let peer = self.config.peer();
        let lacks = |space: &Seated<'_>| {
            let device = space.roll().devices.get(&space.seat.device());
            let card = device.and_then(|device| device.card.as_ref());
            space.is_in() && card.is_none_or(|card| card.peer != *peer)
        };
        let lacking: Vec<_> = self.view().seats().filter(lacks).map(|space| space.id).collect();
        for id in lacking {
            // A newcomer's may not be where it belongs yet; what then counts is asked again.
            let written = match self.take_own_card(id) {
                Ok(true) => {
                    self.entries_stored(id, Journal::Charter);
                    Ok(())
                }
                Ok(false) => self.write_card(id),
                Err(error) => Err(error.into()),
            };
            if let Some(error) = written.err().and_then(AppendError::into_store) {
                self.trouble = Some(error);
            }
        }
    }

    /// A newcomer's own card goes behind their knock as soon as that is here, before anything else
    /// of theirs is written: contacts have the card already, and another entry in its place would
    /// be a fork of oneself. Whether it was still to be taken.
    pub(super) fn take_own_card(&mut self, id: SpaceId) -> Result<bool, TakeError> {
        let Ok((replica, seat, store)) = self.seat_mut(&id) else { return Ok(false) };
        let Some(joining) = seat.joining() else { return Ok(false) };
        if replica.frontier(Journal::Charter).length(&seat.device()) != 1 {
            return Ok(false);
        }
        let taken = replica.take(store, joining.card.clone(), Door::MEMBER)?;
        if let Some(write) = taken.write {
            seat.own_write = write;
            self.gate.wrote(write);
        }
        Ok(true)
    }
}
