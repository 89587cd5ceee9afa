//! Answers, one for each command and query.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{VERSION, rows::*, ticket::TicketText};

/// Behind what a list goes on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Next {
    /// Behind this cursor.
    Cursor(u64),
    /// Behind the row that has this id.
    Row(String),
}

/// A list, or the part of one that was asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rows<T> {
    /// In the order in which they are shown.
    pub rows: Vec<T>,
    /// For `--after`. For `feed`, the cursor by which the next call gives only what came later; for
    /// another list, the last row of a page that is not the last.
    pub next: Option<Next>,
    /// Content entries of the spaces that were asked which are on this disk and not yet read: until
    /// it is 0 the list may lack some.
    #[serde(default)]
    pub unread: u64,
}

impl<T> From<Vec<T>> for Rows<T> {
    fn from(rows: Vec<T>) -> Self {
        Self { rows, next: None, unread: 0 }
    }
}

/// A space was founded, with the asker as its first member.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Founded {
    /// The new space's id (`sp_`).
    pub space: String,
    /// What it is called, without white space at its ends.
    pub name: String,
    /// The founder's id (`me_`).
    pub member: String,
    /// The id (`de_`) of the key by which this home signs there.
    pub device: String,
    /// Five words to read aloud; equal words, equal charter.
    pub charter_words: Vec<String>,
}

/// Where a newcomer stands, once a contact has answered the knock.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Joined {
    /// The id (`sp_`) of the ticket's space.
    pub space: String,
    /// `knocking` or `in`. `in` is said only once the charter that says so is here.
    pub state: String,
    /// Vouches that count, as a contact said last; 0 for who is in.
    pub vouches: u32,
    /// How many it takes to be in, as a contact said last; 0 before any answered, and for who is
    /// in.
    pub needed: u32,
    /// Whether a contact has stored the knock: others can vouch then, also while this home is off.
    pub received: bool,
}

/// The space that is meant when none is said.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Used {
    /// The space's id (`sp_`).
    pub space: String,
    /// What it is called, whatever part of that was typed.
    pub name: String,
}

/// What this person is called in a space: as just said, or as it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Profiled {
    /// The space's id (`sp_`).
    pub space: String,
    /// This person's id there (`me_`).
    pub member: String,
    /// At most 64 characters, in one line, without brackets. Names prove nothing, and two people
    /// can have the same.
    pub name: String,
    /// Content entries of the space that are on this disk and not yet read: a later name may be
    /// among them.
    #[serde(default)]
    pub unread: u64,
}

/// A ticket was made, and the invite that it rests on stands in the charter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invited {
    /// The ticket's text, which fits one QR code. Whoever has it can knock: it is handed over in
    /// private.
    pub ticket: TicketText,
    /// The invite's id (`in_`), by which it is withdrawn. It is no secret.
    pub invite: String,
    /// From this time on no knock is taken.
    pub expires: u64,
    /// The id (`sp_`) of the space that it leads to.
    pub space: String,
    /// Whether any address in the ticket leads beyond this machine.
    pub reachable: bool,
}

/// An invite was ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Withdrawn {
    /// The invite's id (`in_`).
    pub invite: String,
}

/// All that there is of a member is taken from now on, for a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Taking {
    /// Whose entries they are (`me_`).
    pub member: String,
    /// What they are called.
    pub name: String,
    /// The space (`sp_`).
    pub space: String,
    /// How many of their entries are known to be left, of those that connected nodes have.
    pub left: u64,
}

/// A vouch was written. It is a signature: nothing takes it back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Vouched {
    /// The id (`ac_`) of the proposal to admit them that was approved, or put by this.
    pub act: String,
    /// Who it is for (`me_`).
    pub member: String,
    /// What they are called; who knocks is called as they asked to be.
    pub name: String,
    /// Where they stand with this vouch counted: `knocking` or `in`.
    pub state: String,
    /// Whether they now count and approve.
    pub say: bool,
    /// Vouches that count, this one among them.
    pub vouches: u32,
    /// How many the next step takes: to be in, or for who is in to have a say.
    pub needed: u32,
}

