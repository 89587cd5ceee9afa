//! Waiting until all that are reached have all.

use api::{Amount, Answer, Ask, ErrorCode, Failure, SyncRow, Synced};
use ledger::{PeerId, Timestamp};
use store::Store;

use super::Completion;
use crate::{
    asking::{REACH_MS, Until},
    engine::Engine,
    failures::Result,
    io::AskId,
};

impl<S: Store> Engine<S> {
    pub(super) fn sync(
        &mut self,
        ask: AskId,
        what: &Ask,
        with: Option<&str>,
    ) -> Result<Option<Completion>> {
        if self.spaces.is_empty() {
            return Err(Failure::of(ErrorCode::NoSpace));
        }
        let with = with.map(|with| self.view().find_peer(with)).transpose()?;
        for peer in self.view().wanted_peers() {
            self.links.peers.hurry(&peer);
            self.open_streams(&peer);
        }
        let called = with.iter().filter(|peer| !self.links.is_connected(peer)).cloned();
        let called: Vec<_> = called.collect();
        self.links.called.extend(called);
        let until = Until::Synced { with, since: self.now };
        self.wait_for(ask, what, until);
        Ok(None)
    }

    /// When a `sync` that waits is to be looked at because nothing passes any more.
    pub(crate) fn quiet_deadline(&self) -> Option<Timestamp> {
        let sessions = self.links.sessions().filter(|_| self.asking.waits_for_sync());
        let shared = sessions.flat_map(|(.., session)| session.spaces());
        shared.map(|(_, shared)| shared.quiet_at()).filter(|at| *at > self.now).min()
    }

    /// Whether `sync` can be answered: everyone who was reached has all, and so has this node.
    pub(super) fn synced(
        &self,
        with: Option<&PeerId>,
        since: Timestamp,
        late: bool,
    ) -> Option<Result<Answer>> {
        let mut rows = Vec::new();
        let view = self.view();
        for (stream, peer, session) in self.links.sessions() {
            if with.is_none_or(|with| with == peer) {
                rows.push(view.sync_row(stream, peer, session));
            }
        }
        let wanted = view.wanted_peers();
        let pending = wanted.iter().filter(|peer| {
            with.is_none_or(|with| with == *peer) && self.links.sync_stream(peer).is_none()
        });
        // Somebody is still being dialled, or has a connection and no stream yet.
        let reaching = pending.clone().any(|peer| {
            let known = self.links.peers.get(peer);
            known.is_some_and(|known| known.connected || known.is_dialing())
        });
        let waited = self.now.since_ms(since) >= REACH_MS;
        let done = rows.iter().all(|row| row.current && row.receipted);
        let complete = !rows.is_empty() && done && (waited || !reaching);
        let knocks = self
            .spaces
            .values()
            .any(|space| space.joining().is_some_and(|joining| joining.admitted && !joining.ended));
        // Everyone has been tried, and tried again.
        let hopeless = rows.is_empty() && waited && !reaching;
        if !(complete && !knocks || hopeless || late) {
            return None;
        }
        let empty = SyncRow {
            peer: None,
            sent: Amount::default(),
            received: Amount::default(),
            round_trips: 0,
            current: false,
            receipted: false,
        };
        let nobody = rows.is_empty();
        let first = rows.first().cloned().unwrap_or(empty);
        let answer = Answer::Synced(Synced { first, rows });
        Some(match () {
            () if nobody => Err(Failure::of(ErrorCode::NobodyReached).state(answer)),
            () if !done => Err(Failure::of(ErrorCode::TimedOut).state(answer)),
            () => Ok(answer),
        })
    }
}
