//! Getting in: the newcomer's side and the contact's (CHARTER, "Getting in").

use ledger::{
    Bounded, DeviceId, EntryId, Journal, KeyId, PeerId, Run, SpaceId, Timestamp,
    charter_items::{CharterBody, CharterItem, Knock, SealedSecret},
};
use rand_core::Rng;
use store::{Batch, Store, WriteId};
use sync::{KnockAnswer, KnockFrame};

use super::{
    Engine,
    streams::{Stream, Work},
};
use crate::{
    gate::{Plain, Promise},
    io::{Protocol, StreamId},
    limits::{KNOCK_AGAIN_MS, SEAL_WAIT_MS_MAX},
    peers::Source,
};

impl<S: Store> Engine<S> {
    /// The space that this home wants into and `peer` is a contact of, and when to ask there.
    pub(super) fn next_knock_at(&self, peer: &PeerId) -> Option<(SpaceId, Timestamp)> {
        let asks = |space: &crate::space::Space| {
            let knocking = space.knocking.as_ref()?;
            // One contact's word is not enough: asking goes on until the charter itself says so.
            let there = space.is_in() && space.can_write();
            let asks = !knocking.ended && !there;
            let contact = knocking.ticket.contacts.iter().any(|contact| contact.peer == *peer);
            (asks && contact).then_some(())?;
            let at = self.knock_at.get(&(space.id, peer.clone())).copied().unwrap_or_default();
            Some((space.id, at))
        };
        let asking = |one: &Stream| one.peer == *peer && matches!(one.work, Work::KnockClient(_));
        let free = !self.streams.values().any(asking);
        self.spaces.values().filter_map(asks).min_by_key(|(_, at)| *at).filter(|_| free)
    }

    /// When the next contact is to be asked.
    pub(super) fn knock_deadline(&self) -> Option<Timestamp> {
        let connected = self.peers.iter().filter(|(_, one)| one.connected);
        connected.filter_map(|(peer, _)| self.next_knock_at(peer)).map(|(_, at)| at).min()
    }

    /// Asks those contacts whose time has come.
    pub(super) fn knock_again(&mut self) {
        let connected: Vec<_> = self
            .peers
            .iter()
            .filter(|(_, one)| one.connected)
            .map(|(peer, _)| peer.clone())
            .collect();
        for peer in connected {
            self.knock_if_due(&peer);
        }
    }

    /// Asks a connected contact if it is time to.
    pub(super) fn knock_if_due(&mut self, peer: &PeerId) {
        let connected = self.peers.get(peer).is_some_and(|known| known.connected);
        if let Some((space, at)) = self.next_knock_at(peer)
            && connected
            && at <= self.now
        {
            let again = self.now.plus_ms(KNOCK_AGAIN_MS);
            self.knock_at.insert((space, peer.clone()), again);
            self.gate.plain(Plain::Open(peer.clone(), Protocol::Knock));
        }
    }

    pub(super) fn knock_opened(&mut self, stream: StreamId, peer: PeerId) {
        let found = self.next_knock_at(&peer).and_then(|(id, _)| {
            let knocking = self.spaces.get(&id)?.knocking.as_ref()?;
            Some(KnockFrame { space: id, run: knocking.knock.clone() })
        });
        let Some(frame) = found else {
            self.gate.promise(WriteId::default(), Promise::Close(stream));
            return;
        };
        let work = Work::KnockClient(frame.space);
        self.streams.insert(stream, Stream::new(peer, true, work, self.now));
        // The keys must not be lost once somebody has the knock.
        self.send_bytes(stream, self.gate.written(), ledger::encode(&frame));
    }

