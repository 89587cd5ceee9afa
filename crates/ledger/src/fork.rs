//! The proof of a fork: two entries of one device at one place (DESIGN 5).

use minicbor::{Decode, Encode};

use crate::{
    codec::DecodeError,
    entry::Entry,
    header::Header,
    ids::{DeviceId, EntryId, JournalId},
    sign::{ENTRY_DOMAIN, Signature, SignatureError},
};

/// One signed header, as it was signed; the body is not needed to prove anything.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SignedHeader {
    /// The header's one encoding.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub header: Vec<u8>,
    /// Its author's signature over it.
    #[n(1)]
    pub signature: Signature,
}

/// Two different entries that one device signed at one place of its log: whoever has them knows
/// that there are two homes with its key. There is no other way to make one than from two headers
/// whose signatures hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForkProof {
    headers: [SignedHeader; 2],
    ids: [EntryId; 2],
    journals: [JournalId; 2],
    device: DeviceId,
    seq: u64,
}

/// Why two headers prove nothing.
#[derive(Debug, thiserror::Error)]
pub enum ForkError {
    /// The bytes are no header.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A signature does not hold.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// They are the same, or of two devices, or at two places.
    #[error("two headers that can stand beside each other")]
    NoFork,
}

impl ForkProof {
    /// The proof that two signed headers are, in either order.
    pub fn open(one: SignedHeader, other: SignedHeader) -> Result<Self, ForkError> {
        let read = |signed: &SignedHeader| {
            let header = Header::decode(&signed.header)?;
            signed.signature.verify(&header.device, ENTRY_DOMAIN, &signed.header)?;
            Ok::<_, ForkError>(header)
        };
        let (first, second) = (read(&one)?, read(&other)?);
        let (mut headers, mut ids) = ([one, other], [first.id(), second.id()]);
        let mut journals = [first.journal, second.journal];
        if first.device != second.device || first.seq != second.seq || ids[0] == ids[1] {
            return Err(ForkError::NoFork);
        }
        if ids[0] > ids[1] {
            headers.reverse();
            ids.reverse();
            journals.reverse();
        }
        Ok(Self { headers, ids, journals, device: first.device, seq: first.seq })
    }

    /// The proof that two entries are. Each has to have its signature, as those of a charter have.
    pub fn of(one: &Entry, other: &Entry) -> Result<Self, ForkError> {
        let signed = |entry: &Entry| {
            let signature = entry.signature.ok_or(SignatureError)?;
            Ok::<_, ForkError>(SignedHeader { header: entry.header.encode(), signature })
        };
        Self::open(signed(one)?, signed(other)?)
    }

    /// Whose log forks.
    pub fn device(&self) -> DeviceId {
        self.device
    }

    /// The place of both entries: so many entries the branches share at most.
    pub fn stem(&self) -> u64 {
        self.seq
    }

    /// The journal that each names; a genesis names zeros.
    pub fn journals(&self) -> [JournalId; 2] {
        self.journals
    }

    /// The two entries, ascending.
    pub fn ids(&self) -> [EntryId; 2] {
        self.ids
    }

    /// The two headers, by the ids of their entries, as they travel and are stored.
    pub fn headers(&self) -> &[SignedHeader; 2] {
        &self.headers
    }
}

#[cfg(test)]
mod tests;
