//! What a charter entry can say: ids, enums, numbers, dates and keys (CHARTER 1 to 13).
//!
//! Free text is encrypted under the text key before it stands here; names never do. What an item
//! does is the charter crate's to judge; here is only its shape.

mod act;
mod card;

use minicbor::{Decode, Encode};

pub use act::{
    Act, Admit, Federate, ForgetDocument, Guidance, Instruction, Judge, Mandate, Mirror, Ratify,
    Readmit, Recall, Refer, Removal, Remove, Rest, Thresholds, Unfederate, VersionAct,
};
pub use card::Card;

use crate::{
    bounded::{Blob, Bounded, Text},
    ids::{DeviceId, EntryId, ItemId, ItemRef, KeyId, SpaceId},
    items::{Body, item_kinds},
    limits::{HEADER_BYTES_MAX, NAMED_MAX, SEALED_BYTES_MAX, TAG_BYTES_MAX},
    sign::{DeviceKey, Signature, SignatureError},
    time::Timestamp,
};

/// The items of one charter entry.
pub type CharterBody = Body<CharterItem>;

/// Text encrypted under an epoch's text key.
pub type SealedText = Blob<SEALED_BYTES_MAX>;

item_kinds! {
    /// One item of a charter entry.
    CharterItem {
        /// The first item of a space.
        0 Genesis(Genesis),
        /// Where a device is reached, and to which key to seal.
        1 Card(Card),
        /// A ticket's public half.
        2 Invite(Invite),
        /// Ends an invite.
        3 Withdraw(Withdraw),
        /// A newcomer asks in.
        4 Knock(Knock),
        /// Puts an act.
        5 Propose(Propose),
        /// A member's signature under acts.
        6 Approve(Approve),
        /// The author leaves.
        7 Leave(Leave),
        /// The author is back from rest.
        8 Return(Return),
        /// The author's member gets another device.
        9 DeviceAdd(DeviceAdd),
        /// A device of the author's member ends.
        10 DeviceRevoke(DeviceRevoke),
        /// A mandate's holder answers a question.
        11 Ballot(Ballot),
        /// The author has seen ballots in time.
        12 Witness(Witness),
        /// A mandate's holder reports.
        13 Report(Report),
        /// Begins an epoch.
        14 Rekey(Rekey),
        /// Gives an epoch's secret to devices that lack it.
        15 Seal(Seal),
        /// Two entries of one log at one place.
        16 ForkProof(ForkProofItem),
    }
}

/// A fraction of an electorate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Fraction {
    /// How many parts of the electorate, of `denominator`.
    #[n(0)]
    pub numerator: u8,
    /// Into how many parts it is divided; zero is taken, and counted as one (CHARTER 5).
    #[n(1)]
    pub denominator: u8,
}

/// The first item of a space (CHARTER 1). The founder's device is the header's.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Genesis {
    /// The charter version: 1.
    #[n(0)]
    pub version: u32,
    /// What part of the electorate acts need, until one of them changes it.
    #[n(1)]
    pub thresholds: Thresholds,
    /// The space's IANA time zone.
    #[n(2)]
    pub zone: Text<TAG_BYTES_MAX>,
    /// The founder's device: the author.
    #[n(3)]
    pub device: DeviceId,
    /// The space that this one refounds, if any (CHARTER 13).
    #[n(4)]
    pub refounds: Option<SpaceId>,
}

/// A ticket's public half (CHARTER, "Getting in").
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Invite {
    /// The ticket's ed25519 key, with which knocks are signed too.
    #[n(0)]
    pub ticket: DeviceId,
    /// After this no knock is taken.
    #[n(1)]
    pub expires: Timestamp,
    /// Knocks that it is for; members' nodes refuse a further one.
    #[n(2)]
    pub knocks_max: u32,
}

/// Ends an invite.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Withdraw {
    /// The invite that ends, of the same space.
    #[n(0)]
    pub invite: ItemRef,
}

/// A newcomer asks in (CHARTER 2): entry 0 of their charter log. Their card is entry 1.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Knock {
    /// The invite whose ticket the newcomer has.
    #[n(0)]
    pub invite: ItemId,
    /// The charter entry that the ticket names; the header's only head.
    #[n(1)]
    pub known: EntryId,
    /// What to call them, encrypted under the guest key.
    #[n(2)]
    pub name: SealedText,
    /// The ticket key's signature over space, device and all the above.
    #[n(3)]
    pub ticket_signature: Signature,
}

impl Knock {
    const DOMAIN: &[u8] = b"groundwork 1 knock\0";

    fn message(&self, space: &SpaceId, device: &DeviceId) -> Vec<u8> {
        let mut message = [*space.as_bytes(), *device.as_bytes()].concat();
        let said = (&self.invite, &self.known, &self.name);
        message.extend(crate::codec::encode(&said));
        message
    }

    /// Signs it with the ticket's key, as the knock of `device` on `space`.
    pub fn sign(&mut self, ticket: &DeviceKey, space: &SpaceId, device: &DeviceId) {
        self.ticket_signature = ticket.sign(Self::DOMAIN, &self.message(space, device));
    }

    /// Checks that the holder of `ticket`'s key signed it, as the knock of `device` on `space`.
    pub fn verify(
        &self,
        ticket: &DeviceId,
        space: &SpaceId,
        device: &DeviceId,
    ) -> Result<(), SignatureError> {
        self.ticket_signature.verify(ticket, Self::DOMAIN, &self.message(space, device))
    }
}

/// Puts an act. Putting approves nothing.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Propose {
    /// What is proposed; of a kind that the charter version does not have it is void.
    #[n(0)]
    pub act: Act,
    /// Why, for those who decide, encrypted; none where the proposer says nothing.
    #[n(1)]
    pub reason: Option<SealedText>,
}

