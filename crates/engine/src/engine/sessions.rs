//! Syncing: what is told, taken and sent on the streams of sessions (DESIGN 6).

use ledger::{Bounded, DeviceId, EntryId, Journal, PeerId, SpaceId};
use replica::{Door, Refused, TakeError};
use store::{Batch, Store, WriteId};
use sync::{
    Access, Frame, Frontiers, Hello, HelloAnswer, Peers, Receipt, SpaceNewer, SpaceRun,
    limits::RECEIPT_LOGS_MAX,
};

use crate::{
    engine::Engine, io::StreamId, limits::SILENT_MS, links::Purpose, sabotage::sabotaged,
    space::Space,
};

impl<S: Store> Engine<S> {
    /// Tells what this node has of `spaces`; frontiers say what is on the disk, so the frame
    /// waits for it.
    pub(super) fn say_hello(&mut self, stream: StreamId, spaces: Vec<SpaceId>) {
        let told: Vec<_> =
            spaces.into_iter().filter_map(|space| self.tell(stream, space, Access::In)).collect();
        self.hello(stream, told);
    }

    /// Says as much as one frame holds, and notes what is still to be told.
    fn hello(&mut self, stream: StreamId, mut told: Vec<Frontiers>) {
        let Some(session) = self.links.session_mut(stream) else { return };
        let frame = session.hello(&mut told);
        self.send(stream, self.gate.written(), &frame);
        self.tell_later(stream, &told);
    }

    /// What a frame had no room for is told when the window has; as it is by then.
    fn tell_later(&mut self, stream: StreamId, left: &[Frontiers]) {
        if let Some(one) = self.links.streams.get_mut(&stream) {
            one.untold.extend(left.iter().map(|told| told.space));
        }
    }

    /// What to tell of one space, which is shared from now on.
    fn tell(&mut self, stream: StreamId, space: SpaceId, access: Access) -> Option<Frontiers> {
        let Some(Purpose::Sync(session)) =
            self.links.streams.get_mut(&stream).map(|one| &mut one.purpose)
        else {
            return None;
        };
        let replica = &self.spaces.get(&space)?.replica;
        session.share(space, access);
        if session.shared(&space).is_some_and(|shared| !shared.charter.is_told()) {
            self.links.silent.insert((stream, space), self.now.plus_ms(SILENT_MS));
        }
        let (charter, content) =
            (replica.frontier(Journal::Charter), replica.frontier(Journal::Content));
        session.tell(space, charter, content, replica.guests_digest())
    }

    /// Who said nothing of a space that they were told of takes this home for an outsider, perhaps:
    /// they are sent the charter, which may hold its admission (DESIGN 6).
    pub(super) fn go_on_unasked(&mut self) {
        let now = self.now;
        let due: Vec<_> =
            self.links.silent.iter().filter(|(_, at)| **at <= now).map(|(of, _)| *of).collect();
        for (stream, space) in due {
            self.links.silent.remove(&(stream, space));
            let Some(session) = self.links.session_mut(stream) else { continue };
            if session.is_open() {
                session.is_silent_of(&space);
                self.links.dirty.insert(stream);
            } else {
                self.links.silent.insert((stream, space), now.plus_ms(SILENT_MS));
            }
        }
    }

    pub(super) fn sync_frame(&mut self, stream: StreamId, bytes: &[u8]) {
        let Some(one) = self.links.streams.get_mut(&stream) else { return };
        let peer = one.peer.clone();
        let Purpose::Sync(session) = &mut one.purpose else { return };
        let was_open = session.is_open();
        let frame = session.receive(bytes);
        let passes = frame.as_ref().ok().and_then(Frame::content_passes);
        match frame {
            Ok(Frame::Hello(hello)) => self.hello_came(stream, &peer, hello, was_open),
            Ok(Frame::Answer(answer)) => self.answer_came(stream, &peer, answer),
            Ok(Frame::Run(run)) => self.run_came(stream, &peer, *run),
            Ok(Frame::Newer(run)) => self.newer_came(stream, &peer, &run),
            Ok(Frame::Receipt(receipt)) => {
                let (space, journal) = (receipt.space, receipt.journal);
                self.receipts_came(&peer, space, journal, receipt.logs.into_inner());
                if journal == Journal::Charter {
                    self.compare_later(stream, space);
                }
            }
            Ok(Frame::Peers(peers)) => self.peers_came(&peer, peers),
            Ok(Frame::Heads(heads)) => self.heads_came(stream, &peer, &heads),
            Ok(Frame::Fork(fork)) => self.fork_came(stream, &peer, *fork),
            Ok(Frame::Wanted(wanted)) => self.wanted_came(stream, &peer, &wanted),
            Ok(Frame::Later(_) | Frame::Unknown(_)) => {}
            Err(sync::Misbehaved::Version(_)) => self.end_stream(stream),
            Err(_) => self.misbehaved(&peer),
        }
        if let Some((space, log)) = passes {
            self.content_passed(stream, space, log);
        }
        self.links.dirty.insert(stream);
    }

