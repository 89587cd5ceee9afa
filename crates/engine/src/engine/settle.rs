//! What follows from a change: after each input the engine settles until nothing is left to say.

use ledger::{Journal, PeerId, SpaceId, Timestamp};
use replica::TakeError;
use store::Store;
use sync::Access;

use crate::{engine::Engine, io::StreamId, links::Purpose, sabotage::sabotaged, space::Seated};

impl<S: Store> Engine<S> {
    /// Entries of a space were stored: whoever shares it may lack them.
    pub(crate) fn entries_stored(&mut self, space: SpaceId, journal: Journal) {
        let share = self.links.sessions().filter(|(.., session)| session.shared(&space).is_some());
        let streams: Vec<_> = share.map(|(stream, ..)| stream).collect();
        self.links.dirty.extend(streams);
        if sabotaged!(self.config, AllReadAgain)
            && let Some(space) = self.spaces.get(&space)
        {
            for (log, _) in space.replica.content_logs() {
                _ = space.replica.content_entries(&self.store, log, 0, usize::MAX);
            }
        }
        if journal == Journal::Charter {
            self.charter_changed(space);
        }
    }

    /// A charter says something else, perhaps: who may have what is judged again.
    fn charter_changed(&mut self, id: SpaceId) {
        if let Some(space) = self.spaces.get_mut(&id) {
            space.guests_at = Timestamp::default();
        }
        if let Some(space) = self.spaces.get_mut(&id) {
            space.roll_changed();
        }
        self.links.look_again();
        self.links.peers.look_again();
        if let Err(TakeError::Store(error)) = self.take_own_card(id) {
            self.trouble = Some(error);
        }
        let Ok((replica, seat, store)) = self.seat_mut(&id) else { return };
        if let Err(error) = seat.content.recount(store, replica) {
            self.trouble = Some(error);
        }
        self.take_seals(id);
        self.plan_seals(id);
        self.repeat_vouches(id);
        let streams: Vec<_> =
            self.links.streams.iter().map(|(stream, one)| (*stream, one.peer.clone())).collect();
        for (stream, peer) in streams {
            match self.links.streams.get(&stream).map(|one| &one.purpose) {
                Some(Purpose::Sync(_)) => self.review(stream, &peer, id),
                Some(Purpose::KnockServer(Some((space, knock)))) if *space == id => {
                    let knock = *knock;
                    self.answer_knock(stream, id, knock, &peer);
                }
                _ => {}
            }
        }
        let idle: Vec<_> = self.links.without_session().iter().cloned().collect();
        for peer in idle {
            if self.view().spaces_shared_with(&peer).contains(&id) {
                self.open_streams(&peer);
            }
        }
    }

    /// Judges again what a peer may have of a space. Who came in is told what is here.
    pub(super) fn review(&mut self, stream: StreamId, peer: &PeerId, id: SpaceId) {
        let here = self.spaces.get(&id);
        let now_in = here.and_then(|space| self.view().access(space, peer)).is_some();
        let Some(session) = self.links.session_mut(stream) else { return };
        match (session.shared(&id).map(|shared| shared.access), now_in) {
            (Some(Access::In), false) => _ = session.share(id, Access::Named),
            (Some(Access::Named) | None, true) if session.is_open() => {
                self.say_hello(stream, vec![id]);
                self.tell_peers(stream, peer);
            }
            _ => {}
        }
    }

    pub(super) fn settle(&mut self) {
        // Of what failed something may have been written all the same.
        for space in self.spaces.values_mut() {
            space.replica.take_written().into_iter().for_each(|write| self.gate.wrote(write));
        }
        self.settle_doubts();
        self.settle_charters();
        self.show_forks();
        self.arrive();
        self.renew_cards();
        self.compare_due();
        self.tell_branches();
        self.ask_for_wanted();
        self.ask_later();
        self.knock_again();
        self.open_missing();
        self.give_seals();
        self.go_on_unasked();
        self.tell_news();
        self.keep_told(false);
        self.tell_happenings();
        while let Some(stream) = self.links.dirty.pop_first() {
            self.pump(stream);
        }
        self.seek();
        self.answer_waiting();
    }

    /// A newcomer who is in by the charter that they have now, and whose card stands behind their
    /// knock: from here on a member like any.
    fn arrive(&mut self) {
        let arrived = |space: &Seated<'_>| {
            let known = space.joining().map(|joining| joining.ticket.known);
            known.is_some_and(|known| {
                let own = space.replica.frontier(Journal::Charter).length(&space.seat.device());
                let has_all = own > 1 && space.replica.has_charter_entry(&known);
                space.is_in() && has_all && space.can_write()
            })
        };
        let arrived: Vec<_> = self.view().seats().filter(arrived).map(|space| space.id).collect();
        for id in arrived {
            self.become_member(id);
        }
    }
}
