//! The catalogue of errors (CONTRACT 2). It only grows.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::answer::{Answer, with_version};

/// Whose turn it is after an error; each has its exit code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// A rule refuses it, or there is no such thing.
    Refused,
    /// It was asked wrongly, or could mean several things.
    Usage,
    /// The network, or the node at the other end.
    Network,
    /// The disk or the store.
    Disk,
    /// Something else has what is needed: the home, or no node runs.
    Busy,
    /// It took too long; the state tells how far it got.
    Timeout,
    /// A mistake of this program: asking otherwise does not help, reporting it does.
    Bug,
}

impl ErrorKind {
    /// The exit code.
    pub fn exit(self) -> i32 {
        match self {
            Self::Refused => 1,
            Self::Usage => 2,
            Self::Network => 3,
            Self::Disk => 4,
            Self::Busy => 5,
            Self::Timeout => 6,
            Self::Bug => 70,
        }
    }
}

macro_rules! catalogue {
    ($($code:ident $text:literal $kind:ident $status:literal $message:literal $hint:literal)*) => {
        /// Every error that a person or a program can be given.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum ErrorCode { $(#[doc = $message] $code,)* }

        impl ErrorCode {
            /// All of them, in the order in which they came to be.
            pub const ALL: &[Self] = &[$(Self::$code,)*];

            /// Its name for programs.
            pub fn code(self) -> &'static str {
                match self { $(Self::$code => $text,)* }
            }

            /// Whose turn it is.
            pub fn kind(self) -> ErrorKind {
                match self { $(Self::$code => ErrorKind::$kind,)* }
            }

            /// Its HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Self::$code => $status,)* }
            }

            /// What is said, unless more is known.
            pub fn message(self) -> &'static str {
                match self { $(Self::$code => $message,)* }
            }

            /// A command that helps, unless a better one is known.
            pub fn hint(self) -> &'static str {
                match self { $(Self::$code => $hint,)* }
            }
        }
    };
}

