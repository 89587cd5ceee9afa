//! The machine's side: peers, counters, fingerprints, how a session stands.

use api::{
    Amount, Answer, CharterPrint, ContentPrint, Fingerprint, Page, PeerRow, Rows, SpacePrint,
    Stats, SyncRow,
};
use ledger::{DeviceId, Hash, Journal, PeerId};
use store::Store;
use sync::Session;

use super::{Result, View, charters::export_state, part_of};
use crate::{failures::disk_failure, io::StreamId, sabotage::sabotaged, space::Seated, wording};

impl<S: Store> View<'_, S> {
    pub(crate) fn list_peers(&self, page: &Page) -> Result<Answer> {
        let wanted = self.wanted_peers();
        let row = |peer: &PeerId| {
            let known = self.links.peers.get(peer);
            let spaces = self.spaces_shared_with(peer);
            let spaces = spaces.iter().filter_map(|id| self.seated(id));
            PeerRow {
                peer: wording::peer_id(peer),
                names: self.names_of(peer),
                connected: known.is_some_and(|known| known.connected),
                addresses: known.map(|known| known.addresses()).unwrap_or_default(),
                spaces: spaces.map(|space| self.space_name(space)).collect(),
            }
        };
        let rows = wanted.iter().map(row).map(|row| (row.peer.clone(), row)).collect();
        let (rows, next) = part_of(rows, page)?;
        Ok(Answer::Peers(Rows { next, ..rows.into() }))
    }

    pub(crate) fn fingerprint(&self, said: Option<&str>) -> Result<Answer> {
        let mut spaces = Vec::new();
        let blind = sabotaged!(self.config, FingerprintBlind);
        let print = |hash: Hash| if blind { String::new() } else { hash.to_string() };
        let read = self.spaces_read(said)?;
        for space in &read {
            let replica = &space.replica;
            let content = space.seat.content.fingerprint(self.store).map_err(disk_failure)?;
            let state = export_state(replica.roll());
            spaces.push(SpacePrint {
                space: wording::space_id(&space.id),
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
        Ok(Answer::Fingerprint(Fingerprint { spaces, unread: self.unread(&read) }))
    }

    pub(crate) fn stats(&self) -> Result<Answer> {
        let traffic = self.links.traffic();
        let loaded: usize = self.seats().map(|space| space.seat.content.open_documents()).sum();
        let unread: u64 = self.seats().map(Seated::unread).sum();
        let backlog: usize = self.links.streams.values().map(|one| one.unsent).sum();
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
            ("sessions", self.links.sessions().count() as u64),
            ("streams", self.links.streams.len() as u64),
            ("peers", self.links.peers.iter().count() as u64),
            ("spaces", self.spaces.len() as u64),
        ];
        let counters = counters.into_iter().map(|(name, n)| (name.to_owned(), n.into())).collect();
        Ok(Answer::Stats(Stats { counters }))
    }

    /// How one session stands: whether each side has all of the other's, as far as was said.
    pub(crate) fn sync_row(&self, stream: StreamId, peer: &PeerId, session: &Session) -> SyncRow {
        let (mut current, mut receipted) = (session.is_open(), session.is_open());
        for (id, shared) in session.spaces() {
            let Some(space) = self.spaces.get(id) else { continue };
            if shared.access != sync::Access::In {
                continue;
            }
            let replica = &space.replica;
            let (charter, content) =
                (replica.frontier(Journal::Charter), replica.frontier(Journal::Content));
            let later = |journal: Journal| {
                let later = space.shares.later().filter(|(of, ..)| *of == journal);
                later.map(|(_, log, _)| log).collect()
            };
            let reached = shared.charter.is_reached_but(charter, &later(Journal::Charter));
            current &= reached && !shared.awaits_heads;
            let digest = shared.charter.digest();
            let is_compared = |theirs| shared.compared == Some((charter.hash(), theirs));
            current &= digest.is_none_or(|theirs| theirs == charter.hash() || is_compared(theirs));
            receipted &= shared.owed.is_empty() && shared.branches.is_empty();
            let told = shared.content.is_told();
            let later = later(Journal::Content);
            current &= !told || shared.content.is_reached_but(content, &later);
            // What the peer takes later is others' and no reason to wait; one's own is.
            let own = space.seated().map(|seated| seated.seat.device());
            let is_later = |log: &DeviceId| shared.later.contains(&(Journal::Content, *log));
            let waited = content.devices().filter(|log| own == Some(**log) || !is_later(log));
            let lacks = |log: &DeviceId| shared.content.lacks_in(log, content) > 0;
            receipted &= !told || !waited.into_iter().any(lacks);
            // Of logs that fork lengths say too little: all is there if both have the same, else
            // if nothing passes any more.
            let (theirs, forks) = (&shared.content, content.stems().next().is_some());
            if told && !theirs.is_same(content) && self.now < shared.quiet_at() {
                current &= !theirs.has_differed();
                receipted &= !theirs.has_differed() && !forks;
            }
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
}
