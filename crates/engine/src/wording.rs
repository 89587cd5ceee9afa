//! Ids as answers have them.

use ledger::{
    DeviceId, EntryId, ItemId, MemberId, PeerId, SpaceId,
    id_text::{self, IdKind},
};

pub(crate) fn space_id(id: &SpaceId) -> String {
    id_text::format(IdKind::Space, id.as_bytes())
}

pub(crate) fn member_id(id: &MemberId) -> String {
    id_text::format(IdKind::Member, id.as_bytes())
}

pub(crate) fn device_id(id: &DeviceId) -> String {
    id_text::format(IdKind::Device, id.as_bytes())
}

pub(crate) fn entry_id(id: &EntryId) -> String {
    id_text::format(IdKind::Entry, id.as_bytes())
}

pub(crate) fn act_id(id: &ItemId) -> String {
    id_text::format(IdKind::Act, id.as_bytes())
}

pub(crate) fn invite_id(id: &ItemId) -> String {
    id_text::format(IdKind::Invite, id.as_bytes())
}

pub(crate) fn document_id(id: &ItemId) -> String {
    id_text::format(IdKind::Document, id.as_bytes())
}

pub(crate) fn update_id(id: &ItemId) -> String {
    id_text::format(IdKind::Update, id.as_bytes())
}

pub(crate) fn claim_id(id: &ItemId) -> String {
    id_text::format(IdKind::Claim, id.as_bytes())
}

/// A PeerId as libp2p writes it: base58 of its bytes.
pub(crate) fn peer_id(peer: &PeerId) -> String {
    bs58::encode(peer.as_bytes()).into_string()
}

/// A command line, word by word.
pub(crate) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
