//! The gate: what promises something leaves only when its write is on the disk (DESIGN 3).
//!
//! The answer to a write, a receipt, and the sending of an own entry all say "this will not be
//! lost". Other modules hand the gate a [`Promise`] with the write that must be durable first; only
//! the gate makes an [`Effect::Answer`] or [`Effect::Send`] of it. One flush is in flight; all
//! later writes ride the next. A flush that failed is never tried again: whoever waits is told,
//! frames that wait are dropped, and from then on nothing more is promised until the store has been
//! opened anew.

use std::collections::{BTreeMap, VecDeque};

use api::{Answer, ErrorCode, Failure, Notice};
use ledger::PeerId;
use store::WriteId;

use crate::io::{Address, AskId, Effect, Protocol, StreamId};

/// What may leave only when a write is durable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Promise {
    /// The answer to somebody who asked.
    Answer(AskId, Result<Answer, Failure>),
    /// A frame of a stream, behind all earlier ones of that stream.
    Frame(StreamId, Vec<u8>),
    /// The end of a stream, behind all its frames.
    Close(StreamId),
}

/// What promises nothing and leaves at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Plain {
    /// Tell everyone who follows.
    Notice(Notice),
    /// Connect to a peer.
    Dial(PeerId, Vec<Address>),
    /// Open a stream.
    Open(PeerId, Protocol),
    /// Cut all connections to a peer.
    Disconnect(PeerId),
}

/// An answer that waits for its write.
type PendingAnswer = (AskId, Result<Answer, Failure>);

#[derive(Debug)]
enum Queued {
    Frame(Vec<u8>),
    Close,
}

/// What waits for its write, and what may leave now. Answers wait by write; frames and ends of
/// streams wait in one queue for each stream, so that none overtakes another.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    flushed: WriteId,
    written: WriteId,
    in_flight: Option<WriteId>,
    failed: Option<String>,
    /// What had been written when the act at hand began: that asks for no flush before its end.
    before_act: Option<WriteId>,
    flushes: u64,
    answers: BTreeMap<WriteId, Vec<PendingAnswer>>,
    streams: BTreeMap<StreamId, VecDeque<(WriteId, Queued)>>,
    out: VecDeque<Effect>,
}

impl Gate {
    /// A write was made and is to become durable.
    pub(crate) fn wrote(&mut self, write: WriteId) {
        self.written = self.written.max(write);
        self.flush();
    }

    /// What is written from here on is one write, which is made at the end of the act.
    pub(crate) fn begin_act(&mut self) {
        self.before_act = Some(self.written);
    }

    /// The act is over. Where it was refused, its write was not made, and what waits for that never
    /// leaves: streams of which something is dropped.
    pub(crate) fn end_act(&mut self, is_made: bool) -> Vec<StreamId> {
        let Some(before) = self.before_act.take() else { return Vec::new() };
        let mut cut = Vec::new();
        if !is_made {
            self.written = before;
            self.answers.split_off(&WriteId(before.0 + 1));
            let waits = |queue: &VecDeque<(WriteId, Queued)>| {
                queue.iter().any(|(after, _)| *after > before)
            };
            cut.extend(self.streams.iter().filter(|(_, queue)| waits(queue)).map(|(id, _)| *id));
        }
        self.flush();
        cut
    }

    /// The last write that was made.
    pub(crate) fn written(&self) -> WriteId {
        self.written
    }

    /// What the disk said when a flush failed: the node reads only.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    /// Whether a write has not reached the disk yet.
    pub(crate) fn is_pending(&self) -> bool {
        self.written > self.flushed
    }

    /// Lets `promise` leave when all writes up to `after` are durable.
    pub(crate) fn promise(&mut self, after: WriteId, promise: Promise) {
        match promise {
            Promise::Answer(ask, answer) if after <= self.flushed => {
                self.out.push_back(Effect::Answer { ask, answer });
            }
            Promise::Answer(ask, answer) => match &self.failed {
                Some(_) => {
                    let answer = Err(self.read_only());
                    self.out.push_back(Effect::Answer { ask, answer });
                }
                None => self.answers.entry(after).or_default().push((ask, answer)),
            },
            Promise::Frame(stream, frame) => self.queue(stream, after, Queued::Frame(frame)),
            Promise::Close(stream) => self.queue(stream, after, Queued::Close),
        }
    }

