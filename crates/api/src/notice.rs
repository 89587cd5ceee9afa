//! What a node tells whoever follows, the moment that it happens.

use serde::{Deserialize, Serialize};

use crate::rows::FeedRow;

/// Something that happened. A follower that comes back gives the newest `cursor` that it had.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// The number of the newest post that this node has told of: a notice of a post has its own,
    /// and any other that of the post before. Stored, so that it survives a restart.
    pub cursor: u64,
    /// The id (`sp_`) of the space; none for what is about a node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<String>,
    /// What that space is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space_name: Option<String>,
    /// What it was, with all that a screen shows of it.
    pub event: Event,
}

/// What can happen, as far as whoever watches a node wants to know.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A post came, or its author took it back; the whole row as it is now.
    Post(Box<FeedRow>),
    /// A need, a campaign, a claim or a name came or changed.
    Changed {
        /// The id of what to show now: of a claim, its need.
        thing: String,
        /// What it is about, in a few words.
        what: String,
    },
    /// Somebody knocks, and can be vouched for.
    Knock {
        /// What they ask to be called.
        name: String,
        /// The id (`me_`) that they will have, by which one vouches.
        member: String,
    },
    /// Somebody is in: reads and writes.
    In {
        /// What they are called.
        name: String,
        /// Their id (`me_`).
        member: String,
    },
    /// This person is not in, and whoever was asked says that the ticket has ended: another one
    /// helps. Told again after each start.
    TicketEnded,
    /// A connection to a node stands, where none stood.
    Connected {
        /// Its PeerId, as libp2p writes it, proved by the connection.
        peer: String,
        /// Whose it is; none where no charter here knows.
        name: Option<String>,
    },
    /// The last connection to a node is gone.
    Disconnected {
        /// Its PeerId, as libp2p writes it.
        peer: String,
        /// Whose it is; none where no charter here knows.
        name: Option<String>,
    },
}
