//! Questions: commands change something, queries do not.

use serde::{Deserialize, Serialize};

use crate::ticket::TicketText;

/// Who puts a question to a node, by which it is judged what they see and may change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asker {
    /// The person whose home it is.
    #[default]
    Me,
    /// A public board: sees only what is public, changes nothing.
    Board,
}

/// One command or query, as it is put to a node over its socket or in one process: who asks, which
/// space is meant, and how long it may wait.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ask {
    /// Who asks; the person whose home it is, if nothing is said.
    #[serde(default)]
    pub asker: Asker,
    /// Names a command, so that one that is put again gets the first answer and does nothing twice.
    /// It is one asker's; another command under the same name is refused as `bad-request`. At most
    /// 64 bytes; the newest thousand are remembered. None, or a query: it is always done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The space that is meant, by name, id or a prefix of either. Without one a read spans all
    /// spaces, and a write means the one of `use`, else the only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<String>,
    /// Milliseconds that the question waits for others; then it is answered as things stand, or
    /// fails as timed out.
    #[serde(default = "Ask::timeout_ms_default")]
    pub timeout_ms: u64,
    /// Answer a write when so many other nodes gave a receipt for it; 0 waits for this disk only.
    #[serde(default)]
    pub wait: u32,
    /// Which part of a list is wanted; all of it, if nothing is said. `feed` has its own.
    #[serde(default, skip_serializing_if = "Page::is_all")]
    pub page: Page,
    /// The command or query itself.
    pub what: What,
}

/// A part of a list, in the list's order. Where the row that it goes on from has gone, that is
/// `not-found`, and the list is to be begun anew; members stand by name, so one who is renamed
/// between two pages may be in both or in none.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    /// Only rows behind the one that has this id: `next` of the page before. From the beginning on
    /// if none.
    pub after: Option<String>,
    /// Rows at most; all if 0.
    pub limit: u64,
}

impl Page {
    /// Whether it is the whole list.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }
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
            page: Page::default(),
            what: what.into(),
        }
    }

    /// Thirty seconds: some round trips of a bad link, and no longer than people wait.
    pub fn timeout_ms_default() -> u64 {
        30_000
    }
}

/// What an [`Ask`] is for: to change something, or to be shown something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Changes something, and is answered when that is on the disk.
    Command(Command),
    /// Changes nothing, and is answered from what is here.
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

/// What to write into a campaign: none leaves a field as it is, and an empty text clears it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CampaignFields {
    /// What it is called, in one line; a campaign has one always.
    pub title: Option<String>,
    /// What it is to win; several lines are possible, and edits of several people are merged.
    pub goal: Option<String>,
    /// Where it is fought, as a place is called; one line.
    pub place: Option<String>,
    /// `draft`, `active`, `paused`, `won`, `partly-won`, `lost` or `ended`.
    pub status: Option<String>,
    /// What those who fought it would tell the next; merged as `goal` is.
    pub learned: Option<String>,
}

/// What to write into a need: none leaves a field as it is, and an empty text clears it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NeedFields {
    /// What is needed, in one line; a need has one always. All members read it, so never an
    /// address.
    pub text: Option<String>,
    /// Of which kind it is, in words of the space's own.
    pub category: Option<String>,
    /// In which part of town; never an address.
    pub area: Option<String>,
    /// A whole number, then its unit, like `2 bags`; either can be missing.
    pub quantity: Option<String>,
    /// An aid list. There are none yet: any value is refused.
    pub list: Option<String>,
    /// `draft`, `open`, `paused` or `closed`; a new one is open.
    pub status: Option<String>,
}