    /// Whether a content log is known to fork, or the peer sent of it what goes on from elsewhere.
    fn forks_on(&self, stream: StreamId, id: SpaceId, log: DeviceId) -> bool {
        let stem = self
            .spaces
            .get(&id)
            .and_then(|space| space.replica.frontier(Journal::Content).log(&log)?.stem());
        let shared = self.links.session(stream).and_then(|session| session.shared(&id));
        stem.is_some() || shared.is_some_and(|shared| shared.placed.contains(&log))
    }

    /// Something of a content passed, of this log or of any. Of a log that is taken whole and does
    /// not branch, lengths say whether more comes.
    fn content_passed(&mut self, stream: StreamId, id: SpaceId, log: Option<DeviceId>) {
        let is_said_by_length = |log: DeviceId| {
            let is_lacking = |space: &Space| space.lacking_logs().any(|lacking| lacking == log);
            !self.forks_on(stream, id, log) && !self.spaces.get(&id).is_some_and(is_lacking)
        };
        if log.is_some_and(is_said_by_length) {
            return;
        }
        if let Some(shared) = self.links.shared_mut(stream, &id) {
            shared.passed_at = self.now;
        }
    }

    fn hello_came(&mut self, stream: StreamId, peer: &PeerId, hello: Hello, was_open: bool) {
        self.come_back(peer);
        self.met(peer);
        let mut answered = Vec::new();
        for told in &hello.spaces {
            let space = self.spaces.get(&told.space);
            let access = space.and_then(|space| self.view().access(space, peer));
            let Some(session) = self.links.session_mut(stream) else { return };
            match access {
                Some(access) => {
                    let mine = session.shared(&told.space);
                    if mine.is_none_or(|shared| shared.told < Some(access)) {
                        answered.extend(self.tell(stream, told.space, access));
                    }
                }
                // An outsider is told nothing, and the same whether the space is here or not.
                None => _ = session.share(told.space, Access::Named),
            }
            self.note_told(stream, peer, told);
        }
        if was_open {
            if !answered.is_empty() {
                self.hello(stream, answered);
                self.tell_peers(stream, peer);
            }
            self.compare_charters(stream, &hello.spaces);
            self.compare_heads(stream, &hello.spaces);
            return;
        }
        let to_come = self.entries_to_come(stream);
        let Some(session) = self.links.session_mut(stream) else { return };
        let frame = session.answer(&mut answered, to_come);
        self.send(stream, self.gate.written(), &frame);
        self.tell_later(stream, &answered);
        let named = |space: &SpaceId| hello.spaces.iter().any(|told| told.space == *space);
        let unnamed: Vec<_> = self
            .view()
            .spaces_shared_with(peer)
            .into_iter()
            .filter(|space| !named(space))
            .collect();
        if !unnamed.is_empty() {
            self.say_hello(stream, unnamed);
        }
        self.tell_peers(stream, peer);
        self.compare_charters(stream, &hello.spaces);
        self.compare_heads(stream, &hello.spaces);
        self.turn_away(stream, peer);
    }

    fn answer_came(&mut self, stream: StreamId, peer: &PeerId, answer: HelloAnswer) {
        self.come_back(peer);
        self.met(peer);
        answer.spaces.iter().for_each(|told| self.note_told(stream, peer, told));
        self.tell_peers(stream, peer);
        self.compare_charters(stream, &answer.spaces);
        self.compare_heads(stream, &answer.spaces);
        self.turn_away(stream, peer);
    }

