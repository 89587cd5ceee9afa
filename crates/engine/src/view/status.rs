//! Where things stand, and what waits for this person.

use api::{Answer, Page, Rows, SpaceRow, Status, TodoRow};
use ledger::{Journal, MemberId};
use store::Store;

use super::{
    Result, View, part_of,
    why::{ANOTHER_TICKET, JOIN, WAITING_MAX},
};
use crate::{failures::disk_failure, space::Seated, wording};

impl<S: Store> View<'_, S> {
    pub(crate) fn list_spaces(&self, page: &Page) -> Result<Answer> {
        let row = |space: Seated<'_>| Ok((wording::space_id(&space.id), self.space_row(space)?));
        let rows = self.seats().map(row);
        let (rows, next) = part_of(rows.collect::<Result<Vec<_>>>()?, page)?;
        Ok(Answer::Spaces(Rows { next, ..rows.into() }))
    }

    pub(crate) fn status(&self) -> Result<Answer> {
        let rows = self.seats().map(|space| self.space_row(space));
        Ok(Answer::Status(Status {
            peer_id: wording::peer_id(self.config.peer()),
            listen: self.own_addresses(),
            connected: self.links.connected().count() as u64,
            read_only: self.gate.failure().is_some(),
            trouble: self
                .gate
                .failure()
                .map(str::to_owned)
                .or_else(|| self.trouble.as_ref().map(ToString::to_string)),
            spaces: rows.collect::<Result<Vec<_>>>()?,
        }))
    }

    fn space_row(&self, space: Seated<'_>) -> Result<SpaceRow> {
        let roll = space.replica.roll();
        let me = space.me();
        let named = me.map(|me| self.name(space, &me)).transpose()?;
        let joining = space.joining();
        let asked = joining.map(|joining| joining.name.clone());
        let connected = roll
            .peers_in()
            .filter(|peer| *peer != self.config.peer() && self.links.is_connected(peer));
        let waiting = space.seat.content.waiting(self.store, WAITING_MAX).map_err(disk_failure)?;
        let content = space.replica.frontier(Journal::Content).entries();
        let forks = space.replica.forks() as u64;
        Ok(SpaceRow {
            space: wording::space_id(&space.id),
            name: self.space_name(space),
            state: match space.is_in() {
                true => "in",
                false if space.has_ended() => "ended",
                false => "knocking",
            }
            .to_owned(),
            me: named.or(asked).unwrap_or_default(),
            say: me.is_some_and(|me| roll.has_say(&me)),
            vouches: joining.map_or(0, |joining| joining.vouches),
            needed: joining.map_or(0, |joining| joining.needed),
            members: roll.members_in().count() as u64,
            connected: connected.count() as u64,
            entries: space.replica.charter_entries() as u64 + content,
            unread: space.unread(),
            waiting: (waiting.len()
                + space.replica.newer_logs().count()
                + space.shares.later().count()) as u64,
            forks,
            current: self.which_space(None).ok() == Some(space.id),
        })
    }

    pub(crate) fn todo(&self, page: &Page) -> Result<Answer> {
        let mut rows = Vec::new();
        for space in self.seats() {
            self.knocks_to_do(space, &mut rows)?;
            self.claims_to_do(space, &mut rows)?;
            if !space.is_in() {
                let name = self.space_name(space);
                let (kind, text, way_out) = match space.has_ended() {
                    false => (
                        "knocking",
                        format!("you knock at {name}: members have to vouch for you"),
                        wording::words(&["groundwork", "sync"]),
                    ),
                    true => (
                        "ended",
                        format!("your ticket for {name} has ended: {ANOTHER_TICKET}"),
                        wording::words(&JOIN),
                    ),
                };
                rows.push(TodoRow {
                    space: wording::space_id(&space.id),
                    text,
                    space_name: name,
                    kind: kind.to_owned(),
                    thing: wording::space_id(&space.id),
                    way_out,
                });
            }
        }
        let mut listed = Vec::<(String, TodoRow)>::new();
        for row in rows {
            // Several may be of one thing, like two claims of one need.
            let id = format!("{}/{}", row.kind, row.thing);
            let beside = listed.iter().filter(|(other, _)| other.starts_with(&id)).count();
            listed.push((if beside == 0 { id } else { format!("{id}/{beside}") }, row));
        }
        let (rows, next) = part_of(listed, page)?;
        Ok(Answer::Todo(Rows { next, ..self.listed(&self.seats().collect::<Vec<_>>(), rows) }))
    }

    /// Who knocks, and who is in without a say, that this person has not vouched for.
    fn knocks_to_do(&self, space: Seated<'_>, rows: &mut Vec<TodoRow>) -> Result<()> {
        let roll = space.replica.roll();
        let Some(me) = space.me().filter(|me| roll.has_say(me)) else { return Ok(()) };
        for (knock, state) in space.replica.knocks() {
            let member = MemberId::from(*knock);
            if roll.has_say(&member) || space.replica.has_vouched(knock, &me) {
                continue;
            }
            let name = self.name(space, &member)?;
            let by = roll.invites.get(&state.invite).map(|invite| self.who(space, &invite.by));
            let by = by.transpose()?.map(|who| who.shown()).unwrap_or_default();
            let text = match roll.members.contains_key(&member) {
                true => format!("{name} is in, and has no say before more of you vouch"),
                false => format!("{name} knocks, invited by {by}"),
            };
            let thing = wording::member_id(&member);
            rows.push(TodoRow {
                space: wording::space_id(&space.id),
                space_name: self.space_name(space),
                kind: "knock".to_owned(),
                text,
                way_out: wording::words(&["groundwork", "member", "vouch", &thing]),
                thing,
            });
        }
        Ok(())
    }

    /// Claims of this person's needs.
    fn claims_to_do(&self, space: Seated<'_>, rows: &mut Vec<TodoRow>) -> Result<()> {
        let me = space.me().map(|me| wording::member_id(&me)).unwrap_or_default();
        let Answer::Needs(needs) =
            self.list_needs(Some(&wording::space_id(&space.id)), &Page::default())?
        else {
            return Ok(());
        };
        for need in
            needs.rows.iter().filter(|need| need.author.member == me && need.status == "open")
        {
            for claim in need.claims.iter().filter(|claim| claim.state == "offered") {
                rows.push(TodoRow {
                    space: need.space.clone(),
                    space_name: need.space_name.clone(),
                    kind: "claim".to_owned(),
                    text: format!("{} claims {}: {}", claim.by.shown(), need.code, need.text),
                    thing: need.id.clone(),
                    way_out: wording::words(&["groundwork", "show", &need.code]),
                });
            }
        }
        Ok(())
    }
}
