//! What a node tells whoever follows, the moment that it happens.

use serde::{Deserialize, Serialize};

use crate::rows::FeedRow;

/// Something happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// Its number; the cursor after which a follower goes on.
    pub cursor: u64,
    /// The space, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<String>,
    /// The space's name, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space_name: Option<String>,
    /// What.
    pub event: Event,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A post came or changed.
    Post(Box<FeedRow>),
    /// A need, a claim or a campaign came or changed.
    Changed {
        /// Its id.
        thing: String,
        /// In words.
        what: String,
    },
    /// Somebody knocks.
    Knock {
        /// What to call them.
        name: String,
        /// The member that they will be.
        member: String,
    },
    /// Somebody is in.
    In {
        /// What they are called.
        name: String,
        /// Their id.
        member: String,
    },
    /// A node connected.
    Connected {
        /// Its PeerId.
        peer: String,
        /// Whose it is, if the roll knows.
        name: Option<String>,
    },
    /// A node is gone.
    Disconnected {
        /// Its PeerId.
        peer: String,
        /// Whose it is, if the roll knows.
        name: Option<String>,
    },
}
