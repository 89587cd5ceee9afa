//! What a peer lacks, handed to its stream as long as the window has room (DESIGN 6).

use ledger::{DeviceId, Journal, Run, SpaceId};
use replica::Log;
use store::{Store, StoreError, WriteId};
use sync::{Access, Frame, Heads, Owed, Side, SpaceRun};

use crate::{
    engine::Engine, io::StreamId, limits::WINDOW_BYTES, links::Purpose, sabotage::sabotaged,
};

impl<S: Store> Engine<S> {
    /// Hands a stream what its peer lacks, as long as the window has room.
    pub(super) fn pump(&mut self, stream: StreamId) {
        while let Some(one) = self.links.streams.get_mut(&stream) {
            if one.unsent >= WINDOW_BYTES {
                return;
            }
            if !one.untold.is_empty() {
                let untold = std::mem::take(&mut one.untold);
                self.say_hello(stream, untold);
                continue;
            }
            let Some(run) = self.next_run(stream) else { return };
            let seat = self.view().seated(&run.space).map(|space| space.seat);
            let own = seat.filter(|seat| seat.device() == run.run.device);
            let early = sabotaged!(self.config, OwnEntryBeforeFlush);
            let after = own.filter(|_| !early).map_or(WriteId::default(), |own| own.own_write);
            self.send(stream, after, &Frame::Run(Box::new(run)));
        }
    }

    /// The next run that the peer lacks: what it is owed, the charter in this node's order of
    /// arrival, then the content. Only a peer that is in gets any.
    fn next_run(&mut self, stream: StreamId) -> Option<SpaceRun> {
        let Some(Purpose::Sync(session)) = self.links.streams.get(&stream).map(|one| &one.purpose)
        else {
            return None;
        };
        if !session.is_open() && session.side() == Side::Dialer {
            return None;
        }
        let shared: Vec<_> = session.spaces().map(|(space, _)| *space).collect();
        shared.into_iter().find_map(|id| {
            let run = self.next_owed(stream, id).or_else(|| self.next_charter_run(stream, id));
            let run = run.or_else(|| self.next_guest(stream, id));
            let run = run.or_else(|| self.next_content_run(stream, id));
            run.or_else(|| self.next_branch_run(stream, id))
        })
    }

    /// The next charter entry that is owed whatever lengths say, and heads behind the last.
    fn next_owed(&mut self, stream: StreamId, id: SpaceId) -> Option<SpaceRun> {
        loop {
            let space = self.spaces.get(&id)?;
            let session = self.links.session_mut(stream)?;
            let shared = session.shared_mut(&id).filter(|shared| shared.access == Access::In)?;
            match shared.owed.pop_front()? {
                Owed::Entry(entry) => {
                    let run = space.replica.known_run(&self.store, &entry);
                    let Some(run) = readable(run, &mut self.trouble) else { continue };
                    let run = SpaceRun { space: id, run };
                    let place = space.replica.charter_place(&entry);
                    let arrival = place.and_then(|n| space.replica.charter_arrival(n));
                    // What a length says has a receipt by its length.
                    match arrival.is_some_and(|one| space.replica.is_before_stem(&one)) {
                        true => session.offered(Journal::Charter, &run),
                        false => session.offered_single(id, entry),
                    }
                    return Some(run);
                }
                Owed::Heads => {
                    let frontier = space.replica.frontier(Journal::Charter);
                    let heads = Heads::of(id, Journal::Charter, frontier, true);
                    let theirs = shared.charter.digest();
                    shared.compared = theirs.map(|theirs| (frontier.hash(), theirs));
                    let after = self.gate.written();
                    self.send(stream, after, &Frame::Heads(heads));
                }
            }
        }
    }

