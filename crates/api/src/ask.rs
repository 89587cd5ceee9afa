//! Questions: commands change something, queries do not.

use serde::{Deserialize, Serialize};

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asker {
    /// The person whose home it is.
    #[default]
    Me,
    /// A public board: sees only what is public, changes nothing.
    Board,
}

/// One question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ask {
    /// Who asks.
    #[serde(default)]
    pub asker: Asker,
    /// Names a command, so that a repeated one gives the first answer. At most 64 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The space, by name, id or a prefix of either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<String>,
    /// How long to wait for others, in milliseconds.
    #[serde(default = "Ask::timeout_ms_default")]
    pub timeout_ms: u64,
    /// Answer when so many other nodes gave a receipt.
    #[serde(default)]
    pub wait: u32,
    /// What.
    pub what: What,
}

impl Ask {
    /// A question of the person whose home it is, with the usual limits.
    pub fn new(what: impl Into<What>) -> Self {
        Self {
            asker: Asker::Me,
            request_id: None,
            space: None,
            timeout_ms: Self::timeout_ms_default(),
            wait: 0,
            what: what.into(),
        }
    }

    /// Thirty seconds.
    pub fn timeout_ms_default() -> u64 {
        30_000
    }
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// To change something.
    Command(Command),
    /// To be told something.
    Query(Query),
}

impl From<Command> for What {
    fn from(command: Command) -> Self {
        Self::Command(command)
    }
}

impl From<Query> for What {
    fn from(query: Query) -> Self {
        Self::Query(query)
    }
}

/// Fields of a campaign to be set.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CampaignFields {
    /// Its title.
    pub title: Option<String>,
    /// What it is to win.
    pub goal: Option<String>,
    /// Where.
    pub place: Option<String>,
    /// `draft`, `active`, `paused`, `won`, `partly-won`, `lost` or `ended`.
    pub status: Option<String>,
    /// What was learned.
    pub learned: Option<String>,
}

/// Fields of a need to be set.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NeedFields {
    /// What is needed.
    pub text: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// Roughly where; never an address.
    pub area: Option<String>,
    /// How much or many.
    pub quantity: Option<String>,
    /// The list that it is on.
    pub list: Option<String>,
    /// `open`, `paused` or `closed`.
    pub status: Option<String>,
}

/// To change something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Founds a space.
    Found {
        /// What it is called.
        name: String,
        /// What its founder is called there.
        me: String,
        /// Its IANA time zone; UTC if none.
        #[serde(default)]
        zone: Option<String>,
    },
    /// Asks to be let into the space of a ticket.
    Join {
        /// The ticket's text.
        ticket: String,
        /// What to call the newcomer.
        me: String,
    },
    /// Makes a space the one that is meant when none is said.
    Use {
        /// Its name, id or a prefix.
        space: String,
    },
    /// Says what one is called in a space.
    Profile {
        /// The name.
        name: String,
    },
    /// Makes a ticket.
    Invite {
        /// Days until it ends.
        days: u32,
        /// Knocks that it takes.
        knocks: u32,
    },
    /// Ends an invite.
    Withdraw {
        /// The invite.
        invite: String,
    },
    /// Vouches for somebody who knocks.
    Vouch {
        /// Their name, or the id of their knock or of them as a member.
        who: String,
    },
    /// Posts.
    Post {
        /// The text.
        text: String,
        /// The campaign; none for the space's own feed.
        #[serde(default)]
        campaign: Option<String>,
        /// The post that it replies to.
        #[serde(default)]
        reply_to: Option<String>,
        /// The text's language, a BCP 47 tag.
        #[serde(default)]
        text_lang: Option<String>,
    },
    /// Begins a campaign.
    CampaignNew(CampaignFields),
    /// Changes a campaign.
    CampaignEdit {
        /// Which.
        campaign: String,
        /// To what.
        fields: CampaignFields,
    },
    /// Asks for help.
    NeedAdd(NeedFields),
    /// Changes a need.
    NeedEdit {
        /// Its code or id.
        need: String,
        /// To what.
        fields: NeedFields,
    },
    /// Takes on a need.
    NeedClaim {
        /// Its code or id.
        need: String,
    },
    /// Gives a need back.
    NeedRelease {
        /// Its code or id.
        need: String,
    },
    /// Takes back a post or a claim of one's own.
    Undo {
        /// Its id.
        thing: String,
    },
    /// Syncs with everyone who is reached, or with one.
    Sync {
        /// The PeerId, or the name of a member.
        #[serde(default)]
        with: Option<String>,
    },
}

/// To be told something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Query {
    /// The spaces of this home.
    Spaces,
    /// Where things stand.
    Status,
    /// What waits for this person.
    Todo,
    /// Posts.
    Feed {
        /// Only those that came after this cursor.
        #[serde(default)]
        after: Option<u64>,
        /// At most so many; all if zero.
        limit: u64,
        /// Only of this campaign.
        #[serde(default)]
        campaign: Option<String>,
    },
    /// Campaigns.
    Campaigns,
    /// Needs.
    Needs,
    /// One thing, whole.
    Show {
        /// Its id or code.
        thing: String,
    },
    /// Members, and who knocks.
    Members,
    /// Invites.
    Invites,
    /// What one is called.
    Profile,
    /// What the charter says.
    CharterShow,
    /// Five words: the same words, the same charter.
    CharterWords,
    /// Every charter entry, and what they come to.
    CharterExport,
    /// Hashes of what counts.
    Fingerprint,
    /// Counters.
    Stats,
    /// Other nodes.
    Peers,
    /// What waits, does not count or was not transferred.
    Why {
        /// One thing; all if none.
        #[serde(default)]
        thing: Option<String>,
    },
}
