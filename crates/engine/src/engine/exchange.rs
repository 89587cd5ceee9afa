//! Charters that differ with nothing left to send: each side tells its heads, and is sent all that
//! is not in the past of those (DESIGN 6). So no charter stays split, whatever its logs look like.

use ledger::{DeviceId, ForkProof, Hash, Journal, PeerId, SpaceId, Timestamp};
use replica::Changes;
use store::{Batch, Store};
use sync::{Access, Fork, Frame, Frontiers, Heads, Owed, Shared, Side};

use crate::{
    engine::Engine,
    io::StreamId,
    limits::{COMPARE_MS, PROOFS_MAX, SETTLE_AGAIN_MS},
    links::Purpose,
    sabotage::sabotaged,
    space::Space,
};

impl<S: Store> Engine<S> {
    /// The peer told what it has: where its charter differs, and nothing is left to send that
    /// lengths say, heads are told.
    pub(super) fn compare_charters(&mut self, stream: StreamId, told: &[Frontiers]) {
        for told in told {
            let Some(space) = self.spaces.get(&told.space) else { continue };
            let entries = space.replica.charter_entries();
            let guests = space.replica.guest_entries();
            let differ = told.guests != space.replica.guests_digest();
            let Some(shared) = self.links.shared_mut(stream, &told.space) else { continue };
            shared.charter_told = entries;
            if shared.access == Access::In && differ {
                shared.introduce(guests);
            }
            self.compare_later(stream, told.space);
        }
    }

    /// Something of the charter passed: if what both sides have is not the same now, it is looked
    /// at again when nothing more passes.
    pub(super) fn compare_later(&mut self, stream: StreamId, id: SpaceId) {
        let now = self.now;
        let Some(space) = self.spaces.get(&id) else { return };
        let Some(Purpose::Sync(session)) =
            self.links.streams.get_mut(&stream).map(|one| &mut one.purpose)
        else {
            return;
        };
        // The dialer begins; the other side only where that does not.
        let turns = if session.side() == Side::Dialer { 1 } else { 3 };
        if let Some(shared) = session.shared_mut(&id) {
            let frontier = space.replica.frontier(Journal::Charter);
            for (device, stem) in frontier.stems() {
                shared.charter.forks(device, stem);
            }
            if shared.charter.digest() == Some(frontier.hash()) {
                shared.awaits_heads = false;
            }
            let differ = differing(space, shared).is_some();
            shared.compare_at = differ.then(|| now.plus_ms(turns * COMPARE_MS));
        }
    }

    /// Logs were found to fork: all who share the space are to be shown it.
    pub(super) fn show_forks(&mut self) {
        let found = |space: &&mut Space| space.forks_shown != space.replica.forks_found();
        let mut ids = Vec::new();
        for space in self.spaces.values_mut().filter(found) {
            space.forks_shown = space.replica.forks_found();
            ids.push(space.id);
        }
        for id in ids {
            let share = self.links.sessions().filter(|(.., session)| session.shared(&id).is_some());
            let streams: Vec<_> = share.map(|(stream, ..)| stream).collect();
            streams.into_iter().for_each(|stream| self.compare_later(stream, id));
        }
    }

    /// When charters are to be settled again that could not be.
    pub(super) fn settle_deadline(&self) -> Option<Timestamp> {
        let unsettled = self.spaces.values().filter(|space| space.replica.is_unsettled());
        unsettled.map(|space| space.settle_at).min()
    }

    /// When charters are to be compared next.
    pub(super) fn compare_deadline(&self) -> Option<Timestamp> {
        let sessions = self.links.sessions();
        let shared = sessions.flat_map(|(_, _, session)| session.spaces());
        shared.filter_map(|(_, shared)| shared.compare_at).min()
    }

    /// Tells heads where it is time to.
    pub(super) fn compare_due(&mut self) {
        let mut due = Vec::new();
        for (stream, _, session) in self.links.sessions() {
            for (id, shared) in session.spaces() {
                if shared.compare_at.is_some_and(|at| at <= self.now) {
                    due.push((stream, *id));
                }
            }
        }
        for (stream, id) in due {
            self.tell_heads(stream, id);
        }
    }

    fn tell_heads(&mut self, stream: StreamId, id: SpaceId) {
        if sabotaged!(self.config, ChartersNotCompared) {
            self.links.shared_mut(stream, &id).into_iter().for_each(|one| one.compare_at = None);
            return;
        }
        let Some(space) = self.spaces.get(&id) else { return };
        let Some(shared) = self.links.shared_mut(stream, &id) else { return };
        shared.compare_at = None;
        let frontier = space.replica.frontier(Journal::Charter);
        // Not whether all was receipted, for what is refused for its past never is; nor what the
        // peer lacks by lengths, for a knock that it sent itself it may have beside its charter.
        let entries = space.replica.charter_entries();
        let is_sending = !shared.owed.is_empty() || shared.charter_offered < entries;
        match differing(space, shared) {
            // An answer is on its way: what it brings may settle it.
            Some(_) if is_sending || shared.awaits_heads => self.compare_later(stream, id),
            Some(pair) => {
                (shared.compared, shared.awaits_heads) = (Some(pair), true);
                let heads = Heads::of(id, Journal::Charter, frontier, false);
                let after = self.gate.written();
                self.send(stream, after, &Frame::Heads(heads));
            }
            None => {}
        }
    }

