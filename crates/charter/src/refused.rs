//! Why an entry is not taken into a charter.

/// The rule by which an entry is refused (DESIGN 5, "Who may begin a log" and "Forks"). Each but
/// [`Refused::Past`] is a function of the entry and its own past: the same everywhere, for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The first entry of a charter is its genesis, and no other is.
    #[error("a charter begins with a genesis and a rekey, of version 1")]
    Genesis,
    /// It does not follow an entry of its own log, or names its own log as another.
    #[error("it does not follow an entry of its own log")]
    Order,
    /// An entry that it names is not here.
    #[error("its past is not here")]
    Past,
    /// A log begins with the genesis, with a knock by somebody who has a ticket, or by a device
    /// that an item in its past adds.
    #[error("nothing in its past lets this device begin a log")]
    Begins,
    /// After a knock and its card a log goes on once the admission is in its past: else a ticket
    /// would be enough to fill everyone's disk.
    #[error("its device is not in yet, by its past")]
    GoesOn,
    /// It names somebody's knock and does not propose to let them in: only that takes a guest in.
    #[error("it names a knock and does not propose to admit it")]
    Guest,
    /// It takes in one more by a past in which there are as many logs as a charter takes in.
    #[error("the charter has as many logs as it can take in")]
    Full,
    /// It names, or follows, something behind a place at which its own past has two entries of one
    /// device. So nobody names two branches of another.
    #[error("it builds on a branch of a log that its own past shows to fork")]
    BehindStem,
}
