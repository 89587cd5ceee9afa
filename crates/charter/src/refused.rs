//! Why an entry is not taken into a charter.

/// The rule by which an entry is refused (DESIGN 5, "Who may begin a log").
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The first entry of a charter is its genesis, and no other is.
    #[error("a charter begins with a genesis and a rekey, of version 1")]
    Genesis,
    /// It does not follow the last entry of its log.
    #[error("it does not follow the last entry of its log")]
    Order,
    /// An entry that it names as a head is not here.
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
}
