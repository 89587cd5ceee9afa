//! Ids and names as answers have them.

use api::{Failure, Who};
use ledger::{
    DeviceId, EntryId, ItemId, MemberId, PeerId, SpaceId,
    id_text::{self, IdKind},
};
use store::Store;

use super::{Result, disk_failure};
use crate::{engine::Engine, space::Space};

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

impl<S: Store> Engine<S> {
    /// What a space is called; while nothing says so yet, the beginning of its id.
    pub(crate) fn space_name(&self, space: &Space) -> String {
        let named = space.content.space_name(&self.store).ok().flatten();
        named.unwrap_or_else(|| space_id(&space.id)[..9].to_owned())
    }

    /// What a member is called; before they have said so, what their knock says.
    pub(crate) fn name(&self, space: &Space, member: &MemberId) -> Result<String> {
        let named = space.content.name(&self.store, member).map_err(disk_failure)?;
        let named = named.or_else(|| self.knock_name(space, &EntryId::from(*member)));
        Ok(named.unwrap_or_else(|| member_id(member)[..9].to_owned()))
    }

    pub(crate) fn who(&self, space: &Space, member: &MemberId) -> Result<Who> {
        Ok(Who { member: member_id(member), name: self.name(space, member)? })
    }

    /// The member of a device, by id and name.
    pub(crate) fn author(&self, space: &Space, device: &DeviceId) -> Result<Who> {
        match space.replica.roll().member_of(device) {
            Some(member) => self.who(space, &member),
            None => Ok(Who { member: device_id(device), name: device_id(device)[..9].to_owned() }),
        }
    }

    /// What a newcomer asked to be called, decrypted with the guest key of their ticket.
    pub(crate) fn knock_name(&self, space: &Space, knock: &EntryId) -> Option<String> {
        let roll = space.replica.roll();
        let state = roll.knocks.get(knock)?;
        let invite = roll.invites.get(&state.invite)?;
        let keys = space.content.guest_keys(&self.store, &state.invite, &invite.by).ok()?;
        keys.iter().find_map(|key| {
            let key = seal::GuestKey::from_bytes(key.as_slice().try_into().ok()?);
            let name = seal::open_text(&key, space.id.as_bytes(), &state.name).ok()?;
            let name = name.trim().to_owned();
            let plain = !name.is_empty() && !name.chars().any(char::is_control);
            plain.then_some(name)
        })
    }

    /// This home's member in a space.
    pub(crate) fn me(&self, space: &Space) -> Option<MemberId> {
        space.replica.roll().member_of(&space.device())
    }

    /// As [`Engine::name`], where a failing disk must not spoil the rest.
    pub(crate) fn name_or_id(&self, space: &Space, member: &MemberId) -> String {
        self.name(space, member).unwrap_or_else(|_: Failure| member_id(member)[..9].to_owned())
    }
}