    /// Entries that the peer lacks now, for its progress bar.
    fn entries_to_come(&mut self, stream: StreamId) -> u64 {
        let Some(Purpose::Sync(session)) = self.links.streams.get(&stream).map(|one| &one.purpose)
        else {
            return 0;
        };
        let lacks = |(space, shared): (&SpaceId, &sync::Shared)| {
            let replica = &self.spaces.get(space)?.replica;
            let is_in = shared.access == Access::In;
            is_in.then(|| {
                shared.charter.lacks(replica.frontier(Journal::Charter))
                    + shared.content.lacks(replica.frontier(Journal::Content))
            })
        };
        session.spaces().filter_map(lacks).sum()
    }

    fn note_told(&mut self, stream: StreamId, peer: &PeerId, told: &Frontiers) {
        self.links.silent.remove(&(stream, told.space));
        let now = self.now;
        if let Some(session) = self.links.session_mut(stream) {
            session.note(told);
            session.shared_mut(&told.space).into_iter().for_each(|shared| shared.passed_at = now);
        }
        self.note_receipts(peer, told);
        let shared = self.links.session(stream).and_then(|session| session.shared(&told.space));
        if shared.is_some_and(|shared| shared.access == Access::In) {
            self.want_soon(told.space);
        }
    }

    /// A frontier is told when it is on the teller's disk, so it is a receipt.
    fn note_receipts(&mut self, peer: &PeerId, told: &Frontiers) {
        let digests =
            [(Journal::Charter, Some(&told.charter)), (Journal::Content, told.content.as_ref())];
        for (journal, digest) in digests {
            let (Some(digest), Some(space)) = (digest, self.spaces.get(&told.space)) else {
                continue;
            };
            let logs =
                space.replica.frontier(journal).devices().map(|log| (*log, digest.length(log)));
            self.receipts_came(peer, told.space, journal, logs.collect());
        }
    }

    /// A peer has so much on its disk. Only what nodes of members say counts: whoever knows a
    /// space's id could say anything.
    fn receipts_came(
        &mut self,
        peer: &PeerId,
        space: SpaceId,
        journal: Journal,
        logs: Vec<(DeviceId, u64)>,
    ) {
        let Some(space) = self.spaces.get_mut(&space) else { return };
        if !space.peer_is_in(peer) {
            return;
        }
        let mut batch = Batch::default();
        for (device, length) in logs {
            space.receipts.receipted(&space.replica, peer, (journal, device), length, &mut batch);
        }
        self.write_index(batch);
    }

