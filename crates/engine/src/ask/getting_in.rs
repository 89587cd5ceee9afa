//! Tickets, knocks and vouches (CHARTER, "Getting in").

use api::{
    Answer, Ask, ErrorCode, Failure, InviteRow, Invited, Joined, MemberRow, Vouched, Withdrawn,
};
use ledger::{
    Bounded, EntryId, HeaderKind, ItemId, MemberId, SpaceId, Unsigned,
    charter_items::{
        Act, Admit, Approve, Card, CharterBody, CharterItem, Invite, Knock, Propose, Withdraw,
    },
    content_items::{ContentItem, GuestKey, Word, WordBody},
};
use seal::TicketSeed;
use store::{Batch, Store};
use sync::{
    Ticket,
    limits::{CONTACTS_MAX, TICKET_CHARS_MAX},
};

use super::{
    Completion, Result, disk_failure,
    founding::name,
    pending::Until,
    things::{Thing, said_back},
    wording,
};
use crate::{
    engine::Engine,
    io::AskId,
    limits::{INVITE_DAYS_MAX, INVITE_KNOCKS_MAX},
    space::{Knocking, Space, SpaceKeys},
};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

impl<S: Store> Engine<S> {
    pub(super) fn invite(
        &mut self,
        said: Option<&str>,
        days: u32,
        knocks: u32,
    ) -> Result<Completion> {
        let id = self.which_space(said)?;
        if !(1..=INVITE_DAYS_MAX).contains(&days) || !(1..=INVITE_KNOCKS_MAX).contains(&knocks) {
            let message = format!(
                "a ticket lasts 1 to {INVITE_DAYS_MAX} days and is for 1 to {INVITE_KNOCKS_MAX} \
                 newcomers"
            );
            let failure = Failure::because(ErrorCode::BadArgument, message);
            return Err(failure.hint("groundwork member invite --help"));
        }
        self.member_space(id)?;
        let seed = TicketSeed::generate(&mut self.rng);
        let expires = self.now.plus_ms(u64::from(days) * DAY_MS);
        let ticket = seed.signing_key().id();
        let item = CharterItem::Invite(Invite { ticket, expires, knocks_max: knocks });
        let (entry, after) = self.append_charter(id, vec![item], Batch::default())?;
        let invite = ItemId::of(&entry.id, 0);
        let key = seed.guest_key().as_bytes().to_vec();
        let key = key.try_into().map_err(|_| Failure::of(ErrorCode::Internal))?;
        let word = Word {
            subject: Some(ledger::ItemRef::Id(invite)),
            replaces: None,
            body: WordBody::GuestKey(GuestKey { key }),
        };
        let (_, guest) = self.append_content(id, vec![ContentItem::Word(word)])?;
        let mut contacts: Bounded<sync::Contact, CONTACTS_MAX> = self.contacts(id, None);
        let reachable = contacts.iter().any(|contact| {
            contact.addresses.iter().any(|at| !at.contains("/127.") && !at.contains("/::1/"))
        });
        let seed = *seed.as_bytes();
        let ticket = loop {
            let ticket = Ticket { seed, space: id, invite, known: entry.id, contacts };
            let text = ticket.to_text();
            // A ticket fits a QR code: who is named last is left out.
            let mut fewer = ticket.contacts.into_inner();
            if text.len() <= TICKET_CHARS_MAX || fewer.len() <= 1 {
                break text;
            }
            fewer.pop();
            contacts = fewer.try_into().unwrap_or_default();
        };
        Ok(Completion::after(
            after.max(guest),
            Answer::Invited(Invited {
                ticket,
                invite: wording::invite_id(&invite),
                expires: expires.as_ms(),
                space: wording::space_id(&id),
                reachable,
            }),
        ))
    }

    pub(super) fn withdraw(&mut self, said: Option<&str>, invite: &str) -> Result<Completion> {
        let (id, thing) = self.find(said, invite)?;
        let Thing::Invite(item) = thing else {
            return Err(Failure::because(
                ErrorCode::NotFound,
                format!("{} is no invite", said_back(invite)),
            ));
        };
        self.member_space(id)?;
        let withdraw = CharterItem::Withdraw(Withdraw { invite: ledger::ItemRef::Id(item) });
        let (_, after) = self.append_charter(id, vec![withdraw], Batch::default())?;
        let invite = wording::invite_id(&item);
        Ok(Completion::after(after, Answer::Withdrawn(Withdrawn { invite })))
    }

