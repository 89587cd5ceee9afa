//! Questions that wait, and the numbers of requests.

use std::collections::BTreeMap;

use api::Answer;
use ledger::{Hash, Journal, PeerId, SpaceId, Timestamp};
use minicbor::{Decode, Encode};
use store::{Batch, Group, Key, Store, StoreError, Table};

use crate::{io::AskId, limits::REQUESTS_MAX};

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

/// What is kept of a command that was answered.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct KeptAnswer {
    /// The request id, as its asker calls it.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub(crate) id: Vec<u8>,
    /// How many were kept before.
    #[n(1)]
    pub(crate) number: u64,
    /// Which command it was.
    #[n(2)]
    pub(crate) asked: Hash,
    /// The answer, as JSON; nothing of one that is not kept.
    #[n(3)]
    #[cbor(with = "minicbor::bytes")]
    pub(crate) answer: Vec<u8>,
}

/// Which requests have answers that are kept, the last [`REQUESTS_MAX`] of them, and where.
#[derive(Debug, Default)]
struct Requests {
    next: u64,
    by_id: BTreeMap<Vec<u8>, u64>,
    by_place: BTreeMap<u64, Vec<u8>>,
}

impl Requests {
    /// Reads what is kept. A row that is damaged costs no more than itself.
    fn open(store: &impl Store) -> Self {
        let mut requests = Self::default();
        for place in 0..REQUESTS_MAX {
            let Ok(Some(bytes)) = store.get(&request_key(place)) else { continue };
            let Ok(kept) = ledger::decode::<KeptAnswer>(&bytes) else { continue };
            requests.next = requests.next.max(kept.number + 1);
            requests.put(place, kept.id);
        }
        requests
    }

    fn put(&mut self, place: u64, id: Vec<u8>) {
        let before = self.by_place.insert(place, id.clone());
        if let Some(before) = before.filter(|before| self.by_id.get(before) == Some(&place)) {
            self.by_id.remove(&before);
        }
        self.by_id.insert(id, place);
    }
}

/// Questions that wait, and the numbers of requests.
#[derive(Debug, Default)]
pub(crate) struct Asking {
    pending: BTreeMap<AskId, Pending>,
    requests: Requests,
    /// The last entry that the command at hand wrote, for `--wait`.
    written: Option<Own>,
}

impl Asking {
    pub(crate) fn open(store: &impl Store) -> Self {
        Self { requests: Requests::open(store), ..Self::default() }
    }

    /// What is kept may be other than was noted.
    pub(crate) fn read_again(&mut self, store: &impl Store) {
        self.requests = Requests::open(store);
    }

    /// The answer that is kept for a request id.
    pub(crate) fn kept(
        &self,
        store: &impl Store,
        id: &[u8],
    ) -> Result<Option<KeptAnswer>, StoreError> {
        let Some(place) = self.requests.by_id.get(id) else { return Ok(None) };
        let Some(bytes) = store.get(&request_key(*place))? else { return Ok(None) };
        let kept: KeptAnswer = ledger::decode(&bytes).map_err(|_| damaged())?;
        // Of an act that the store refused nothing is kept.
        Ok(Some(kept).filter(|kept| kept.id == id))
    }

    /// To `batch`: what keeps the answer to a request, in the place of the one before so many.
    pub(crate) fn keep(&mut self, request: Request, answer: Vec<u8>, batch: &mut Batch) {
        let Request { id, asked } = request;
        let number = self.requests.next;
        self.requests.next += 1;
        let place = number % REQUESTS_MAX;
        self.requests.put(place, id.clone());
        batch.put(request_key(place), ledger::encode(&KeptAnswer { id, number, asked, answer }));
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

fn damaged() -> StoreError {
    StoreError::Damaged { what: "an answer that is kept for a request id".to_owned() }
}

fn request_key(place: u64) -> Key {
    Key::new(Table::Requests, Group::of(&[b"requests"]), place)
}
