//! The frames of `/groundwork/knock/1`: a newcomer asks in (CHARTER, "Getting in").

use ledger::{Bounded, DecodeError, Run, SpaceId, charter_items::SealedSecret, decode_said};
use minicbor::{Decode, Decoder, Encode};

use crate::{
    frame::{PeerAt, SpaceNewer},
    limits::CONTACTS_MAX,
};

/// Epochs whose secrets one answer seals to a newcomer: those owed (CHARTER 10), mostly one.
const EPOCHS_MAX: usize = 16;

/// What the newcomer sends: entry 0 of their charter log.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct KnockFrame {
    /// The space of the ticket; a contact that does not have it answers as to a stranger.
    #[n(0)]
    pub space: SpaceId,
    /// The knock: a run of one entry, the first of its log.
    #[n(1)]
    pub run: Run,
}

/// What the contact answers, and says again when it changes while the stream stands.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(flat)]
pub enum KnockAnswer {
    /// The knock is on the contact's disk and spreads.
    #[n(0)]
    Received {
        /// Vouches that count so far, as this contact knows.
        #[n(0)]
        vouches: u32,
        /// Vouches that let the newcomer in.
        #[n(1)]
        needed: u32,
        /// Members' nodes that can be asked as well.
        #[n(2)]
        contacts: Bounded<PeerAt, CONTACTS_MAX>,
    },
    /// The newcomer is in.
    #[n(1)]
    In {
        /// The epochs that the newcomer is owed, sealed to them: (epoch, secret).
        #[n(0)]
        boxes: Bounded<(ledger::KeyId, SealedSecret), EPOCHS_MAX>,
        /// Members' nodes to sync with from now on.
        #[n(1)]
        contacts: Bounded<PeerAt, CONTACTS_MAX>,
    },
    /// The ticket is used up, withdrawn or past its date.
    #[n(2)]
    Ended,
    /// What strangers get. It means: ask again later.
    #[n(3)]
    Unknown,
}

impl KnockFrame {
    /// The frame in `bytes`. A knock from a newer version is [`DecodeError::Newer`]: no fault of
    /// whoever knocks, and not to be judged here.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        decode_said(bytes).map_err(|error| match decode_said::<SpaceNewer>(bytes) {
            Ok(_) => DecodeError::Newer,
            Err(_) => error,
        })
    }
}

impl KnockAnswer {
    /// The answer in `bytes`. One of a kind from a newer version is as none: ask again later.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut d = Decoder::new(bytes);
        match d.array()?.map(|_| d.u16()).transpose()? {
            Some(kind) if kind > Self::KIND_MAX => Ok(Self::Unknown),
            _ => decode_said(bytes),
        }
    }

    const KIND_MAX: u16 = 3;
}