    fn next_charter_run(&mut self, stream: StreamId, id: SpaceId) -> Option<SpaceRun> {
        let replica = &self.spaces.get(&id)?.replica;
        let session = self.links.session_mut(stream)?;
        let shared = session.shared_mut(&id)?;
        if shared.access != Access::In || !shared.charter.is_told() {
            return None;
        }
        while let Some(arrival) = replica.charter_arrival(shared.charter_offered) {
            let is_new = shared.charter_offered >= shared.charter_told;
            let by_length = replica.is_before_stem(&arrival);
            let is_later = shared.later.contains(&(Journal::Charter, arrival.device));
            let lacks = !is_later
                && match by_length {
                    true => shared.charter.length(&arrival.device) <= arrival.seq,
                    false => is_new,
                };
            if lacks && !shared.charter.is_single_there(&arrival.id) {
                let run = replica.charter_run(&self.store, shared.charter_offered);
                let run = SpaceRun { space: id, run: readable(run, &mut self.trouble)? };
                shared.charter_offered += 1;
                match by_length {
                    true => session.offered(Journal::Charter, &run),
                    false => session.offered_single(id, arrival.id),
                }
                return Some(run);
            }
            shared.charter_offered += 1;
        }
        None
    }

    /// The next entry of somebody who knocks.
    fn next_guest(&mut self, stream: StreamId, id: SpaceId) -> Option<SpaceRun> {
        let space = self.spaces.get(&id)?;
        let own = space.seated().map(|space| space.seat.device());
        let session = self.links.session_mut(stream)?;
        session.shared(&id).filter(|shared| shared.access == Access::In)?;
        while let Some(entry) = session.shared_mut(&id)?.guests.pop_front() {
            let run = space.replica.known_run(&self.store, &entry);
            let Some(run) = readable(run, &mut self.trouble) else { continue };
            // Who is taken in by now goes with the charter; one's own knock is for one's contacts.
            if space.replica.charter_place(&entry).is_none() && own != Some(run.device) {
                session.offered_single(id, entry);
                return Some(SpaceRun { space: id, run });
            }
        }
        None
    }

    fn next_content_run(&mut self, stream: StreamId, id: SpaceId) -> Option<SpaceRun> {
        let replica = &self.spaces.get(&id)?.replica;
        let session = self.links.session_mut(stream)?;
        let shared = session.shared(&id)?;
        let length_max = |log: &DeviceId| replica.content_length_max(log);
        let (device, from) =
            shared.lacks_content(replica.frontier(Journal::Content), length_max)?;
        let run = replica.content_run(&self.store, device, from);
        let run = SpaceRun { space: id, run: readable(run, &mut self.trouble)? };
        session.offered(Journal::Content, &run);
        if let Some(stem) = replica.frontier(Journal::Content).log(&device)?.stem() {
            session.shared_mut(&id)?.content.forks(&device, stem);
        }
        Some(run)
    }

    /// The next run of a content log that forks which no length says.
    fn next_branch_run(&mut self, stream: StreamId, id: SpaceId) -> Option<SpaceRun> {
        let replica = &self.spaces.get(&id)?.replica;
        let session = self.links.session_mut(stream)?;
        loop {
            let shared = session.shared_mut(&id).filter(|shared| shared.access == Access::In)?;
            let (device, branch, part) = shared.branches.pop_front()?;
            // What was asked for has an end, and comes whatever the peer takes later.
            let is_later =
                part.end == u64::MAX && shared.later.contains(&(Journal::Content, device));
            if is_later || part.is_empty() || part.start >= replica.content_length_max(&device) {
                continue;
            }
            let run = replica.content_run(&self.store, Log { device, branch }, part.start);
            let Some(run) = readable(run, &mut self.trouble) else { continue };
            let run = SpaceRun { space: id, run };
            let entries = run.run.entries.len() as u64;
            let left = run.run.first_seq + entries..part.end;
            shared.branches.push_front((device, branch, left));
            shared.passed_at = self.now;
            session.traffic.entries_sent += entries;
            return Some(run);
        }
    }
}

fn readable(run: Result<Option<Run>, StoreError>, trouble: &mut Option<StoreError>) -> Option<Run> {
    run.unwrap_or_else(|error| {
        *trouble = Some(error);
        None
    })
}
