//! Keys: a table, a group, a number. Only numbers are ordered; a group is found by equality, so
//! a store may hash it.

/// What kind of value a key names. The numbers stand on the disk and never change; the *kept* ones
/// are below 16.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
#[repr(u8)]
pub enum Table {
    /// Kept: the logs of a journal; number: order of first arrival.
    Logs = 1,
    /// Kept: the entries of one content log; number: seq.
    Entries = 2,
    /// Kept: where logs of a journal branch; number: order of arrival.
    Branches = 3,
    /// Kept: keys, spaces, tickets and other local facts of this home.
    Facts = 4,
    /// Kept: peers met and where, of one space.
    Peers = 5,
    /// Kept: runs from a newer version of this program, of one space; number: any.
    Newer = 6,
    /// Kept: proofs that charter logs fork, of one space; number: the log's first eight bytes.
    Forks = 7,
    /// Kept: who knocked and was not taken in, of one space; number: any.
    Guests = 8,
    /// Kept: answers to recent requests; number: any.
    Requests = 9,
    /// Kept: the entries of a charter; number: order of arrival.
    Charter = 10,
    /// Kept: what is known to be lost of a log or a charter; group and number as the entries had.
    Lost = 11,
    /// Kept: what was told to whoever follows, of one space; number: that of the last notice.
    Told = 12,
    /// Index: where an item stands, by its id.
    Items = 16,
    /// Index: what reading has reached, in one space.
    Reading = 17,
    /// Index: rows of what lists show.
    Rows = 18,
    /// Index: snapshots of documents.
    Documents = 19,
    /// Index: receipts from other nodes.
    Receipts = 21,
    /// Index: what is left of members' shares, in one space; number: any.
    Shares = 22,
}

impl Table {
    /// Every table.
    pub const ALL: &[Self] = &[
        Self::Logs,
        Self::Entries,
        Self::Branches,
        Self::Facts,
        Self::Peers,
        Self::Newer,
        Self::Forks,
        Self::Guests,
        Self::Requests,
        Self::Charter,
        Self::Lost,
        Self::Told,
        Self::Items,
        Self::Reading,
        Self::Rows,
        Self::Documents,
        Self::Receipts,
        Self::Shares,
    ];

    /// The greatest number that a kept one can have.
    pub const KEPT_MAX: u8 = 15;

    /// Whether its values must never be lost.
    pub const fn is_kept(self) -> bool {
        self as u8 <= Self::KEPT_MAX
    }

    /// What is missing where a value of it cannot be read, for a person.
    pub const fn called(self) -> &'static str {
        match self {
            Self::Facts => {
                "both copies of this home's keys: put the home back from where it was copied, or \
                 begin another one and ask a member for a ticket"
            }
            Self::Charter => "a charter entry",
            Self::Entries => "an entry",
            _ => "a note of this home's",
        }
    }

    /// Whether its values are few, and nothing else can be read or told without them: where a disk
    /// is damaged, they are to be there all the same.
    pub const fn is_kept_twice(self) -> bool {
        matches!(
            self,
            Self::Charter | Self::Facts | Self::Logs | Self::Branches | Self::Forks | Self::Told
        )
    }
}

/// A group of keys, at most [`Group::BYTES_MAX`] bytes: ids, or a name and ids.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Group(Vec<u8>);

impl Group {
    /// Bytes of a group: a name and three ids.
    pub const BYTES_MAX: usize = 128;

    /// The group named by `parts`, one after the other; callers give parts of fixed length, and
    /// at most one that is not. Longer than the limit is our own mistake, so it is an assertion.
    pub fn of(parts: &[&[u8]]) -> Self {
        let bytes = parts.concat();
        assert!(bytes.len() <= Self::BYTES_MAX, "a group of {} bytes", bytes.len());
        Self(bytes)
    }

    /// The parts that it was made of, one after the other.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Where a value stands. A store finds it by all three, and scans the numbers of one group.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Key {
    /// What kind of value it is.
    pub table: Table,
    /// Whose it is: the journal, log or space, where there is one table for all.
    pub group: Group,
    /// Its place in the group, like a sequence number; 0 where a group has one value.
    pub number: u64,
}

impl Key {
    /// The key of `number` in a group.
    pub fn new(table: Table, group: Group, number: u64) -> Self {
        Self { table, group, number }
    }
}
