//! What is over a member's share is left for later, and asked for when there is room again.

use std::collections::BTreeSet;

use ledger::{DeviceId, Journal, MemberId, PeerId, SpaceId, Timestamp};
use replica::Taken;
use store::{Batch, Store};
use sync::{Access, Frame, Later, SpaceRun};

use crate::{
    engine::Engine,
    io::StreamId,
    limits::{AWAY_MS_MIN, SHARE_AGAIN_MS},
    space::{Space, at_most_whole, cost_of, costs_of},
};

impl<S: Store> Engine<S> {
    /// The journal of a run that is new here and over its author's share, or whose log waits for
    /// room: of the content nothing of it is taken now.
    pub(super) fn over_share(
        &mut self,
        came: &SpaceRun,
        costs: &[u64],
        asked: bool,
    ) -> Option<Journal> {
        let now = self.now;
        let space = self.spaces.get_mut(&came.space)?;
        let (device, run) = (came.run.device, &came.run);
        let journal = Journal::of(run.journal, came.space)?;
        let member = space.replica.roll().member_of(&device)?;
        let own = space.seated().and_then(|seated| seated.me());
        let reaches = run.first_seq.saturating_add(run.entries.len() as u64);
        let new = reaches.saturating_sub(space.replica.frontier(journal).length(&device));
        // What is here already costs nothing, and what is one's own one may have lost.
        if own == Some(member) || new == 0 {
            return None;
        }
        // What others build on is taken whatever it costs, and owed.
        let is_asked = journal == Journal::Content && asked;
        if is_asked && !space.shares.is_spent(member, journal, now) {
            return None;
        }
        if !space.shares.is_later(journal, &device) {
            let cost = at_most_whole(journal, cost_of(costs, new));
            let at = space.shares.has_room(member, journal, cost, now).err()?;
            space.shares.comes_later((journal, device), at);
        }
        Some(journal)
    }

    /// What each entry of a run costs its author here. A content's are opened where shares hold and
    /// something of it is new.
    pub(super) fn costs(&self, came: &SpaceRun) -> Vec<u64> {
        let run = &came.run;
        let reaches = run.first_seq.saturating_add(run.entries.len() as u64);
        let is_charged = |space: &&Space| {
            let is_content = run.journal == came.space.content_journal();
            let here = space.replica.frontier(Journal::Content).length(&run.device);
            is_content && space.shares.is_limited() && reaches > here
        };
        let seated = self.spaces.get(&came.space).filter(is_charged).and_then(Space::seated);
        costs_of(run, seated.map(|seated| &seated.seat.content))
    }

    /// Whether nothing more of a charter entry's author is even heard.
    pub(super) fn is_spent(&mut self, id: SpaceId, device: DeviceId) -> bool {
        let now = self.now;
        let Some(space) = self.spaces.get_mut(&id) else { return false };
        let member = space.replica.roll().member_of(&device);
        member.is_some_and(|member| space.shares.is_spent(member, Journal::Charter, now))
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

    /// A run was taken, or heard, whose entries cost so much: its author pays for what is news.
    pub(super) fn took(&mut self, id: SpaceId, taken: &Taken, costs: &[u64]) {
        let now = self.now;
        let Some(space) = self.spaces.get_mut(&id) else { return };
        if taken.journal == Journal::Charter {
            taken.lengths.iter().for_each(|(log, length)| space.missing.reached(log, *length));
            // Behind a stem no length says so.
            if taken.new > 0 {
                space.missing.reached(&taken.device, u64::MAX);
            }
        }
        let member = space.replica.roll().member_of(&taken.device).filter(|_| taken.is_news);
        if let Some(member) = member {
            // Of a charter, entries of others may be new too, that waited for this one.
            let cost = cost_of(costs, taken.new.max(1));
            space.shares.took(member, taken.journal, cost, now);
            let mut batch = Batch::default();
            space.shares.keep(id, &mut batch);
            self.write_index(batch);
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

    /// Takes of a charter log what was heard of it, which it has paid for by now.
    fn let_on(&mut self, id: SpaceId, device: DeviceId) {
        let again = self.now.plus_ms(SHARE_AGAIN_MS);
        let Some(space) = self.spaces.get_mut(&id) else { return };
        match space.replica.let_on(&mut self.store, device) {
            Ok(changes) => self.charter_settled(id, &changes),
            Err(error) => {
                space.shares.comes_later((Journal::Charter, device), again);
                self.trouble = Some(error);
            }
        }
    }

    /// From the time on at which a newcomer has all that others had, shares hold.
    fn catch_up(&mut self) {
        let mut has_all = Vec::new();
        for (id, space) in self.spaces.iter().filter(|(_, space)| !space.shares.is_limited()) {
            let (charter, content) = (
                space.replica.frontier(Journal::Charter),
                space.replica.frontier(Journal::Content),
            );
            let told =
                |shared: &&sync::Shared| shared.access == Access::In && shared.content.is_told();
            let sessions = self.links.sessions().filter_map(|(.., one)| one.shared(id));
            let mut told = sessions.filter(told).peekable();
            let is_reached = |shared: &sync::Shared| {
                shared.charter.is_reached_by(charter) && shared.content.is_reached_by(content)
            };
            if space.is_in() && told.peek().is_some() && told.all(is_reached) {
                has_all.push(*id);
            }
        }
        for id in has_all {
            let now = self.now;
            let space = self.spaces.get_mut(&id);
            space.into_iter().for_each(|space| space.shares.has_all(now));
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
