//! Rows of lists, and the parts that several answers have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A member by id and name, for a screen: the id acts, the name is read.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Who {
    /// Their id (`me_`); of a device that no member has, the device's (`de_`).
    pub member: String,
    /// What they say they are called, as it can stand on a screen; the beginning of the id before
    /// they have said.
    pub name: String,
    /// The beginning of their id, where somebody else of the space is called so or was lately: it
    /// is to stand beside the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
    /// What they were called in the last thirty days, the last first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<String>,
}

impl Who {
    /// The name with what tells it from others: `Bo`, `Bo (me_km36xj)`, `Maria (was Bo)`. No name
    /// itself has round brackets.
    pub fn shown(&self) -> String {
        let former = (!self.former.is_empty()).then(|| format!("was {}", self.former.join(", ")));
        let beside: Vec<_> = self.mark.clone().into_iter().chain(former).collect();
        match beside.is_empty() {
            true => self.name.clone(),
            false => format!("{} ({})", self.name, beside.join(", ")),
        }
    }
}

/// A post: a row of `feed`, and whole in `show`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FeedRow {
    /// The post's id (`up_`).
    pub id: String,
    /// The id (`sp_`) of the space that it stands in.
    pub space: String,
    /// What that space is called.
    pub space_name: String,
    /// At most 64 KiB; empty where its author took it back.
    pub text: String,
    /// Who wrote it.
    pub author: Who,
    /// When it was written, by its author's clock, which may be wrong.
    pub at: u64,
    /// Whether that was more than ten minutes ahead when it came here: it then stands in lists by
    /// the entry before it.
    pub doubtful: bool,
    /// The text's language as a BCP 47 tag, where its author said.
    pub lang: Option<String>,
    /// The id (`do_`) of the campaign that it belongs to; none for the space's own feed.
    pub campaign: Option<String>,
    /// The id (`up_`) of the post that it replies to.
    pub reply_to: Option<String>,
    /// `counts`, `void` (it stands behind its author's end), `waiting`, or `undone` by its author.
    pub state: String,
    /// Why it does not count, in a sentence; none where it does.
    pub why: Option<String>,
    /// Members' nodes, beside this one, that gave a receipt for it to this one.
    pub stored_on: u64,
    /// How many of those are mirrors, which cannot read it.
    pub mirrors: u64,
    /// Its place in the order of arrival on this node, for `--after`: another node has other ones.
    /// 0 until it was told.
    pub cursor: u64,
}

/// A space of this home: a row of `status`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SpaceRow {
    /// Its id (`sp_`).
    pub space: String,
    /// What it is called; the beginning of its id while nothing that is here says so.
    pub name: String,
    /// `in`, or `knocking` until the charter that lets this person in is here, or `ended`, where
    /// the ticket ended before anybody had the knock.
    pub state: String,
    /// What this person is called there; while knocking, what they asked to be called.
    pub me: String,
    /// Whether this person counts and approves.
    pub say: bool,
    /// Vouches that count, as a contact said last; 0 for who is in.
    pub vouches: u32,
    /// Vouches that it takes to be in, as a contact said last; 0 for who is in.
    pub needed: u32,
    /// How many members are in, those at rest too; 0 while the charter is not here.
    pub members: u64,
    /// How many of their nodes a connection stands with, this one not counted.
    pub connected: u64,
    /// Entries of both journals that are on this disk.
    pub entries: u64,
    /// Content entries that are on this disk and not yet read: until it is 0 a list may lack some.
    pub unread: u64,
    /// Things that were read and wait for something that is missing, counted up to 100, and logs
    /// that wait for a newer program.
    pub waiting: u64,
    /// Second entries at a taken place that were seen: a device's key was copied or stolen.
    pub forks: u64,
    /// Whether it is meant where no space is said.
    pub current: bool,
}

/// Something that waits for this person: a row of `todo`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TodoRow {
    /// The id (`sp_`) of the space that it is in.
    pub space: String,
    /// What that space is called.
    pub space_name: String,
    /// `knock` (somebody to vouch for), `claim` (of a need of theirs), `knocking` (they wait
    /// themselves), or `ended` (their ticket has, and they need another).
    pub kind: String,
    /// What it is, in a sentence with names.
    pub text: String,
    /// The id of what it is about: the newcomer, the need, or the space.
    pub thing: String,
    /// A command that deals with it, as an argument list from `groundwork` on.
    pub way_out: Vec<String>,
}

