//! What a peer may have of a space, and may send: judged here and nowhere else (DESIGN 6).

use ledger::{
    DeviceId, Journal, JournalId, PeerId, Run, Timestamp,
    charter_items::{CharterBody, CharterItem, Knock},
};
use sync::Access;

use super::Space;

/// Why a knock is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shut {
    /// Its ticket is used up, withdrawn or past its end.
    Ended,
    /// There is no such ticket, or its key has not signed the knock.
    Unknown,
}

impl Space {
    /// What `peer` may have: all, if the roll knows it, or, for a newcomer who was told that they
    /// are in, if the ticket does.
    pub(crate) fn access(&self, peer: &PeerId) -> Option<Access> {
        let admitted = self.joining().filter(|joining| joining.admitted);
        let by_ticket = admitted.is_some_and(|joining| joining.has_contact(peer));
        (by_ticket || self.peer_is_in(peer)).then_some(Access::In)
    }

    /// Whether a knock that is not here yet is taken, by the roll and the clock of this node:
    /// asked at every door, so that a ticket that has ended here has ended however one comes.
    pub(crate) fn judge_knock(
        &self,
        device: &DeviceId,
        knock: &Knock,
        now: Timestamp,
    ) -> Result<(), Shut> {
        let invite = self.replica.roll().invites.get(&knock.invite).ok_or(Shut::Unknown)?;
        knock.verify(&invite.ticket, &self.id, device).map_err(|_| Shut::Unknown)?;
        let used = invite.knocks >= invite.knocks_max;
        if used || invite.withdrawn || invite.expires < now {
            return Err(Shut::Ended);
        }
        Ok(())
    }

    /// Whether a run is taken from a peer that may have nothing: of the charter, for it may hold
    /// its admission, but no knock that would be refused on a stream to knock, nor what stands
    /// behind one that was.
    pub(crate) fn is_taken_from_outside(&self, run: &Run, now: Timestamp) -> bool {
        if run.journal == self.id.content_journal() {
            return false;
        }
        let here = self.replica.frontier(Journal::Charter).length(&run.device);
        if here > 0 || run.first_seq > 0 || run.journal == JournalId::GENESIS {
            return run.first_seq <= here;
        }
        let body = run.entries.first().and_then(|entry| entry.body.as_ref());
        let items = body.and_then(|body| ledger::decode::<CharterBody>(body).ok());
        match items.as_ref().and_then(|items| items.first()) {
            Some(CharterItem::Knock(knock)) => self.judge_knock(&run.device, knock, now).is_ok(),
            // Anything else begins no log, as the charter will say.
            _ => true,
        }
    }
}
