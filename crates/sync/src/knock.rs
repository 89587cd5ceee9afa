//! The frames of `/groundwork/knock/1`: a newcomer asks in (CHARTER, "Getting in").

use ledger::{
    Bounded, DecodeError, DeviceId, Entry, EntryId, HeaderKind, NewerRun, Run, RunError,
    SignatureError, SpaceId,
    charter_items::{Card, CharterBody, CharterItem, Knock, SealedSecret},
    decode_said,
};
use minicbor::{Decode, Decoder, Encode};

use crate::{
    frame::PeerAt,
    limits::{CONTACTS_MAX, EPOCHS_MAX},
};

/// What the newcomer sends: entries 0 and 1 of their charter log, which are all of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct KnockFrame {
    /// The space of the ticket; a contact that does not have it answers as to a stranger.
    #[n(0)]
    pub space: SpaceId,
    /// The knock: a run of one entry, the first of its log.
    #[n(1)]
    pub knock: Run,
    /// The card, a run of one entry: each charter entry is an anchor, so that one run has no two.
    #[n(2)]
    pub card: Run,
}

/// A newcomer's two entries, whose signatures hold. Whether the ticket is one is not asked here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Knocking {
    /// The knock's entry: the member that the newcomer will be.
    pub id: EntryId,
    /// The newcomer's device.
    pub device: DeviceId,
    /// What the newcomer says: on which invite, which charter entry they know, their name, and the
    /// signature of the ticket's key, which is not verified yet.
    pub knock: Knock,
    /// The card, which the node that it names has signed.
    pub card: Card,
}

/// Why a knock frame is none.
#[derive(Debug, thiserror::Error)]
pub enum KnockError {
    /// One of its runs does not open.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The first run is not a log's first entry in this space, or more or less than a knock.
    #[error("a log begins with a knock and nothing else")]
    Knock,
    /// The second run does not follow the first, or is more or less than a card.
    #[error("a card and nothing else follows the knock")]
    Card,
    /// The node that the card names has not signed it.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

/// A knock frame of which one run at least is from a newer version.
#[derive(Encode, Decode)]
struct Newer<K, C> {
    #[n(0)]
    space: SpaceId,
    #[n(1)]
    knock: K,
    #[n(2)]
    card: C,
}

impl KnockFrame {
    /// The frame in `bytes`. A knock or a card from a newer version is [`DecodeError::Newer`]: no
    /// fault of whoever knocks, and not to be judged here.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        decode_said(bytes).map_err(|error| {
            let is_newer = decode_said::<Newer<NewerRun, Run>>(bytes).is_ok()
                || decode_said::<Newer<Run, NewerRun>>(bytes).is_ok()
                || decode_said::<Newer<NewerRun, NewerRun>>(bytes).is_ok();
            if is_newer { DecodeError::Newer } else { error }
        })
    }

    /// The knock and the card in it, if they are those that begin one log.
    pub fn open(&self) -> Result<Knocking, KnockError> {
        let (first, body) = self.open_entry(&self.knock)?.ok_or(KnockError::Knock)?;
        let knock = match &*body {
            [CharterItem::Knock(knock)] if first.seq() == 0 => knock.clone(),
            _ => return Err(KnockError::Knock),
        };
        let (second, body) = self.open_entry(&self.card)?.ok_or(KnockError::Card)?;
        // A newcomer has seen one entry, and the knock names it: the card has no heads.
        let alone = matches!(&second.header.kind, HeaderKind::Charter(heads) if heads.is_empty());
        let follows = second.header.backlink == Some(first.id) && second.seq() == 1;
        let card =
            Card::alone_in(&body).filter(|_| alone && follows && second.device() == first.device());
        let card = card.ok_or(KnockError::Card)?;
        card.verify(&self.space, &first.device())?;
        Ok(Knocking { id: first.id, device: first.device(), knock, card: card.clone() })
    }

    /// The entry of a run of one, if it is of this space's charter.
    fn open_entry(&self, run: &Run) -> Result<Option<(Entry, CharterBody)>, RunError> {
        let ours = run.journal == self.space.charter_journal();
        let entries = run.clone().open()?;
        let [entry] = entries.as_slice() else { return Ok(None) };
        let body = entry.body.as_deref().and_then(|body| ledger::decode(body).ok());
        Ok(body.filter(|_| ours).map(|body| (entry.clone(), body)))
    }
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
        /// Members' nodes that can be asked as well; this program names none to who is not in.
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
