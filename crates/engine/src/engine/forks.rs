//! Two entries at one place: found where lengths agree and digests do not (DESIGN 6). Each side
//! sends the other its own newest entry of such a log, which is kept aside there and shown.

use ledger::{DeviceId, Journal, PeerId, Run, SpaceId, Tip};
use store::{Store, StoreError};
use sync::{Access, Frame, Frontiers, Heads, SpaceRun};

use crate::{engine::Engine, io::StreamId, space::Space};

/// Logs of which a proof is sent in answer to one frame: more forks than that come next time.
const PROOFS_MAX: usize = 64;

impl<S: Store> Engine<S> {
    /// Sends full heads of those journals of which the peer told other ones at equal lengths.
    pub(super) fn compare_heads(&mut self, stream: StreamId, told: &[Frontiers]) {
        told.iter().for_each(|told| self.compare_heads_of(stream, told.space));
    }

    fn compare_heads_of(&mut self, stream: StreamId, id: SpaceId) {
        let Some(space) = self.spaces.get(&id) else { return };
        let Some(shared) = self.links.session(stream).and_then(|one| one.shared(&id)) else {
            return;
        };
        if shared.access != Access::In {
            return;
        }
        let differ = Journal::ALL
            .into_iter()
            .filter(|journal| shared.known(*journal).differs(space.replica.frontier(*journal)));
        let heads = |journal: Journal| {
            let logs: Vec<_> =
                space.replica.frontier(journal).iter().map(|(log, tip)| (*log, *tip)).collect();
            let logs = logs.try_into().ok()?;
            Some(Heads { space: id, journal, logs })
        };
        let heads: Vec<_> = differ.filter_map(heads).collect();
        let after = self.gate.written();
        for heads in heads {
            self.send(stream, after, &Frame::Heads(heads));
        }
    }

    /// The peer's full heads: it is sent this node's entry wherever it has another one.
    pub(super) fn heads_came(&mut self, stream: StreamId, peer: &PeerId, heads: &Heads) {
        let Some(space) = self.spaces.get(&heads.space) else { return };
        if !space.replica.peer_is_in(peer) {
            return;
        }
        let frontier = space.replica.frontier(heads.journal);
        let other = |(log, theirs): &&(DeviceId, Tip)| {
            let mine = frontier.tip(log);
            mine.is_some_and(|mine| mine.length == theirs.length && mine.head != theirs.head)
        };
        let logs: Vec<_> = heads.logs.iter().filter(other).map(|(log, _)| *log).collect();
        let after = self.gate.written();
        for log in logs.into_iter().take(PROOFS_MAX) {
            let Some(space) = self.spaces.get(&heads.space) else { return };
            match newest(&self.store, space, heads.journal, log) {
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

fn newest(
    store: &impl Store,
    space: &Space,
    journal: Journal,
    log: DeviceId,
) -> Result<Option<Run>, StoreError> {
    match journal {
        Journal::Charter => space.replica.charter_tip(store, log),
        Journal::Content => {
            let length = space.replica.frontier(Journal::Content).length(&log);
            space.replica.content_run(store, log, length.saturating_sub(1))
        }
    }
}
