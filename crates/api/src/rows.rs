//! Rows of lists, and the parts that several answers have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A member by id and name.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Who {
    /// Their id.
    pub member: String,
    /// What they are called in the space.
    pub name: String,
}

/// A row of `feed`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FeedRow {
    /// The post.
    pub id: String,
    /// The space.
    pub space: String,
    /// The space's name.
    pub space_name: String,
    /// What it says; empty where its author undid it.
    pub text: String,
    /// Who wrote it.
    pub author: Who,
    /// When, by its author's clock.
    pub at: u64,
    /// The text's language.
    pub lang: Option<String>,
    /// The campaign that it belongs to.
    pub campaign: Option<String>,
    /// The post that it replies to.
    pub reply_to: Option<String>,
    /// `counts`, `void`, `waiting` or `undone`.
    pub state: String,
    /// Why it does not count.
    pub why: Option<String>,
    /// How many other nodes have it on their disks, as far as they said.
    pub stored_on: u64,
    /// How many of those are mirrors.
    pub mirrors: u64,
    /// Where `--after` goes on.
    pub cursor: u64,
}

/// A row of `status`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SpaceRow {
    /// The space.
    pub space: String,
    /// Its name.
    pub name: String,
    /// `in` or `knocking`.
    pub state: String,
    /// What this person is called there.
    pub me: String,
    /// Whether this person counts and approves.
    pub say: bool,
    /// Vouches so far, while knocking.
    pub vouches: u32,
    /// Vouches needed, while knocking.
    pub needed: u32,
    /// How many members are in.
    pub members: u64,
    /// How many of their nodes are connected.
    pub connected: u64,
    /// Entries that are here.
    pub entries: u64,
    /// Entries that are not yet read.
    pub unread: u64,
    /// Things that wait for something that is missing, and logs that wait for a newer program.
    pub waiting: u64,
    /// Second entries at a taken place: a device's key writes in two places.
    pub forks: u64,
    /// Whether it is the one that is meant when none is said.
    pub current: bool,
}

/// A row of `todo`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TodoRow {
    /// The space.
    pub space: String,
    /// Its name.
    pub space_name: String,
    /// `knock`, `claim`, `knocking` or `waiting`.
    pub kind: String,
    /// In one sentence.
    pub text: String,
    /// What it is about.
    pub thing: String,
    /// A command that deals with it, as an argument list.
    pub way_out: Vec<String>,
}

/// A row of `campaign list`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CampaignRow {
    /// Its id.
    pub id: String,
    /// The space.
    pub space: String,
    /// The space's name.
    pub space_name: String,
    /// Its title.
    pub title: String,
    /// What it is to win.
    pub goal: String,
    /// Where.
    pub place: String,
    /// Where it stands.
    pub status: String,
    /// What was learned.
    pub learned: String,
    /// Who began it.
    pub author: Who,
    /// When.
    pub at: u64,
    /// Fields that several people set to different values.
    pub conflicts: Vec<String>,
    /// `counts` or `void`.
    pub state: String,
}

/// One claim of a need.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClaimRow {
    /// The claim.
    pub id: String,
    /// Who claims.
    pub by: Who,
    /// Where it stands.
    pub state: String,
    /// Since when.
    pub at: u64,
}

/// A need: a row of `need list`, and whole in `show`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NeedRow {
    /// Its id.
    pub id: String,
    /// Its sayable code.
    pub code: String,
    /// The space.
    pub space: String,
    /// The space's name.
    pub space_name: String,
    /// What is needed.
    pub text: String,
    /// Its category.
    pub category: String,
    /// How much or many.
    pub quantity: String,
    /// Roughly where.
    pub area: String,
    /// The list that it is on.
    pub list: String,
    /// `draft`, `open`, `paused` or `closed`.
    pub status: String,
    /// Who asks.
    pub author: Who,
    /// When.
    pub at: u64,
    /// Its claims, by id.
    pub claims: Vec<ClaimRow>,
    /// Fields that several people set to different values.
    pub conflicts: Vec<String>,
    /// `counts` or `void`.
    pub state: String,
    /// What this person can do with it now.
    pub can: Vec<String>,
    /// What they cannot, and why.
    pub why_not: BTreeMap<String, String>,
}

/// A row of `member list`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MemberRow {
    /// Their id; for those who knock, of the knock.
    pub member: String,
    /// What they are called.
    pub name: String,
    /// The space.
    pub space: String,
    /// The space's name.
    pub space_name: String,
    /// `in`, `knocking`, `resting`, `removed` or `left`.
    pub state: String,
    /// Whether they count and approve.
    pub say: bool,
    /// Vouches so far.
    pub vouches: u32,
    /// Vouches needed for the next step.
    pub needed: u32,
    /// Their devices.
    pub devices: Vec<String>,
    /// Who invited them, where they knock.
    pub invited_by: Option<Who>,
    /// Whether it is this person.
    pub me: bool,
}

/// A row of the list of invites.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InviteRow {
    /// The invite.
    pub invite: String,
    /// The space.
    pub space: String,
    /// Who made it.
    pub by: Who,
    /// When it ends.
    pub expires: u64,
    /// Knocks so far.
    pub knocks: u32,
    /// Knocks that it takes.
    pub knocks_max: u32,
    /// `open`, `used`, `ended` or `withdrawn`.
    pub state: String,
}

/// A row of `node peers`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeerRow {
    /// The PeerId.
    pub peer: String,
    /// Whose it is, where the roll knows.
    pub names: Vec<String>,
    /// Whether a connection stands.
    pub connected: bool,
    /// Where it is reached.
    pub addresses: Vec<String>,
    /// Spaces that are shared with it.
    pub spaces: Vec<String>,
}

/// A setting and where its value comes from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SettingRow {
    /// Its name, like `net.listen`.
    pub name: String,
    /// Its value.
    pub value: serde_json::Value,
    /// `flag`, `environment`, `file` or `built in`.
    pub source: String,
    /// What is wrong with it, and keeps a node from starting.
    pub problem: Option<String>,
}

/// Something that waits, does not count or was not transferred.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WhyRow {
    /// What.
    pub what: String,
    /// Why, in a sentence.
    pub reason: String,
    /// By which rule.
    pub rule: String,
    /// A command that ends it, as an argument list.
    pub way_out: Vec<String>,
}

/// How far one journal goes, as hashes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CharterPrint {
    /// Of all heads.
    pub frontier: String,
    /// Of what the charter says.
    pub state: String,
}

/// How far one journal goes, as hashes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ContentPrint {
    /// Of all heads.
    pub frontier: String,
    /// Of all documents as they count.
    pub documents: String,
    /// Of all words that count.
    pub words: String,
}

/// One space's fingerprint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SpacePrint {
    /// The space.
    pub space: String,
    /// Of its charter.
    pub charter: CharterPrint,
    /// Of its content.
    pub content: ContentPrint,
}

/// What went over the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Amount {
    /// Entries.
    pub entries: u64,
    /// Bytes of frames.
    pub bytes: u64,
}

/// One peer that `sync` reached.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SyncRow {
    /// The PeerId; none where nobody was reached.
    pub peer: Option<String>,
    /// What this node sent.
    pub sent: Amount,
    /// What it received.
    pub received: Amount,
    /// Times that it had to wait for the other side.
    pub round_trips: u64,
    /// Whether it has all that the other side told of.
    pub current: bool,
    /// Whether the other side has all of this node's on its disk.
    pub receipted: bool,
}