    /// The peer's heads of a charter: it is sent the proofs of forks that it does not know of, what
    /// is not in the past of those heads, and this node's heads, unless these were an answer.
    pub(super) fn charter_heads_came(&mut self, stream: StreamId, peer: &PeerId, heads: &Heads) {
        let now = self.now;
        let Some(space) = self.spaces.get(&heads.space) else { return };
        let Some(shared) = self.links.shared_mut(stream, &heads.space) else { return };
        if !shared.heads.spend(now) {
            return self.misbehaved(peer);
        }
        let later = |log: &DeviceId| shared.later.contains(&(Journal::Charter, *log));
        let lacking = space.replica.charter_lacking(heads.ids(), later);
        // All of it, for what was sent before may have been refused; and what it waits for.
        let is_awaited = shared.owed.contains(&Owed::Heads) && heads.answers;
        shared.owed = lacking.into_iter().map(Owed::Entry).collect();
        shared.owed.extend(is_awaited.then_some(Owed::Heads));
        if heads.answers {
            shared.awaits_heads = false;
        } else {
            shared.owed.push_back(Owed::Heads);
            shared.compare_at = None;
        }
        let is_news = |proof: &&ForkProof| {
            heads.stem(&proof.device()).is_some_and(|stem| proof.stem() < stem)
        };
        let proofs = space.replica.proofs().filter(is_news).take(PROOFS_MAX);
        let fork = |proof: &ForkProof| {
            let headers = proof.headers().clone();
            Frame::Fork(Box::new(Fork { space: heads.space, headers }))
        };
        let forks: Vec<_> = proofs.map(fork).collect();
        let after = self.gate.written();
        for fork in forks {
            self.send(stream, after, &fork);
        }
    }

    /// The proof that a log forks came.
    pub(super) fn fork_came(&mut self, stream: StreamId, peer: &PeerId, fork: Fork) {
        if self.links.shared_mut(stream, &fork.space).is_none() {
            return;
        }
        let [one, other] = fork.headers;
        let Ok(proof) = ForkProof::open(one, other) else { return self.misbehaved(peer) };
        let Some(space) = self.spaces.get_mut(&fork.space) else { return };
        let learned = space.replica.learn(&mut self.store, proof);
        space.replica.take_written().into_iter().for_each(|write| self.gate.wrote(write));
        match learned {
            Ok(Some(_)) => {
                self.entries_stored(fork.space, Journal::Charter);
            }
            Ok(None) => {}
            Err(error) => self.trouble = Some(error),
        }
    }

    /// Settles charters of which something would be lost by what came: this home names it first;
    /// if it cannot, for it is not in or its own log forks, it lets go (DESIGN 5 *Forks*).
    pub(super) fn settle_charters(&mut self) {
        let due = |space: &&Space| space.replica.is_unsettled() && space.settle_at <= self.now;
        let ids: Vec<_> = self.spaces.values().filter(due).map(|space| space.id).collect();
        for id in ids {
            if self.settle_charter(id).is_none()
                && let Some(space) = self.spaces.get_mut(&id)
            {
                space.settle_at = self.now.plus_ms(SETTLE_AGAIN_MS);
            }
        }
    }

    /// Whether it is settled.
    fn settle_charter(&mut self, id: SpaceId) -> Option<()> {
        loop {
            self.settle_with(id, false)?;
            let space = self.view().seated(&id)?;
            if !space.replica.is_unsettled() {
                return Some(());
            }
            let can_write =
                space.is_in() && !space.replica.is_forked(Journal::Charter, &space.seat.device());
            if can_write && !sabotaged!(self.config, NothingNamed) {
                // Its heads are what it is for. A disk that is full now may have room later.
                self.append_charter(id, Vec::new(), Batch::default()).ok()?;
            } else {
                self.settle_with(id, true)?;
            }
        }
    }

    fn settle_with(&mut self, id: SpaceId, lets_go: bool) -> Option<()> {
        let space = self.spaces.get_mut(&id)?;
        match space.replica.settle(&mut self.store, lets_go) {
            Ok(changes) => {
                self.charter_settled(id, &changes);
                Some(())
            }
            Err(error) => {
                self.trouble = Some(error);
                None
            }
        }
    }

    pub(super) fn charter_settled(&mut self, id: SpaceId, changes: &Changes) {
        changes.write.into_iter().for_each(|write| self.gate.wrote(write));
        let entries = self.spaces.get(&id).map_or(0, |space| space.replica.charter_entries());
        if changes.gone > 0 {
            // The order of arrival is another one now.
            for shared in self.links.all_shared_mut(&id) {
                (shared.charter_offered, shared.charter_told) = (0, entries);
            }
        }
        if changes.taken > 0 || changes.gone > 0 {
            self.entries_stored(id, Journal::Charter);
        }
    }
}

/// The digests of a charter here and at a peer, if they differ, nothing says that they will not
/// for long, and heads have not been told over just these.
fn differing(space: &Space, shared: &Shared) -> Option<(Hash, Hash)> {
    let theirs = shared.charter.digest().filter(|_| shared.access == Access::In)?;
    let pair = (space.replica.frontier(Journal::Charter).hash(), theirs);
    (pair.0 != pair.1 && shared.compared != Some(pair)).then_some(pair)
}
