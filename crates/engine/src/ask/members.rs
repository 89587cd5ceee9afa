//! Tickets and vouches: how others get in (CHARTER, "Getting in").

use api::{Answer, ErrorCode, Failure, Invited, Taking, Vouched, Withdrawn};
use ledger::{
    Bounded, EntryId, ItemId, ItemRef, MemberId, SpaceId,
    charter_items::{Act, Admit, Approve, CharterItem, Invite, Propose, Withdraw},
    content_items::{ContentItem, GuestKey, Word, WordBody},
};
use seal::TicketSeed;
use store::{Batch, Store};
use sync::{
    Contact, Ticket,
    limits::{CONTACTS_MAX, TICKET_CHARS_MAX},
};

use super::Completion;
use crate::{
    engine::Engine,
    failures::{Result, said_back},
    limits::{DAY_MS, INVITE_DAYS_MAX, INVITE_KNOCKS_MAX},
    links::is_local,
    view::Thing,
    wording,
};

impl<S: Store> Engine<S> {
    pub(super) fn invite(
        &mut self,
        said: Option<&str>,
        days: u32,
        knocks: u32,
    ) -> Result<Completion> {
        let id = self.view().which_space(said)?;
        if !(1..=INVITE_DAYS_MAX).contains(&days) || !(1..=INVITE_KNOCKS_MAX).contains(&knocks) {
            let message = format!(
                "a ticket lasts 1 to {INVITE_DAYS_MAX} days and is for 1 to {INVITE_KNOCKS_MAX} \
                 newcomers"
            );
            let failure = Failure::because(ErrorCode::BadArgument, message);
            return Err(failure.hint("groundwork member invite --help"));
        }
        self.view().member_space(&id)?;
        let seed = TicketSeed::generate(&mut self.rng);
        let expires = self.now.plus_ms(u64::from(days) * DAY_MS);
        let ticket = seed.signing_key().id();
        let item = CharterItem::Invite(Invite { ticket, expires, knocks_max: knocks });
        let (entry, after) = self.append_charter(id, vec![item], Batch::default())?;
        let invite = ItemId::of(&entry.id, 0);
        let key = seed.guest_key().as_bytes().to_vec();
        let key = key.try_into().map_err(|_| Failure::of(ErrorCode::Internal))?;
        let word = Word {
            subject: Some(ItemRef::Id(invite)),
            replaces: None,
            body: WordBody::GuestKey(GuestKey { key }),
        };
        let (_, guest) = self.append_content(id, vec![ContentItem::Word(word)])?;
        let mut contacts: Bounded<Contact, CONTACTS_MAX> = self.introduce(id, None);
        let reachable =
            contacts.iter().any(|contact| contact.addresses.iter().any(|at| !is_local(at)));
        let seed = seed.into_ticket();
        let ticket = loop {
            let ticket =
                Ticket { seed: seed.clone(), space: id, invite, known: entry.id, contacts };
            let text = ticket.to_text();
            // A ticket fits a QR code: who is named last is left out.
            let mut fewer = ticket.contacts.into_inner();
            if text.len() <= TICKET_CHARS_MAX || fewer.len() <= 1 {
                break text;
            }
            fewer.pop();
            contacts = Bounded::first_of(fewer);
        };
        Ok(Completion::after(
            after.max(guest),
            Answer::Invited(Invited {
                ticket: ticket.into(),
                invite: wording::invite_id(&invite),
                expires: expires.as_ms(),
                space: wording::space_id(&id),
                reachable,
            }),
        ))
    }

    pub(super) fn withdraw(&mut self, said: Option<&str>, invite: &str) -> Result<Completion> {
        let (id, thing) = self.view().find(said, invite)?;
        let Thing::Invite(item) = thing else {
            return Err(Failure::because(
                ErrorCode::NotFound,
                format!("{} is no invite", said_back(invite)),
            ));
        };
        self.view().member_space(&id)?;
        let withdraw = CharterItem::Withdraw(Withdraw { invite: ItemRef::Id(item) });
        let (_, after) = self.append_charter(id, vec![withdraw], Batch::default())?;
        let invite = wording::invite_id(&item);
        Ok(Completion::after(after, Answer::Withdrawn(Withdrawn { invite })))
    }

    pub(super) fn vouch(&mut self, said: Option<&str>, who: &str) -> Result<Completion> {
        let (id, knock) = self.view().find_knock(said, who)?;
        self.view().member_space(&id)?;
        let space = self.view().seat(&id)?;
        let roll = space.roll();
        if space.replica.knock(&knock).is_none() {
            return Err(Failure::of(ErrorCode::NotAKnock));
        }
        let me = space.me().filter(|me| roll.has_say(me));
        let me = me.ok_or_else(|| Failure::of(ErrorCode::NoSay))?;
        let open = space.replica.charter().vouches(&knock, &me);
        if open.iter().any(|vouch| vouch.given && vouch.counts) {
            return Err(Failure::of(ErrorCode::AlreadyVouched));
        }
        let open = open.iter().find(|vouch| vouch.counts).map(|vouch| vouch.act);
        let items = match open {
            Some(act) => vec![approve(ItemRef::Id(act))],
            None => vec![
                CharterItem::Propose(Propose { act: Act::Admit(Admit { knock }), reason: None }),
                approve(ItemRef::Here(0)),
            ],
        };
        let (entry, after) = self.append_charter(id, items, Batch::default())?;
        let act = open.unwrap_or(ItemId::of(&entry.id, 0));
        let view = self.view();
        let space = view.seat(&id)?;
        let row = view.member_row(space, &MemberId::from(knock))?;
        let say = space.roll().has_say(&MemberId::from(knock));
        Ok(Completion::after(
            after,
            Answer::Vouched(Vouched {
                act: wording::act_id(&act),
                name: row.who.shown(),
                member: row.who.member,
                state: row.state,
                say,
                vouches: row.vouches,
                needed: row.needed,
            }),
        ))
    }

    /// Takes all that there is of a member, whatever their share.
    pub(super) fn take(&mut self, said: Option<&str>, who: &str) -> Result<Completion> {
        let (id, member) = self.view().find_member(said, who)?;
        let view = self.view();
        let space = view.seat(&id)?;
        let taking = Taking {
            member: wording::member_id(&member),
            name: view.name(space, &member)?,
            space: wording::space_id(&id),
            left: view.left_of(space, &member),
        };
        self.take_all(id, member);
        Ok(Completion::now(Answer::Taking(taking)))
    }

    /// Where several proposals for one knock are open, this person's vouch is repeated on the one
    /// with the smallest id for which it counts, so that vouches meet (CHARTER, "Getting in").
    pub(crate) fn repeat_vouches(&mut self, id: SpaceId) {
        let Some(space) = self.view().seated(&id) else { return };
        let roll = space.roll();
        let Some(me) = space.me().filter(|me| roll.has_say(me)) else { return };
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
                acts.push(ItemRef::Id(first.act));
            }
        }
        if acts.is_empty() {
            return;
        }
        if let Ok(acts) = acts.try_into() {
            let items = vec![CharterItem::Approve(Approve { acts })];
            if let Err(error) = self.append_charter(id, items, Batch::default()) {
                self.trouble = error.into_store().or(self.trouble.take());
            }
        }
    }
}

fn approve(act: ItemRef) -> CharterItem {
    CharterItem::Approve(Approve { acts: Bounded::one(act) })
}