catalogue! {
    NotFound "not-found" Refused 404 "there is no such thing here" "groundwork status"
    Ambiguous "ambiguous" Usage 409 "that could mean several things" "groundwork status"
    SpaceAmbiguous "space-ambiguous" Usage 409
        "this home has several spaces, and none was said" "groundwork status"
    NoSpace "no-space" Refused 404
        "this home has no space yet" "groundwork"
    UnknownSpace "unknown-space" Refused 404
        "this home has no space of that name" "groundwork status"
    EmptyText "empty-text" Usage 400 "there is no text" "groundwork post --help"
    TextTooLong "text-too-long" Usage 413
        "the text is longer than 64 KiB" "groundwork post --help"
    NotUtf8 "not-utf8" Usage 400 "the text is not UTF-8" "groundwork post --help"
    BadName "bad-name" Usage 400
        "a name is one line of at most 64 characters" "groundwork profile --help"
    BadArgument "bad-argument" Usage 400 "an argument is wrong" "groundwork --help"
    BadId "bad-id" Usage 400 "that is no id" "groundwork status"
    BadTicket "bad-ticket" Usage 400
        "that is no ticket" "groundwork join --help"
    TicketEnded "ticket-ended" Refused 410
        "the ticket is used up, withdrawn or past its date: ask for another"
        "groundwork join --help"
    AlreadyMember "already-member" Refused 409
        "this home is in that space already" "groundwork status"
    NoAnswer "no-answer" Timeout 504
        "no contact of the ticket has answered yet; keys and knock are kept"
        "groundwork up"
    Knocking "knocking" Refused 403
        "you are not in this space yet: members have to vouch for you" "groundwork status"
    NoKey "no-key" Refused 403
        "this home has not been given the space's key yet" "groundwork sync"
    NotAKnock "not-a-knock" Refused 404
        "nobody knocks under that name" "groundwork member list"
    NotConfirmed "not-confirmed" Refused 409
        "nothing was signed: the answer was not yes" "groundwork member list"
    AlreadyVouched "already-vouched" Refused 409
        "you have vouched for them already" "groundwork member list"
    NoSay "no-say" Refused 403
        "you are in, and have no say before more than half have vouched for you"
        "groundwork member list"
    NotYours "not-yours" Refused 403
        "only its author can do that" "groundwork feed"
    AlreadyClaimed "already-claimed" Refused 409
        "you have claimed it already" "groundwork need list"
    NotClaimed "not-claimed" Refused 409
        "you have not claimed it" "groundwork need list"
    NeedClosed "need-closed" Refused 409
        "the need is closed" "groundwork need list"
    CannotUndo "cannot-undo" Refused 409
        "this cannot be taken back" "groundwork undo --help"
    NothingToChange "nothing-to-change" Usage 400
        "nothing was said to change" "groundwork campaign edit --help"
    TooLarge "too-large" Usage 413 "that does not fit one entry" "groundwork --help"
    UnknownPeer "unknown-peer" Network 404
        "no node of that name or PeerId is known" "groundwork member list"
    NobodyReached "nobody-reached" Timeout 504
        "no other node was reached in time" "groundwork status"
    TimedOut "timed-out" Timeout 504 "it took too long" "groundwork status"
    ListenFailed "listen-failed" Network 500
        "this node cannot listen on that address" "groundwork node config"
    HomeInUse "home-in-use" Busy 409
        "another program has this home open" "groundwork node config"
    NoNode "no-node" Busy 503 "no node is running for this home" "groundwork up"
    NodeGone "node-gone" Busy 503
        "the node stopped while it was asked" "groundwork up"
    DiskFull "disk-full" Disk 507
        "the disk is full: reading goes on, nothing is written" "groundwork status"
    DiskFailed "disk-failed" Disk 500 "the disk failed" "groundwork node config"
    ReadOnly "read-only" Disk 503
        "the disk failed, so this node only reads until it is started again" "groundwork status"
    ReadOnlyDisk "read-only-disk" Disk 503
        "this disk can only be read: nothing is written, and no node runs on it"
        "groundwork status"
    Damaged "damaged" Disk 500 "what is stored is damaged" "groundwork node config"
    NewerFormat "newer-format" Disk 500
        "this home was written by a newer program; nothing was changed" "groundwork --version"
    BadConfig "bad-config" Usage 400 "a setting is wrong" "groundwork node config"
    Board "board" Refused 403 "a board cannot do that" "groundwork status"
    BadRequest "bad-request" Usage 400 "that is no question" "groundwork commands"
    TooManySpaces "too-many-spaces" Refused 409
        "a home has at most 64 spaces" "groundwork status"
    OwnFork "own-fork" Refused 409
        "another home writes with this one's key: ask for a ticket and join again, with a new key"
        "groundwork join --help"
    OwnHole "own-hole" Refused 409
        "the disk lost something that you wrote, and others may give it back: try again soon, or \
         ask for a ticket and join again"
        "groundwork why"
    Full "full" Refused 409
        "you have changed this as much as one person can: make a new one from it"
        "groundwork campaign new --help"
    Internal "internal" Bug 500 "groundwork has a bug" "groundwork --version"
}

/// Why something was not done: one sentence, then a command that helps.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Which of the catalogue, for programs: it never means something else later.
    pub code: ErrorCode,
    /// What was wrong, and what of: one sentence for a person, without a line break.
    pub message: String,
    /// A command that can be run and helps, from `groundwork` on.
    pub hint: String,
    /// Where it was ambiguous, what it could have meant; else empty.
    #[serde(default)]
    pub things: Vec<String>,
    /// How far it got, where it only took too long: what success would have answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Box<Answer>>,
}

impl Failure {
    /// The error with the catalogue's words.
    pub fn of(code: ErrorCode) -> Self {
        let (message, hint) = (code.message().to_owned(), code.hint().to_owned());
        Self { code, message, hint, things: Vec::new(), state: None }
    }

    /// The error in words that say what of; the hint stays the catalogue's.
    pub fn because(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::of(code) }
    }

    /// The same, with a command that helps more than the catalogue's.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// The same, with what it could have meant.
    pub fn things(self, things: Vec<String>) -> Self {
        Self { things, ..self }
    }

    /// The same, with how far it got.
    pub fn state(self, state: Answer) -> Self {
        Self { state: Some(Box::new(state)), ..self }
    }

    /// The one JSON object that stands last on standard error.
    pub fn to_json(&self) -> Value {
        with_version(json!({ "error": {
            "code": self.code.code(),
            "kind": self.code.kind(),
            "message": self.message,
            "hint": self.hint,
            "things": self.things,
        }}))
    }
}
