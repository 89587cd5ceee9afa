//! What is over a member's share is left for later, and asked for when there is room again.

use std::collections::BTreeSet;

use ledger::{DeviceId, Entry, Journal, MemberId, PeerId, SpaceId, Timestamp};
use store::Store;
use sync::{Access, Frame, Later, SpaceRun};

use crate::{
    engine::Engine,
    io::StreamId,
    limits::{AWAY_MS_MIN, ENTRY_COST, SHARE_AGAIN_MS},
};

impl<S: Store> Engine<S> {
    /// The journal of a run that is new here and over its author's share: it is not taken now.
    pub(super) fn over_share(&mut self, came: &SpaceRun, cost: u64) -> Option<Journal> {
        let now = self.now;
        let space = self.spaces.get_mut(&came.space)?;
        let (device, run) = (came.run.device, &came.run);
        let journal = Journal::of(run.journal, came.space)?;
        let member = space.replica.roll().member_of(&device)?;
        let own = space.seated().and_then(|seated| seated.me());
        let reaches = run.first_seq.saturating_add(run.entries.len() as u64);
        // What is here already costs nothing, and what is one's own one may have lost.
        if own == Some(member) || reaches <= space.replica.frontier(journal).length(&device) {
            return None;
        }
        let at = space.shares.has_room(member, journal, cost, now).err()?;
        space.shares.comes_later((journal, device), at);
        Some(journal)
    }

    /// Tells a peer that the rest of a log comes later.
    pub(super) fn take_later(
        &mut self,
        stream: StreamId,
        space: SpaceId,
        journal: Journal,
        device: DeviceId,
    ) {
        let later = Frame::Later(Later { space, journal, device });
        self.send(stream, Default::default(), &later);
    }

    /// Entries of a device were taken that cost so much.
    pub(super) fn took(&mut self, id: SpaceId, journal: Journal, device: DeviceId, cost: u64) {
        let now = self.now;
        let Some(space) = self.spaces.get_mut(&id) else { return };
        if let Some(member) = space.replica.roll().member_of(&device) {
            space.shares.took(member, journal, cost, now);
        }
    }

    /// A session with somebody begins: if it is the first after a while, others went on meanwhile.
    pub(super) fn come_back(&mut self, peer: &PeerId) {
        let now = self.now;
        for id in self.view().spaces_shared_with(peer) {
            let Some(space) = self.spaces.get_mut(&id) else { continue };
            let known = space.replica.roll().peers_in().filter_map(|one| self.links.peers.get(one));
            let met: Vec<_> = known.map(|one| &one.met).filter(|met| met.ever()).collect();
            let last = met.iter().map(|met| met.at).max().unwrap_or(now);
            if !met.iter().any(|met| met.is_now()) && now.since_ms(last) >= AWAY_MS_MIN {
                space.shares.was_away(now.since_ms(last));
            }
        }
    }

    /// When what is over a share is asked for next.
    pub(super) fn shares_deadline(&self) -> Option<Timestamp> {
        self.spaces.values().filter_map(|space| space.shares.deadline()).min()
    }

    /// Asks for what there is room for again, and takes of it what is here.
    pub(super) fn ask_later(&mut self) {
        let now = self.now;
        self.catch_up();
        let mut due = Vec::new();
        for space in self.spaces.values_mut() {
            let logs = space.shares.take_due(now);
            due.extend((!logs.is_empty()).then_some((space.id, logs)));
        }
        for (id, logs) in due {
            for (_, log) in logs.iter().filter(|(journal, _)| *journal == Journal::Charter) {
                self.let_on(id, *log);
            }
            let is_shared = |shared: &sync::Shared| shared.access == Access::In;
            let sessions = self.links.sessions();
            let with = sessions.filter(|(.., one)| one.shared(&id).is_some_and(is_shared));
            let streams: Vec<_> = with.map(|(stream, ..)| stream).collect();
            streams.into_iter().for_each(|stream| self.say_hello(stream, vec![id]));
        }
    }

    /// Takes of a charter log what was heard of it and has room now.
    fn let_on(&mut self, id: SpaceId, device: DeviceId) {
        let now = self.now;
        let Some(space) = self.spaces.get_mut(&id) else { return };
        let Some(member) = space.replica.roll().member_of(&device) else { return };
        let shares = &mut space.shares;
        let fits = |entry: &Entry| {
            let cost = ENTRY_COST + entry.body.as_ref().map_or(0, |body| body.len() as u64);
            let has_room = shares.has_room(member, Journal::Charter, cost, now).is_ok();
            if has_room {
                shares.took(member, Journal::Charter, cost, now);
            }
            has_room
        };
        match space.replica.let_on(&mut self.store, device, fits) {
            Ok((changes, is_whole)) => {
                if !is_whole {
                    let again = now.plus_ms(SHARE_AGAIN_MS);
                    space.shares.comes_later((Journal::Charter, device), again);
                }
                self.charter_settled(id, &changes);
            }
            Err(error) => {
                space.shares.comes_later((Journal::Charter, device), now.plus_ms(SHARE_AGAIN_MS));
                self.trouble = Some(error);
            }
        }
    }

    /// From the time on at which a newcomer has all that somebody had, shares hold.
    fn catch_up(&mut self) {
        let mut caught_up = Vec::new();
        for (id, space) in self.spaces.iter().filter(|(_, space)| !space.shares.is_limited()) {
            let (charter, content) = (
                space.replica.frontier(Journal::Charter),
                space.replica.frontier(Journal::Content),
            );
            let has_all = |shared: &sync::Shared| {
                let is_in = shared.access == Access::In && shared.content.is_told();
                is_in
                    && shared.charter.is_reached_by(charter)
                    && shared.content.is_reached_by(content)
            };
            let mut sessions = self.links.sessions().filter_map(|(.., one)| one.shared(id));
            if space.is_in() && sessions.any(has_all) {
                caught_up.push(*id);
            }
        }
        for id in caught_up {
            if let Some(space) = self.spaces.get_mut(&id) {
                space.shares.caught_up();
            }
        }
    }

    /// A person wants all that there is of a member, now.
    pub(crate) fn take_all(&mut self, id: SpaceId, member: MemberId) {
        let now = self.now;
        let Some(space) = self.spaces.get_mut(&id) else { return };
        let devices = space.replica.roll().devices.iter();
        let own = devices.filter(|(_, device)| device.member == member).map(|(id, _)| *id);
        let devices: BTreeSet<_> = own.collect();
        space.shares.take_all(member, &devices, now);
    }
}
