//! Two content entries at one place: found where all is here that a peer told, and its digest is
//! over other entries (DESIGN 6). Each side sends the other its own entry at such a place, which is
//! kept aside there and shown.

use ledger::{DeviceId, EntryId, Journal, PeerId, SpaceId, Tip};
use replica::{Replica, Taken};
use store::Store;
use sync::{Access, Frame, Frontiers, Heads, SpaceRun};

use crate::{engine::Engine, io::StreamId};

/// Logs of which a proof is sent in answer to one frame: more forks than that come next time.
const PROOFS_MAX: usize = 64;

/// Places that are read from the store for one frame of heads: those of logs that grew here since
/// this node told them. Few did, and a peer may name a log as often as its frame has room.
const LOOKED_UP_MAX: usize = 256;

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
        if shared.known_mut(journal).differs(frontier, head) {
            differ.push(Heads::of(id, journal, frontier, false));
        }
        let after = self.gate.written();
        for heads in differ {
            self.send(stream, after, &Frame::Heads(heads));
        }
    }

    /// The peer's full heads: it is sent this node's entry wherever it has another one.
    pub(super) fn heads_came(&mut self, stream: StreamId, peer: &PeerId, heads: &Heads) {
        let Some(space) = self.spaces.get(&heads.space) else { return };
        if self.view().access(space, peer).is_none() {
            return;
        }
        if heads.journal == Journal::Charter {
            return self.charter_heads_came(stream, heads);
        }
        let (store, replica) = (&self.store, &space.replica);
        let frontier = replica.frontier(Journal::Content);
        let mut looked_up = 0;
        let mut here = |log: &DeviceId, theirs: &Tip| {
            let mine = frontier.tip(log).filter(|mine| mine.length >= theirs.length)?;
            if mine.length == theirs.length {
                return Some(mine.head);
            }
            looked_up += 1;
            let seq = theirs.length.checked_sub(1).filter(|_| looked_up <= LOOKED_UP_MAX)?;
            entry_at(store, replica, *log, seq)
        };
        let other = |(log, theirs): &(DeviceId, Tip)| {
            let differs = here(log, theirs).is_some_and(|mine| mine != theirs.head);
            differs.then(|| (*log, theirs.length - 1))
        };
        let places: Vec<_> = heads.logs.iter().filter_map(other).take(PROOFS_MAX).collect();
        let after = self.gate.written();
        for (log, seq) in places {
            let Some(space) = self.spaces.get(&heads.space) else { return };
            match space.replica.content_run(&self.store, log, seq) {
                Ok(Some(run)) => {
                    let run = Box::new(SpaceRun { space: heads.space, run });
                    self.send(stream, after, &Frame::Run(run));
                }
                Ok(None) => {}
                Err(error) => self.trouble = Some(error),
            }
        }
    }
}

/// The entry that is here at a place of a log.
fn entry_at(store: &impl Store, replica: &Replica, log: DeviceId, seq: u64) -> Option<EntryId> {
    let found = replica.content_entries(store, log, seq, 1).ok()?;
    found.first().filter(|entry| entry.seq() == seq).map(|entry| entry.id)
}