/// To change something. A thing is named by its id, a beginning of one, or its code; an id implies
/// its space.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Founds a space, with the asker as its first member.
    Found {
        /// What it is called: one line of at most 256 bytes.
        name: String,
        /// What its founder is called there: one line of at most 64 characters, without brackets.
        me: String,
        /// The IANA time zone in which its meetings are said; `UTC` if none.
        #[serde(default)]
        zone: Option<String>,
    },
    /// Knocks at the space of a ticket; answered when a contact has the knock. With the same ticket
    /// again it asks on, and makes no second knock.
    Join {
        /// The ticket's text, in upper or lower case, white space anywhere.
        ticket: TicketText,
        /// What to call the newcomer: one line of at most 64 characters, without brackets, which
        /// only members can read.
        me: String,
    },
    /// Makes a space the one that is meant when none is said; kept in the home.
    Use {
        /// Its name or id, or a beginning of either that no other has.
        space: String,
    },
    /// Says what the asker is called in a space, from now on.
    Profile {
        /// One line of at most 64 characters, without brackets, which nobody checks.
        name: String,
    },
    /// Makes a ticket. Members still have to vouch for whoever knocks with it.
    Invite {
        /// Days until it ends, from 1 to the engine's `INVITE_DAYS_MAX`.
        days: u32,
        /// Newcomers that it is for, from 1 to the engine's `INVITE_KNOCKS_MAX`.
        knocks: u32,
    },
    /// Ends an invite before its time; who knocked already can still be let in.
    Withdraw {
        /// The invite's id; the ticket's text is not known here.
        invite: String,
    },
    /// Vouches for somebody who knocks, or who is in without a say. It cannot be undone.
    Vouch {
        /// Their name or a beginning of it, or their id as a member.
        who: String,
    },
    /// Writes to a feed.
    Post {
        /// At most 64 KiB, in as many lines as it takes; white space alone is refused.
        text: String,
        /// The campaign's id; none for the space's own feed.
        #[serde(default)]
        campaign: Option<String>,
        /// The id of the post that it stands under.
        #[serde(default)]
        reply_to: Option<String>,
        /// The text's language, a BCP 47 tag; none where the author says none.
        #[serde(default)]
        text_lang: Option<String>,
    },
    /// Begins a campaign. Only `title` and `goal` are taken.
    CampaignNew(CampaignFields),
    /// Changes a campaign; anyone who is in may.
    CampaignEdit {
        /// The campaign's id.
        campaign: String,
        /// What to write; saying nothing new is refused.
        fields: CampaignFields,
    },
    /// Asks for help.
    NeedAdd(NeedFields),
    /// Changes a need; anyone who is in may.
    NeedEdit {
        /// Its code or id.
        need: String,
        /// What to write; saying nothing new is refused.
        fields: NeedFields,
    },
    /// Takes on an open need; others may claim it at the same time, and are told.
    NeedClaim {
        /// Its code or id.
        need: String,
    },
    /// Gives back a need that the asker claims.
    NeedRelease {
        /// Its code or id.
        need: String,
    },
    /// Takes back a post or a claim of the asker's own.
    Undo {
        /// The post's or the claim's id.
        thing: String,
    },
    /// Takes all that there is of a member now, where more came of them than a day's share.
    Take {
        /// Their name or a beginning of it, or their id as a member.
        who: String,
    },
    /// Meets everyone who is reached, or one, and answers when both sides have all.
    Sync {
        /// A PeerId or its end, or the name of a member; none for everyone.
        #[serde(default)]
        with: Option<String>,
    },
}

/// To be told something. A list spans all spaces, unless the question names one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Query {
    /// The spaces of this home, a row of `status` each.
    Spaces,
    /// How this node and its spaces stand.
    Status,
    /// What waits for this person: vouches, claims of their needs, knocks of their own.
    Todo,
    /// Posts: the newest by their date, or those that came after a cursor.
    Feed {
        /// Only those that came after this cursor, in the order in which they came.
        #[serde(default)]
        after: Option<u64>,
        /// Rows at most; all if 0.
        limit: u64,
        /// Only of this campaign, by its id; none for every post.
        #[serde(default)]
        campaign: Option<String>,
    },
    /// Campaigns, by their date; in pages, by their ids.
    Campaigns,
    /// Needs, by their date, with their claims; in pages, by their ids.
    Needs,
    /// One thing, whole: a need, a campaign, a post, a member or an act.
    Show {
        /// Its id or code, or a member's name; of a claim, its need is shown.
        thing: String,
    },
    /// Members, those of before too, and who knocks; in pages, by their ids.
    Members,
    /// For whom a vouch for this name or id would be: the row of a member or of who knocks.
    ToVouch {
        /// Their name, or a beginning of it, or their id.
        who: String,
    },
    /// Every invite that the charter knows, ended ones too; in pages, by their ids.
    Invites,
    /// What the asker is called in a space.
    Profile,
    /// Who decides, and with how many approvals.
    CharterShow,
    /// Five words: the same words, the same charter.
    CharterWords,
    /// Every charter entry, and what they come to, for a program that checks it.
    CharterExport,
    /// Hashes of what counts, to compare two nodes by.
    Fingerprint,
    /// Counters, for whoever runs the machine.
    Stats,
    /// Nodes that share a space with this one, met or not.
    Peers,
    /// What waits or does not count, by which rule, and the way out; of an act, how it stands.
    Why {
        /// Only what is about this: an act's id, or a part of a name; all if none.
        #[serde(default)]
        thing: Option<String>,
    },
}
