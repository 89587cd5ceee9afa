//! Getting in: the newcomer's side and the contact's (CHARTER, "Getting in"), and how a node lets
//! go of those whom nobody took in.

use std::collections::BTreeSet;

use ledger::{
    Bounded, DecodeError, EntryId, Journal, PeerId, SpaceId, Timestamp,
    charter_items::{Act, Admit, CharterItem, Propose},
};
use replica::{Door, TakeError};
use store::{Batch, Store, WriteId};
use sync::{Contact, KnockAnswer, KnockFrame};

use crate::{
    engine::Engine,
    gate::{Plain, Promise},
    io::{Protocol, StreamId},
    limits::{ENDED_AGAIN_MS, KNOCK_AGAIN_MS},
    links::{Purpose, Source, Stream},
    sabotage::sabotaged,
    space::{Seated, Shut, Space},
};

impl<S: Store> Engine<S> {
    /// The space that this home wants into and `peer` is a contact of, and when to ask there.
    pub(super) fn next_knock_at(&self, peer: &PeerId) -> Option<(SpaceId, Timestamp)> {
        let asks = |space: Seated<'_>| {
            let joining = space.seat.joining()?;
            // One contact's word is not enough: asking goes on until the charter itself says so.
            let there = space.is_in() && space.can_write();
            (!there && joining.has_contact(peer)).then_some(())?;
            Some((space.id, space.knock_at.get(peer).copied().unwrap_or_default()))
        };
        let due = self.view().seats().filter_map(asks).min_by_key(|(_, at)| *at);
        due.filter(|_| !self.links.is_knocking_at(peer))
    }

    /// Connected contacts of tickets: nobody else is asked to be let in.
    fn connected_contacts(&self) -> BTreeSet<&PeerId> {
        let asked = self.spaces.values().flat_map(Space::asked);
        asked.filter(|peer| self.links.is_connected(peer)).collect()
    }

    /// When the next contact is to be asked.
    pub(super) fn knock_deadline(&self) -> Option<Timestamp> {
        let contacts = self.connected_contacts().into_iter();
        contacts.filter_map(|peer| self.next_knock_at(peer)).map(|(_, at)| at).min()
    }

    /// Asks those contacts whose time has come.
    pub(super) fn knock_again(&mut self) {
        let contacts: Vec<_> = self.connected_contacts().into_iter().cloned().collect();
        for peer in contacts {
            self.knock_if_due(&peer);
        }
    }

    /// Asks a connected contact if it is time to.
    pub(super) fn knock_if_due(&mut self, peer: &PeerId) {
        if let Some((space, at)) = self.next_knock_at(peer)
            && self.links.is_connected(peer)
            && at <= self.now
        {
            let again = self.now.plus_ms(KNOCK_AGAIN_MS);
            let space = self.spaces.get_mut(&space);
            space.into_iter().for_each(|space| _ = space.knock_at.insert(peer.clone(), again));
            self.gate.plain(Plain::Open(peer.clone(), Protocol::Knock));
        }
    }

    pub(super) fn knock_opened(&mut self, stream: StreamId, peer: PeerId) {
        let found = self.next_knock_at(&peer).and_then(|(id, _)| {
            let joining = self.spaces.get(&id)?.joining()?;
            let (knock, card) = (joining.knock.clone(), joining.card.clone());
            Some(KnockFrame { space: id, knock, card })
        });
        let Some(frame) = found else {
            self.gate.promise(WriteId::default(), Promise::Close(stream));
            return;
        };
        let purpose = Purpose::KnockClient(frame.space);
        self.links.insert(stream, Stream::new(peer, true, purpose, self.now));
        // The keys must not be lost once somebody has the knock.
        self.send_bytes(stream, self.gate.written(), ledger::encode(&frame));
    }

    /// A contact answered.
    pub(super) fn knock_answered(&mut self, stream: StreamId, id: SpaceId, bytes: &[u8]) {
        let Some(peer) = self.links.peer_of(stream) else { return };
        let Ok(answer) = KnockAnswer::decode(bytes) else {
            self.misbehaved(&peer);
            return;
        };
        self.met(&peer);
        let told = self.taken_from(&peer, &answer);
        if answer == KnockAnswer::Ended {
            let later = self.now.plus_ms(ENDED_AGAIN_MS);
            let space = self.spaces.get_mut(&id);
            space.into_iter().for_each(|space| _ = space.knock_at.insert(peer.clone(), later));
        }
        let Ok((_, seat, _)) = self.seat_mut(&id) else { return };
        let Some(joining) = seat.joining_mut() else { return };
        match answer {
            KnockAnswer::Received { vouches, needed, .. } => {
                (joining.vouches, joining.needed) = (vouches, needed);
                joining.received_by(&peer);
            }
            KnockAnswer::In { boxes, .. } => {
                joining.admitted = true;
                joining.received_by(&peer);
                for (key, sealed) in &boxes {
                    seat.learn_from_box(id, *key, &sealed.sealed);
                }
            }
            KnockAnswer::Ended => joining.ended_says(&peer),
            KnockAnswer::Unknown => {}
        }
        let Some(joining) = seat.joining_mut() else { return };
        joining.ask_too(told);
        let (admitted, contacts) = (joining.admitted, joining.ticket.contacts.clone());
        let mut batch = Batch::default();
        self.learn_contacts(&contacts, &mut batch);
        self.write_quietly(batch);
        self.keep_seat_quietly(id);
        self.links.look_again();
        if admitted {
            self.end_stream(stream);
            // The contact may have opened a session before it was known here what for.
            if let Some(session) = self.links.sync_stream(&peer) {
                self.review(session, &peer, id);
            }
            self.open_streams(&peer);
        }
    }

    /// The contacts that an answer names, at the addresses that its teller may tell of.
    fn taken_from(&self, teller: &PeerId, answer: &KnockAnswer) -> Vec<Contact> {
        let (KnockAnswer::Received { contacts, .. } | KnockAnswer::In { contacts, .. }) = answer
        else {
            return Vec::new();
        };
        let taken = |contact: &Contact| contact.only_at(|at| self.links.peers.may_tell(teller, at));
        contacts.iter().map(taken).collect()
    }

    /// Remembers where a ticket's contacts are reached.
    pub(crate) fn learn_contacts(&mut self, contacts: &[Contact], batch: &mut Batch) {
        for contact in contacts.iter().filter(|contact| contact.peer != *self.config.peer()) {
            let addresses = contact.addresses.iter().map(|address| address.to_string());
            self.links.peers.learn(&contact.peer, Source::Ticket, addresses, self.now, batch);
        }
    }

    /// A newcomer asks: strangers and the removed get nothing but `unknown`.
    pub(super) fn knock_asked(&mut self, stream: StreamId, bytes: &[u8]) {
        let Some(peer) = self.links.peer_of(stream) else { return };
        let taken = match KnockFrame::decode(bytes) {
            Ok(frame) => {
                let space = frame.space;
                self.take_knock(&peer, frame).map(|knock| (space, knock))
            }
            // Another contact may have the program for it, or this one may be updated.
            Err(DecodeError::Newer) => Err(KnockAnswer::Unknown),
            Err(_) => return self.misbehaved(&peer),
        };
        match taken {
            Ok((space, knock)) => {
                if let Some(one) = self.links.streams.get_mut(&stream) {
                    one.purpose = Purpose::KnockServer(Some((space, knock)));
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
        let knocking = frame.open().map_err(|_| KnockAnswer::Unknown)?;
        if knocking.card.peer != *peer {
            return Err(KnockAnswer::Unknown);
        }
        if space.replica.knock(&knocking.id).is_none() {
            space.judge_knock(&knocking.device, &knocking.knock, now)?;
        }
        let (mut stored, mut guest) = (false, Vec::new());
        let taken = [frame.knock, frame.card].into_iter().try_for_each(|run| {
            let taken = space.replica.take(&mut self.store, run, Door::MEMBER)?;
            if let Some(write) = taken.write {
                self.gate.wrote(write);
                stored = true;
            }
            guest.extend(taken.entry.filter(|_| taken.is_guest));
            Ok::<_, TakeError>(())
        });
        let is_kept = space.replica.knock(&knocking.id).is_some();
        if stored {
            self.offer_guest(frame.space, &guest);
            self.entries_stored(frame.space, Journal::Charter);
        }
        // One that has no room is told so like one whose ticket has ended.
        match taken {
            Ok(()) if is_kept => {
                if sabotaged!(self.config, KnocksProposed) && stored {
                    let admit = Act::Admit(Admit { knock: knocking.id });
                    let admit = CharterItem::Propose(Propose { act: admit, reason: None });
                    let _ = self.append_charter(frame.space, vec![admit], Batch::default());
                }
                Ok(knocking.id)
            }
            Ok(()) => Err(KnockAnswer::Ended),
            Err(TakeError::Store(error)) => {
                self.trouble = Some(error);
                Err(KnockAnswer::Unknown)
            }
            Err(TakeError::Refused(_)) => Err(KnockAnswer::Unknown),
        }
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
        let Some(state) = space.replica.knock(&knock).cloned() else { return };
        let is_in = roll.is_in(&state.device);
        let answer = if is_in {
            // All that one writes under now, whatever boxes the charter has for them: a box in it
            // can be false, and only they can tell.
            let boxes = self.boxes(id, &state.device, &roll.writable_epochs());
            KnockAnswer::In {
                boxes: Bounded::first_of(boxes),
                contacts: self.introduce(id, Some(peer)),
            }
        } else {
            let (vouches, needed) = (state.vouches as u32, state.needed as u32);
            // Where members are reached is no business of who only has a ticket.
            KnockAnswer::Received { vouches, needed, contacts: Bounded::default() }
        };
        self.send_bytes(stream, self.gate.written(), ledger::encode(&answer));
        if is_in {
            self.end_after_sending(stream);
        }
    }

    /// Lets go of guests whose tickets have ended, or whom somebody else took in.
    pub(super) fn let_guests_go(&mut self) {
        let due = |space: &&Space| space.guests_at <= self.now;
        let ids: Vec<_> = self.spaces.values().filter(due).map(|space| space.id).collect();
        for id in ids {
            let Some(space) = self.spaces.get(&id) else { continue };
            let invites = space.replica.guests().map(|(_, guest)| guest.state.invite);
            let invites: BTreeSet<_> = invites.collect();
            let roll = space.replica.roll();
            let ends = invites.iter().filter_map(|invite| Some(roll.invites.get(invite)?.expires));
            let next = ends.filter(|end| *end >= self.now).min().map(|end| end.plus_ms(1));
            let over: Vec<_> =
                invites.into_iter().filter(|invite| space.is_over(invite, self.now)).collect();
            let Some(space) = self.spaces.get_mut(&id) else { continue };
            // Looked at again when one ends, or when the charter says something else.
            space.guests_at = next.unwrap_or(Timestamp::from_ms(u64::MAX));
            let is_over = |state: &charter::KnockState| over.contains(&state.invite);
            match space.replica.let_guests_go(&mut self.store, is_over) {
                Ok(Some(write)) => {
                    self.gate.wrote(write);
                    self.entries_stored(id, Journal::Charter);
                }
                Ok(None) => {}
                Err(error) => self.trouble = Some(error),
            }
        }
    }

    /// Closes a stream behind its last frame.
    fn end_after_sending(&mut self, stream: StreamId) {
        self.links.forget(stream);
        self.gate.promise(WriteId::default(), Promise::Close(stream));
    }
}

impl From<Shut> for KnockAnswer {
    fn from(shut: Shut) -> Self {
        match shut {
            Shut::Ended => Self::Ended,
            Shut::Unknown => Self::Unknown,
        }
    }
}