    /// A contact answered.
    pub(super) fn knock_answered(&mut self, stream: StreamId, id: SpaceId, bytes: &[u8]) {
        let Some(peer) = self.streams.get(&stream).map(|one| one.peer.clone()) else { return };
        let Ok(answer) = ledger::decode::<KnockAnswer>(bytes) else {
            self.misbehaved(&peer);
            return;
        };
        self.peers.proved(&peer);
        let mut batch = Batch::default();
        let Some(space) = self.spaces.get_mut(&id) else { return };
        let Some(knocking) = &mut space.knocking else { return };
        let contacts = match answer {
            KnockAnswer::Received { vouches, needed, contacts } => {
                (knocking.received, knocking.vouches, knocking.needed) = (true, vouches, needed);
                contacts.into_inner()
            }
            KnockAnswer::In { boxes, contacts } => {
                (knocking.received, knocking.admitted) = (true, true);
                let context =
                    |key| seal::BoxContext { space: id, key, device: space.keys.device.id() };
                for (key, sealed) in &boxes {
                    // A false box is no secret: the charter's own seals come with the charter.
                    if let Ok(secret) =
                        seal::open_secret(&space.keys.seal, context(*key), &sealed.sealed)
                    {
                        space.content.learn(secret, &mut batch);
                    }
                }
                contacts.into_inner()
            }
            KnockAnswer::Ended => {
                if !knocking.ended_by.contains(&peer) {
                    knocking.ended_by.push(peer.clone());
                }
                let said = |one: &sync::Contact| knocking.ended_by.contains(&one.peer);
                knocking.ended = !knocking.received && knocking.ticket.contacts.iter().all(said);
                Vec::new()
            }
            KnockAnswer::Unknown => Vec::new(),
        };
        let mut known = knocking.ticket.contacts.to_vec();
        for contact in contacts {
            if known.len() < sync::limits::CONTACTS_MAX
                && known.iter().all(|one| one.peer != contact.peer)
            {
                known.push(contact);
            }
        }
        knocking.ticket.contacts = known.try_into().unwrap_or_default();
        let admitted = knocking.admitted;
        space.keep(&mut batch);
        let contacts = space.knocking.as_ref().map(|knocking| knocking.ticket.contacts.clone());
        self.learn_contacts(contacts.as_deref().unwrap_or_default(), &mut batch);
        self.write_quietly(batch);
        if admitted {
            self.end_stream(stream);
            // The contact may have opened a session before it was known here what for.
            if let Some(session) = self.sync_stream(&peer) {
                self.review(session, &peer, id);
            }
            self.open_streams(&peer);
        }
    }

    /// Remembers where a ticket's contacts are reached.
    pub(crate) fn learn_contacts(&mut self, contacts: &[sync::Contact], batch: &mut Batch) {
        for contact in contacts.iter().filter(|contact| contact.peer != self.config.peer) {
            let addresses = contact.addresses.iter().map(|address| address.to_string());
            self.peers.learn(&contact.peer, Source::Said, addresses, self.now, batch);
        }
    }

    /// A newcomer asks: strangers and the removed get nothing but `unknown`.
    pub(super) fn knock_asked(&mut self, stream: StreamId, bytes: &[u8]) {
        let Some(peer) = self.streams.get(&stream).map(|one| one.peer.clone()) else { return };
        let Ok(frame) = ledger::decode::<KnockFrame>(bytes) else {
            self.misbehaved(&peer);
            return;
        };
        let space = frame.space;
        match self.take_knock(&peer, frame) {
            Ok(knock) => {
                if let Some(one) = self.streams.get_mut(&stream) {
                    one.work = Work::KnockServer(Some((space, knock)));
                }
                self.answer_knock(stream, space, knock, &peer);
            }
            Err(answer) => {
                self.send_bytes(stream, WriteId::default(), ledger::encode(&answer));
                self.end_after_sending(stream);
            }
        }
    }

    fn take_knock(&mut self, peer: &PeerId, frame: KnockFrame) -> Result<EntryId, KnockAnswer> {
        let now = self.now;
        let space = self.spaces.get_mut(&frame.space).filter(|space| space.is_in());
        let space = space.ok_or(KnockAnswer::Unknown)?;
        let (id, knock) = read_knock(&frame.run).ok_or(KnockAnswer::Unknown)?;
        if knock.card.peer != *peer {
            return Err(KnockAnswer::Unknown);
        }
        let roll = space.replica.roll();
        if !roll.knocks.contains_key(&id) {
            let invite = roll.invites.get(&knock.invite).ok_or(KnockAnswer::Unknown)?;
            let used = u64::from(invite.knocks) >= u64::from(invite.knocks_max);
            if used || invite.withdrawn || invite.expires < now {
                return Err(KnockAnswer::Ended);
            }
        }
        let space_id = frame.space;
        let taken = space.replica.take(&mut self.store, frame.run);
        let taken = taken.map_err(|_| KnockAnswer::Unknown)?;
        if let Some(write) = taken.write {
            self.gate.wrote(write);
            self.entries_stored(space_id, Journal::Charter);
        }
        Ok(id)
    }

