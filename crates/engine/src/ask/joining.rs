//! Knocking at a space with a ticket (CHARTER, "Getting in").

use api::{Answer, Ask, ErrorCode, Failure, Joined};
use ledger::{
    Bounded, DecodeError, EntryId, HeaderKind, Run, SpaceId, Timestamp, Unsigned,
    charter_items::{Card, CharterBody, CharterItem, Knock},
};
use seal::TicketSeed;
use store::{Batch, Store};
use sync::Ticket;

use super::Completion;
use crate::{
    asking::Until,
    engine::Engine,
    failures::{Result, disk_failure},
    io::AskId,
    links::is_local,
    name,
    sabotage::sabotaged,
    space::{Joining, SeatKeys, SeatState, Seated, Space, keep_keys},
    wording,
};

impl<S: Store> Engine<S> {
    pub(super) fn join(
        &mut self,
        ask: AskId,
        what: &Ask,
        ticket: &str,
        me: &str,
    ) -> Result<Option<Completion>> {
        let ticket = Ticket::parse(ticket)
            .map_err(|error| Failure::because(ErrorCode::BadTicket, error.to_string()))?;
        let ticket = within_reach(ticket);
        let me = name::of_person(me)?;
        let id = ticket.space;
        let space = self.spaces.get(&id);
        // Whose key is used by another home, or whose home does not know any more what it signed,
        // goes on with a new one, as a new member.
        let is_over = |space: &Space| space.is_forked() || space.is_in() && space.lacks_own();
        let is_over = space.is_some_and(is_over);
        if !is_over && space.is_some_and(Space::is_in) {
            return Err(Failure::of(ErrorCode::AlreadyMember));
        }
        // With a ticket that has ended nobody gets in: another one is another knock, also where
        // only some of the contacts say so.
        let asked = |joining: &Joining| {
            let is_open = joining.received && joining.ended_by.is_empty();
            joining.ticket.invite == ticket.invite || is_open
        };
        if !is_over && space.and_then(Space::joining).is_some_and(asked) {
            self.ask_there_too(id, &ticket)?;
        } else {
            self.knock(ticket, me.to_string())?;
        }
        // Who said that another ticket has ended is asked at once.
        self.spaces.get_mut(&id).into_iter().for_each(|space| space.knock_at.clear());
        self.links.look_again();
        let contacts = self.spaces.get(&id).map(Space::wanted).unwrap_or_default();
        for peer in contacts {
            self.links.peers.hurry(&peer);
            self.open_streams(&peer);
        }
        self.wait_for(ask, what, Until::Knocked(id));
        Ok(None)
    }

    /// A second ticket, or the first one again: its contacts are asked too, and first.
    fn ask_there_too(&mut self, id: SpaceId, ticket: &Ticket) -> Result<()> {
        let mut batch = Batch::default();
        self.learn_contacts(&ticket.contacts, &mut batch);
        let (_, seat, _) = self.seat_mut(&id)?;
        if let Some(joining) = seat.joining_mut() {
            joining.ask_first(&ticket.contacts);
        }
        self.write(batch).map_err(disk_failure)?;
        self.keep_seat(id).map_err(disk_failure)?;
        Ok(())
    }

    /// Makes keys, knock and card; kept before anybody is asked.
    fn knock(&mut self, ticket: Ticket, me: String) -> Result<()> {
        let id = ticket.space;
        self.keep_seat(id).map_err(disk_failure)?;
        let seed = TicketSeed::of_ticket(ticket.seed.clone());
        let keys = SeatKeys::generate(&mut self.rng);
        let bug = |_| Failure::of(ErrorCode::Internal);
        let name = seal::seal_text(&seed.guest_key(), id.as_bytes(), &me, &mut self.rng);
        let name = name.map_err(|_| Failure::of(ErrorCode::BadName))?;
        let mut knock = Knock {
            invite: ticket.invite,
            known: ticket.known,
            name,
            ticket_signature: ledger::Signature::from_bytes([0; 64]),
        };
        knock.sign(&seed.signing_key(), &id, &keys.device.id());
        let card = Card::sign(&self.config.key, keys.seal.public(), &id, &keys.device.id());
        let (first, runs) = first_entries(&keys, id, self.now, knock, card).map_err(bug)?;
        let mut batch = Batch::default();
        self.learn_contacts(&ticket.contacts, &mut batch);
        let number = match self.view().seated(&id) {
            Some(space) => space.seat.number,
            None => self.next_space_number()?,
        };
        let joining = SeatState::Joining(Box::new(Joining::new(ticket, runs, first, me)));
        keep_keys(number, id, &keys, &joining, &mut batch);
        let mut space =
            Space::with(&self.store, number, id, keys, joining).map_err(disk_failure)?;
        if !sabotaged!(self.config, KnockNotKept) {
            self.write(batch).map_err(disk_failure)?;
        }
        // Of what the new key signs nothing is lost.
        space.replica.charter_is_whole(&mut self.store).map_err(disk_failure)?;
        self.add_space(space);
        Ok(())
    }

