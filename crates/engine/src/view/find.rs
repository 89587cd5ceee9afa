//! From what a person typed to the thing that they mean.

use api::{ErrorCode, Failure};
use content::DocumentView;
use ledger::{
    EntryId, ItemId, MemberId, PeerId, SpaceId,
    content_items::Schema,
    id_text::{self, IdKind, IdQuery},
};
use store::Store;

use super::{Result, View};
use crate::{
    failures::{disk_failure, said_back},
    name,
    space::Seated,
    wording,
};

/// Something that an id or a code names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Thing {
    Need(ItemId),
    Campaign(ItemId),
    Post(ItemId),
    Claim(ItemId),
    Member(MemberId),
    Act(ItemId),
    Invite(ItemId),
    Knock(EntryId),
}

/// Somebody who is or was in, or knocks.
fn person(space: Seated<'_>, who: MemberId) -> Thing {
    match space.replica.roll().members.contains_key(&who) {
        true => Thing::Member(who),
        false => Thing::Knock(EntryId::from(who)),
    }
}

/// What is meant by what stands on a screen: of `Bo (me_km36xj, was Di)` the id, else the name.
fn meant(typed: &str) -> &str {
    let Some((name, beside)) = typed.rsplit_once('(') else { return typed };
    let id = beside.split([',', ')']).next().unwrap_or_default().trim();
    if id_text::parse(id).is_ok() { id } else { name.trim() }
}

const POST: u16 = 0;
const CLAIM: u16 = 2;