    pub(super) fn join(
        &mut self,
        ask: AskId,
        what: &Ask,
        ticket: &str,
        me: &str,
    ) -> Result<Option<Completion>> {
        let ticket = Ticket::parse(ticket)
            .map_err(|error| Failure::because(ErrorCode::BadTicket, error.to_string()))?;
        let me = name(me)?;
        let id = ticket.space;
        match self.spaces.get(&id) {
            Some(space) if space.is_in() => {
                return Err(Failure::of(ErrorCode::AlreadyMember));
            }
            Some(Space { knocking: Some(knocking), .. })
                if knocking.ticket.invite == ticket.invite || knocking.received =>
            {
                self.ask_there_too(id, &ticket)?;
            }
            _ => self.knock(ticket, me.to_string())?,
        }
        let contacts = self.spaces.get(&id).map(Space::wanted).unwrap_or_default();
        for peer in contacts {
            self.peers.hurry(&peer);
            self.open_streams(&peer);
        }
        self.wait_for(ask, what.timeout_ms, Until::Knocked(id));
        Ok(None)
    }

    /// A second ticket, or the first one again: its contacts are asked too, and first.
    fn ask_there_too(&mut self, id: SpaceId, ticket: &Ticket) -> Result<()> {
        let mut batch = Batch::default();
        self.learn_contacts(&ticket.contacts, &mut batch);
        if let Some(space) = self.spaces.get_mut(&id)
            && let Some(knocking) = &mut space.knocking
        {
            let mut contacts = ticket.contacts.to_vec();
            let old = knocking.ticket.contacts.iter();
            let new = |one: &&sync::Contact| ticket.contacts.iter().all(|at| at.peer != one.peer);
            contacts.extend(old.filter(new).cloned());
            contacts.truncate(sync::limits::CONTACTS_MAX);
            knocking.ticket.contacts = contacts.try_into().unwrap_or_default();
            (knocking.ended, knocking.ended_by) = (false, Vec::new());
            space.keep(&mut batch);
        }
        self.write(batch).map_err(disk_failure)?;
        self.knock_at.clear();
        Ok(())
    }

    /// Makes keys and knock; kept before anybody is asked.
    fn knock(&mut self, ticket: Ticket, me: String) -> Result<()> {
        let id = ticket.space;
        let seed = TicketSeed::from_bytes(ticket.seed);
        let keys = SpaceKeys::generate(&mut self.rng);
        let bug = |_| Failure::of(ErrorCode::Internal);
        let name = seal::seal_text(&seed.guest_key(), id.as_bytes(), &me, &mut self.rng);
        let name = name.map_err(|_| Failure::of(ErrorCode::BadName))?;
        let card = Card { peer: self.config.peer.clone(), seal_key: keys.seal.public() };
        let mut knock = Knock {
            invite: ticket.invite,
            known: ticket.known,
            card,
            name,
            ticket_signature: ledger::Signature::from_bytes([0; 64]),
        };
        knock.sign(&seed.signing_key(), &id, &keys.device.id());
        let body: CharterBody = Bounded::one(CharterItem::Knock(knock));
        let entry = Unsigned {
            journal: id.charter_journal(),
            seq: 0,
            stamp: self.now,
            backlink: None,
            kind: HeaderKind::Charter(Bounded::one(ticket.known)),
            body: ledger::encode(&body),
        };
        let entry = entry.sign(&keys.device).map_err(bug)?;
        let knocking = Knocking {
            knock: ledger::Run::of(std::slice::from_ref(&entry)).map_err(bug)?,
            id: entry.id,
            name: me,
            received: false,
            admitted: false,
            vouches: 0,
            needed: 0,
            ended: false,
            ended_by: Vec::new(),
            ticket,
        };
        let mut batch = Batch::default();
        self.learn_contacts(&knocking.ticket.contacts, &mut batch);
        let number = match self.spaces.get(&id) {
            Some(space) => space.number,
            None => self.next_space_number()?,
        };
        let space = Space::with(&self.store, number, id, keys, Some(knocking));
        let space = space.map_err(disk_failure)?;
        space.keep(&mut batch);
        self.write(batch).map_err(disk_failure)?;
        self.spaces.insert(id, space);
        Ok(())
    }

    /// A ticket that has ended leaves nothing behind but what was said of it.
    pub(super) fn forget_ended(&mut self, id: SpaceId) {
        let ended = |space: &Space| space.knocking.as_ref().is_some_and(|knock| knock.ended);
        if let Some(space) = self.spaces.get(&id).filter(|space| ended(space)) {
            let mut batch = Batch::default();
            space.forget(&mut batch);
            self.write_quietly(batch);
            self.spaces.remove(&id);
        }
    }