    /// A ticket that has ended leaves nothing behind but what was said of it.
    pub(super) fn forget_ended(&mut self, id: SpaceId) {
        let ended = |joining: &Joining| joining.ended;
        let space = self.view().seated(&id);
        // Who was in already, and knocks with a new key, keeps what is here.
        let is_new = |space: &Seated<'_>| !space.replica.has_genesis();
        let space = space.filter(|space| space.joining().is_some_and(ended)).filter(is_new);
        if let Some(space) = space {
            let mut batch = Batch::default();
            space.seat.forget(&mut batch);
            self.write_quietly(batch);
            self.spaces.remove(&id);
        }
    }

    /// Whether `join` can be answered.
    pub(super) fn knocked(&self, id: SpaceId, late: bool) -> Option<Result<Answer>> {
        let space = self.spaces.get(&id)?;
        let answer = Answer::Joined(joined(space));
        match space.joining() {
            None => Some(Ok(answer)),
            Some(joining) if joining.ended => Some(Err(Failure::of(ErrorCode::TicketEnded))),
            // Who is in waits for the charter too, so that the next command can be a post.
            Some(joining) if joining.received && !joining.admitted => Some(Ok(answer)),
            Some(joining) if late && joining.received => Some(Ok(answer)),
            Some(_) if late => Some(Err(Failure::of(ErrorCode::NoAnswer).state(answer))),
            Some(_) => None,
        }
    }
}

/// A ticket without addresses that mean another place on each machine, unless it has no others:
/// then it was made for this machine alone.
fn within_reach(mut ticket: Ticket) -> Ticket {
    let all = ticket.contacts.iter().flat_map(|contact| contact.addresses.iter());
    if all.clone().any(|at| !is_local(at)) {
        let contacts = ticket.contacts.iter().map(|contact| contact.only_at(|at| !is_local(at)));
        ticket.contacts = Bounded::first_of(contacts.collect::<Vec<_>>());
    }
    ticket
}

/// The two entries with which a newcomer's log begins, as the runs that contacts are sent, and the
/// id of the first. Their author has seen one entry of others, which the knock names.
fn first_entries(
    keys: &SeatKeys,
    space: SpaceId,
    now: Timestamp,
    knock: Knock,
    card: Card,
) -> std::result::Result<(EntryId, [Run; 2]), DecodeError> {
    let entry = |heads, backlink: Option<EntryId>, item| {
        let body: CharterBody = Bounded::one(item);
        let unsigned = Unsigned {
            journal: space.charter_journal(),
            seq: u64::from(backlink.is_some()),
            stamp: now,
            backlink,
            kind: HeaderKind::Charter(heads),
            body: ledger::encode(&body),
        };
        unsigned.sign(&keys.device)
    };
    let first = entry(Bounded::one(knock.known), None, CharterItem::Knock(knock))?;
    let second = entry(Bounded::default(), Some(first.id), CharterItem::Card(card))?;
    Ok((first.id, [Run::of(&[first])?, Run::of(&[second])?]))
}

fn joined(space: &Space) -> Joined {
    let joining = space.joining();
    // What a contact said of it becomes true with the charter that says so.
    let is_in = joining.is_none() || space.is_in();
    Joined {
        space: wording::space_id(&space.id),
        state: if is_in { "in" } else { "knocking" }.to_owned(),
        vouches: joining.map_or(0, |joining| joining.vouches),
        needed: joining.map_or(0, |joining| joining.needed),
        received: joining.is_none_or(|joining| joining.received),
    }
}
