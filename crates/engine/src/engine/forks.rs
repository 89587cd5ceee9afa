//! Content logs that fork: found where all is here that a peer told, and its digest is over other
//! entries (DESIGN 6). Behind a stem lengths say nothing, so each side tells where its branches
//! end, and is sent what it lacks of them.

use std::collections::BTreeMap;

use ledger::{Bounded, DeviceId, EntryId, Journal, LogTips, PeerId, SpaceId, Timestamp, Tip};
use replica::{Replica, Taken, limits::HEADS_LOOKED_UP_MAX};
use store::Store;
use sync::{Access, Frame, Frontiers, Heads, Shared};

use crate::{
    engine::Engine,
    io::StreamId,
    limits::{COMPARE_MS, PLACES_TOLD_MAX},
    sabotage::sabotaged,
    space::Space,
};

impl<S: Store> Engine<S> {
    /// Sends full heads of those journals of which the peer told other ones than are here.
    pub(super) fn compare_heads(&mut self, stream: StreamId, told: &[Frontiers]) {
        told.iter().for_each(|told| self.compare_heads_of(stream, told.space));
    }

    /// A log grew by what came: if it now is as long as the peer told, perhaps all is here.
    pub(super) fn compare_grown(&mut self, stream: StreamId, id: SpaceId, taken: &Taken) {
        let session = self.links.session_mut(stream);
        let known =
            session.and_then(|session| session.shared(&id)).map(|one| one.known(taken.journal));
        if known.is_some_and(|known| known.is_reached_in(&taken.device, taken.length)) {
            self.compare_heads_of(stream, id);
        }
    }

    /// As [`Engine::compare_heads`], of one space.
    fn compare_heads_of(&mut self, stream: StreamId, id: SpaceId) {
        let Some(space) = self.spaces.get(&id) else { return };
        let session = self.links.session_mut(stream);
        let shared = session.and_then(|session| session.shared_mut(&id));
        let Some(shared) = shared.filter(|shared| shared.access == Access::In) else { return };
        let (store, replica) = (&self.store, &space.replica);
        let mut differ = Vec::new();
        let journal = Journal::Content;
        let head = |log: &DeviceId, seq| entry_at(store, replica, *log, seq);
        let frontier = replica.frontier(journal);
        if shared.known_mut(journal).differs(frontier, &space.not_now(journal), head) {
            differ.push(Heads::of(id, journal, frontier, false));
        }
        let after = self.gate.written();
        for heads in differ {
            self.send(stream, after, &Frame::Heads(heads));
        }
    }

    /// The peer's heads of content logs, of all or of some: it is sent what nobody has of these who
    /// has those entries. Where one is told that is not here, it is told places further back, by
    /// which it finds what both have.
    pub(super) fn heads_came(&mut self, stream: StreamId, peer: &PeerId, heads: &Heads) {
        let Some(space) = self.spaces.get(&heads.space) else { return };
        if self.view().access(space, peer).is_none() {
            return;
        }
        if heads.journal == Journal::Charter {
            return self.charter_heads_came(stream, peer, heads);
        }
        if sabotaged!(self.config, BranchesNotCompared) {
            return;
        }
        let Some(shared) = self.links.shared_mut(stream, &heads.space) else { return };
        if shared.access != Access::In {
            return;
        }
        let replica = &space.replica;
        let frontier = replica.frontier(Journal::Content);
        let (mut told, mut places) = (BTreeMap::<_, Vec<_>>::new(), Vec::new());
        // Of a log that has no stem at all no length tells that it is here.
        let forked = frontier.stems().filter(|_| !heads.answers).map(|(device, _)| *device);
        for device in heads.stems.iter().map(|(device, _)| *device).chain(forked) {
            told.entry(device).or_default();
        }
        heads.logs.iter().for_each(|(log, tip)| told.entry(*log).or_default().push(*tip));
        let mut looked_up = 0;
        for (device, told) in told {
            let here = frontier.log(&device).map_or(&[][..], LogTips::tips);
            // Mostly the same is told as is here.
            if here == told {
                continue;
            }
            if here.is_empty() {
                places.extend(replica.roll().knows(&device).then_some(device));
                continue;
            }
            if looked_up + told.len() > HEADS_LOOKED_UP_MAX {
                continue;
            }
            looked_up += told.len();
            match replica.content_lacking(&self.store, device, &told) {
                Ok(Some(lacking)) => {
                    shared.branches.retain(|(of, ..)| *of != device);
                    let lacking = lacking.into_iter();
                    shared
                        .branches
                        .extend(lacking.map(|(log, from)| (device, log.branch, from..u64::MAX)));
                }
                Ok(None) => places.push(device),
                Err(error) => self.trouble = Some(error),
            }
        }
        self.links.dirty.insert(stream);
        let places = places.into_iter().take(PLACES_TOLD_MAX);
        places.for_each(|device| self.tell_places(stream, heads.space, device));
    }