    fn run_came(&mut self, stream: StreamId, peer: &PeerId, came: SpaceRun) {
        let space_id = came.space;
        // Judged by the roll of now, not by what held when the session began.
        let here = self.spaces.get(&space_id);
        let access = here.and_then(|space| self.view().access(space, peer));
        let door = here.filter(|_| access.is_some());
        let Some(door) = door.and_then(|space| space.door(&came.run, true, self.now)) else {
            return self.outside_run_came(peer, came);
        };
        let (log, costs) = (came.run.device, self.costs(&came));
        let shared = self.links.shared_mut(stream, &space_id);
        let asked = shared.is_some_and(|shared| shared.asked.contains(&log));
        let over_share = self.over_share(&came, &costs, asked);
        let is_heard = over_share == Some(Journal::Charter) && !self.is_spent(space_id, log);
        if let Some(journal) = over_share.filter(|_| !is_heard) {
            return self.take_later(stream, space_id, journal, log);
        }
        let Some(space) = self.spaces.get_mut(&space_id) else { return };
        let (may_branch, seq) = (space.wanted.may_bring(peer), came.run.first_seq);
        let door = Door { is_over_share: over_share.is_some(), may_branch, ..door };
        let taken = space.replica.take(&mut self.store, came.run, door);
        // Of what is refused something may have been learned, and written.
        space.replica.take_written().into_iter().for_each(|write| self.gate.wrote(write));
        match taken {
            Ok(taken) => {
                taken.write.into_iter().for_each(|write| self.gate.wrote(write));
                self.receipt(stream, space_id, taken.journal, &taken.lengths);
                if let Some(entry) = taken.entry {
                    let is_new_guest = taken.is_guest && taken.new > 0;
                    self.charter_entry_came(stream, space_id, entry, is_new_guest);
                }
                if over_share.is_some() {
                    self.take_later(stream, space_id, Journal::Charter, log);
                }
                self.took(space_id, &taken, &costs);
                if taken.new > 0 {
                    self.entries_stored(space_id, taken.journal);
                    self.compare_grown(stream, space_id, &taken);
                }
                if let Some(log) = taken.wanted {
                    self.brought_branch(space_id, peer, log);
                }
                if taken.is_behind_stem {
                    self.branch_grew(space_id, taken.device);
                }
            }
            Err(TakeError::Refused(Refused::Fork)) => self.ask_for_stem(stream, space_id, log),
            // Of one with so many branches nobody is asked for more.
            Err(TakeError::Refused(Refused::TooManyBranches)) => {
                self.take_later(stream, space_id, Journal::Content, log);
            }
            Err(error) => {
                if let TakeError::Refused(Refused::Charter(charter::Refused::Past)) = error
                    && space.replica.roll().knows(&log)
                {
                    space.missing.lacks(log, seq);
                }
                self.not_taken(stream, peer, (space_id, log), error);
            }
        }
    }

    /// Says what is on the disk by now, once it is.
    fn receipt(
        &mut self,
        stream: StreamId,
        id: SpaceId,
        journal: Journal,
        logs: &[(DeviceId, u64)],
    ) {
        let Some(space) = self.spaces.get(&id) else { return };
        let here = space.replica.frontier(journal);
        let is_told = journal == Journal::Charter || here.stems().next().is_some();
        let frontier = is_told.then(|| here.hash());
        let early = sabotaged!(self.config, ReceiptBeforeFlush);
        let after = if early { WriteId::default() } else { self.gate.written() };
        let mut chunks: Vec<_> = logs.chunks(RECEIPT_LOGS_MAX).collect();
        if chunks.is_empty() {
            chunks.push(&[]);
        }
        for logs in chunks {
            let logs = Bounded::first_of(logs.iter().copied());
            let receipt = Receipt { space: id, journal, logs, frontier };
            self.send(stream, after, &Frame::Receipt(receipt));
        }
    }

    /// The peer has a charter entry, as it sent it. Others are sent it if it is a guest's, which no
    /// frontier tells them of.
    fn charter_entry_came(
        &mut self,
        stream: StreamId,
        id: SpaceId,
        entry: EntryId,
        is_guest: bool,
    ) {
        if let Some(shared) = self.links.shared_mut(stream, &id) {
            shared.charter.has_single(entry);
        }
        if is_guest {
            self.offer_guest(id, &[entry]);
        }
    }

    /// Sends a guest's entries to all who share the space and are not known to have them.
    pub(super) fn offer_guest(&mut self, id: SpaceId, entries: &[EntryId]) {
        for shared in self.links.all_shared_mut(&id) {
            if shared.access == Access::In && shared.charter.is_told() {
                shared.introduce(entries.iter().copied());
            }
        }
    }

    /// A run of who may have nothing of its space. Whatever comes of it, they notice nothing by
    /// which they could tell whether the space is here: no receipt, no end of the stream, and what
    /// is no run is a fault in either case. Whom it lets in is told all the rest.
    fn outside_run_came(&mut self, peer: &PeerId, came: SpaceRun) {
        let now = self.now;
        if came.run.clone().open().is_err() {
            return self.misbehaved(peer);
        }
        let (log, costs) = (came.run.device, self.costs(&came));
        let is_over_share = self.over_share(&came, &costs, false).is_some();
        if is_over_share && self.is_spent(came.space, log) {
            return;
        }
        let Some(space) = self.spaces.get_mut(&came.space) else { return };
        let Some(door) = space.door(&came.run, false, now) else { return };
        let door = Door { is_over_share, ..door };
        let taken = space.replica.take(&mut self.store, came.run, door);
        space.replica.take_written().into_iter().for_each(|write| self.gate.wrote(write));
        match taken {
            Ok(taken) => {
                taken.write.into_iter().for_each(|write| self.gate.wrote(write));
                let guest = taken.entry.filter(|_| taken.is_guest && taken.new > 0);
                guest.into_iter().for_each(|entry| self.offer_guest(came.space, &[entry]));
                if taken.new > 0 {
                    self.entries_stored(came.space, taken.journal);
                }
                self.took(came.space, &taken, &costs);
            }
            Err(TakeError::Refused(_)) => {}
            Err(TakeError::Store(error)) => self.trouble = Some(error),
        }
    }

