//! Deliberate bugs, so that tests can show that they would find them.
//!
//! They exist under the feature `sabotage` alone, which only the tests of the whole ask for: a
//! program that is shipped has neither the switch nor the bugs. `sabotaged!` is `false` there,
//! and what it names is not compiled.

/// A deliberate bug. Each is there for one checker of the simulator, which must find it.
#[cfg(feature = "sabotage")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sabotage {
    /// Receipts leave before their write is on the disk.
    ReceiptBeforeFlush,
    /// Own entries leave before their write is on the disk.
    OwnEntryBeforeFlush,
    /// Answers leave before their write is on the disk.
    AnswerBeforeFlush,
    /// Now and then a command is answered and its entry is not written.
    AnsweredNotWritten,
    /// A knock is answered and not kept.
    KnockNotKept,
    /// Which space is meant where none is said is answered and not kept.
    UseNotKept,
    /// Everyone who knows a space's id is treated as a member of it.
    MembershipNotJudged,
    /// Who gives a need back is shown as claiming it, on every node alike.
    ReleaseIsClaim,
    /// Of the fields that one edit changes only the first is written.
    SecondFieldLost,
    /// A node shows its own person's posts as nobody's.
    OwnPostsUnnamed,
    /// A node says of itself what every other one says, whatever it has.
    FingerprintBlind,
    /// A list does not tell what is not read yet.
    UnreadHidden,
    /// Who had what a fork would lose lets go of it, and does not name it.
    NothingNamed,
    /// Charters that differ are not compared by their heads.
    ChartersNotCompared,
    /// Where the branches of a content log end makes no difference.
    BranchesNotCompared,
    /// Whoever knocks is proposed at once, so that any holder of a ticket writes in the charter.
    KnocksProposed,
    /// A feed stands in the order in which it came to each node.
    FeedAsItCame,
    /// All of a space is read again for each entry that comes.
    AllReadAgain,
}

/// Whether a configuration asks for a deliberate bug.
#[cfg(feature = "sabotage")]
macro_rules! sabotaged {
    ($config:expr, $bug:ident) => {
        $config.sabotage == Some($crate::sabotage::Sabotage::$bug)
    };
}

/// No program without the feature has a deliberate bug.
#[cfg(not(feature = "sabotage"))]
macro_rules! sabotaged {
    ($config:expr, $bug:ident) => {{
        let _ = &$config;
        false
    }};
}

pub(crate) use sabotaged;
