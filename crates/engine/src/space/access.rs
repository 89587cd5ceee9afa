//! What a peer may have of a space, and may send: judged here and nowhere else (DESIGN 6).

use ledger::{
    DeviceId, ItemId, PeerId, Run, Timestamp,
    charter_items::{CharterBody, CharterItem, Knock},
};
use replica::Door;
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
        let guests = self.replica.guests().filter(|(_, guest)| guest.state.invite == knock.invite);
        let used = guests.count() as u64 + u64::from(invite.knocks) >= u64::from(invite.knocks_max);
        if used || invite.withdrawn || invite.expires < now {
            return Err(Shut::Ended);
        }
        Ok(())
    }

    /// What a run's sender may have kept here; none where they may send nothing of its journal.
    /// Charter entries are taken from anybody who names the space, for they may hold the sender's
    /// admission; but a knock that would be refused on a stream to knock is no guest here either.
    pub(crate) fn door(&self, run: &Run, is_in: bool, now: Timestamp) -> Option<Door> {
        if run.journal == self.id.content_journal() && !is_in {
            return None;
        }
        let begins = run.first_seq == 0 && run.journal == self.id.charter_journal();
        let body = run.entries.first().filter(|_| begins).and_then(|entry| entry.body.as_ref());
        let items = body.and_then(|body| ledger::decode::<CharterBody>(body).ok());
        let keeps_guest = match items.as_ref().and_then(|items| items.first()) {
            Some(CharterItem::Knock(knock)) => self.judge_knock(&run.device, knock, now).is_ok(),
            _ => true,
        };
        Some(Door { is_in, keeps_guest, ..Door::MEMBER })
    }

    /// Whether a knock is over: its invite has ended by this node's clock, or is none any more.
    pub(crate) fn is_over(&self, invite: &ItemId, now: Timestamp) -> bool {
        let invite = self.replica.roll().invites.get(invite);
        invite.is_none_or(|invite| invite.withdrawn || invite.expires < now)
    }
}
