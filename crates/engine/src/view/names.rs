//! What spaces and people are called.

use api::{Failure, Who};
use ledger::{DeviceId, EntryId, MemberId, PeerId, SpaceId};
use store::Store;

use super::{Result, View};
use crate::{
    failures::disk_failure,
    space::Seated,
    wording::{device_id, member_id, space_id},
};

impl<S: Store> View<'_, S> {
    /// What a space is called; while nothing says so yet, the beginning of its id.
    pub(crate) fn space_name(&self, space: Seated<'_>) -> String {
        let named = space.seat.content.space_name(self.store).ok().flatten();
        named.unwrap_or_else(|| space_id(&space.id)[..9].to_owned())
    }

    /// What a member is called; before they have said so, what their knock says.
    pub(crate) fn name(&self, space: Seated<'_>, member: &MemberId) -> Result<String> {
        let named = space.seat.content.name(self.store, member).map_err(disk_failure)?;
        let named = named.or_else(|| self.knock_name(space, &EntryId::from(*member)));
        Ok(named.unwrap_or_else(|| member_id(member)[..9].to_owned()))
    }

    pub(crate) fn who(&self, space: Seated<'_>, member: &MemberId) -> Result<Who> {
        Ok(Who { member: member_id(member), name: self.name(space, member)? })
    }

    /// The member of a device, by id and name.
    pub(crate) fn author(&self, space: Seated<'_>, device: &DeviceId) -> Result<Who> {
        match space.replica.roll().member_of(device) {
            Some(member) => self.who(space, &member),
            None => Ok(Who { member: device_id(device), name: device_id(device)[..9].to_owned() }),
        }
    }

    /// What a newcomer asked to be called, decrypted with the guest key of their ticket.
    fn knock_name(&self, space: Seated<'_>, knock: &EntryId) -> Option<String> {
        let roll = space.replica.roll();
        let state = space.replica.knock(knock)?;
        let invite = roll.invites.get(&state.invite)?;
        let content = &space.seat.content;
        let key = content.guest_key(self.store, &state.invite, &invite.by).ok()??;
        let key = seal::GuestKey::from_bytes(key.as_slice().try_into().ok()?);
        let name = seal::open_text(&key, space.id.as_bytes(), &state.name).ok()?;
        let name = name.trim().to_owned();
        let plain = !name.is_empty() && !name.chars().any(char::is_control);
        plain.then_some(name)
    }

    /// As [`View::name`], where a failing disk must not spoil the rest.
    pub(crate) fn name_or_id(&self, space: Seated<'_>, member: &MemberId) -> String {
        self.name(space, member).unwrap_or_else(|_: Failure| member_id(member)[..9].to_owned())
    }

    /// What a member of a space is called, and their id.
    pub(crate) fn said_name(&self, space: &SpaceId, member: &MemberId) -> (String, String) {
        let name = self.seated(space).map(|space| self.name_or_id(space, member));
        (name.unwrap_or_default(), member_id(member))
    }

    /// Whose a node is, in any space.
    pub(crate) fn names_of(&self, peer: &PeerId) -> Vec<String> {
        let mut names = Vec::new();
        for space in self.seats() {
            let roll = space.replica.roll();
            for device in roll.by_peer(peer) {
                names.extend(roll.member_of(&device).map(|who| self.name_or_id(space, &who)));
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }
}
