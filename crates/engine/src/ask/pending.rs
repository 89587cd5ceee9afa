//! Questions that wait for something, and answers that are kept for when they are asked again.

use std::collections::BTreeMap;

use api::{Answer, Ask, ErrorCode, Failure, What};
use ledger::{Hash, Journal, PeerId, SpaceId, Timestamp};
use store::{Batch, Direction, Group, Key, Store, StoreError, Table};

use super::node::REACH_MS;
use crate::{
    engine::Engine,
    gate::Promise,
    io::AskId,
    limits::{REQUEST_ID_BYTES_MAX, REQUESTS_MAX},
};

/// What a question waits for.
#[derive(Debug)]
pub(crate) enum Until {
    /// A contact has the knock, or says that the newcomer is in.
    Knocked(SpaceId),
    /// Everyone who was reached has all, and this node has all of theirs.
    Synced {
        /// Only this node; all that are known if none.
        with: Option<PeerId>,
        /// Since when.
        since: Timestamp,
    },
    /// So many other nodes have an own entry on their disks.
    StoredOn {
        /// The entry.
        entry: Own,
        /// How many.
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
}

/// Questions that wait, and the numbers of requests and notices.
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
        let last = store.scan(Table::Requests, &ring(), all, Direction::Descending, 1)?;
        let next_request = last.first().map_or(0, |(number, _)| number + 1);
        Ok(Self { pending: BTreeMap::new(), next_request, written: None })
    }

    /// The number of the newest notice that the store knows.
    pub(crate) fn cursor(&self, store: &impl Store) -> Result<u64, StoreError> {
        let all = 0..=u64::MAX;
        let last = store.scan(Table::Rows, &arrivals(), all, Direction::Descending, 1)?;
        Ok(last.first().map_or(0, |(number, _)| *number))
    }

    /// An own entry was written.
    pub(crate) fn wrote(&mut self, space: SpaceId, journal: Journal, seq: u64) {
        self.written = Some((space, journal, seq));
    }

    /// The last entry that was written since this was asked.
    pub(super) fn take_written(&mut self) -> Option<Own> {
        self.written.take()
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

/// Which post each notice was about, by the notice's number.
pub(super) fn arrivals() -> Group {
    Group::of(&[b"arrivals"])
}

fn ring() -> Group {
    Group::of(&[b"requests"])
}

fn request_key(id: &str) -> Key {
    Key::new(Table::Requests, Group::of(&[b"request", Hash::of(id.as_bytes()).as_bytes()]), 0)
}

impl<S: Store> Engine<S> {
    /// The answer that a command of this request id was given before.
    pub(super) fn repeated(&self, what: &Ask) -> Option<Result<Answer, Failure>> {
        let id = what.request_id.as_deref()?;
        if id.len() > REQUEST_ID_BYTES_MAX {
            let message = format!("a request id has at most {REQUEST_ID_BYTES_MAX} bytes");
            return Some(Err(Failure::because(ErrorCode::BadRequest, message)));
        }
        let bytes = self.store.get(&request_key(id)).ok()??;
        serde_json::from_slice(&bytes).ok().map(Ok)
    }

    /// Keeps a command's answer; only so many of the newest.
    pub(super) fn remember(&mut self, what: &Ask, answer: &Answer) {
        let (Some(id), What::Command(_)) = (&what.request_id, &what.what) else { return };
        let mut batch = Batch::default();
        let number = self.asking.next_request;
        self.asking.next_request += 1;
        batch.put(request_key(id), serde_json::to_vec(answer).unwrap_or_default());
        batch.put(Key::new(Table::Requests, ring(), number), id.as_bytes().to_vec());
        if let Some(old) = number.checked_sub(REQUESTS_MAX) {
            let old = Key::new(Table::Requests, ring(), old);
            if let Ok(Some(id)) = self.store.get(&old) {
                batch.remove(request_key(&String::from_utf8_lossy(&id)));
            }
            batch.remove(old);
        }
        self.write_index(batch);
    }

    pub(super) fn wait_for(&mut self, ask: AskId, timeout_ms: u64, until: Until) {
        let deadline = self.now.plus_ms(timeout_ms);
        self.asking.pending.insert(ask, Pending { until, deadline });
    }

    /// Answers those questions that have what they waited for, and those that waited too long.
    pub(crate) fn answer_waiting(&mut self) {
        let asks: Vec<_> = self.asking.pending.keys().copied().collect();
        for ask in asks {
            let Some(pending) = self.asking.pending.get(&ask) else { continue };
            let late = pending.deadline <= self.now;
            let answer = match &pending.until {
                Until::Knocked(space) => self.knocked(*space, late),
                Until::Synced { with, since } => self.synced(with.as_ref(), *since, late),
                Until::StoredOn { entry: (space, journal, seq), nodes, answer } => {
                    let space = self.spaces.get(space);
                    let stored =
                        space.map_or(0, |space| space.stored_on((*journal, space.device()), *seq));
                    let answer = with_stored_on(answer.clone(), stored);
                    match stored >= u64::from(*nodes) {
                        true => Some(Ok(answer)),
                        false if late => {
                            let message = format!(
                                "it is stored on this machine; {stored} of {nodes} other nodes \
                                 said in time that they have it"
                            );
                            let failure = Failure::because(ErrorCode::TimedOut, message);
                            Some(Err(failure.hint("groundwork sync").state(answer)))
                        }
                        false => None,
                    }
                }
            };
            if let Some(answer) = answer {
                if let Until::Knocked(space) = pending.until {
                    self.forget_ended(space);
                }
                self.asking.pending.remove(&ask);
                self.gate.promise(self.gate.written(), Promise::Answer(ask, answer));
            }
        }
    }
}

fn with_stored_on(answer: Answer, stored: u64) -> Answer {
    match answer {
        Answer::Posted(posted) => Answer::Posted(api::Posted { stored_on: stored, ..posted }),
        Answer::Written(written) => Answer::Written(api::Written { stored_on: stored, ..written }),
        Answer::Claimed(claimed) => Answer::Claimed(api::Claimed { stored_on: stored, ..claimed }),
        other => other,
    }
}