    /// Tells a newcomer where their knock stands, once it is on the disk.
    pub(super) fn answer_knock(
        &mut self,
        stream: StreamId,
        id: SpaceId,
        knock: EntryId,
        peer: &PeerId,
    ) {
        let Some(space) = self.spaces.get(&id) else { return };
        let roll = space.replica.roll().clone();
        let Some(state) = roll.knocks.get(&knock) else { return };
        let is_in = roll.is_in(&state.device);
        let answer = if is_in {
            // All that one writes under now, whatever boxes the charter has for them: a box in it
            // can be false, and only they can tell.
            let boxes = self.boxes(id, &state.device, &roll.writable_epochs());
            let boxes: Vec<_> = boxes.into_iter().take(16).collect();
            KnockAnswer::In {
                boxes: boxes.try_into().unwrap_or_default(),
                contacts: self.contacts(id, Some(peer)),
            }
        } else {
            let (vouches, needed) = (state.vouches as u32, state.needed as u32);
            KnockAnswer::Received { vouches, needed, contacts: self.contacts(id, Some(peer)) }
        };
        self.send_bytes(stream, self.gate.written(), ledger::encode(&answer));
        if is_in {
            self.end_after_sending(stream);
        }
    }

    /// Those of the epochs' secrets that this home holds, sealed to a device.
    fn boxes(
        &mut self,
        id: SpaceId,
        device: &DeviceId,
        epochs: &[KeyId],
    ) -> Vec<(KeyId, SealedSecret)> {
        let Some(space) = self.spaces.get(&id) else { return Vec::new() };
        let roll = space.replica.roll();
        let Some(card) = roll.devices.get(device).and_then(|one| one.card.as_ref()) else {
            return Vec::new();
        };
        let mut boxes = Vec::new();
        for key in epochs {
            let Some(secret) = space.content.keys.secret(key) else { continue };
            let context = seal::BoxContext { space: id, key: *key, device: *device };
            if let Ok(sealed) = seal::seal_secret(&mut self.rng, &card.seal_key, context, secret) {
                boxes.push((*key, SealedSecret { device: *device, sealed }));
            }
        }
        boxes
    }

    /// When this node gives a seal, if nobody else has by then (CHARTER 10).
    pub(super) fn seal_deadline(&self) -> Option<Timestamp> {
        self.seal_at.values().copied().min()
    }

    /// After a change of a charter: whether anybody is owed a seal that this home can give.
    pub(super) fn plan_seals(&mut self, id: SpaceId) {
        if self.seals_to_give(id).is_empty() {
            self.seal_at.remove(&id);
        } else if !self.seal_at.contains_key(&id) {
            let wait = self.rng.next_u64() % SEAL_WAIT_MS_MAX;
            self.seal_at.insert(id, self.now.plus_ms(wait));
        }
    }

    fn seals_to_give(&self, id: SpaceId) -> Vec<DeviceId> {
        let Some(space) = self.spaces.get(&id).filter(|space| space.is_in()) else {
            return Vec::new();
        };
        let roll = space.replica.roll();
        let owed =
            |device: &DeviceId| roll.owed(device).iter().any(|key| space.content.keys.holds(key));
        roll.devices_in().filter(|device| owed(device)).copied().collect()
    }

    /// Gives the seals whose time has come.
    pub(super) fn give_seals(&mut self) {
        let now = self.now;
        let due: Vec<_> =
            self.seal_at.iter().filter(|(_, at)| **at <= now).map(|(id, _)| *id).collect();
        for id in due {
            self.seal_at.remove(&id);
            let mut by_key = std::collections::BTreeMap::<_, Vec<_>>::new();
            for device in self.seals_to_give(id) {
                let owed = self.spaces.get(&id).map(|space| space.replica.roll().owed(&device));
                for (key, sealed) in self.boxes(id, &device, &owed.unwrap_or_default()) {
                    by_key.entry(key).or_default().push(sealed);
                }
            }
            let seal = |(key, seals): (_, Vec<_>)| {
                let seals: Bounded<_, _> = seals.try_into().ok()?;
                Some(CharterItem::Seal(ledger::charter_items::Seal { key, seals }))
            };
            let items: Vec<_> = by_key.into_iter().filter_map(seal).collect();
            if !items.is_empty()
                && let Err(error) = self.append_charter(id, items, Batch::default())
            {
                self.trouble = error.into_store();
            }
        }
    }

    /// Closes a stream behind its last frame.
    fn end_after_sending(&mut self, stream: StreamId) {
        self.streams.remove(&stream);
        self.dirty.remove(&stream);
        self.gate.promise(WriteId::default(), Promise::Close(stream));
    }
}

/// The knock in a run of one entry.
fn read_knock(run: &Run) -> Option<(EntryId, Knock)> {
    let entries = run.clone().open().ok()?;
    let [entry] = entries.as_slice() else { return None };
    let body: CharterBody = ledger::decode(entry.body.as_deref()?).ok()?;
    match body.first()? {
        CharterItem::Knock(knock) if entry.seq() == 0 => Some((entry.id, knock.clone())),
        _ => None,
    }
}
