//! A signed record: its header, its body unless forgotten, its signature if it was sent with one.

use crate::{
    codec::DecodeError,
    hash::Hash,
    header::{Header, HeaderKind},
    ids::{DeviceId, EntryId, JournalId},
    limits::{BODY_BYTES_MAX, RUN_ENTRIES_MAX, UNSIGNED_BODY_BYTES_MAX},
    sign::{DeviceKey, ENTRY_DOMAIN, Signature, SignatureError},
    time::Timestamp,
};

/// One signed record in a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// What the signature covers; the body is covered by its hash in here.
    pub header: Header,
    /// The hash of the header, by which other entries name this one.
    pub id: EntryId,
    /// The author's signature; none inside a run, where a later one covers this entry too.
    pub signature: Option<Signature>,
    /// What it carries, as it was signed for; none once it is forgotten.
    pub body: Option<Vec<u8>>,
}

/// An entry of which all but length, hash and signature is settled.
#[derive(Clone, Debug)]
pub struct Unsigned {
    /// The journal; [`JournalId::GENESIS`] in the first entry of a space.
    pub journal: JournalId,
    /// The number of the entry in its log, from zero.
    pub seq: u64,
    /// The writer's clock; never lower than the log's last stamp.
    pub stamp: Timestamp,
    /// The hash of the header before it in the log; none at seq 0.
    pub backlink: Option<EntryId>,
    /// What only one journal's headers have: a charter's heads, or the content's epoch.
    pub kind: HeaderKind,
    /// The body: items in the clear in a charter, sealed ones in the content.
    pub body: Vec<u8>,
}

impl Unsigned {
    /// Signs the entry as the next of the log of `key`, and works out its length and hashes.
    pub fn sign(self, key: &DeviceKey) -> Result<Entry, DecodeError> {
        if self.body.len() > BODY_BYTES_MAX {
            return Err(DecodeError::Rule("a body past its limit"));
        }
        let header = Header {
            journal: self.journal,
            device: key.id(),
            seq: self.seq,
            stamp: self.stamp,
            backlink: self.backlink,
            kind: self.kind,
            body_length: self.body.len() as u32,
            body_hash: Hash::of(&self.body),
        };
        header.validate()?;
        let bytes = header.encode();
        let signature = key.sign(ENTRY_DOMAIN, &bytes);
        let id = Hash::of(&bytes).into();
        Ok(Entry { header, id, signature: Some(signature), body: Some(self.body) })
    }
}

impl Entry {
    /// Checks the signature over the header; an entry without one is refused.
    pub fn verify(&self) -> Result<(), SignatureError> {
        let signature = self.signature.ok_or(SignatureError)?;
        signature.verify(&self.header.device, ENTRY_DOMAIN, &self.header.encode())
    }

    /// Whether every node keeps this entry's signature, so that a run can end here: each 64th,
    /// each with a long body, each charter entry. (And each log's newest.)
    pub fn is_anchor(&self) -> bool {
        is_anchor(&self.header)
    }

    /// The author's device, by its public key.
    pub fn device(&self) -> DeviceId {
        self.header.device
    }

    /// The number of the entry in its log, from zero.
    pub fn seq(&self) -> u64 {
        self.header.seq
    }
}

pub(crate) fn is_anchor(header: &Header) -> bool {
    matches!(header.kind, HeaderKind::Charter(_))
        || header.body_length as usize > UNSIGNED_BODY_BYTES_MAX
        || header.seq % RUN_ENTRIES_MAX as u64 == RUN_ENTRIES_MAX as u64 - 1
}

#[cfg(test)]
mod tests;
