//! Runs: consecutive entries of one log, of which the last is signed (DESIGN 5).

mod newer;

pub use newer::NewerRun;

use minicbor::{Decode, Encode};

use crate::{
    bounded::{Blob, Bounded},
    codec::{self, DecodeError},
    entry::Entry,
    hash::Hash,
    header::{Header, HeaderKind},
    ids::{DeviceId, EntryId, JournalId, KeyId},
    limits::{BODY_BYTES_MAX, HEADS_MAX, INTEGER_MAX, RUN_BYTES_MAX, RUN_ENTRIES_MAX},
    sign::{Signature, SignatureError},
    time::Timestamp,
};

/// Consecutive entries of one log as they travel: what can be worked out is not sent.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Run {
    /// The journal of all of them; [`JournalId::GENESIS`] where the first is a genesis.
    #[n(0)]
    pub journal: JournalId,
    /// The log of all of them.
    #[n(1)]
    pub device: DeviceId,
    /// The number of the first entry in its log, from zero.
    #[n(2)]
    pub first_seq: u64,
    /// The header before the first; none at seq 0.
    #[n(3)]
    pub backlink: Option<EntryId>,
    /// The entries, at least one; all but the last are no anchors.
    #[n(4)]
    pub entries: Bounded<RunEntry, RUN_ENTRIES_MAX>,
    /// The signature of the last, which by the backlinks covers all before it.
    #[n(5)]
    pub signature: Signature,
}

/// One entry inside a run.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct RunEntry {
    /// Milliseconds since the entry before it, since 1970 for the first.
    #[n(0)]
    pub stamp_delta: i64,
    /// A charter entry's heads; none in the content.
    #[n(1)]
    pub heads: Option<Bounded<EntryId, HEADS_MAX>>,
    /// A content entry's key, where it differs from the one before it in the run.
    #[n(2)]
    pub key: Option<KeyId>,
    /// What the entry carries; none where it is forgotten.
    #[n(3)]
    pub body: Option<Blob<BODY_BYTES_MAX>>,
    /// Length and hash of a forgotten body; none where it is here.
    #[n(4)]
    pub forgotten: Option<Forgotten>,
}

/// What stays of a forgotten body, so that the chain still verifies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Forgotten {
    /// Bytes that the body had.
    #[n(0)]
    pub length: u32,
    /// The hash of the body, which its header has.
    #[n(1)]
    pub hash: Hash,
}

/// Why a run is refused.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The bytes are no run.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The last entry's signature does not hold, so nothing in the run is its author's.
    #[error(transparent)]
    Signature(#[from] SignatureError),
}

impl Run {
    /// The run of `entries`, which must follow each other in one log and end signed.
    pub fn of(entries: &[Entry]) -> Result<Self, DecodeError> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
            return Err(DecodeError::Rule("a run has at least one entry"));
        };
        let signature = last.signature.ok_or(DecodeError::Rule("a run ends signed"))?;
        let (mut wire, mut stamp, mut key) = (Vec::new(), Timestamp::default(), None);
        for entry in entries {
            wire.push(RunEntry::of(entry, stamp, &mut key)?);
            stamp = entry.header.stamp;
        }
        let entries =
            wire.try_into().map_err(|_| DecodeError::Rule("a run has at most 64 entries"))?;
        let Header { journal, device, seq, backlink, .. } = first.header;
        Ok(Self { journal, device, first_seq: seq, backlink, entries, signature })
    }

    /// Its one encoding, as it stands in a frame.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// The run in `bytes`; its signature is checked by [`Run::open`]. One with headers of a newer
    /// version is a [`NewerRun`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > RUN_BYTES_MAX {
            return Err(DecodeError::Rule("longer than a run can be"));
        }
        codec::decode(bytes).map_err(|error| match NewerRun::decode(bytes) {
            Ok(_) => DecodeError::Newer,
            Err(_) => error,
        })
    }

    /// The entries with their headers worked out, chained and covered by the signature, which is
    /// left on the last. Whether they follow what a node has is the replica's to judge.
    pub fn open(self) -> Result<Vec<Entry>, RunError> {
        let count = self.entries.len() as u64;
        if count == 0 {
            return Err(DecodeError::Rule("a run has at least one entry").into());
        }
        if self.first_seq > INTEGER_MAX - count {
            return Err(DecodeError::Rule("a sequence number past its limit").into());
        }
        let (journal, device) = (self.journal, self.device);
        let (mut opened, mut key) = (Vec::<Entry>::new(), None);
        for (seq, wire) in (self.first_seq..).zip(self.entries) {
            let (backlink, stamp) = match opened.last() {
                None => (self.backlink, Timestamp::default()),
                Some(last) if last.is_anchor() => {
                    return Err(DecodeError::Rule("a run ends at its first kept signature").into());
                }
                Some(last) => (Some(last.id), last.header.stamp),
            };
            opened.push(wire.open(journal, device, seq, backlink, stamp, &mut key)?);
        }
        if let Some(last) = opened.last_mut() {
            last.signature = Some(self.signature);
            last.verify()?;
        }
        Ok(opened)
    }
}

impl RunEntry {
    fn of(entry: &Entry, before: Timestamp, key: &mut Option<KeyId>) -> Result<Self, DecodeError> {
        let header = &entry.header;
        let (heads, named) = match &header.kind {
            HeaderKind::Charter(heads) => (Some(heads.clone()), None),
            HeaderKind::Content(id) if *key == Some(*id) => (None, None),
            HeaderKind::Content(id) => (None, Some(*id)),
        };
        *key = named.or(*key);
        let forgotten = Forgotten { length: header.body_length, hash: header.body_hash };
        let body = entry.body.clone().map(Blob::try_from).transpose();
        let body = body.map_err(|_| DecodeError::Rule("a body past its limit"))?;
        Ok(Self {
            stamp_delta: header.stamp.as_ms() as i64 - before.as_ms() as i64,
            heads,
            key: named,
            forgotten: body.is_none().then_some(forgotten),
            body,
        })
    }

    fn open(
        self,
        journal: JournalId,
        device: DeviceId,
        seq: u64,
        backlink: Option<EntryId>,
        before: Timestamp,
        key: &mut Option<KeyId>,
    ) -> Result<Entry, DecodeError> {
        let ms = (before.as_ms() as i64).checked_add(self.stamp_delta);
        let stamp = match ms.and_then(|ms| u64::try_from(ms).ok()) {
            Some(ms) if ms <= INTEGER_MAX => Timestamp::from_ms(ms),
            _ => return Err(DecodeError::Rule("a stamp past its limit")),
        };
        let kind = match (self.heads, self.key, *key) {
            (Some(heads), None, None) => HeaderKind::Charter(heads),
            (None, Some(named), current) if current != Some(named) => {
                *key = Some(named);
                HeaderKind::Content(named)
            }
            (None, None, Some(current)) => HeaderKind::Content(current),
            _ => return Err(DecodeError::Rule("heads, or a key where it changes")),
        };
        let (body, body_length, body_hash) = match (self.body, self.forgotten) {
            (Some(body), None) => {
                let hash = Hash::of(&body);
                (Some(body.to_vec()), body.len() as u32, hash)
            }
            (None, Some(gone)) => (None, gone.length, gone.hash),
            _ => return Err(DecodeError::Rule("either a body or what stays of one")),
        };
        let header = Header { journal, device, seq, stamp, backlink, kind, body_length, body_hash };
        header.validate()?;
        Ok(Entry { id: header.id(), header, signature: None, body })
    }
}

#[cfg(test)]
mod tests;