/// A campaign: a row of `campaign list`, and whole in `show`. A field that nobody filled in is
/// empty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CampaignRow {
    /// The document's id (`do_`).
    pub id: String,
    /// The id (`sp_`) of the space that it is in.
    pub space: String,
    /// What that space is called.
    pub space_name: String,
    /// What it is called, in one line.
    pub title: String,
    /// What it is to win; several lines are possible.
    pub goal: String,
    /// Where it is fought, as a place is called; one line.
    pub place: String,
    /// `draft`, `active`, `paused`, `won`, `partly-won`, `lost` or `ended`.
    pub status: String,
    /// What those who fought it would tell the next; several lines are possible.
    pub learned: String,
    /// Who began it. Anyone who is in may have changed it since.
    pub author: Who,
    /// When it was begun, by its author's clock.
    pub at: u64,
    /// Whether that was more than ten minutes ahead when it came here: it then stands in lists by
    /// the entry before it.
    pub doubtful: bool,
    /// Names of fields that several people set to different values at once, until somebody sets
    /// them again. Such a field shows one of the values, the same on every node.
    pub conflicts: Vec<String>,
    /// `counts`; what does not is not listed.
    pub state: String,
}

/// One claim of a need. Several can be live at once: nobody's is lost to somebody else's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClaimRow {
    /// The claim's id (`cl_`).
    pub id: String,
    /// The member who claims it: who offers to see to the need.
    pub by: Who,
    /// By what both sides say: `offered`, `under-way`, `done`, `released`, `accepted`, `declined`
    /// or `disputed`.
    pub state: String,
    /// When it was first made, by its author's clock.
    pub at: u64,
}

/// A need: a row of `need list`, and whole in `show`. A field that nobody filled in is empty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NeedRow {
    /// The document's id (`do_`).
    pub id: String,
    /// Its sayable code, like `K7Q`: 3 to 5 characters, longer where needs of the space begin
    /// alike.
    pub code: String,
    /// The id (`sp_`) of the space that it is in.
    pub space: String,
    /// What that space is called.
    pub space_name: String,
    /// What is needed, in one line.
    pub text: String,
    /// Of which kind it is, in words of the space's own.
    pub category: String,
    /// A whole number and its unit as they were typed, like `2 bags`; either can be missing.
    pub quantity: String,
    /// In which part of town, never an address.
    pub area: String,
    /// The id (`do_`) of the aid list that it stands on.
    pub list: String,
    /// `draft`, `open`, `paused` or `closed`. Only an open one is claimed.
    pub status: String,
    /// Who asks. Anyone who is in may have changed it since.
    pub author: Who,
    /// When it was asked, by its author's clock.
    pub at: u64,
    /// Whether that was more than ten minutes ahead when it came here: it then stands in lists by
    /// the entry before it.
    pub doubtful: bool,
    /// All of them, released and declined ones too, sorted by id.
    pub claims: Vec<ClaimRow>,
    /// Names of fields that several people set to different values at once, until somebody sets
    /// them again. Such a field shows one of the values, the same on every node.
    pub conflicts: Vec<String>,
    /// `counts`; what does not is not listed.
    pub state: String,
    /// Verbs of commands that this person can use on it now: of `claim`, `release`, `edit`.
    pub can: Vec<String>,
    /// By verb, why they cannot, in a sentence.
    pub why_not: BTreeMap<String, String>,
}

/// A member, one of before too, or somebody who knocks: a row of `member list`, and whole in
/// `show`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MemberRow {
    /// Their id and name. Who knocks has an id already: it is made of the knock; and what they are
    /// called is what that asked for.
    #[serde(flatten)]
    pub who: Who,
    /// The id (`sp_`) of the space.
    pub space: String,
    /// What that space is called.
    pub space_name: String,
    /// `in`, `knocking`, `resting`, `removed` or `left`.
    pub state: String,
    /// Whether they count in what is decided, and approve.
    pub say: bool,
    /// Vouches that count on the proposal to admit them; 0 for a founder.
    pub vouches: u32,
    /// How many their next step takes: to be in, then to have a say; 0 for a founder.
    pub needed: u32,
    /// Ids (`de_`) of the devices that they have or had; of somebody who knocks, none.
    pub devices: Vec<String>,
    /// Who made the ticket that they knocked with. None for a founder.
    pub invited_by: Option<Who>,
    /// When they knocked, by their clock. None for a founder.
    pub since: Option<u64>,
    /// Whether it is this person.
    pub me: bool,
}