/// A post was written.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Posted {
    /// The post's id (`up_`).
    pub id: String,
    /// The id (`sp_`) of the space whose feed has it.
    pub space: String,
    /// What that space is called.
    pub space_name: String,
    /// The id (`de_`) of the device that signed it.
    pub device: String,
    /// The number of its entry in that device's log, from 0.
    pub seq: u64,
    /// The id (`en_`) of the entry that it is in.
    pub entry: String,
    /// Whether it is on this machine's disk; always true in an answer.
    pub durable: bool,
    /// Nodes of members, beside this one, that gave a receipt: 0 unless `--wait` waited for some.
    pub stored_on: u64,
}

/// A campaign or a need was made or changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Written {
    /// The document's id (`do_`).
    pub id: String,
    /// The id (`sp_`) of the space that it is in.
    pub space: String,
    /// What that space is called.
    pub space_name: String,
    /// The sayable code of a need, like `K7Q`; a campaign has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A campaign's title, or what a need asks for, as it now shows.
    pub title: String,
    /// `counts`, or `waiting` until what it builds on is here and read: it does not show yet.
    pub state: String,
    /// Whether it is on this machine's disk; always true in an answer.
    pub durable: bool,
    /// Nodes of members, beside this one, that gave a receipt: 0 unless `--wait` waited for some.
    pub stored_on: u64,
}

/// A need was claimed or given back, by the asker.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Claimed {
    /// The claim's id (`cl_`); a need that is claimed again after it was given back has the same.
    pub id: String,
    /// The need's id (`do_`).
    pub need: String,
    /// The need's sayable code, like `K7Q`.
    pub code: String,
    /// The id (`sp_`) of the space that the need is in.
    pub space: String,
    /// What this person now says: `offered`, or `released` where it was given back.
    pub state: String,
    /// Everyone else with a live claim on it: neither given back nor declined.
    pub others: Vec<Who>,
    /// Whether it is on this machine's disk; always true in an answer.
    pub durable: bool,
    /// Nodes of members, beside this one, that gave a receipt: 0 unless `--wait` waited for some.
    pub stored_on: u64,
}

/// A post or a claim was taken back. Who has read it may remember it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Undone {
    /// The id of what was taken back (`up_` or `cl_`).
    pub id: String,
    /// The id (`sp_`) of the space that it stood in.
    pub space: String,
}

/// What came of syncing. It is an error, with this as its state, while anything is outstanding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Synced {
    /// The first of `rows`, whose fields stand in the object itself; zeros and no peer where nobody
    /// was reached.
    #[serde(flatten)]
    pub first: SyncRow,
    /// A row for each node that a session is open with, in the order in which these were opened.
    pub rows: Vec<SyncRow>,
}

/// Where things stand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Status {
    /// This home's PeerId, as libp2p writes it.
    pub peer_id: String,
    /// The addresses that other nodes are told, announced ones too; empty where none runs.
    pub listen: Vec<String>,
    /// Nodes that a connection stands with, of all spaces.
    pub connected: u64,
    /// Whether this node only reads, because the disk failed: from then on it takes no command.
    pub read_only: bool,
    /// What the disk said last, if it failed and nothing could be written since.
    pub trouble: Option<String>,
    /// One row for each space of this home, by id.
    pub spaces: Vec<SpaceRow>,
}

/// What the charter says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CharterShown {
    /// The space's id (`sp_`).
    pub space: String,
    /// What the space is called. It is content, and not in the charter.
    pub name: String,
    /// The charter version: items above it do nothing.
    pub version: u32,
    /// The IANA time zone in which its meetings and deadlines are said, like `Europe/Berlin`.
    pub zone: String,
    /// Charter entries that are on this machine; another's node may have more.
    pub entries: u64,
    /// How many members count and approve now.
    pub electorate: u64,
    /// Approvals that an act which touches who decides needs now: `remove`, `readmit`, `rest`,
    /// `thresholds`, `judge`.
    pub grave: u64,
    /// Approvals that any other act needs now.
    pub other: u64,
    /// Five words to read aloud; equal words, equal charter.
    pub words: Vec<String>,
    /// Members and who knocks, those in first, then by name.
    pub members: Vec<MemberRow>,
}

