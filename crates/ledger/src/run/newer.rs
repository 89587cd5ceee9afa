//! Runs with headers of a newer version: what every version can check of them, and no more.

use minicbor::{Decode, Decoder, Encode, Encoder, data::Type, decode, encode};

use super::{RunEntry, RunError};
use crate::{
    bounded::{Blob, Bounded},
    codec::{self, DecodeError},
    entry::is_anchor,
    hash::Hash,
    header::Envelope,
    ids::{DeviceId, EntryId, JournalId},
    limits::{BODY_BYTES_MAX, HEADER_BYTES_MAX, INTEGER_MAX, RUN_BYTES_MAX, RUN_ENTRIES_MAX},
    sign::{ENTRY_DOMAIN, Signature},
    time::Timestamp,
};

/// A run of which some header is from a newer version. Such a header travels as it was signed, so
/// that chain, bodies and signature can be checked by who cannot read it: nobody but its author
/// can make one. It is kept as the bytes that came, for a later version of this program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewerRun {
    wire: Wire,
    bytes: Vec<u8>,
}

#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
struct Wire {
    #[n(0)]
    journal: JournalId,
    #[n(1)]
    device: DeviceId,
    #[n(2)]
    first_seq: u64,
    #[n(3)]
    backlink: Option<EntryId>,
    #[n(4)]
    entries: Bounded<Sent, RUN_ENTRIES_MAX>,
    #[n(5)]
    signature: Signature,
}

/// An entry by its parts, as a run of this version has it, or with its header whole.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Sent {
    Parts(RunEntry),
    Whole { header: Blob<HEADER_BYTES_MAX>, body: Blob<BODY_BYTES_MAX> },
}

impl NewerRun {
    /// The run in `bytes`; chain and signature are checked by [`NewerRun::verify`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > RUN_BYTES_MAX {
            return Err(DecodeError::Rule("longer than a run can be"));
        }
        let wire: Wire = codec::decode_said(bytes)?;
        if wire.first_seq > INTEGER_MAX - wire.entries.len() as u64 {
            return Err(DecodeError::Rule("a sequence number past its limit"));
        }
        let mut is_newer = false;
        for sent in &wire.entries {
            let Sent::Whole { header, .. } = sent else { continue };
            if !Envelope::decode(header)?.is_newer {
                return Err(DecodeError::Rule("a header of this version travels by its parts"));
            }
            is_newer = true;
        }
        if !is_newer {
            return Err(DecodeError::Rule("nothing in it is from a newer version"));
        }
        Ok(Self { wire, bytes: bytes.to_vec() })
    }

    /// The bytes that came.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The journal of all of its entries.
    pub fn journal(&self) -> JournalId {
        self.wire.journal
    }

    /// The log of all of them.
    pub fn device(&self) -> DeviceId {
        self.wire.device
    }

    /// The place of the first.
    pub fn first_seq(&self) -> u64 {
        self.wire.first_seq
    }

    /// The header before the first; none at seq 0.
    pub fn backlink(&self) -> Option<EntryId> {
        self.wire.backlink
    }

    /// The place of the first whose header is from a newer version.
    pub fn newer_seq(&self) -> u64 {
        let before = self.wire.entries.iter().take_while(|sent| matches!(sent, Sent::Parts(_)));
        self.wire.first_seq + before.count() as u64
    }

    /// Whether no entry lacks its body.
    pub fn has_bodies(&self) -> bool {
        let lacks = |sent: &Sent| matches!(sent, Sent::Parts(entry) if entry.body.is_none());
        !self.wire.entries.iter().any(lacks)
    }

    /// Checks that the entries are chained, have the bodies that their headers say and are covered
    /// by the signature. Gives their ids.
    pub fn verify(&self) -> Result<Vec<EntryId>, RunError> {
        let Wire { journal, device, first_seq, entries, signature, .. } = &self.wire;
        let mut backlink = self.wire.backlink;
        let (mut ids, mut last) = (Vec::new(), Vec::new());
        // An entry behind one whose header is whole is written as the first of a run.
        let (mut stamp, mut key) = (Timestamp::default(), None);
        for (seq, sent) in (*first_seq..).zip(entries) {
            last = match sent {
                Sent::Parts(entry) => {
                    let entry = entry.clone();
                    let entry = entry.open(*journal, *device, seq, backlink, stamp, &mut key)?;
                    if is_anchor(&entry.header) && ids.len() + 1 < entries.len() {
                        let rule = "a run ends at its first kept signature";
                        return Err(DecodeError::Rule(rule).into());
                    }
                    stamp = entry.header.stamp;
                    entry.header.encode()
                }
                Sent::Whole { header, body } => {
                    let envelope = Envelope::decode(header)?;
                    if (envelope.journal, envelope.device) != (*journal, *device)
                        || (envelope.seq, envelope.backlink) != (seq, backlink)
                    {
                        return Err(DecodeError::Rule("a header of another place").into());
                    }
                    if (envelope.body_length as usize, envelope.body_hash)
                        != (body.len(), Hash::of(body))
                    {
                        return Err(DecodeError::Rule("another body than its header says").into());
                    }
                    (stamp, key) = (Timestamp::default(), None);
                    header.to_vec()
                }
            };
            let id = EntryId::from(Hash::of(&last));
            backlink = Some(id);
            ids.push(id);
        }
        signature.verify(device, ENTRY_DOMAIN, &last)?;
        Ok(ids)
    }
}

impl<C> Encode<C> for NewerRun {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.writer_mut().write_all(&self.bytes).map_err(encode::Error::write)
    }
}

impl<'b, C> Decode<'b, C> for NewerRun {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let start = d.position();
        d.skip()?;
        let bytes = &d.input()[start..d.position()];
        Self::decode(bytes).map_err(|_| decode::Error::message("no run of a newer version"))
    }
}

impl<C> Encode<C> for Sent {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        match self {
            Self::Parts(entry) => entry.encode(e, ctx),
            Self::Whole { header, body } => {
                e.array(2)?;
                header.encode(e, ctx)?;
                body.encode(e, ctx)
            }
        }
    }
}

impl<'b, C> Decode<'b, C> for Sent {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        let mut ahead = d.clone();
        let length = ahead.array()?;
        if ahead.datatype()? != Type::Bytes {
            return RunEntry::decode(d, ctx).map(Self::Parts);
        }
        if length != Some(2) {
            return Err(decode::Error::message("an entry whose header is whole has a body"));
        }
        *d = ahead;
        Ok(Self::Whole { header: Blob::decode(d, ctx)?, body: Blob::decode(d, ctx)? })
    }
}

#[cfg(any(test, feature = "hand-made-newer"))]
mod by_hand;
#[cfg(test)]
mod tests;
