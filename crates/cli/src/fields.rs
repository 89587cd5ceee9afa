//! The fields of every answer: the one list of them, which `commands --json` prints. A test runs
//! every command and compares what it prints with this, field by field, both ways.
//!
//! `a.b` is field `b` of the object `a`, `a[]` each value of the list `a`, and `a{}` each value of
//! an object whose names are data.

/// What a command answers.
pub(crate) struct Answers {
    pub(crate) command: &'static str,
    /// Which of its answers, where it has several.
    pub(crate) of: Option<&'static str>,
    /// Whether it is a list: the fields are those of a row, and `next` stands beside the rows.
    pub(crate) is_list: bool,
    /// Whether it says how much was not read, so that it may lack some.
    pub(crate) says_unread: bool,
    pub(crate) fields: &'static [&'static str],
}

impl Answers {
    /// All fields of the printed object but `v`, which each has.
    pub(crate) fn paths(&self) -> Vec<String> {
        let row = if self.is_list { "rows[]." } else { "" };
        let fields = self.fields.iter().map(|field| format!("{row}{field}"));
        let next = self.is_list.then(|| "next".to_owned());
        let unread = self.says_unread.then(|| "unread".to_owned());
        fields.chain(next).chain(unread).collect()
    }
}

const fn one(command: &'static str, fields: &'static [&'static str]) -> Answers {
    Answers { command, of: None, is_list: false, says_unread: false, fields }
}

/// As [`one`], of what may be read in part.
const fn read(command: &'static str, fields: &'static [&'static str]) -> Answers {
    Answers { command, of: None, is_list: false, says_unread: true, fields }
}

const fn list(command: &'static str, fields: &'static [&'static str]) -> Answers {
    Answers { command, of: None, is_list: true, says_unread: true, fields }
}

/// One of several answers of a command.
const fn of(of: &'static str, answers: Answers) -> Answers {
    Answers { of: Some(of), ..answers }
}

const STATUS: &[&str] = &[
    "peer_id",
    "listen[]",
    "connected",
    "read_only",
    "trouble",
    "spaces[].space",
    "spaces[].name",
    "spaces[].state",
    "spaces[].me",
    "spaces[].say",
    "spaces[].vouches",
    "spaces[].needed",
    "spaces[].members",
    "spaces[].connected",
    "spaces[].entries",
    "spaces[].unread",
    "spaces[].waiting",
    "spaces[].forks",
    "spaces[].current",
];

const POST: &[&str] = &[
    "id",
    "space",
    "space_name",
    "text",
    "author.member",
    "author.name",
    "author.mark",
    "author.former[]",
    "at",
    "doubtful",
    "lang",
    "campaign",
    "reply_to",
    "state",
    "why",
    "stored_on",
    "mirrors",
    "cursor",
];

const CAMPAIGN: &[&str] = &[
    "id",
    "space",
    "space_name",
    "title",
    "goal",
    "place",
    "status",
    "learned",
    "author.member",
    "author.name",
    "author.mark",
    "author.former[]",
    "at",
    "doubtful",
    "conflicts[]",
    "state",
];

const NEED: &[&str] = &[
    "id",
    "code",
    "space",
    "space_name",
    "text",
    "category",
    "quantity",
    "area",
    "list",
    "status",
    "author.member",
    "author.name",
    "author.mark",
    "author.former[]",
    "at",
    "doubtful",
    "claims[].id",
    "claims[].by.member",
    "claims[].by.name",
    "claims[].by.mark",
    "claims[].by.former[]",
    "claims[].state",
    "claims[].at",
    "conflicts[]",
    "state",
    "can[]",
    "why_not{}",
];

const MEMBER: &[&str] = &[
    "member",
    "name",
    "mark",
    "former[]",
    "space",
    "space_name",
    "state",
    "say",
    "vouches",
    "needed",
    "devices[]",
    "invited_by.member",
    "invited_by.name",
    "invited_by.mark",
    "invited_by.former[]",
    "since",
    "me",
];

const ACT: &[&str] = &[
    "act",
    "kind",
    "state",
    "electorate[]",
    "threshold",
    "n",
    "counted[].member",
    "counted[].entry",
    "not_counted[].member",
    "not_counted[].entry",
    "not_counted[].rule",
    "missing",
];

const DOCUMENT: &[&str] = &["id", "space", "space_name", "title", "state", "durable", "stored_on"];

const NEED_WRITTEN: &[&str] =
    &["id", "space", "space_name", "code", "title", "state", "durable", "stored_on"];

const CLAIM: &[&str] = &[
    "id",
    "need",
    "code",
    "space",
    "state",
    "others[].member",
    "others[].name",
    "others[].mark",
    "others[].former[]",
    "durable",
    "stored_on",
];

const CHARTER: &[&str] = &[
    "space",
    "name",
    "version",
    "zone",
    "entries",
    "electorate",
    "grave",
    "other",
    "words[]",
    "members[].member",
    "members[].name",
    "members[].mark",
    "members[].former[]",
    "members[].space",
    "members[].space_name",
    "members[].state",
    "members[].say",
    "members[].vouches",
    "members[].needed",
    "members[].devices[]",
    "members[].invited_by.member",
    "members[].invited_by.name",
    "members[].invited_by.mark",
    "members[].invited_by.former[]",
    "members[].since",
    "members[].me",
];

/// The items of an entry have a `kind` and the fields of that kind.
const EXPORT: &[&str] = &[
    "space",
    "entries[].entry",
    "entries[].device",
    "entries[].branch",
    "entries[].seq",
    "entries[].prev",
    "entries[].heads[]",
    "entries[].stamp",
    "entries[].items[]{}",
    "state.members[].member",
    "state.members[].state",
    "state.members[].say",
    "state.devices[].device",
    "state.devices[].member",
    "state.devices[].in",
    "state.devices[].card.peer",
    "state.devices[].card.seal_key",
    "state.ends[].device",
    "state.ends[].length",
    "state.ends[].last",
    "state.thresholds.grave",
    "state.thresholds.other",
    "state.mandates[]",
    "state.ballots[]",
    "state.rekeys[]",
    "state.acts[].act",
    "state.acts[].state",
    "state.held[]",
];

const SYNC: &[&str] = &[
    "peer",
    "sent.entries",
    "sent.bytes",
    "received.entries",
    "received.bytes",
    "round_trips",
    "current",
    "receipted",
    "rows[].peer",
    "rows[].sent.entries",
    "rows[].sent.bytes",
    "rows[].received.entries",
    "rows[].received.bytes",
    "rows[].round_trips",
    "rows[].current",
    "rows[].receipted",
];

const STATS: &[&str] = &[
    "bytes_sent",
    "bytes_received",
    "entries_sent",
    "entries_received",
    "frames_sent",
    "frames_received",
    "flushes",
    "pending_writes",
    "loaded_documents",
    "unread",
    "backlog_bytes",
    "sessions",
    "streams",
    "peers",
    "spaces",
];

const FINGERPRINT: &[&str] = &[
    "spaces[].space",
    "spaces[].charter.frontier",
    "spaces[].charter.state",
    "spaces[].content.frontier",
    "spaces[].content.documents",
    "spaces[].content.words",
];

const COMMANDS: &[&str] = &[
    "global[].flag",
    "global[].value",
    "global[].values[]",
    "global[].default",
    "global[].required",
    "global[].many",
    "global[].help",
    "rows[].command",
    "rows[].about",
    "rows[].arguments[].flag",
    "rows[].arguments[].value",
    "rows[].arguments[].values[]",
    "rows[].arguments[].default",
    "rows[].arguments[].required",
    "rows[].arguments[].many",
    "rows[].arguments[].help",
    "rows[].fields[]",
    "rows[].answers[].of",
    "rows[].answers[].fields[]",
    "next",
    "unread",
];

/// Of every command, in the order of the help.
pub(crate) const ANSWERS: &[Answers] = &[
    one("up", &["ready", "pid", "peer_id", "listen[]", "api", "spaces[]"]),
    one("found", &["space", "name", "member", "device", "charter_words[]"]),
    one("join", &["space", "state", "vouches", "needed", "received"]),
    one("use", &["space", "name"]),
    read("profile", &["space", "member", "name"]),
    of("members", list("member list", MEMBER)),
    of(
        "--invites",
        list(
            "member list",
            &[
                "invite",
                "space",
                "by.member",
                "by.name",
                "by.mark",
                "by.former[]",
                "expires",
                "knocks",
                "knocks_max",
                "state",
            ],
        ),
    ),
    one("member invite", &["ticket", "invite", "expires", "space", "reachable"]),
    one("member withdraw", &["invite"]),
    one("member vouch", &["act", "member", "name", "state", "say", "vouches", "needed"]),
    one("status", STATUS),
    list("todo", &["space", "space_name", "kind", "text", "thing", "way_out[]"]),
    one("post", &["id", "space", "space_name", "device", "seq", "entry", "durable", "stored_on"]),
    of("posts", list("feed", POST)),
    of("--follow", one("feed", POST)),
    one("campaign new", DOCUMENT),
    one("campaign edit", DOCUMENT),
    list("campaign list", CAMPAIGN),
    one("need add", NEED_WRITTEN),
    one("need edit", NEED_WRITTEN),
    list("need list", NEED),
    one("need claim", CLAIM),
    one("need release", CLAIM),
    of("need", read("show", NEED)),
    of("campaign", read("show", CAMPAIGN)),
    of("post", read("show", POST)),
    of("member", read("show", MEMBER)),
    of("act", read("show", ACT)),
    one("undo", &["id", "space"]),
    of(
        "waiting",
        read(
            "why",
            &[
                "waiting[].what",
                "waiting[].reason",
                "waiting[].rule",
                "waiting[].way_out[]",
                "waiting[].after",
                "waiting[].before",
            ],
        ),
    ),
    of("act", read("why", ACT)),
    one("sync", SYNC),
    one("charter show", CHARTER),
    one("charter words", &["space", "name", "words[]"]),
    one("charter export", EXPORT),
    one("node stats", STATS),
    read("node fingerprint", FINGERPRINT),
    list("node config", &["name", "value", "value[]", "source", "problem"]),
    one("node take", &["member", "name", "space", "left"]),
    list("node peers", &["peer", "names[]", "connected", "addresses[]", "spaces[]"]),
    list("errors", &["code", "kind", "exit", "status", "message", "hint"]),
    one("commands", COMMANDS),
    one("completions", &["script"]),
];
