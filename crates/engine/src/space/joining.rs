//! How a newcomer's seat stands, until they are in and have the charter.

use ledger::{Bounded, EntryId, PeerId, Run};
use minicbor::{Decode, Encode};
use sync::{Contact, Ticket, limits::CONTACTS_MAX};

/// A knock with its card, and what contacts have said of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct Joining {
    /// Whom to ask, and the seed that signs the knock.
    #[n(0)]
    pub(crate) ticket: Ticket,
    /// The knock, as the run that contacts are sent.
    #[n(1)]
    pub(crate) knock: Run,
    /// The card behind it, as the run that contacts are sent too.
    #[n(10)]
    pub(crate) card: Run,
    /// The knock's id: the member that the newcomer will be.
    #[n(2)]
    pub(crate) id: EntryId,
    /// What to call the newcomer: said in the profile word, once in.
    #[n(3)]
    pub(crate) name: String,
    /// Whether a contact had the knock on its disk.
    #[n(4)]
    pub(crate) received: bool,
    /// Whether a contact said that the newcomer is in.
    #[n(5)]
    pub(crate) admitted: bool,
    /// Vouches that counted when a contact last answered.
    #[n(6)]
    pub(crate) vouches: u32,
    /// Vouches that were needed.
    #[n(7)]
    pub(crate) needed: u32,
    /// Whether all contacts said that the ticket has ended.
    #[n(8)]
    pub(crate) ended: bool,
    /// Contacts that said so: one whose clock is wrong does not end it for all.
    #[n(9)]
    pub(crate) ended_by: Vec<PeerId>,
}

impl Joining {
    /// A knock of which nobody has heard yet.
    pub(crate) fn new(ticket: Ticket, [knock, card]: [Run; 2], id: EntryId, name: String) -> Self {
        Self {
            ticket,
            knock,
            card,
            id,
            name,
            received: false,
            admitted: false,
            vouches: 0,
            needed: 0,
            ended: false,
            ended_by: Vec::new(),
        }
    }

    /// Whether the ticket names `peer`, or a contact of it did.
    pub(crate) fn has_contact(&self, peer: &PeerId) -> bool {
        self.ticket.contacts.iter().any(|contact| contact.peer == *peer)
    }

    /// Asks these too, from now on: behind those that are asked already. What does not fit is
    /// left out, for the others will name it again.
    pub(crate) fn ask_too(&mut self, contacts: impl IntoIterator<Item = Contact>) {
        self.ask_all(self.ticket.contacts.to_vec(), contacts);
    }

    /// Asks these from now on, before those that are asked already, and as if none had said that
    /// the ticket has ended.
    pub(crate) fn ask_first(&mut self, contacts: &[Contact]) {
        self.ask_all(contacts.to_vec(), self.ticket.contacts.to_vec());
        (self.ended, self.ended_by) = (false, Vec::new());
    }

    /// A contact says that the ticket has ended.
    pub(crate) fn ended_says(&mut self, peer: &PeerId) {
        if !self.ended_by.contains(peer) {
            self.ended_by.push(peer.clone());
        }
        self.judge_end();
    }

    /// A contact has the knock, whatever it said before.
    pub(crate) fn received_by(&mut self, peer: &PeerId) {
        self.received = true;
        self.ended_by.retain(|one| one != peer);
        self.judge_end();
    }

    fn judge_end(&mut self) {
        let said = |one: &Contact| self.ended_by.contains(&one.peer);
        self.ended = !self.admitted && self.ticket.contacts.iter().all(said);
    }

    fn ask_all(&mut self, first: Vec<Contact>, then: impl IntoIterator<Item = Contact>) {
        let mut all = first;
        for contact in then {
            if all.iter().all(|one| one.peer != contact.peer) {
                all.push(contact);
            }
        }
        self.ticket.contacts = Bounded::<_, CONTACTS_MAX>::first_of(all);
    }
}
