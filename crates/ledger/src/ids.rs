//! Ids by what they name. All are 32 bytes but a PeerId.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::{
    bounded::Blob,
    hash::{Hash, tagged},
    limits::PEER_ID_BYTES_MAX,
};

macro_rules! id {
    ($(#[$doc:meta] $name:ident)*) => {$(
        #[$doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Encode, Decode)]
        #[cbor(transparent)]
        pub struct $name(Hash);

        impl $name {
            /// An id that was read, or worked out before: nothing is hashed here.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(Hash::from_bytes(bytes))
            }

            /// Its 32 bytes, by which ids are ordered.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                self.0.as_bytes()
            }
        }

        impl From<Hash> for $name {
            fn from(hash: Hash) -> Self {
                Self(hash)
            }
        }
    )*};
}

id! {
    /// A space: the hash of its genesis header, and the id of its charter journal.
    SpaceId
    /// A journal: a space's charter or its content. Zeros in a genesis header.
    JournalId
    /// An entry: the hash of its header.
    EntryId
    /// An item of a body (an act, a word, a document, an invite): hash of (entry, item index).
    ItemId
    /// A member: the hash of the genesis or of their first knock.
    MemberId
    /// A device: its ed25519 public key.
    DeviceId
    /// An epoch: the hash of its secret under a domain.
    KeyId
    /// An X25519 public key to which secrets are sealed.
    SealKey
}

impl SpaceId {
    /// The id of the space's charter journal: its own bytes.
    pub const fn charter_journal(self) -> JournalId {
        JournalId(self.0)
    }

    /// The id of the space's content journal: its own hash under a domain.
    pub fn content_journal(self) -> JournalId {
        JournalId(tagged("groundwork 1 content journal", &[self.as_bytes()]))
    }
}

impl JournalId {
    /// What a genesis header names: its own hash will be the id.
    pub const GENESIS: Self = Self::from_bytes([0; 32]);
}

impl From<EntryId> for SpaceId {
    fn from(genesis: EntryId) -> Self {
        Self(genesis.0)
    }
}

impl From<EntryId> for MemberId {
    fn from(first: EntryId) -> Self {
        Self(first.0)
    }
}

impl From<MemberId> for EntryId {
    fn from(member: MemberId) -> Self {
        Self(member.0)
    }
}

impl ItemId {
    /// The id of item `index` of `entry`.
    pub fn of(entry: &EntryId, index: u16) -> Self {
        Self(tagged("groundwork 1 item", &[entry.as_bytes(), &index.to_be_bytes()]))
    }
}

/// An item named by an item: elsewhere by its id, in the same body by its index, because an
/// entry's hash is not known inside it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum ItemRef {
    /// An item of another entry.
    Id(ItemId),
    /// The item with this index of the same body.
    Here(u16),
}

impl ItemRef {
    /// The id that this names when it stands in `entry`.
    pub fn resolve(&self, entry: &EntryId) -> ItemId {
        match self {
            Self::Id(id) => *id,
            Self::Here(index) => ItemId::of(entry, *index),
        }
    }
}

impl<C> Encode<C> for ItemRef {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        match self {
            Self::Id(id) => id.encode(e, ctx),
            Self::Here(index) => e.u16(*index)?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for ItemRef {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        match d.datatype()? {
            minicbor::data::Type::Bytes => ItemId::decode(d, ctx).map(Self::Id),
            _ => d.u16().map(Self::Here),
        }
    }
}

/// A libp2p PeerId, as bytes: what the network sees of a home.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(transparent)]
pub struct PeerId(Blob<PEER_ID_BYTES_MAX>);

impl PeerId {
    /// The PeerId with these bytes, if they fit.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, crate::TooLong> {
        Blob::try_from(bytes).map(Self)
    }

    /// Its bytes, a multihash as libp2p has it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Blob<PEER_ID_BYTES_MAX>> for PeerId {
    fn from(bytes: Blob<PEER_ID_BYTES_MAX>) -> Self {
        Self(bytes)
    }
}
