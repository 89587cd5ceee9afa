//! Questions that wait, and the numbers of requests.

use std::collections::BTreeMap;

use api::Answer;
use ledger::{Hash, Journal, PeerId, SpaceId, Timestamp};
use store::{Direction, Group, Store, StoreError, Table};

use crate::io::AskId;

/// How long `sync` gives nodes that do not answer before it goes on with those that did.
pub(crate) const REACH_MS: u64 = 5_000;

/// What a question waits for.
#[derive(Debug)]
pub(crate) enum Until {
    /// A contact has the knock, or says that the newcomer is in.
    Knocked(SpaceId),
    /// Everyone who was reached has all, and this node has all of theirs.
    Synced {
        /// Only this node; all that are known if none.
        with: Option<PeerId>,
        /// When it was asked: [`REACH_MS`] from then on it goes on without nodes that are silent.
        since: Timestamp,
    },
    /// So many other nodes have an own entry on their disks.
    StoredOn {
        /// The last entry that the command wrote; who has it has all that it wrote in that log.
        entry: Own,
        /// On how many nodes beside this one it is to be, as `--wait` says: 1 or more.
        nodes: u32,
        /// The answer to the command that wrote it.
        answer: Answer,
    },
}

/// An entry of this home's own: its space, journal and place.
pub(crate) type Own = (SpaceId, Journal, u64);

#[derive(Debug)]
struct Pending {
    until: Until,
    deadline: Timestamp,
    /// The request that it is the answer to, if that has an id.
    request: Option<Request>,
}

/// A command that was put under a request id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Request {
    /// The id, as its asker calls it.
    pub(crate) id: Vec<u8>,
    /// Which command it is.
    pub(crate) asked: Hash,
}

/// Questions that wait, and the numbers of requests.
#[derive(Debug, Default)]
pub(crate) struct Asking {
    pending: BTreeMap<AskId, Pending>,
    next_request: u64,
    /// The last entry that the command at hand wrote, for `--wait`.
    written: Option<Own>,
}

impl Asking {
    pub(crate) fn open(store: &impl Store) -> Result<Self, StoreError> {
        let all = 0..=u64::MAX;
        let last = store.scan(Table::Requests, &requests(), all, Direction::Descending, 1)?;
        let next_request = last.first().map_or(0, |(number, _)| number + 1);
        Ok(Self { pending: BTreeMap::new(), next_request, written: None })
    }

    /// The number of a request whose answer is to be kept.
    pub(crate) fn next_request(&mut self) -> u64 {
        self.next_request += 1;
        self.next_request - 1
    }

    /// An own entry was written.
    pub(crate) fn wrote(&mut self, space: SpaceId, journal: Journal, seq: u64) {
        self.written = Some((space, journal, seq));
    }

    /// The last entry that was written since this was asked.
    pub(crate) fn take_written(&mut self) -> Option<Own> {
        self.written.take()
    }

    /// A question waits, at most until `deadline`.
    pub(crate) fn wait_for(
        &mut self,
        ask: AskId,
        until: Until,
        deadline: Timestamp,
        request: Option<Request>,
    ) {
        self.pending.insert(ask, Pending { until, deadline, request });
    }

    /// The request of this id that waits for its answer.
    pub(crate) fn waiting_request(&self, id: &[u8]) -> Option<&Request> {
        let requests = self.pending.values().filter_map(|pending| pending.request.as_ref());
        requests.into_iter().find(|request| request.id == id)
    }

    /// Questions that wait.
    pub(crate) fn waiting(&self) -> Vec<AskId> {
        self.pending.keys().copied().collect()
    }

    /// For what a question waits, and until when.
    pub(crate) fn pending(&self, ask: AskId) -> Option<(&Until, Timestamp)> {
        self.pending.get(&ask).map(|pending| (&pending.until, pending.deadline))
    }

    /// A question waits no longer. The request that it was, if that has an id.
    pub(crate) fn answered(&mut self, ask: AskId) -> Option<Request> {
        self.pending.remove(&ask)?.request
    }

    /// Whether anybody waits until all is synced.
    pub(crate) fn waits_for_sync(&self) -> bool {
        self.pending.values().any(|pending| matches!(pending.until, Until::Synced { .. }))
    }

    /// When a question is to be looked at again: it has waited long enough, or for those who do
    /// not answer.
    pub(crate) fn deadline(&self, now: Timestamp) -> Option<Timestamp> {
        let next = |pending: &Pending| match pending.until {
            Until::Synced { since, .. } => {
                let reached = since.plus_ms(REACH_MS);
                if reached > now { reached.min(pending.deadline) } else { pending.deadline }
            }
            _ => pending.deadline,
        };
        self.pending.values().map(next).min()
    }
}

/// The ids of requests whose answers are kept, by number.
pub(crate) fn requests() -> Group {
    Group::of(&[b"requests"])
}
