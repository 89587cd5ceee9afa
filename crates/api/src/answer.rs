//! Answers, one for each command and query.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{VERSION, rows::*};

/// A list: its rows, and where the next page begins if there is one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rows<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where `--after` goes on.
    pub next: Option<u64>,
}

impl<T> From<Vec<T>> for Rows<T> {
    fn from(rows: Vec<T>) -> Self {
        Self { rows, next: None }
    }
}

/// A space was founded.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Founded {
    /// The space.
    pub space: String,
    /// Its name.
    pub name: String,
    /// The founder.
    pub member: String,
    /// The founder's device.
    pub device: String,
    /// Five words to read aloud.
    pub charter_words: Vec<String>,
}

/// Where a newcomer stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Joined {
    /// The space.
    pub space: String,
    /// `knocking` or `in`.
    pub state: String,
    /// Vouches so far.
    pub vouches: u32,
    /// Vouches needed.
    pub needed: u32,
    /// Whether a contact has the knock.
    pub received: bool,
}

/// The space that is meant when none is said.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Used {
    /// The space.
    pub space: String,
    /// Its name.
    pub name: String,
}

/// What one is called.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Profiled {
    /// The space.
    pub space: String,
    /// The member.
    pub member: String,
    /// The name.
    pub name: String,
}

/// A ticket was made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invited {
    /// The ticket, to be handed over in private.
    pub ticket: String,
    /// The invite.
    pub invite: String,
    /// When it ends.
    pub expires: u64,
    /// The space.
    pub space: String,
    /// Whether the ticket says where anyone is reached beyond this machine.
    pub reachable: bool,
}

/// An invite was ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Withdrawn {
    /// The invite.
    pub invite: String,
}

/// A vouch was written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Vouched {
    /// The act.
    pub act: String,
    /// For whom.
    pub member: String,
    /// What to call them.
    pub name: String,
    /// `knocking` or `in`.
    pub state: String,
    /// Whether they count and approve.
    pub say: bool,
    /// Vouches that count.
    pub vouches: u32,
    /// Vouches needed for the next step.
    pub needed: u32,
}

/// A post was written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Posted {
    /// The post.
    pub id: String,
    /// The space.
    pub space: String,
    /// The space's name.
    pub space_name: String,
    /// The device that wrote it.
    pub device: String,
    /// Its entry's place in the device's log.
    pub seq: u64,
    /// Its entry.
    pub entry: String,
    /// Whether it is on this machine's disk; always true in an answer.
    pub durable: bool,
    /// How many other nodes have it on their disks.
    pub stored_on: u64,
}

/// A document was made or changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Written {
    /// The document.
    pub id: String,
    /// The space.
    pub space: String,
    /// The space's name.
    pub space_name: String,
    /// The sayable code of a need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What it is called.
    pub title: String,
    /// Whether it is on this machine's disk; always true in an answer.
    pub durable: bool,
    /// How many other nodes have it on their disks.
    pub stored_on: u64,
}

/// A need was claimed or given back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Claimed {
    /// The claim.
    pub id: String,
    /// The need.
    pub need: String,
    /// The need's code.
    pub code: String,
    /// The space.
    pub space: String,
    /// Where the claim stands.
    pub state: String,
    /// Others who claim it too.
    pub others: Vec<Who>,
    /// Whether it is on this machine's disk; always true in an answer.
    pub durable: bool,
    /// How many other nodes have it on their disks.
    pub stored_on: u64,
}

/// Something was taken back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Undone {
    /// What.
    pub id: String,
    /// The space.
    pub space: String,
}

/// What came of syncing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Synced {
    /// The first peer; the fields stand for it where there is one only.
    #[serde(flatten)]
    pub first: SyncRow,
    /// Every peer that was reached.
    pub rows: Vec<SyncRow>,
}

/// Where things stand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Status {
    /// This home's PeerId.
    pub peer_id: String,
    /// Where this node is reached; empty where none runs.
    pub listen: Vec<String>,
    /// How many nodes are connected.
    pub connected: u64,
    /// Whether writes fail since the disk did.
    pub read_only: bool,
    /// What the disk said last, if it failed.
    pub trouble: Option<String>,
    /// The spaces.
    pub spaces: Vec<SpaceRow>,
}

