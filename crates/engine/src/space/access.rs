//! What a peer may have of a space, and may send: judged here and nowhere else (DESIGN 6).

use ledger::{
    JournalId, PeerId, Run,
    charter_items::{CharterBody, CharterItem},
};
use sync::Access;

use super::Space;

/// Knocks that a ticket lets pass beyond twice those it is for, as contacts that did not know of
/// each other may have let in.
const KNOCKS_MORE_MAX: u64 = 8;

impl Space {
    /// What `peer` may have: all, if the roll knows it, or, for a newcomer who was told that they
    /// are in, if the ticket does.
    pub(crate) fn access(&self, peer: &PeerId) -> Option<Access> {
        let admitted = self.joining().filter(|joining| joining.admitted);
        let by_ticket = admitted.is_some_and(|joining| joining.has_contact(peer));
        (by_ticket || self.replica.peer_is_in(peer)).then_some(Access::In)
    }

    /// Whether `peer`, who named the space and may have nothing of it, is told of it: not before
    /// this home is in, for that it wants in is nobody's business but its contacts'.
    pub(crate) fn is_told(&self, peer: &PeerId) -> bool {
        self.is_in() || self.joining().is_some_and(|joining| joining.has_contact(peer))
    }

    /// Whether a run is taken from a peer that may have nothing: of the charter, for it may hold
    /// its admission, but not when it begins the log of a newcomer whose ticket has let far more
    /// knock than it is for. A few more than that can have knocked at contacts that did not know
    /// of each other; without a bound one ticket would fill the space with logs.
    pub(crate) fn is_taken_from_outside(&self, run: &Run) -> bool {
        run.journal != self.id.content_journal() && !self.is_one_knock_too_many(run)
    }

    fn is_one_knock_too_many(&self, run: &Run) -> bool {
        let roll = self.replica.roll();
        let known = self.replica.frontier(ledger::Journal::Charter).length(&run.device) > 0;
        if run.first_seq > 0 || known || run.journal == JournalId::GENESIS {
            return false;
        }
        let body = run.entries.first().and_then(|entry| entry.body.as_ref());
        let items = body.and_then(|body| ledger::decode::<CharterBody>(body).ok());
        let knock = items.and_then(|items| match items.into_inner().into_iter().next() {
            Some(CharterItem::Knock(knock)) => Some(knock),
            _ => None,
        });
        let invite = knock.and_then(|knock| roll.invites.get(&knock.invite).cloned());
        let many = |invite: charter::InviteState| {
            u64::from(invite.knocks) >= 2 * u64::from(invite.knocks_max) + KNOCKS_MORE_MAX
        };
        invite.is_some_and(many)
    }
}
