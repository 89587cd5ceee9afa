//! The machine's side: syncing, peers, counters, fingerprints.

use api::{
    Amount, Answer, Ask, CharterPrint, ContentPrint, ErrorCode, Failure, Fingerprint, PeerRow,
    SpacePrint, Stats, SyncRow, Synced,
};
use ledger::{Hash, Journal, PeerId, Timestamp};
use store::Store;

use super::{Completion, Result, disk_failure, pending::Until, things::said_back, wording};
use crate::{
    engine::{Engine, Work},
    io::AskId,
    sabotage::sabotaged,
};

/// How long `sync` gives nodes that do not answer before it goes on with those that did.
pub(super) const REACH_MS: u64 = 5_000;

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
        let with = with.map(|with| self.find_peer(with)).transpose()?;
        for peer in self.wanted_peers() {
            self.peers.hurry(&peer);
            self.open_streams(&peer);
        }
        let until = Until::Synced { with, since: self.now };
        self.wait_for(ask, what.timeout_ms, until);
        Ok(None)
    }

    /// The peer of a PeerId, or of a member's name.
    fn find_peer(&self, text: &str) -> Result<PeerId> {
        let wanted = self.wanted_peers();
        let found = wanted.into_iter().find(|peer| {
            let id = wording::peer_id(peer);
            let named = |name: &String| name.to_lowercase() == text.to_lowercase();
            id == text || id.ends_with(text) || self.names_of(peer).iter().any(named)
        });
        let message = format!("no node of {:?} is known", said_back(text));
        found.ok_or_else(|| Failure::because(ErrorCode::UnknownPeer, message))
    }

    /// Whose a node is, in any space.
    pub(crate) fn names_of(&self, peer: &PeerId) -> Vec<String> {
        let mut names = Vec::new();
        for space in self.spaces.values() {
            let roll = space.replica.roll();
            for device in roll.by_peer(peer) {
                names.extend(roll.member_of(&device).map(|who| self.name_or_id(space, &who)));
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether `sync` can be answered: everyone who was reached has all, and so has this node.
    pub(super) fn synced(
        &self,
        with: Option<&PeerId>,
        since: Timestamp,
        late: bool,
    ) -> Option<Result<Answer>> {
        let mut rows = Vec::new();
        for (stream, one) in &self.streams {
            if let Work::Sync(session) = &one.work
                && with.is_none_or(|with| *with == one.peer)
            {
                rows.push(self.sync_row(*stream, &one.peer, session));
            }
        }
        let wanted = self.wanted_peers();
        let pending = wanted.iter().filter(|peer| {
            with.is_none_or(|with| with == *peer) && self.sync_stream(peer).is_none()
        });
        // Somebody is still being dialled, or has a connection and no stream yet.
        let reaching = pending.clone().any(|peer| {
            let known = self.peers.get(peer);
            known.is_some_and(|known| known.connected || known.is_dialing())
        });
        let waited = self.now.since_ms(since) >= REACH_MS;
        let done = rows.iter().all(|row| row.current && row.receipted);
        let complete = !rows.is_empty() && done && (waited || !reaching);
        let knocks = self.spaces.values().any(|space| {
            space.knocking.as_ref().is_some_and(|knocking| knocking.admitted && !knocking.ended)
        });
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

    fn sync_row(
        &self,
        stream: crate::io::StreamId,
        peer: &PeerId,
        session: &sync::Session,
    ) -> SyncRow {
        let (mut current, mut receipted) = (session.is_open(), session.is_open());
        for (id, shared) in session.spaces() {
            let Some(space) = self.spaces.get(id) else { continue };
            if shared.access != sync::Access::In {
                continue;
            }
            let replica = &space.replica;
            let (charter, content) =
                (replica.frontier(Journal::Charter), replica.frontier(Journal::Content));
            current &= shared.charter.is_reached_by(charter);
            current &= !shared.content.is_told() || shared.content.is_reached_by(content);
            let told = shared.content.is_told();
            receipted &= !told || shared.content.lacks(content) == 0;
            receipted &= shared.charter.is_receipted() && shared.content.is_receipted();
        }
        receipted &= !self.gate.is_held(stream);
        let traffic = session.traffic;
        SyncRow {
            peer: Some(wording::peer_id(peer)),
            sent: Amount { entries: traffic.entries_sent, bytes: traffic.bytes_sent },
            received: Amount { entries: traffic.entries_received, bytes: traffic.bytes_received },
            round_trips: traffic.round_trips,
            current,
            receipted,
        }
    }

    pub(super) fn list_peers(&self) -> Result<Answer> {
        let wanted = self.wanted_peers();
        let row = |peer: &PeerId| {
            let known = self.peers.get(peer);
            let spaces = self.spaces_shared_with(peer);
            let spaces = spaces.iter().filter_map(|id| self.spaces.get(id));
            PeerRow {
                peer: wording::peer_id(peer),
                names: self.names_of(peer),
                connected: known.is_some_and(|known| known.connected),
                addresses: known.map(|known| known.addresses()).unwrap_or_default(),
                spaces: spaces.map(|space| self.space_name(space)).collect(),
            }
        };
        Ok(Answer::Peers(wanted.iter().map(row).collect::<Vec<_>>().into()))
    }

    pub(super) fn fingerprint(&self, said: Option<&str>) -> Result<Answer> {
        let blind = sabotaged!(self.config, FingerprintBlind);
        let print = |hash: Hash| if blind { String::new() } else { hash.to_string() };
        let mut spaces = Vec::new();
        for id in self.spaces_read(said)? {
            let Some(space) = self.spaces.get(&id) else { continue };
            let replica = &space.replica;
            let content = space.content.fingerprint(&self.store).map_err(disk_failure)?;
            let state = super::charters::export_state(replica.roll());
            spaces.push(SpacePrint {
                space: wording::space_id(&id),
                charter: CharterPrint {
                    frontier: print(replica.frontier(Journal::Charter).hash()),
                    state: print(Hash::of(state.to_string().as_bytes())),
                },
                content: ContentPrint {
                    frontier: print(replica.frontier(Journal::Content).hash()),
                    documents: print(content.documents),
                    words: print(content.words),
                },
            });
        }
        spaces.sort_by(|a, b| a.space.cmp(&b.space));
        Ok(Answer::Fingerprint(Fingerprint { spaces }))
    }

    pub(super) fn stats(&self) -> Result<Answer> {
        let mut traffic = sync::Traffic::default();
        let mut sessions = 0u64;
        for one in self.streams.values() {
            if let Work::Sync(session) = &one.work {
                sessions += 1;
                traffic.add(&session.traffic);
            }
        }
        traffic.add(&self.past_traffic);
        let loaded: usize = self.spaces.values().map(|space| space.content.open_documents()).sum();
        let unread: u64 =
            self.spaces.values().map(|space| space.content.unread(&space.replica)).sum();
        let backlog: usize = self.streams.values().map(|one| one.unsent).sum();
        let counters = [
            ("bytes_sent", traffic.bytes_sent),
            ("bytes_received", traffic.bytes_received),
            ("entries_sent", traffic.entries_sent),
            ("entries_received", traffic.entries_received),
            ("frames_sent", traffic.frames_sent),
            ("frames_received", traffic.frames_received),
            ("flushes", self.gate.flushes()),
            ("pending_writes", u64::from(self.gate.is_pending())),
            ("loaded_documents", loaded as u64),
            ("unread", unread),
            ("backlog_bytes", backlog as u64),
            ("sessions", sessions),
            ("streams", self.streams.len() as u64),
            ("peers", self.peers.iter().count() as u64),
            ("spaces", self.spaces.len() as u64),
        ];
        let counters = counters.into_iter().map(|(name, n)| (name.to_owned(), n.into())).collect();
        Ok(Answer::Stats(Stats { counters }))
    }
}
