//! Why a run is not taken.

use ledger::RunError;
use store::{StoreError, WriteId};

/// The rule by which a run is refused. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Its bytes or its signature are wrong: the sender did not verify what it forwards.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Its journal is none of this space, or its genesis is that of another.
    #[error("the run belongs to another space")]
    OtherSpace,
    /// It has what a newer version of this program wrote, or its log waits for such a thing: kept
    /// aside, if by this run and a peer that is in, until this program is updated.
    #[error("the log waits for a newer version of this program")]
    Newer {
        /// The write that keeps it; none where nothing was kept.
        kept: Option<WriteId>,
    },
    /// Entries before it are missing here.
    #[error("the run begins at entry {first}, and this node has {have}")]
    Gap {
        /// The sequence number of its first entry.
        first: u64,
        /// How many entries of the log are here.
        have: u64,
    },
    /// The charter refuses it: who may begin a log, or a past that is not here.
    #[error("the charter refuses it: {0}")]
    Charter(#[from] charter::Refused),
    /// A charter body is not a list of items.
    #[error("a charter entry without a body that can be read")]
    CharterBody,
    /// An entry came without its body. Whoever forwards could else take anybody's bodies away: the
    /// place would be taken by what is left, and receipted (DESIGN 6).
    #[error("an entry without its body")]
    NoBody,
    /// The roll does not know the device, so it may write nothing here.
    #[error("no member has or had this device")]
    UnknownDevice,
    /// The device's log has ended, and this is further past the end than anything may build on.
    #[error("the log ended at entry {end}")]
    PastEnd {
        /// How many of its entries count.
        end: u64,
    },
    /// This home's own log forks, so that it writes nothing more there (DESIGN 5).
    #[error("another home writes with the key of this one")]
    OwnFork,
    /// This home lost an entry of its own, behind which it writes nothing.
    #[error("an entry of this home's own is lost")]
    OwnHole,
    /// It goes on from an entry of another branch, which is not here.
    #[error("it goes on from an entry that is not here, and another one has its place")]
    Fork,
    /// The log has as many branches here as are kept.
    #[error("the log has too many branches")]
    TooManyBranches,
    /// The journal has as many logs as it can.
    #[error("the journal is full of logs")]
    TooManyLogs,
}

impl Refused {
    /// Whether the sender broke the protocol, rather than told an old or disputed truth.
    ///
    /// To lack a body is a fault: no node has an entry without one, and a later version that has
    /// forgotten bodies sends them only to who says in its hello that it takes them, which this
    /// one does not. Not to ban for it would let a peer try again for nothing.
    pub fn is_misbehaviour(&self) -> bool {
        matches!(self, Self::Run(_) | Self::OtherSpace | Self::CharterBody | Self::NoBody)
    }
}

/// Why a run was not taken: its own fault, or the store's.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// A rule refuses it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The store failed; nothing is known of the run.
    #[error(transparent)]
    Store(#[from] StoreError),
}
