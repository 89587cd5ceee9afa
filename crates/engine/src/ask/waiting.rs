//! Answers that wait for something, and answers that are kept for when a command is repeated.

use api::{Answer, Ask, Asker, Claimed, ErrorCode, Failure, Posted, What, Written};
use ledger::Hash;
use store::{Batch, Store, StoreError};

use crate::{
    asking::{Request, Until},
    engine::Engine,
    failures::{Result, disk_failure, said_back},
    gate::Promise,
    io::AskId,
    limits::REQUEST_ID_BYTES_MAX,
};

impl<S: Store> Engine<S> {
    /// The answer that this command was given before, to the same asker under this request id. For
    /// another command an id that is taken is an error: its answer would be no answer to that.
    pub(super) fn repeated(&self, what: &Ask) -> Option<Result<Answer>> {
        let id = what.request_id.as_deref()?;
        if id.len() > REQUEST_ID_BYTES_MAX {
            let message = format!("a request id has at most {REQUEST_ID_BYTES_MAX} bytes");
            return Some(Err(Failure::because(ErrorCode::BadRequest, message)));
        }
        let request = request_of(what)?;
        let wrong = || {
            let message = format!("the request id {:?} is another command's", said_back(id));
            Some(Err(Failure::because(ErrorCode::BadRequest, message)))
        };
        // One that waits is asked once more, which is harmless.
        if self.asking.waiting_request(&request.id).is_some_and(|waiting| *waiting != request) {
            return wrong();
        }
        // What cannot be read was done, perhaps: then it is not done again.
        let kept = match self.asking.kept(&self.store, &request.id) {
            Ok(kept) => kept?,
            Err(error) => return Some(Err(disk_failure(error))),
        };
        if kept.asked != request.asked {
            return wrong();
        }
        if kept.answer.is_empty() {
            let message = "the ticket that was made for this request id is not kept: make another";
            let failure = Failure::because(ErrorCode::BadRequest, message);
            return Some(Err(failure.hint("groundwork member invite")));
        }
        let damaged = |_| StoreError::Damaged { what: "a kept answer".to_owned() };
        Some(serde_json::from_slice(&kept.answer).map_err(|why| disk_failure(damaged(why))))
    }

    /// Keeps the answer to a request; only so many of the newest. Of a ticket it is kept that it
    /// was made, and not its text: whoever has that can knock.
    pub(super) fn remember(&mut self, request: Option<Request>, answer: &Answer) {
        let Some(request) = request else { return };
        let answer = match answer {
            Answer::Invited(_) => Vec::new(),
            // Without an answer to be kept the command may be put again.
            answer => match serde_json::to_vec(answer) {
                Ok(answer) => answer,
                Err(_) => return,
            },
        };
        let mut batch = Batch::default();
        self.asking.keep(request, answer, &mut batch);
        self.write_quietly(batch);
    }

    pub(super) fn wait_for(&mut self, ask: AskId, what: &Ask, until: Until) {
        // What is answered at once, but for other nodes, is kept already.
        let request = request_of(what).filter(|_| !matches!(until, Until::StoredOn { .. }));
        self.asking.wait_for(ask, until, self.now.plus_ms(what.timeout_ms), request);
    }

    /// Answers those questions that have what they waited for, and those that waited too long.
    pub(crate) fn answer_waiting(&mut self) {
        for ask in self.asking.waiting() {
            let Some((until, deadline)) = self.asking.pending(ask) else { continue };
            let late = deadline <= self.now;
            let answer = match until {
                Until::Knocked(space) => self.knocked(*space, late),
                Until::Synced { with, since } => self.synced(with.as_ref(), *since, late),
                Until::StoredOn { entry: (space, journal, seq), nodes, answer } => {
                    let stored = self.view().seated(space).map_or(0, |space| {
                        let log = (*journal, space.seat.device());
                        space.receipts.stored_on(&space.replica, log, *seq)
                    });
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
                if let Until::Knocked(space) = *until {
                    self.forget_ended(space);
                }
                let request = self.asking.answered(ask);
                if let Ok(answer) = &answer {
                    self.remember(request, answer);
                }
                self.gate.promise(self.gate.written(), Promise::Answer(ask, answer));
            }
        }
    }
}

fn with_stored_on(answer: Answer, stored: u64) -> Answer {
    match answer {
        Answer::Posted(posted) => Answer::Posted(Posted { stored_on: stored, ..posted }),
        Answer::Written(written) => Answer::Written(Written { stored_on: stored, ..written }),
        Answer::Claimed(claimed) => Answer::Claimed(Claimed { stored_on: stored, ..claimed }),
        other => other,
    }
}

/// A command and the id that it is put under, if there is one: what two askers call the same is not
/// the same. It is the same command if it is said for the same space.
pub(super) fn request_of(what: &Ask) -> Option<Request> {
    let (Some(id), What::Command(_)) = (&what.request_id, &what.what) else { return None };
    let asker: &[u8] = match what.asker {
        Asker::Me => b"me/",
        Asker::Board => b"board/",
    };
    let asked = serde_json::to_vec(&(&what.space, &what.what)).ok()?;
    Some(Request { id: [asker, id.as_bytes()].concat(), asked: Hash::of(&asked) })
}