    /// Whether `join` can be answered.
    pub(super) fn knocked(&self, id: SpaceId, late: bool) -> Option<Result<Answer>> {
        let space = self.spaces.get(&id)?;
        let answer = Answer::Joined(joined(space));
        match &space.knocking {
            None => Some(Ok(answer)),
            Some(knocking) if knocking.ended => Some(Err(Failure::of(ErrorCode::TicketEnded))),
            // Who is in waits for the charter too, so that the next command can be a post.
            Some(knocking) if knocking.received && !knocking.admitted => Some(Ok(answer)),
            Some(knocking) if late && knocking.received => Some(Ok(answer)),
            Some(_) if late => Some(Err(Failure::of(ErrorCode::NoAnswer).state(answer))),
            Some(_) => None,
        }
    }

    pub(super) fn vouch(&mut self, said: Option<&str>, who: &str) -> Result<Completion> {
        let (id, knock) = self.find_knock(said, who)?;
        self.member_space(id)?;
        let space = self.spaces.get_mut(&id).ok_or_else(|| Failure::of(ErrorCode::NoSpace))?;
        let roll = space.replica.roll().clone();
        if !roll.knocks.contains_key(&knock) {
            return Err(Failure::of(ErrorCode::NotAKnock));
        }
        let me = roll.member_of(&space.device()).filter(|me| roll.has_say(me));
        let me = me.ok_or_else(|| Failure::of(ErrorCode::NoSay))?;
        let open = space.replica.charter().vouches(&knock, &me);
        if open.iter().any(|vouch| vouch.given && vouch.counts) {
            return Err(Failure::of(ErrorCode::AlreadyVouched));
        }
        let open = open.iter().find(|vouch| vouch.counts).map(|vouch| vouch.act);
        let items = match open {
            Some(act) => vec![approve(ledger::ItemRef::Id(act))],
            None => vec![
                CharterItem::Propose(Propose { act: Act::Admit(Admit { knock }), reason: None }),
                approve(ledger::ItemRef::Here(0)),
            ],
        };
        let (entry, after) = self.append_charter(id, items, Batch::default())?;
        let act = open.unwrap_or(ItemId::of(&entry.id, 0));
        let space = &self.spaces[&id];
        let roll = space.replica.roll();
        let row = self.knock_row(space, &knock)?;
        let say = roll.has_say(&MemberId::from(knock));
        Ok(Completion::after(
            after,
            Answer::Vouched(Vouched {
                act: wording::act_id(&act),
                member: row.member,
                name: row.name,
                state: row.state,
                say,
                vouches: row.vouches,
                needed: row.needed,
            }),
        ))
    }

    /// Where several proposals for one knock are open, this person's vouch is repeated on the one
    /// with the smallest id for which it counts, so that vouches meet (CHARTER, "Getting in").
    pub(crate) fn repeat_vouches(&mut self, id: SpaceId) {
        let Some(space) = self.spaces.get_mut(&id) else { return };
        let roll = space.replica.roll().clone();
        let Some(me) = roll.member_of(&space.device()).filter(|me| roll.has_say(me)) else {
            return;
        };
        let mut acts = Vec::new();
        let open = |(_, knock): &(&EntryId, &charter::KnockState)| knock.proposals.len() > 1;
        for (knock, _) in roll.knocks.iter().filter(open) {
            if roll.has_say(&MemberId::from(*knock)) {
                continue;
            }
            let vouches = space.replica.charter().vouches(knock, &me);
            let first = vouches.iter().find(|vouch| vouch.counts);
            if let Some(first) = first.filter(|first| !first.given)
                && vouches.iter().any(|vouch| vouch.given)
            {
                acts.push(ledger::ItemRef::Id(first.act));
            }
        }
        if acts.is_empty() {
            return;
        }
        if let Ok(acts) = acts.try_into() {
            let items = vec![CharterItem::Approve(Approve { acts })];
            if let Err(error) = self.append_charter(id, items, Batch::default()) {
                self.trouble = error.into_store();
            }
        }
    }

    /// The knock that a name or an id means.
    fn find_knock(&self, said: Option<&str>, who: &str) -> Result<(SpaceId, EntryId)> {
        if who.contains('_') {
            return match self.find(said, who)? {
                (id, Thing::Knock(knock)) => Ok((id, knock)),
                // Who is in and has no say yet is vouched for again.
                (id, Thing::Member(member)) => Ok((id, EntryId::from(member))),
                _ => Err(Failure::of(ErrorCode::NotAKnock)),
            };
        }
        let wanted = who.trim().to_lowercase();
        let mut found = Vec::new();
        for id in self.spaces_read(said)? {
            let Some(space) = self.spaces.get(&id) else { continue };
            let roll = space.replica.roll();
            for knock in roll.knocks.keys() {
                let member = MemberId::from(*knock);
                let name = self.name(space, &member)?;
                let settled = roll.has_say(&member);
                if !settled && name.to_lowercase().starts_with(&wanted) {
                    found.push((id, *knock, name));
                }
            }
        }
        let exact: Vec<_> =
            found.iter().filter(|(_, _, name)| name.to_lowercase() == wanted).cloned().collect();
        let found = if exact.is_empty() { found } else { exact };
        match found.as_slice() {
            [(id, knock, _)] => Ok((*id, *knock)),
            [] => {
                let message = format!("nobody called {:?} knocks here", said_back(who));
                Err(Failure::because(ErrorCode::NotAKnock, message))
            }
            several => {
                let message =
                    format!("several people called {:?} knock: use an id", said_back(who));
                let things = several.iter().map(|(_, knock, name)| {
                    format!("{} {name}", wording::member_id(&MemberId::from(*knock)))
                });
                let failure = Failure::because(ErrorCode::Ambiguous, message);
                Err(failure.things(things.collect()).hint("groundwork member list"))
            }
        }
    }