    /// Lets what promises nothing leave at once.
    pub(crate) fn plain(&mut self, plain: Plain) {
        // Whatever would be said on the stream waits for a write, and so would the peer for ever.
        if self.failed.is_some() && matches!(plain, Plain::Open(..)) {
            return;
        }
        self.out.push_back(match plain {
            Plain::Notice(notice) => Effect::Notice(notice),
            Plain::Dial(peer, addresses) => Effect::Dial { peer, addresses },
            Plain::Open(peer, protocol) => Effect::Open { peer, protocol },
            Plain::Disconnect(peer) => Effect::Disconnect { peer },
        });
    }

    /// The disk has all writes up to `write`, or failed.
    pub(crate) fn flushed(&mut self, write: WriteId, result: Result<(), String>) {
        self.in_flight = None;
        match result {
            Ok(()) => {
                self.flushed = self.flushed.max(write);
                self.flushes += 1;
                self.release();
                self.flush();
            }
            Err(error) => {
                self.failed = Some(error);
                for (ask, _) in std::mem::take(&mut self.answers).into_values().flatten() {
                    let answer = Err(self.read_only());
                    self.out.push_back(Effect::Answer { ask, answer });
                }
                self.release();
            }
        }
    }

    /// A stream is gone: what was held for it is dropped.
    pub(crate) fn forget(&mut self, stream: StreamId) {
        self.streams.remove(&stream);
    }

    /// Whether frames of a stream wait for the disk.
    pub(crate) fn is_held(&self, stream: StreamId) -> bool {
        self.streams.contains_key(&stream)
    }

    /// How often the disk was made durable.
    pub(crate) fn flushes(&self) -> u64 {
        self.flushes
    }

    /// The next thing to be done.
    pub(crate) fn next(&mut self) -> Option<Effect> {
        self.out.pop_front()
    }

    fn flush(&mut self) {
        let may_flush = self.in_flight.is_none() && self.before_act.is_none();
        if may_flush && self.failed.is_none() && self.is_pending() {
            self.in_flight = Some(self.written);
            self.out.push_back(Effect::Flush(self.written));
        }
    }

    fn queue(&mut self, stream: StreamId, after: WriteId, queued: Queued) {
        self.streams.entry(stream).or_default().push_back((after, queued));
        self.release_stream(stream);
    }

    fn release(&mut self) {
        let later = self.answers.split_off(&WriteId(self.flushed.0 + 1));
        for (ask, answer) in std::mem::replace(&mut self.answers, later).into_values().flatten() {
            self.out.push_back(Effect::Answer { ask, answer });
        }
        let streams: Vec<_> = self.streams.keys().copied().collect();
        for stream in streams {
            self.release_stream(stream);
        }
    }

    fn release_stream(&mut self, stream: StreamId) {
        let Some(queue) = self.streams.get_mut(&stream) else { return };
        while queue.front().is_some_and(|(after, _)| *after <= self.flushed) {
            self.out.push_back(match queue.pop_front() {
                Some((_, Queued::Frame(frame))) => Effect::Send { stream, frame },
                Some((_, Queued::Close)) => Effect::Close { stream },
                None => return,
            });
        }
        if self.failed.is_some() {
            // What is left waits for a write that never becomes durable; the stream still ends.
            if queue.iter().any(|(_, queued)| matches!(queued, Queued::Close)) {
                self.out.push_back(Effect::Close { stream });
            }
            queue.clear();
        }
        if queue.is_empty() {
            self.streams.remove(&stream);
        }
    }

    fn read_only(&self) -> Failure {
        Failure::of(ErrorCode::ReadOnly)
    }
}

#[cfg(test)]
mod tests;
