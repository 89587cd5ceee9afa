//! What follows from a change: after each input the engine settles until nothing is left to say.

use ledger::{Journal, PeerId, SpaceId};
use store::{Batch, Store};
use sync::Access;

use super::{Engine, streams::Work};
use crate::{gate::Plain, io::StreamId, sabotage::sabotaged};

impl<S: Store> Engine<S> {
    /// Entries of a space were stored: whoever shares it may lack them.
    pub(crate) fn entries_stored(&mut self, space: SpaceId, journal: Journal) {
        let shares = |work: &Work| match work {
            Work::Sync(session) => session.shared(&space).is_some(),
            _ => false,
        };
        let streams = self.streams.iter().filter(|(_, one)| shares(&one.work));
        self.dirty.extend(streams.map(|(stream, _)| *stream));
        if journal == Journal::Charter {
            self.charter_changed(space);
        }
        if sabotaged!(self.config, AllReadAgain)
            && let Some(space) = self.spaces.get(&space)
        {
            for (log, _) in space.replica.frontier(Journal::Content).iter() {
                _ = space.replica.content_entries(&self.store, *log, 0, usize::MAX);
            }
        }
    }

    /// A charter says something else, perhaps: who may have what is judged again.
    fn charter_changed(&mut self, id: SpaceId) {
        let Some(space) = self.spaces.get_mut(&id) else { return };
        if let Err(error) = space.content.recount(&self.store, &space.replica) {
            self.trouble = Some(error);
        }
        self.take_seals(id);
        self.plan_seals(id);
        self.repeat_vouches(id);
        let streams: Vec<_> =
            self.streams.iter().map(|(stream, one)| (*stream, one.peer.clone())).collect();
        for (stream, peer) in streams {
            match self.streams.get(&stream).map(|one| &one.work) {
                Some(Work::Sync(_)) => self.review(stream, &peer, id),
                Some(Work::KnockServer(Some((space, knock)))) if *space == id => {
                    let knock = *knock;
                    self.answer_knock(stream, id, knock, &peer);
                }
                _ => {}
            }
        }
        let connected: Vec<_> = self
            .peers
            .iter()
            .filter(|(_, one)| one.connected)
            .map(|(peer, _)| peer.clone())
            .collect();
        for peer in connected {
            if self.sync_stream(&peer).is_none() && self.spaces_shared_with(&peer).contains(&id) {
                self.open_streams(&peer);
            }
        }
    }

    /// Judges again what a peer may have of a space. Who came in is told what is here.
    pub(super) fn review(&mut self, stream: StreamId, peer: &PeerId, id: SpaceId) {
        let now_in = self.spaces_shared_with(peer).contains(&id);
        let Some(session) = self.session(stream) else { return };
        match (session.shared(&id).map(|shared| shared.access), now_in) {
            (Some(Access::In), false) => _ = session.share(id, Access::Named),
            (Some(Access::Named) | None, true) if session.is_open() => {
                self.say_hello(stream, vec![id]);
                self.tell_peers(stream, peer);
            }
            _ => {}
        }
    }

    /// Secrets that the charter's own rekeys and seals hold for this home.
    fn take_seals(&mut self, id: SpaceId) {
        let Some(space) = self.spaces.get_mut(&id) else { return };
        let device = space.device();
        let mut batch = Batch::default();
        for (key, sealed) in space.replica.roll().seals_for(&device) {
            if space.content.keys.holds(&key) {
                continue;
            }
            // The genesis's own box names no space: its id is the hash of what the box stands in.
            let secret = [id, SpaceId::default()].into_iter().find_map(|space_id| {
                let context = seal::BoxContext { space: space_id, key, device };
                seal::open_secret(&space.keys.seal, context, &sealed).ok()
            });
            if let Some(secret) = secret {
                space.content.learn(secret, &mut batch);
            }
        }
        self.write_quietly(batch);
    }

    pub(super) fn settle(&mut self) {
        self.arrive();
        self.knock_again();
        self.open_missing();
        self.give_seals();
        self.tell_news();
        self.tell_happenings();
        while let Some(stream) = self.dirty.pop_first() {
            self.pump(stream);
        }
        self.dial();
        self.answer_waiting();
    }

    fn dial(&mut self) {
        for peer in self.wanted_peers() {
            if let Some(addresses) = self.peers.dial(&peer, self.now) {
                self.gate.plain(Plain::Dial(peer, addresses));
            }
        }
    }

    /// A newcomer who is in by the charter that they have now: from here on a member like any.
    fn arrive(&mut self) {
        let arrived = |space: &&crate::space::Space| {
            let known = space.knocking.as_ref().map(|knocking| knocking.ticket.known);
            known.is_some_and(|known| {
                space.is_in() && space.replica.has_charter_entry(&known) && space.can_write()
            })
        };
        let arrived: Vec<_> = self.spaces.values().filter(arrived).map(|space| space.id).collect();
        for id in arrived {
            self.become_member(id);
        }
    }
}