impl<S: Store> View<'_, S> {
    /// What an id, a beginning of one, a need's code, or somebody's name means; `SPACE/CODE` is the
    /// long spelling.
    pub(crate) fn find(&self, said: Option<&str>, text: &str) -> Result<(SpaceId, Thing)> {
        let text = meant(text);
        let (said, text) = match text.rsplit_once('/') {
            Some((space, text)) => (Some(space), text),
            None => (said, text),
        };
        let mut found = Vec::new();
        for space in self.spaces_read(said)? {
            let things = match id_text::parse(text) {
                Ok(query) => self.find_by_id(space, query)?,
                Err(_) if text.contains('_') => {
                    let why = id_text::parse(text).err().map(|why| why.to_string());
                    let (text, why) = (said_back(text), why.unwrap_or_default());
                    let message = format!("{text:?} is no id: {why}");
                    return Err(Failure::because(ErrorCode::BadId, message));
                }
                Err(_) => self.find_by_code(space, text)?,
            };
            found.extend(things.into_iter().map(|thing| (space.id, thing)));
        }
        if found.is_empty() && !text.contains('_') {
            // Nobody is in the way of a need by being called as its code.
            for space in self.spaces_read(said)? {
                let people = self.names(space)?.called(&name::skeletons(text)).into_iter();
                found.extend(people.map(|who| (space.id, person(space, who))));
            }
        }
        match found.as_slice() {
            [one] => Ok(*one),
            [] => {
                let message = format!("there is no {} here", said_back(text));
                Err(Failure::because(ErrorCode::NotFound, message))
            }
            several => {
                let (text, n) = (said_back(text), several.len());
                let message = format!("{text} could mean {n} things: say more of it");
                let things = several.iter().map(|(id, thing)| match thing {
                    Thing::Member(member) => self.told_apart(self.seat(id)?, member),
                    Thing::Knock(knock) => self.told_apart(self.seat(id)?, &MemberId::from(*knock)),
                    thing => Ok(thing.text()),
                });
                let things = things.collect::<Result<_>>()?;
                Err(Failure::because(ErrorCode::Ambiguous, message).things(things))
            }
        }
    }

    fn find_by_id(&self, space: Seated<'_>, query: IdQuery) -> Result<Vec<Thing>> {
        let (kind, start) = match query {
            IdQuery::Full(kind, bytes) => {
                let whole = id_text::format(kind, &bytes);
                let chars = whole.len() - 2;
                (kind, whole[kind.prefix().len()..chars].to_owned())
            }
            IdQuery::Prefix(kind, chars) => (kind, chars),
        };
        let (content, store, roll) = (&space.seat.content, self.store, space.replica.roll());
        let begins = |kind: IdKind, bytes: &[u8; 32]| {
            id_text::format(kind, bytes)[kind.prefix().len()..].starts_with(&start)
        };
        let words = |kind, thing: fn(ItemId) -> Thing| {
            // Later words of a slot are found by their first.
            let firsts = content.find_words(store, kind, &start).map_err(disk_failure)?;
            Ok(firsts.into_iter().map(thing).collect())
        };
        Ok(match kind {
            IdKind::Update => return words(POST, Thing::Post),
            IdKind::Claim => return words(CLAIM, Thing::Claim),
            IdKind::Document => {
                let mut things = Vec::new();
                for schema in [Schema::Need, Schema::Campaign] {
                    let rows = content.find_documents(store, schema, &start);
                    for row in rows.map_err(disk_failure)? {
                        things.push(match row.view {
                            DocumentView::Need(_) => Thing::Need(row.id),
                            _ => Thing::Campaign(row.id),
                        });
                    }
                }
                things
            }
            IdKind::Member => {
                let members = roll.members.keys().filter(|id| begins(kind, id.as_bytes()));
                let known: Vec<_> = members.copied().map(Thing::Member).collect();
                let knocks = space.replica.knocks().map(|(id, _)| id);
                let knocks = knocks.filter(|id| begins(kind, id.as_bytes()));
                let knocks = knocks.filter(|id| !roll.members.contains_key(&MemberId::from(**id)));
                known.into_iter().chain(knocks.copied().map(Thing::Knock)).collect()
            }
            IdKind::Act => {
                let acts = roll.acts.keys().filter(|id| begins(kind, id.as_bytes()));
                acts.copied().map(Thing::Act).collect()
            }
            IdKind::Invite => {
                let invites = roll.invites.keys().filter(|id| begins(kind, id.as_bytes()));
                invites.copied().map(Thing::Invite).collect()
            }
            _ => Vec::new(),
        })
    }

    fn find_by_code(&self, space: Seated<'_>, text: &str) -> Result<Vec<Thing>> {
        let start = id_text::fold(text.trim()).unwrap_or_default();
        if start.len() < documents::code::CHARS_MIN {
            return Ok(Vec::new());
        }
        let needs = space.seat.content.find_documents(self.store, Schema::Need, &start);
        let ids: Vec<_> = needs.map_err(disk_failure)?.iter().map(|row| row.id).collect();
        let meant = documents::code::find(text, &ids);
        Ok(meant.unwrap_or_default().into_iter().map(Thing::Need).collect())
    }

    pub(crate) fn find_need(&self, thing: &str) -> Result<(SpaceId, ItemId)> {
        match self.find(None, thing)? {
            (id, Thing::Need(need)) => Ok((id, need)),
            _ => {
                let message = format!("{} is no need", said_back(thing));
                Err(Failure::because(ErrorCode::NotFound, message).hint("groundwork need list"))
            }
        }
    }

    /// The knock that a name or an id means; of who is in and has no say yet, the knock they came
    /// by.
    pub(crate) fn find_knock(&self, said: Option<&str>, who: &str) -> Result<(SpaceId, EntryId)> {
        let who = meant(who);
        let has_say = |space: Seated<'_>, who: &MemberId| space.replica.roll().has_say(who);
        let found = match self.find_by_member_id(said, who)? {
            Some(found) => Some(found),
            None => self.find_named(said, who, |space, member| !has_say(space, member))?,
        };
        if let Some((id, member)) = found {
            return Ok((id, EntryId::from(member)));
        }
        let message = match self.find_named(said, who, has_say)? {
            Some(_) => format!("{} has a say already", said_back(who)),
            None => format!("nobody called {:?} knocks here", said_back(who)),
        };
        Err(Failure::because(ErrorCode::NotAKnock, message))
    }

    /// The member that a name or an id means.
    pub(crate) fn find_member(&self, said: Option<&str>, who: &str) -> Result<(SpaceId, MemberId)> {
        let who = meant(who);
        let is_member = |space: Seated<'_>, member: &MemberId| {
            space.replica.roll().members.contains_key(member)
        };
        let found = match self.find_by_member_id(said, who)? {
            Some(found) => Some(found),
            None => self.find_named(said, who, is_member)?,
        };
        let is_in = |(id, member): &(SpaceId, MemberId)| {
            self.seated(id).is_some_and(|space| is_member(space, member))
        };
        found.filter(is_in).ok_or_else(|| {
            let message = format!("nobody called {:?} is in", said_back(who));
            Failure::because(ErrorCode::NotFound, message).hint("groundwork member list")
        })
    }

    /// Whom the id of a member or of who knocks means; none where what was typed is none.
    fn find_by_member_id(
        &self,
        said: Option<&str>,
        who: &str,
    ) -> Result<Option<(SpaceId, MemberId)>> {
        let id = who.rsplit_once('/').map_or(who, |(_, id)| id);
        let kind =
            id_text::parse(id).map(|(IdQuery::Full(kind, _) | IdQuery::Prefix(kind, _))| kind);
        if kind != Ok(IdKind::Member) {
            return Ok(None);
        }
        Ok(match self.find(said, who)? {
            (id, Thing::Member(member)) => Some((id, member)),
            (id, Thing::Knock(knock)) => Some((id, MemberId::from(knock))),
            _ => None,
        })
    }

    /// Whom a name means of those of whom this `may` be said, former names too, or else the
    /// beginning of one; none where it means nobody. Where somebody else of that space is called
    /// the same, it is not known whom: whoever acts on people by their names would act on another.
    fn find_named(
        &self,
        said: Option<&str>,
        who: &str,
        may: impl Fn(Seated<'_>, &MemberId) -> bool,
    ) -> Result<Option<(SpaceId, MemberId)>> {
        let wanted = name::skeletons(who);
        let (mut called, mut begin, mut is_name) = (Vec::new(), Vec::new(), false);
        for space in self.spaces_read(said)? {
            let names = self.names(space)?;
            let same = names.called(&wanted);
            is_name |= !same.is_empty();
            if same.iter().any(|member| may(space, member)) {
                called.extend(same.into_iter().map(|member| (space, member)));
            }
            let longer = names.beginning(&wanted).into_iter().filter(|member| may(space, member));
            begin.extend(longer.map(|member| (space, member)));
        }
        // Who says somebody's whole name means nobody of a longer one.
        let found = if is_name { called } else { begin };
        match found.as_slice() {
            [(space, member)] => Ok(Some((space.id, *member))),
            [] => Ok(None),
            several => {
                let (who, n) = (said_back(who), several.len());
                let message = format!("{who:?} can be {n} people: say which by the id");
                let mut things = Vec::new();
                for (space, member) in several {
                    things.push(self.told_apart(*space, member)?);
                }
                let failure = Failure::because(ErrorCode::Ambiguous, message);
                Err(failure.things(things).hint("groundwork member list"))
            }
        }
    }

    /// Somebody with all that tells them from others of the same name.
    fn told_apart(&self, space: Seated<'_>, member: &MemberId) -> Result<String> {
        let row = self.member_row(space, member)?;
        let state = match (row.state.as_str(), row.say) {
            ("in", true) => "in, with a say",
            ("in", false) => "in, without a say",
            ("knocking", _) => "knocks",
            (state, _) => state,
        };
        let invited = row.invited_by.map(|by| format!(", invited by {}", by.shown()));
        let (name, invited) = (row.who.shown(), invited.unwrap_or_default());
        Ok(format!("{} {name} in {}: {state}{invited}", row.who.member, row.space_name))
    }

    /// The one peer of a PeerId, of the end of one, or of a member's name.
    pub(crate) fn find_peer(&self, text: &str) -> Result<PeerId> {
        let said = meant(text.trim());
        let wanted = name::skeletons(said);
        let means = |peer: &PeerId| {
            let named = |(space, member): (Seated<'_>, MemberId)| {
                let names = self.names(space).ok();
                names.is_some_and(|names| names.called(&wanted).contains(&member))
            };
            let ends_so = !said.is_empty() && wording::peer_id(peer).ends_with(said);
            ends_so || self.people_of(peer).into_iter().any(named)
        };
        let known = self.wanted_peers();
        // Nobody takes a whole PeerId by calling themselves so.
        if let Some(peer) = known.iter().find(|peer| wording::peer_id(peer) == said) {
            return Ok(peer.clone());
        }
        let found: Vec<_> = known.into_iter().filter(means).collect();
        match found.as_slice() {
            [peer] => Ok(peer.clone()),
            [] => {
                let message = format!("no node of {:?} is known", said_back(text));
                Err(Failure::because(ErrorCode::UnknownPeer, message))
            }
            several => {
                let message = format!("{:?} means several nodes: use a PeerId", said_back(text));
                let row = |peer| [&[wording::peer_id(peer)], &*self.names_of(peer)].concat();
                let things = several.iter().map(|peer| row(peer).join(" "));
                let failure = Failure::because(ErrorCode::Ambiguous, message);
                Err(failure.things(things.collect()).hint("groundwork node peers"))
            }
        }
    }
}

impl Thing {
    /// Its whole id.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Need(id) | Self::Campaign(id) => wording::document_id(id),
            Self::Post(id) => wording::update_id(id),
            Self::Claim(id) => wording::claim_id(id),
            Self::Member(id) => wording::member_id(id),
            Self::Act(id) => wording::act_id(id),
            Self::Invite(id) => wording::invite_id(id),
            Self::Knock(id) => wording::member_id(&MemberId::from(*id)),
        }
    }
}
