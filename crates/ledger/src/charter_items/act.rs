//! The acts that can be proposed (CHARTER, "Acts").

use minicbor::{Decode, Encode};

use super::{End, Fraction, SealedText};
use crate::{
    bounded::Bounded,
    ids::{EntryId, ItemId, MemberId, PeerId, SpaceId},
    items::item_kinds,
    limits::NAMED_MAX,
    time::Timestamp,
};

item_kinds! {
    /// What a proposal proposes.
    Act {
        /// Lets a newcomer in.
        0 Admit(Admit),
        /// Removes members. Grave.
        1 Remove(Remove),
        /// Takes a member back with a new device. Grave.
        2 Readmit(Readmit),
        /// Puts silent members to rest. Grave.
        3 Rest(Rest),
        /// Sets what passes with how many. Grave.
        4 Thresholds(Thresholds),
        /// Ends a hold. Grave.
        5 Judge(Judge),
        /// Gives a mandate.
        6 Mandate(Box<Mandate>),
        /// Takes a mandate back.
        7 Recall(Recall),
        /// Joins a federation.
        8 Federate(Federate),
        /// Leaves a federation.
        9 Unfederate(Unfederate),
        /// Refers a question to the collectives.
        10 Refer(Refer),
        /// A collective ratifies.
        11 Ratify(Ratify),
        /// Lets a mirror store and forward.
        12 Mirror(Mirror),
        /// Forgets a document whole.
        13 ForgetDocument(ForgetDocument),
        /// Raises the charter version.
        14 Version(VersionAct),
    }
}

impl Act {
    /// The kind, as it is said.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Admit(_) => "admit",
            Self::Remove(_) => "remove",
            Self::Readmit(_) => "readmit",
            Self::Rest(_) => "rest",
            Self::Thresholds(_) => "thresholds",
            Self::Judge(_) => "judge",
            Self::Mandate(_) => "mandate",
            Self::Recall(_) => "recall",
            Self::Federate(_) => "federate",
            Self::Unfederate(_) => "unfederate",
            Self::Refer(_) => "refer",
            Self::Ratify(_) => "ratify",
            Self::Mirror(_) => "mirror",
            Self::ForgetDocument(_) => "forget-document",
            Self::Version(_) => "version",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// Lets a newcomer in, in two steps.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Admit {
    /// The newcomer's knock, in the past of the proposal.
    #[n(0)]
    pub knock: EntryId,
}

/// One member's removal.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Removal {
    /// The member to be removed, who must be one in the proposal's past.
    #[n(0)]
    pub member: MemberId,
    /// Where their logs end, as the proposer knew them.
    #[n(1)]
    pub ends: Bounded<End, NAMED_MAX>,
}

/// Removes members.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Remove {
    /// Those to be removed, all of them or none.
    #[n(0)]
    pub members: Bounded<Removal, NAMED_MAX>,
}

/// Takes a member back with the device of a new knock.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Readmit {
    /// The member who comes back: removed, or with a lost device.
    #[n(0)]
    pub member: MemberId,
    /// Their knock, in the past of the proposal.
    #[n(1)]
    pub knock: EntryId,
}

/// Puts silent members to rest.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Rest {
    /// The silent ones. Any entry of theirs that nodes do not write by themselves ends it.
    #[n(0)]
    pub members: Bounded<MemberId, NAMED_MAX>,
}

/// What passes with how many (CHARTER 5).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Thresholds {
    /// What acts need that touch who decides.
    #[n(0)]
    pub grave: Fraction,
    /// What all other acts need, but for admissions, which have steps of their own.
    #[n(1)]
    pub other: Fraction,
}

/// Says of acts that passed whether they count.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Judge {
    /// Acts that passed, and that some nodes hold.
    #[n(0)]
    pub acts: Bounded<ItemId, NAMED_MAX>,
    /// True lets them count everywhere, false nowhere; of both, nowhere.
    #[n(1)]
    pub counts: bool,
}

/// How a holder answers one question.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Guidance {
    /// Says yes.
    #[n(0)]
    For,
    /// Says no.
    #[n(1)]
    Against,
    /// Takes part and says neither.
    #[n(2)]
    Abstain,
    /// As the holder sees fit within the scope.
    #[n(3)]
    FreeWithin,
    /// Ask those who gave the mandate.
    #[n(4)]
    ReferBack,
}

/// The instruction for one question.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Instruction {
    /// The item that asks.
    #[n(0)]
    pub question: ItemId,
    /// How the holder is to answer it.
    #[n(1)]
    pub guidance: Guidance,
}

/// Gives a mandate (CHARTER 11).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Mandate {
    /// The member who speaks by it.
    #[n(0)]
    pub holder: MemberId,
    /// What it is for, in words.
    #[n(1)]
    pub scope: SealedText,
    /// The instruction for each question.
    #[n(2)]
    pub instructions: Bounded<Instruction, NAMED_MAX>,
    /// Before this no ballot by it counts.
    #[n(3)]
    pub start: Timestamp,
    /// After this no ballot by it counts; a year after the start at most.
    #[n(4)]
    pub end: Timestamp,
    /// When a report is due.
    #[n(5)]
    pub report_due: Timestamp,
    /// The federation in which it speaks; none for the space itself.
    #[n(6)]
    pub federation: Option<SpaceId>,
    /// Which fraction of today's electorate recalls it; more than half if none.
    #[n(7)]
    pub recall: Option<Fraction>,
}

/// Takes a mandate back.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Recall {
    /// The act that gave the mandate that ends.
    #[n(0)]
    pub mandate: ItemId,
}

/// Joins a federation.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Federate {
    /// The federation's space, which has to admit the collective too.
    #[n(0)]
    pub federation: SpaceId,
}

/// Leaves a federation.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Unfederate {
    /// The federation's space.
    #[n(0)]
    pub federation: SpaceId,
}

/// Refers a question to the collectives.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Refer {
    /// The act that waits for them.
    #[n(0)]
    pub act: ItemId,
    /// How many must ratify; more than half if none.
    #[n(1)]
    pub collectives: Option<u32>,
}

/// A collective ratifies what a federation referred.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Ratify {
    /// The space of the federation that referred the act.
    #[n(0)]
    pub federation: SpaceId,
    /// The referred act.
    #[n(1)]
    pub act: ItemId,
}

/// Lets a mirror store and forward what it cannot read.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Mirror {
    /// The PeerId of the node that may.
    #[n(0)]
    pub peer: PeerId,
    /// Bytes that it may keep of this space.
    #[n(1)]
    pub quota_bytes: u64,
    /// From then on it may keep nothing, and is sent nothing.
    #[n(2)]
    pub end: Timestamp,
}

/// Forgets a document whole.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct ForgetDocument {
    /// The document, whose entries lose their bodies on every node.
    #[n(0)]
    pub document: ItemId,
}

/// Raises the charter version.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct VersionAct {
    /// The version from then on, above the one before.
    #[n(0)]
    pub version: u32,
}