    /// A run goes on from an entry that is not here: the peer is told what is, once until more is.
    pub(super) fn ask_for_stem(&mut self, stream: StreamId, id: SpaceId, device: DeviceId) {
        let shared = self.links.shared_mut(stream, &id);
        if shared.is_some_and(|shared| shared.placed.insert(device)) {
            self.tell_places(stream, id, device);
        }
    }

    /// Tells a peer places of one content log, back to its first entry, by which it finds what both
    /// have of it.
    pub(super) fn tell_places(&mut self, stream: StreamId, id: SpaceId, device: DeviceId) {
        let Some(space) = self.spaces.get(&id) else { return };
        match space.replica.content_places(&self.store, device) {
            Ok(places) => self.tell_log(stream, id, device, places),
            Err(error) => self.trouble = Some(error),
        }
    }

    fn tell_log(&mut self, stream: StreamId, id: SpaceId, device: DeviceId, tips: Vec<Tip>) {
        let Some(space) = self.spaces.get(&id) else { return };
        let stem = space.replica.frontier(Journal::Content).length(&device);
        let heads = Heads {
            space: id,
            journal: Journal::Content,
            logs: Bounded::first_of(tips.into_iter().map(|tip| (device, tip))),
            stems: Bounded::one((device, stem)),
            answers: true,
        };
        let after = self.gate.written();
        self.send(stream, after, &Frame::Heads(heads));
    }

    /// Something is new of a content log behind its stem: all who share the space are told where
    /// its branches end, once a while, however much came.
    pub(super) fn branch_grew(&mut self, id: SpaceId, device: DeviceId) {
        self.tell_branches_soon(id, device);
        let Some(space) = self.spaces.get(&id) else { return };
        let stem = space.replica.frontier(Journal::Content).log(&device).and_then(LogTips::stem);
        for shared in self.links.all_shared_mut(&id) {
            stem.into_iter().for_each(|stem| shared.content.forks(&device, stem));
            shared.placed.remove(&device);
        }
    }

    /// All who share a space are told where the branches of a log end, once a second at most.
    pub(super) fn tell_branches_soon(&mut self, id: SpaceId, device: DeviceId) {
        let now = self.now;
        let Some(space) = self.spaces.get_mut(&id) else { return };
        if space.branched.is_empty() {
            space.branches_at = now.plus_ms(COMPARE_MS);
        }
        space.branched.insert(device);
    }

    /// When it is to be told where branches end.
    pub(super) fn branches_deadline(&self) -> Option<Timestamp> {
        let branched = self.spaces.values().filter(|space| !space.branched.is_empty());
        branched.map(|space| space.branches_at).min()
    }

    /// Tells where branches end that grew.
    pub(super) fn tell_branches(&mut self) {
        let now = self.now;
        let due = |space: &&mut Space| !space.branched.is_empty() && space.branches_at <= now;
        let due = self.spaces.values_mut().filter(due);
        let due: Vec<_> =
            due.map(|space| (space.id, std::mem::take(&mut space.branched))).collect();
        for (id, devices) in due {
            let is_told = |shared: &Shared| shared.access == Access::In && shared.content.is_told();
            let sessions = self.links.sessions();
            let share = sessions.filter(|(.., one)| one.shared(&id).is_some_and(is_told));
            let streams: Vec<_> = share.map(|(stream, ..)| stream).collect();
            for device in devices {
                let Some(space) = self.spaces.get(&id) else { continue };
                let log = space.replica.frontier(Journal::Content).log(&device);
                let tips = log.map(|log| log.tips().to_vec()).unwrap_or_default();
                for stream in &streams {
                    self.tell_log(*stream, id, device, tips.clone());
                }
            }
        }
    }
}

/// The entry that is here at a place of a log.
fn entry_at(store: &impl Store, replica: &Replica, log: DeviceId, seq: u64) -> Option<EntryId> {
    let found = replica.content_entries(store, log, seq, 1).ok()?;
    found.first().filter(|entry| entry.seq() == seq).map(|entry| entry.id)
}
