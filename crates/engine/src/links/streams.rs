//! Streams: to whom, for what, how much is on its way.

use std::collections::BTreeSet;

use ledger::{EntryId, PeerId, SpaceId, Timestamp};
use sync::Session;

use crate::limits::OPEN_KNOWN_MS;

/// What a stream is for, and how far that is.
#[derive(Debug)]
pub(crate) enum Purpose {
    /// A session: what each side has of the spaces that both share goes over it, both ways.
    Sync(Box<Session>),
    /// A newcomer asks this node; then, the space and the knock that wait on it.
    KnockServer(Option<(SpaceId, EntryId)>),
    /// This node asks to be let in.
    KnockClient(SpaceId),
}

/// One stream to a peer.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) peer: PeerId,
    pub(crate) outbound: bool,
    pub(crate) purpose: Purpose,
    pub(crate) opened_at: Timestamp,
    /// Bytes handed over and not yet sent.
    pub(crate) unsent: usize,
    /// Spaces of which the peer sent what a newer version wrote: what it sends behind that cannot
    /// be taken, and is no mistake.
    pub(crate) newer: BTreeSet<SpaceId>,
    /// Spaces that the peer is still to be told of: what one hello has no room for waits until the
    /// window has.
    pub(crate) untold: Vec<SpaceId>,
}

impl Stream {
    pub(crate) fn new(
        peer: PeerId,
        outbound: bool,
        purpose: Purpose,
        opened_at: Timestamp,
    ) -> Self {
        Self {
            peer,
            outbound,
            purpose,
            opened_at,
            unsent: 0,
            newer: BTreeSet::new(),
            untold: Vec::new(),
        }
    }

    /// Whether the peer has had this stream for some while, as far as can be known.
    pub(crate) fn was_had(&self, now: Timestamp) -> bool {
        let answered = matches!(&self.purpose, Purpose::Sync(session) if session.is_open());
        answered || now.since_ms(self.opened_at) >= OPEN_KNOWN_MS
    }
}