/// A ticket that can be, or could have been, knocked with: a row of `member list --invites`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InviteRow {
    /// The invite's id (`in_`). The ticket itself is not kept.
    pub invite: String,
    /// The id (`sp_`) of the space that it leads to.
    pub space: String,
    /// The member who made it.
    pub by: Who,
    /// From this time on no knock is taken.
    pub expires: u64,
    /// Knocks that were taken.
    pub knocks: u32,
    /// Knocks that it is for.
    pub knocks_max: u32,
    /// `open`, `used` (it has all its knocks), `ended` (by time), or `withdrawn`.
    pub state: String,
}

/// A node that shares a space with this one, or that a ticket names: a row of `node peers`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeerRow {
    /// Its PeerId, as libp2p writes it: proved by each connection.
    pub peer: String,
    /// What those are called whose card says that they are reached there; none for a ticket's
    /// contact that no charter here names.
    pub names: Vec<String>,
    /// Whether a connection stands now.
    pub connected: bool,
    /// Where it was or is said to be reached, a multiaddr each without the PeerId.
    pub addresses: Vec<String>,
    /// What the spaces are called that this home shares with it.
    pub spaces: Vec<String>,
}

/// A setting and where its value comes from: a row of `node config`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SettingRow {
    /// Like `net.listen`; `home` is the directory, which no file sets.
    pub name: String,
    /// A text, a number or a list, as it holds; where `problem` says so, as it was given.
    pub value: serde_json::Value,
    /// Which place won: `flag`, `environment`, `file` or `built in`.
    pub source: String,
    /// What is wrong with it, in a sentence: no node starts while there is one.
    pub problem: Option<String>,
}

/// Something that waits, does not count or was not transferred.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WhyRow {
    /// What it is about, by the names of things: an entry by its author, a space.
    pub what: String,
    /// Why, in a sentence.
    pub reason: String,
    /// The rule by its paragraph, like `charter 2`, or `waits` and `fork` of DESIGN.
    pub rule: String,
    /// A command that ends it, or shows more, as an argument list from `groundwork` on.
    pub way_out: Vec<String>,
    /// Of what is lost: it was written after this, in milliseconds since 1970 UTC.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<u64>,
    /// And before this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<u64>,
}

/// What a charter is on this node, as two hashes in hexadecimal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CharterPrint {
    /// Of the heads of all its logs: equal where the same entries are here.
    pub frontier: String,
    /// Of what the charter says: equal where the entries come to the same, whatever the logs.
    pub state: String,
}

/// What a space's content is on this node, as three hashes in hexadecimal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ContentPrint {
    /// Of the heads of all its logs: equal where the same entries are here.
    pub frontier: String,
    /// Of all documents with their conflicts, as they count.
    pub documents: String,
    /// Of all words that count: posts, claims, names.
    pub words: String,
}

/// Hashes of one space.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SpacePrint {
    /// The space's id (`sp_`).
    pub space: String,
    /// Of who decides, and what was decided.
    pub charter: CharterPrint,
    /// Of what was written.
    pub content: ContentPrint,
}

/// What went over the wire in one direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Amount {
    /// Entries in it; one that was sent twice counts twice.
    pub entries: u64,
    /// Bytes of frames, before the transport encrypts them.
    pub bytes: u64,
}

/// What went over one session with a peer since it began: a row of `sync`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SyncRow {
    /// The PeerId, as libp2p writes it; none where nobody was reached.
    pub peer: Option<String>,
    /// From this node to the peer.
    pub sent: Amount,
    /// From the peer to this node.
    pub received: Amount,
    /// How often this side could not go on before the other had answered.
    pub round_trips: u64,
    /// Whether this node has all that the peer told of.
    pub current: bool,
    /// Whether the peer said that all of this node's is on its disk.
    pub receipted: bool,
}
