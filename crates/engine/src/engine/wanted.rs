//! What others build on, of content logs that are not taken whole: they branch too often, or are
//! over their author's share. It is asked for, so that who forks or floods takes nothing of what
//! others say (DESIGN 5 *Forks*, 6 *Shares*).

use std::{
    collections::BTreeSet,
    ops::Bound::{Excluded, Unbounded},
};

use ledger::{Bounded, PeerId, SpaceId, Timestamp};
use replica::{Log, limits::HEADS_LOOKED_UP_MAX};
use store::{Store, StoreError};
use sync::{Access, Frame, Shared, Wanted, limits::WANTED_MAX};

use crate::{
    engine::Engine,
    io::StreamId,
    limits::WANTED_LOGS_MAX,
    space::{self, Seated},
};

impl<S: Store> Engine<S> {
    /// When something is to be asked for.
    pub(super) fn wanted_deadline(&self) -> Option<Timestamp> {
        self.spaces.values().filter_map(|space| space.wanted.at).min()
    }

    /// A peer that is in told what it has: perhaps it has what is waited for.
    pub(super) fn want_soon(&mut self, id: SpaceId) {
        let now = self.now;
        self.spaces.get_mut(&id).into_iter().for_each(|space| space.wanted.somebody_came(now));
    }

    /// A peer brought one more branch of a log with many.
    pub(super) fn brought_branch(&mut self, id: SpaceId, peer: &PeerId, log: Log) {
        let space = self.spaces.get_mut(&id);
        space.into_iter().for_each(|space| space.wanted.brought(peer, log));
    }