/// Five words to read aloud: the same words, the same charter.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CharterWords {
    /// The space's id (`sp_`).
    pub space: String,
    /// What the space is called.
    pub name: String,
    /// Five of three syllables each, in this order.
    pub words: Vec<String>,
}

/// Every charter entry that is here, and what they come to, for a program that checks it by itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CharterExported {
    /// The space's id (`sp_`).
    pub space: String,
    /// Each entry behind those in its past, with `entry, device, branch, seq, prev, heads, stamp,
    /// items`.
    pub entries: Vec<Value>,
    /// The roll: `members, devices, ends, thresholds, mandates, ballots, rekeys, acts, held`.
    pub state: Value,
}

/// Hashes of what counts: two nodes with equal ones have the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fingerprint {
    /// One for each space, sorted by its id, so that whole answers can be compared.
    pub spaces: Vec<SpacePrint>,
    /// Content entries of the spaces that are on this disk and not yet read: until it is 0 the
    /// hashes are of a part.
    #[serde(default)]
    pub unread: u64,
}

/// Counters of a node. Those of traffic begin at its start; the rest say how it is now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stats {
    /// By name, each a whole number; a program passes over names that it does not know.
    #[serde(flatten)]
    pub counters: Map<String, Value>,
}

/// What waits, does not count or was not transferred.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WhyAnswer {
    /// What was found, space by space; empty where all that is here and read counts.
    pub waiting: Vec<WhyRow>,
    /// Content entries of the spaces that are on this disk and not yet read: what of them waits is
    /// not known.
    #[serde(default)]
    pub unread: u64,
}

/// One thing, whole, as far as it was read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShownThing {
    /// Its fields stand in the object itself.
    #[serde(flatten)]
    pub thing: Shown,
    /// Content entries of its space that are on this disk and not yet read: what changes it may be
    /// among them.
    #[serde(default)]
    pub unread: u64,
}

/// One thing, whole. Untagged: its fields, with an id whose prefix tells the kind.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Shown {
    /// With its claims, and what the asker can do with it.
    Need(Box<NeedRow>),
    /// As a row of `campaign list`.
    Campaign(Box<CampaignRow>),
    /// As a row of `feed`.
    Post(Box<FeedRow>),
    /// Somebody who was or is a member, or who knocks.
    Member(Box<MemberRow>),
    /// The fields of `act show`: `act, kind, state, electorate, threshold, n, counted, not_counted,
    /// missing`.
    Act(Value),
}

/// The first line of `up`, once the node answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ready {
    /// Always true.
    pub ready: bool,
    /// The node's process.
    pub pid: u32,
    /// This home's PeerId, as libp2p writes it.
    pub peer_id: String,
    /// Where it listens, a multiaddr each, the ports as the system gave them.
    pub listen: Vec<String>,
    /// The path of the Unix socket at which it is asked.
    pub api: String,
    /// The ids (`sp_`) of the home's spaces.
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
    Taking(Taking),
    Synced(Synced),
    Spaces(Rows<SpaceRow>),
    Status(Status),
    Todo(Rows<TodoRow>),
    Feed(Rows<FeedRow>),
    Campaigns(Rows<CampaignRow>),
    Needs(Rows<NeedRow>),
    Shown(ShownThing),
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
    /// The one JSON object that `--json` prints: the payload's fields behind `"v":1`, without its
    /// kind.
    pub fn to_json(&self) -> Value {
        let whole = serde_json::to_value(self).unwrap_or_default();
        with_version(whole.get("answer").cloned().unwrap_or_default())
    }

    /// Entries that are here and not yet read, so that this may lack some of what they say; 0 where
    /// that says nothing of it.
    pub fn unread(&self) -> u64 {
        match self {
            Self::Profiled(profiled) => profiled.unread,
            Self::Fingerprint(fingerprint) => fingerprint.unread,
            Self::Why(why) => why.unread,
            Self::Shown(shown) => shown.unread,
            Self::Todo(rows) => rows.unread,
            Self::Invites(rows) => rows.unread,
            Self::Feed(rows) => rows.unread,
            Self::Campaigns(rows) => rows.unread,
            Self::Needs(rows) => rows.unread,
            Self::Members(rows) => rows.unread,
            _ => 0,
        }
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
