//! Why an edit is void.

use minicbor::{Decode, Encode};

/// The rule by which an edit is void, on every node alike.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, thiserror::Error, Encode, Decode,
)]
#[cbor(index_only)]
pub enum EditRule {
    /// It makes a document and builds on something, or changes one and does not say on what.
    #[error("it says wrongly what it makes or what it builds on")]
    #[n(0)]
    Shape,
    /// It is an edit of another document.
    #[error("it belongs to another document")]
    #[n(1)]
    OtherDocument,
    /// One of its heads is no edit of this document.
    #[error("it builds on something that is no edit of this document")]
    #[n(2)]
    ForeignHead,
    /// An operation names an object that is not in what the edit builds on.
    #[error("it changes something that its author did not have")]
    #[n(3)]
    UnknownObject,
    /// An operation does not fit its object: a field of a list, a position of a map.
    #[error("it treats something as what it is not")]
    #[n(4)]
    WrongType,
    /// A position past the end.
    #[error("it changes a place past the end of a list or a text")]
    #[n(5)]
    OutOfRange,
    /// An increment of something that is no counter, or not only one.
    #[error("it adds to something that is no counter")]
    #[n(6)]
    NoCounter,
    /// A counter or a step greater than can be added up safely.
    #[error("it counts in greater steps than a counter takes")]
    #[n(7)]
    CounterStep,
    /// Objects nested too deeply.
    #[error("it nests things too deeply")]
    #[n(8)]
    TooDeep,
    /// What its author may change in one document is used up.
    #[error("its author has changed this document as much as one person can")]
    #[n(9)]
    Full,
    /// Automerge did not take it.
    #[error("it cannot be merged")]
    #[n(10)]
    Unmergeable,
}

impl EditRule {
    /// The rule's name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Shape => "edit-shape",
            Self::OtherDocument => "edit-other-document",
            Self::ForeignHead => "edit-foreign-head",
            Self::UnknownObject => "edit-unknown-object",
            Self::WrongType => "edit-wrong-type",
            Self::OutOfRange => "edit-out-of-range",
            Self::NoCounter => "edit-no-counter",
            Self::CounterStep => "edit-counter-step",
            Self::TooDeep => "edit-too-deep",
            Self::Full => "edit-full",
            Self::Unmergeable => "edit-unmergeable",
        }
    }
}