/// What the charter says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CharterShown {
    /// The space.
    pub space: String,
    /// Its name.
    pub name: String,
    /// The charter version.
    pub version: u32,
    /// Its time zone.
    pub zone: String,
    /// Charter entries that are here.
    pub entries: u64,
    /// Members with a say.
    pub electorate: u64,
    /// Approvals that a grave act needs now.
    pub grave: u64,
    /// Approvals that any other act needs now.
    pub other: u64,
    /// Five words to read aloud.
    pub words: Vec<String>,
    /// The members.
    pub members: Vec<MemberRow>,
}

/// Five words: the same words, the same charter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CharterWords {
    /// The space.
    pub space: String,
    /// Its name.
    pub name: String,
    /// The words.
    pub words: Vec<String>,
}

/// Every charter entry, and what they come to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CharterExported {
    /// The space.
    pub space: String,
    /// The entries, each after those in its past.
    pub entries: Vec<Value>,
    /// What they come to.
    pub state: Value,
}

/// Hashes of what counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fingerprint {
    /// By space.
    pub spaces: Vec<SpacePrint>,
}

/// Counters.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stats {
    /// By name.
    #[serde(flatten)]
    pub counters: Map<String, Value>,
}

/// What waits, does not count or was not transferred.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WhyAnswer {
    /// All of it.
    pub waiting: Vec<WhyRow>,
}

/// One thing, whole.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Shown {
    /// A need.
    Need(Box<NeedRow>),
    /// A campaign.
    Campaign(Box<CampaignRow>),
    /// A post.
    Post(Box<FeedRow>),
    /// A member.
    Member(Box<MemberRow>),
    /// An act: electorate, threshold, which approvals count and which do not, and why.
    Act(Value),
}

/// The first line of `up`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ready {
    /// Always true.
    pub ready: bool,
    /// The process.
    pub pid: u32,
    /// This home's PeerId.
    pub peer_id: String,
    /// Where it is reached.
    pub listen: Vec<String>,
    /// The path of the local API's socket.
    pub api: String,
    /// Its spaces.
    pub spaces: Vec<String>,
}

/// What a command or query gives.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", content = "answer", rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each variant is its one payload, which says what it is")]
pub enum Answer {
    Founded(Founded),
    Joined(Joined),
    Used(Used),
    Profiled(Profiled),
    Invited(Invited),
    Withdrawn(Withdrawn),
    Vouched(Vouched),
    Posted(Posted),
    Written(Written),
    Claimed(Claimed),
    Undone(Undone),
    Synced(Synced),
    Spaces(Rows<SpaceRow>),
    Status(Status),
    Todo(Rows<TodoRow>),
    Feed(Rows<FeedRow>),
    Campaigns(Rows<CampaignRow>),
    Needs(Rows<NeedRow>),
    Shown(Shown),
    Members(Rows<MemberRow>),
    Invites(Rows<InviteRow>),
    CharterShown(CharterShown),
    CharterWords(CharterWords),
    CharterExported(CharterExported),
    Fingerprint(Fingerprint),
    Stats(Stats),
    Peers(Rows<PeerRow>),
    Config(Rows<SettingRow>),
    Why(WhyAnswer),
    Ready(Ready),
}

impl Answer {
    /// The one JSON object that `--json` prints: the payload's fields behind `"v":1`.
    pub fn to_json(&self) -> Value {
        let whole = serde_json::to_value(self).unwrap_or_default();
        with_version(whole.get("answer").cloned().unwrap_or_default())
    }
}

/// An object's fields behind `"v":1`.
pub fn with_version(object: Value) -> Value {
    let mut versioned = Map::new();
    versioned.insert("v".to_owned(), VERSION.into());
    if let Value::Object(fields) = object {
        versioned.extend(fields);
    }
    Value::Object(versioned)
}