    /// Entries of a newer version came. Of a peer that is not in nothing is kept aside.
    fn newer_came(&mut self, stream: StreamId, peer: &PeerId, came: &SpaceNewer) {
        let Some(space) = self.spaces.get(&came.space) else { return };
        if self.view().access(space, peer).is_none() {
            return;
        }
        self.newer_on(stream, came.space);
        let Some(space) = self.spaces.get_mut(&came.space) else { return };
        match space.replica.keep_newer(&mut self.store, &came.run) {
            Ok(kept) => kept.into_iter().for_each(|write| self.gate.wrote(write)),
            Err(error) => self.not_taken(stream, peer, (came.space, came.run.device()), error),
        }
    }

    fn newer_on(&mut self, stream: StreamId, space: SpaceId) {
        if let Some(one) = self.links.streams.get_mut(&stream) {
            one.newer.insert(space);
        }
    }

    fn not_taken(
        &mut self,
        stream: StreamId,
        peer: &PeerId,
        (space, log): (SpaceId, DeviceId),
        error: TakeError,
    ) {
        match error {
            TakeError::Refused(refused) if refused.is_misbehaviour() => self.misbehaved(peer),
            // What the peer takes for had is not: the next hello says so. But behind what a newer
            // version wrote there is much that has no past here, and no hello changes that; and of
            // a log that forks no length says what a peer lacks, and heads do.
            TakeError::Refused(Refused::Gap { .. }) => {
                let newer = self.links.streams.get(&stream).map(|one| &one.newer);
                let is_newer = newer.is_some_and(|newer| newer.contains(&space));
                if !is_newer && self.forks_on(stream, space, log) {
                    // Who sent it is on its way to know where this branch ends, or has to be told.
                    self.tell_branches_soon(space, log);
                } else if !is_newer {
                    self.end_stream(stream);
                }
            }
            // Neither blamed nor receipted: the log waits until this program is updated.
            TakeError::Refused(Refused::Newer { kept }) => {
                kept.into_iter().for_each(|write| self.gate.wrote(write));
                self.newer_on(stream, space);
            }
            // The peer has what this node lacks the past of, or has another branch: it sees by the
            // digest that both are not the same, and heads are told.
            TakeError::Refused(Refused::Charter(_)) => {
                self.receipt(stream, space, Journal::Charter, &[]);
            }
            TakeError::Refused(_) => {}
            TakeError::Store(error) => {
                self.trouble = Some(error);
                self.end_stream(stream);
            }
        }
    }

    /// Tells a peer where this node and others are reached, for each space that it is in.
    pub(super) fn tell_peers(&mut self, stream: StreamId, peer: &PeerId) {
        for space in self.view().spaces_shared_with(peer) {
            let peers = self.introduce(space, Some(peer));
            if !peers.is_empty() {
                self.send(stream, WriteId::default(), &Frame::Peers(Peers { space, peers }));
            }
        }
    }

    fn peers_came(&mut self, from: &PeerId, came: Peers) {
        let Some(space) = self.spaces.get(&came.space) else { return };
        if self.view().access(space, from).is_none() {
            return;
        }
        let mut batch = Batch::default();
        for at in &came.peers {
            if space.wants(&at.peer) && at.peer != *self.config.peer() {
                let told = at.addresses.iter().map(|address| address.to_string()).collect();
                self.links.peers.hear(from, &at.peer, told, self.now, &mut batch);
            }
        }
        self.write_quietly(batch);
    }
}

#[cfg(test)]
mod tests;