/// A member's signature under acts.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Approve {
    /// The acts that are approved, all from this entry or its past.
    #[n(0)]
    pub acts: Bounded<ItemRef, NAMED_MAX>,
}

/// Where a log stops counting (CHARTER 9).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct End {
    /// The log, in the content journal.
    #[n(0)]
    pub device: DeviceId,
    /// How many of its entries count.
    #[n(1)]
    pub length: u64,
    /// The hash of the last that counts; none where none does.
    #[n(2)]
    pub last: Option<EntryId>,
}

/// The author leaves.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Leave {
    /// Where the author's logs end.
    #[n(0)]
    pub ends: Bounded<End, NAMED_MAX>,
}

/// The author is back from rest.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Return {}

/// The author's member gets another device; both sign. Its card is an entry of its own log.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct DeviceAdd {
    /// The new device's public key.
    #[n(0)]
    pub device: DeviceId,
    /// Its signature over space, adding device and itself.
    #[n(1)]
    pub signature: Signature,
}

impl DeviceAdd {
    const DOMAIN: &[u8] = b"groundwork 1 device\0";

    fn message(&self, space: &SpaceId, adder: &DeviceId) -> Vec<u8> {
        [*space.as_bytes(), *adder.as_bytes(), *self.device.as_bytes()].concat()
    }

    /// Signs it with the new device's key.
    pub fn sign(&mut self, key: &DeviceKey, space: &SpaceId, adder: &DeviceId) {
        self.signature = key.sign(Self::DOMAIN, &self.message(space, adder));
    }

    /// Checks that the new device agrees to be added by `adder`.
    pub fn verify(&self, space: &SpaceId, adder: &DeviceId) -> Result<(), SignatureError> {
        self.signature.verify(&self.device, Self::DOMAIN, &self.message(space, adder))
    }
}

/// A device of the author's member ends, and those that it added unless kept by name.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct DeviceRevoke {
    /// The device that ends; its key never comes back.
    #[n(0)]
    pub device: DeviceId,
    /// Where its log, and those that end with it, stop counting.
    #[n(1)]
    pub ends: Bounded<End, NAMED_MAX>,
    /// Devices that it added and that stay.
    #[n(2)]
    pub keep: Bounded<DeviceId, NAMED_MAX>,
}

/// The answer to a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Choice {
    /// The holder says yes.
    #[n(0)]
    For,
    /// The holder says no.
    #[n(1)]
    Against,
    /// The holder takes part and says neither.
    #[n(2)]
    Abstain,
}

/// A mandate's holder answers a question (CHARTER 11).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Ballot {
    /// The act that gave the mandate by which this is said.
    #[n(0)]
    pub mandate: ItemId,
    /// The item that asks.
    #[n(1)]
    pub question: ItemId,
    /// What the holder says to it.
    #[n(2)]
    pub answer: Choice,
}

/// The author has seen ballots in time.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Witness {
    /// The ballots that were there when this was written.
    #[n(0)]
    pub ballots: Bounded<ItemRef, NAMED_MAX>,
}

/// A mandate's holder reports.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Report {
    /// The act that gave the mandate that this tells of.
    #[n(0)]
    pub mandate: ItemId,
    /// What was done by it, in words, encrypted.
    #[n(1)]
    pub text: SealedText,
}

/// An epoch's secret, sealed to one device.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SealedSecret {
    /// The only device that can open it.
    #[n(0)]
    pub device: DeviceId,
    /// HPKE's encapsulated key and ciphertext.
    #[n(1)]
    pub sealed: Blob<SEALED_BYTES_MAX>,
}

/// The secret of an epoch that a rekey succeeds, encrypted under the new secret.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Succeeded {
    /// The earlier epoch, by the hash of its secret.
    #[n(0)]
    pub key: KeyId,
    /// Its secret, encrypted under a key that is derived from the new one.
    #[n(1)]
    pub secret: Blob<SEALED_BYTES_MAX>,
}

/// Begins an epoch (CHARTER 10).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Rekey {
    /// The epoch: the hash of its secret.
    #[n(0)]
    pub key: KeyId,
    /// The secret, sealed to each device of the members.
    #[n(1)]
    pub seals: Bounded<SealedSecret, NAMED_MAX>,
    /// The secrets of the epochs that it succeeds: whoever has the new one reads back.
    #[n(2)]
    pub succeeds: Bounded<Succeeded, NAMED_MAX>,
}

/// Gives an epoch's secret to devices that lack it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Seal {
    /// The epoch whose secret is given.
    #[n(0)]
    pub key: KeyId,
    /// Its secret, once for each device that lacked it.
    #[n(1)]
    pub seals: Bounded<SealedSecret, NAMED_MAX>,
}

/// One of two entries at the same place: header bytes and signature, encoded as a
/// [`SignedHeader`](crate::SignedHeader), with the bound of a header.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ForkedHeader {
    /// The header, as it was signed.
    #[n(0)]
    pub header: Blob<HEADER_BYTES_MAX>,
    /// Its author's signature over the header.
    #[n(1)]
    pub signature: Signature,
}

/// Says that two entries of one log stand at one place (DESIGN 5). Whether two signed headers prove
/// it is judged by [`ForkProof::open`](crate::ForkProof::open).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct ForkProofItem {
    /// One of the two entries.
    #[n(0)]
    pub first: ForkedHeader,
    /// The other one: the same journal, device and seq, and another hash.
    #[n(1)]
    pub second: ForkedHeader,
    /// Where stem and branches stop counting.
    #[n(2)]
    pub ends: Bounded<End, NAMED_MAX>,
}

#[cfg(test)]
mod tests;