    pub(super) fn list_members(&self, said: Option<&str>) -> Result<Answer> {
        let mut rows = Vec::new();
        for id in self.spaces_read(said)? {
            let Some(space) = self.spaces.get(&id) else { continue };
            rows.extend(self.member_rows(space)?);
        }
        Ok(Answer::Members(rows.into()))
    }

    /// Members of a space and who knocks, by name.
    pub(super) fn member_rows(&self, space: &Space) -> Result<Vec<MemberRow>> {
        let roll = space.replica.roll();
        let mut rows = Vec::new();
        for member in roll.members.keys() {
            rows.push(self.member_row(space, member)?);
        }
        for knock in roll.knocks.keys() {
            if !roll.members.contains_key(&MemberId::from(*knock)) {
                rows.push(self.knock_row(space, knock)?);
            }
        }
        rows.sort_by_key(|row| (row.state != "in", row.name.to_lowercase(), row.member.clone()));
        Ok(rows)
    }

    pub(super) fn member_row(&self, space: &Space, member: &MemberId) -> Result<MemberRow> {
        let roll = space.replica.roll();
        let state = roll.members.get(member);
        let devices = roll.devices.iter().filter(|(_, device)| device.member == *member);
        let knock = roll.knocks.get(&EntryId::from(*member));
        Ok(MemberRow {
            member: wording::member_id(member),
            name: self.name(space, member)?,
            space: wording::space_id(&space.id),
            space_name: self.space_name(space),
            state: state.map_or("knocking", |member| member.state()).to_owned(),
            say: roll.has_say(member),
            vouches: knock.map_or(0, |knock| knock.vouches as u32),
            needed: knock.map_or(0, |knock| knock.needed as u32),
            devices: devices.map(|(device, _)| wording::device_id(device)).collect(),
            invited_by: None,
            me: self.me(space) == Some(*member),
        })
    }

    fn knock_row(&self, space: &Space, knock: &EntryId) -> Result<MemberRow> {
        let roll = space.replica.roll();
        let row = self.member_row(space, &MemberId::from(*knock))?;
        let by = roll.knocks.get(knock).and_then(|state| roll.invites.get(&state.invite));
        let invited_by = by.map(|invite| self.who(space, &invite.by)).transpose()?;
        Ok(MemberRow { invited_by, ..row })
    }

    pub(super) fn list_invites(&self, said: Option<&str>) -> Result<Answer> {
        let mut rows = Vec::new();
        for id in self.spaces_read(said)? {
            let Some(space) = self.spaces.get(&id) else { continue };
            for (invite, state) in &space.replica.roll().invites {
                let used = u64::from(state.knocks) >= u64::from(state.knocks_max);
                let state_text = match () {
                    () if state.withdrawn => "withdrawn",
                    () if used => "used",
                    () if state.expires < self.now => "ended",
                    () => "open",
                };
                rows.push(InviteRow {
                    invite: wording::invite_id(invite),
                    space: wording::space_id(&id),
                    by: self.who(space, &state.by)?,
                    expires: state.expires.as_ms(),
                    knocks: state.knocks,
                    knocks_max: state.knocks_max,
                    state: state_text.to_owned(),
                });
            }
        }
        Ok(Answer::Invites(rows.into()))
    }
}

fn approve(act: ledger::ItemRef) -> CharterItem {
    CharterItem::Approve(Approve { acts: Bounded::one(act) })
}

fn joined(space: &Space) -> Joined {
    let knocking = space.knocking.as_ref();
    // What a contact said of it becomes true with the charter that says so.
    let is_in = knocking.is_none() || space.is_in();
    Joined {
        space: wording::space_id(&space.id),
        state: if is_in { "in" } else { "knocking" }.to_owned(),
        vouches: knocking.map_or(0, |knocking| knocking.vouches),
        needed: knocking.map_or(0, |knocking| knocking.needed),
        received: knocking.is_none_or(|knocking| knocking.received),
    }
}
