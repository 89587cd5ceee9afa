//! Secrets that are sealed to this home, and seals that it owes others (CHARTER 10).

use std::collections::BTreeMap;

use ledger::{
    Bounded, DeviceId, KeyId, SpaceId, Timestamp,
    charter_items::{CharterItem, Seal, SealedSecret},
};
use rand_core::Rng;
use seal::BoxContext;
use store::{Batch, Store};

use crate::{
    engine::Engine,
    limits::SEAL_WAIT_MS_MAX,
    space::{Seated, Space},
};

impl<S: Store> Engine<S> {
    /// Secrets that the charter's own rekeys and seals hold for this home. At each start too: power
    /// may have gone before one was kept that came with an entry that is.
    pub(crate) fn take_seals(&mut self, id: SpaceId) {
        let Ok((replica, seat, _)) = self.seat_mut(&id) else { return };
        for (key, sealed) in replica.roll().seals_for(&seat.device()) {
            // The genesis's own box names no space: its id is the hash of what the box stands in.
            for space in [id, SpaceId::default()] {
                if !seat.content.keys.holds(&key) {
                    seat.learn_from_box(space, key, &sealed);
                }
            }
        }
        self.keep_seat_quietly(id);
    }

    /// Those of the epochs' secrets that this home holds, sealed to a device.
    pub(super) fn boxes(
        &mut self,
        id: SpaceId,
        device: &DeviceId,
        epochs: &[KeyId],
    ) -> Vec<(KeyId, SealedSecret)> {
        let Some(space) = self.spaces.get(&id).and_then(Space::seated) else { return Vec::new() };
        let roll = space.roll();
        let Some(card) = roll.devices.get(device).and_then(|one| one.card.as_ref()) else {
            return Vec::new();
        };
        let mut boxes = Vec::new();
        for key in epochs {
            let Some(secret) = space.seat.content.keys.secret(key) else { continue };
            let context = BoxContext { space: id, key: *key, device: *device };
            if let Ok(sealed) = seal::seal_secret(&mut self.rng, &card.seal_key, context, secret) {
                boxes.push((*key, SealedSecret { device: *device, sealed }));
            }
        }
        boxes
    }

    /// When this node gives a seal, if nobody else has by then (CHARTER 10).
    pub(super) fn seal_deadline(&self) -> Option<Timestamp> {
        self.view().seats().filter_map(|space| space.seat.seal_at).min()
    }

    /// After a change of a charter: whether anybody is owed a seal that this home can give.
    pub(super) fn plan_seals(&mut self, id: SpaceId) {
        let Some(space) = self.view().seated(&id) else { return };
        let seal_at = match space.seat.seal_at {
            _ if self.seals_to_give(id).is_empty() => None,
            Some(at) => Some(at),
            None => Some(self.now.plus_ms(self.rng.next_u64() % SEAL_WAIT_MS_MAX)),
        };
        if let Ok((_, seat, _)) = self.seat_mut(&id) {
            seat.seal_at = seal_at;
        }
    }

    fn seals_to_give(&self, id: SpaceId) -> Vec<DeviceId> {
        let space = self.view().seated(&id).filter(|space| space.is_in());
        let Some(space) = space else { return Vec::new() };
        let roll = space.roll();
        let owed = |device: &DeviceId| {
            roll.owed(device).iter().any(|key| space.seat.content.keys.holds(key))
        };
        roll.devices_in().filter(|device| owed(device)).copied().collect()
    }

    /// Gives the seals whose time has come.
    pub(super) fn give_seals(&mut self) {
        let now = self.now;
        let is_due = |space: &Seated<'_>| space.seat.seal_at.is_some_and(|at| at <= now);
        let due: Vec<_> = self.view().seats().filter(is_due).map(|space| space.id).collect();
        for id in due {
            if let Ok((_, seat, _)) = self.seat_mut(&id) {
                seat.seal_at = None;
            }
            let mut by_key = BTreeMap::<_, Vec<_>>::new();
            for device in self.seals_to_give(id) {
                let owed = self.spaces.get(&id).map(|space| space.replica.roll().owed(&device));
                for (key, sealed) in self.boxes(id, &device, &owed.unwrap_or_default()) {
                    by_key.entry(key).or_default().push(sealed);
                }
            }
            let seal = |(key, seals): (_, Vec<_>)| {
                let seals: Bounded<_, _> = seals.try_into().ok()?;
                Some(CharterItem::Seal(Seal { key, seals }))
            };
            let items: Vec<_> = by_key.into_iter().filter_map(seal).collect();
            if !items.is_empty()
                && let Err(error) = self.append_charter(id, items, Batch::default())
            {
                self.trouble = error.into_store().or(self.trouble.take());
            }
        }
    }
}