    /// Asks those who share a space for what is waited for, if it may stand in a log that is not
    /// taken whole: one second ([`COMPARE_MS`](crate::limits::COMPARE_MS)) after something began to
    /// wait or somebody told what they have, then some more, a frame a second, until all is asked
    /// for, then all of it again at intervals that double up to ten minutes
    /// ([`WANTED_MS_MAX`](crate::limits::WANTED_MS_MAX)) while nothing of it comes.
    pub(super) fn ask_for_wanted(&mut self) {
        self.credit();
        let now = self.now;
        let (mut due, mut idle) = (Vec::new(), Vec::new());
        for space in self.spaces.values_mut() {
            let waited = |seated: Seated<'_>| {
                let content = &seated.seat.content;
                content.waits().then(|| content.work().waited)
            };
            let lacks = space.lacking_logs().next().is_some();
            let Some(waited) = space.seated().and_then(waited).filter(|_| lacks) else {
                idle.extend(space.wanted.at.map(|_| space.id));
                continue;
            };
            if space.wanted.at.is_some_and(|at| at <= now) {
                due.push(space.id);
            } else {
                space.wanted.waits(waited, now);
            }
        }
        for id in idle {
            self.spaces.get_mut(&id).into_iter().for_each(|space| space.wanted.nothing());
        }
        for id in due {
            match self.wanted_now(id) {
                Ok(frames) => self.ask_all(id, &frames),
                Err(error) => self.trouble = Some(error),
            }
        }
    }

    fn ask_all(&mut self, id: SpaceId, frames: &[Frame]) {
        let is_told = |shared: &Shared| shared.access == Access::In && shared.content.is_told();
        let sessions = self.links.sessions();
        let share = sessions.filter(|(.., one)| one.shared(&id).is_some_and(is_told));
        let streams: Vec<_> = share.map(|(stream, ..)| stream).collect();
        let after = self.gate.written();
        for stream in streams {
            for frame in frames {
                let shared = self.links.shared_mut(stream, &id);
                if let (Frame::Wanted(wanted), Some(shared)) = (frame, shared) {
                    shared.asked.insert(wanted.device);
                }
                self.send(stream, after, frame);
            }
        }
    }

    /// What others waited for came: who brought a branch for it may bring another one.
    fn credit(&mut self) {
        for space in self.spaces.values_mut() {
            let Some((replica, seat)) = space.seat_mut() else { continue };
            let served = seat.content.take_served();
            if !served.is_empty() {
                let logs = served.into_iter().flat_map(|log| replica.content_before(log)).collect();
                space.wanted.found(&logs);
            }
        }
    }

    /// What to ask for: up to [`WANTED_MAX`] (64) items, in a frame for each of the next
    /// [`WANTED_LOGS_MAX`] (8) logs that are not taken whole; the next items once they were asked
    /// for about all of these. From here on it is noted as asked.
    fn wanted_now(&mut self, id: SpaceId) -> Result<Vec<Frame>, StoreError> {
        let (now, store) = (self.now, &self.store);
        let Some(space) = self.spaces.get_mut(&id) else { return Ok(Vec::new()) };
        let mut wanted = std::mem::take(&mut space.wanted);
        let frames = space.seated().map(|seated| next_wanted(store, &seated, &mut wanted, now));
        space.wanted = wanted;
        frames.unwrap_or(Ok(Vec::new()))
    }

    /// A peer waits for items: it is sent what they stand in, of that one log, with all before it.
    /// An outsider is passed over in silence, and so is what is asked of a space in which this home
    /// has no seat, and a frame with more than [`HEADS_LOOKED_UP_MAX`] places.
    pub(super) fn wanted_came(&mut self, stream: StreamId, peer: &PeerId, wanted: &Wanted) {
        // What is over it is asked for again in time.
        let now = self.now;
        let shared = self.links.shared_mut(stream, &wanted.space);
        if !shared.is_some_and(|shared| shared.access == Access::In && shared.wants.spend(now)) {
            return;
        }
        let Some(seated) = self.view().seated(&wanted.space) else { return };
        if self.view().access(&seated, peer).is_none() || wanted.places.len() > HEADS_LOOKED_UP_MAX
        {
            return;
        }
        let device = wanted.device;
        let end = |item| {
            let place = seated.seat.content.place(&self.store, item).transpose()?;
            let end = |place: content::Place| (place.loc.log(), place.loc.seq + 1);
            Some(place.map(end)).filter(|end| !matches!(end, Ok((log, _)) if log.device != device))
        };
        let ends: Result<Vec<_>, _> = wanted.items.iter().filter_map(end).collect();
        let replica = &seated.replica;
        let parts =
            ends.and_then(|ends| replica.content_wanted(&self.store, device, &wanted.places, ends));
        let parts = match parts {
            Ok(parts) => parts,
            Err(error) => return self.trouble = Some(error),
        };
        let Some(shared) = self.links.shared_mut(stream, &wanted.space) else { return };
        shared.branches.retain(|(of, branch, _)| {
            !parts.iter().any(|(log, _)| (log.device, log.branch) == (*of, *branch))
        });
        let parts = parts.into_iter().map(|(log, part)| (log.device, log.branch, part));
        shared.branches.extend(parts);
        self.links.dirty.insert(stream);
    }
}

/// See [`Engine::wanted_now`].
fn next_wanted(
    store: &impl Store,
    seated: &Seated<'_>,
    wanted: &mut space::Wanted,
    now: Timestamp,
) -> Result<Vec<Frame>, StoreError> {
    let (replica, content) = (&seated.replica, &seated.seat.content);
    let lacking: BTreeSet<_> = seated.lacking_logs().collect();
    let behind = |log: Option<_>| lacking.range((log.map_or(Unbounded, Excluded), Unbounded));
    if wanted.items.is_empty() || behind(wanted.log).next().is_none() {
        wanted.items = content.wanted(store, replica, &mut wanted.turn, WANTED_MAX)?;
        wanted.log = None;
    }
    let mut frames = Vec::new();
    for device in behind(wanted.log).take(WANTED_LOGS_MAX).copied() {
        wanted.log = Some(device);
        // What only its own author waits for may be junk, and takes no more of that log.
        let by_others = wanted.items.iter().filter(|(author, _)| *author != device);
        let by_others: BTreeSet<_> = by_others.map(|(_, item)| *item).collect();
        let items = Bounded::first_of(by_others);
        if !items.is_empty() {
            let places = Bounded::first_of(replica.content_places(store, device)?);
            let space = seated.id;
            frames.push(Frame::Wanted(Box::new(Wanted { space, items, device, places })));
        }
    }
    let is_last = wanted.items.is_empty() || behind(wanted.log).next().is_none();
    wanted.asked(frames.len(), is_last && wanted.turn.is_over(), now);
    Ok(frames)
}
