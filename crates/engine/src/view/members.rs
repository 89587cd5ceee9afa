//! Who is in, who knocks, who was invited.

use api::{
    Answer, ErrorCode, Failure, InviteRow, MemberRow, Page, Profiled, Rows, Shown, ShownThing,
};
use ledger::{EntryId, MemberId, Timestamp};
use store::Store;

use super::{Result, View, part_of};
use crate::{failures::disk_failure, space::Seated, wording};

impl<S: Store> View<'_, S> {
    pub(crate) fn list_members(&self, said: Option<&str>, page: &Page) -> Result<Answer> {
        let mut rows = Vec::new();
        let spaces = self.spaces_read(said)?;
        for space in &spaces {
            rows.extend(self.member_rows(*space)?);
        }
        let rows = rows.into_iter().map(|row| (row.who.member.clone(), row)).collect();
        let (rows, next) = part_of(rows, page)?;
        Ok(Answer::Members(Rows { next, ..self.listed(&spaces, rows) }))
    }

    /// Members of a space and who knocks, by name.
    pub(crate) fn member_rows(&self, space: Seated<'_>) -> Result<Vec<MemberRow>> {
        let roll = space.replica.roll();
        let mut rows = Vec::new();
        for member in roll.members.keys() {
            rows.push(self.member_row(space, member)?);
        }
        for (knock, _) in space.replica.knocks() {
            if !roll.members.contains_key(&MemberId::from(*knock)) {
                rows.push(self.member_row(space, &MemberId::from(*knock))?);
            }
        }
        rows.sort_by_key(|row| {
            (row.state != "in", row.who.name.to_lowercase(), row.who.member.clone())
        });
        Ok(rows)
    }

    pub(crate) fn member_row(&self, space: Seated<'_>, member: &MemberId) -> Result<MemberRow> {
        let roll = space.replica.roll();
        let state = roll.members.get(member);
        let devices = roll.devices.iter().filter(|(_, device)| device.member == *member);
        let knock = EntryId::from(*member);
        let since = self.knocked(space, &knock)?;
        let knock = space.replica.knock(&knock);
        let invite = knock.and_then(|knock| roll.invites.get(&knock.invite));
        let invited_by = invite.map(|invite| self.who(space, &invite.by)).transpose()?;
        Ok(MemberRow {
            who: self.who(space, member)?,
            space: wording::space_id(&space.id),
            space_name: self.space_name(space),
            state: state.map_or("knocking", |member| member.state()).to_owned(),
            say: roll.has_say(member),
            vouches: knock.map_or(0, |knock| knock.vouches as u32),
            needed: knock.map_or(0, |knock| knock.needed as u32),
            devices: devices.map(|(device, _)| wording::device_id(device)).collect(),
            invited_by,
            since: since.map(|since| since.as_ms()),
            me: space.me() == Some(*member),
        })
    }

    pub(crate) fn to_vouch(&self, said: Option<&str>, who: &str) -> Result<Answer> {
        let (id, knock) = self.find_knock(said, who)?;
        let space = self.seat(&id)?;
        let row = self.member_row(space, &MemberId::from(knock))?;
        let thing = Shown::Member(Box::new(row));
        Ok(Answer::Shown(ShownThing { thing, unread: self.unread(&[space]) }))
    }

    /// When somebody knocked, by their clock.
    fn knocked(&self, space: Seated<'_>, knock: &EntryId) -> Result<Option<Timestamp>> {
        if let Some(guest) = space.replica.guest_of(knock) {
            return Ok(Some(guest.knock.header.stamp));
        }
        let Some(place) = space.replica.charter_place(knock) else { return Ok(None) };
        let entry = space.replica.charter_entry(self.store, place).map_err(disk_failure)?;
        Ok(entry.map(|entry| entry.header.stamp))
    }

    pub(crate) fn list_invites(&self, said: Option<&str>, page: &Page) -> Result<Answer> {
        let mut rows = Vec::new();
        let spaces = self.spaces_read(said)?;
        for space in &spaces {
            for (invite, state) in &space.replica.roll().invites {
                let guests = space.replica.guests();
                let guests = guests.filter(|(_, guest)| guest.state.invite == *invite).count();
                let knocks = state.knocks.saturating_add(guests as u32);
                let used = knocks >= state.knocks_max;
                let state_text = match () {
                    () if state.withdrawn => "withdrawn",
                    () if used => "used",
                    () if state.expires < self.now => "ended",
                    () => "open",
                };
                rows.push(InviteRow {
                    invite: wording::invite_id(invite),
                    space: wording::space_id(&space.id),
                    by: self.who(*space, &state.by)?,
                    expires: state.expires.as_ms(),
                    knocks,
                    knocks_max: state.knocks_max,
                    state: state_text.to_owned(),
                });
            }
        }
        let rows = rows.into_iter().map(|row| (row.invite.clone(), row)).collect();
        let (rows, next) = part_of(rows, page)?;
        Ok(Answer::Invites(Rows { next, ..self.listed(&spaces, rows) }))
    }

    pub(crate) fn my_profile(&self, said: Option<&str>) -> Result<Answer> {
        let id = self.which_space(said)?;
        let space = self.member_space(&id)?;
        let me = space.me().ok_or_else(|| Failure::of(ErrorCode::Knocking))?;
        let who = self.who(space, &me)?;
        let (member, name, unread) = (who.member, who.name, self.unread(&[space]));
        Ok(Answer::Profiled(Profiled { space: wording::space_id(&id), member, name, unread }))
    }
}
