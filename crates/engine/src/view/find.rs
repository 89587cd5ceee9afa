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

const POST: u16 = 0;
const CLAIM: u16 = 2;

impl<S: Store> View<'_, S> {
    /// What an id, a beginning of one, or a need's code means; `SPACE/CODE` is the long spelling.
    pub(crate) fn find(&self, said: Option<&str>, text: &str) -> Result<(SpaceId, Thing)> {
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
        match found.as_slice() {
            [one] => Ok(*one),
            [] => {
                let message = format!("there is no {} here", said_back(text));
                Err(Failure::because(ErrorCode::NotFound, message))
            }
            several => {
                let (text, n) = (said_back(text), several.len());
                let message = format!("{text} could mean {n} things: say more of it");
                let things = several.iter().map(|(_, thing)| thing.text()).collect();
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

    /// The knock that a name or an id means.
    pub(crate) fn find_knock(&self, said: Option<&str>, who: &str) -> Result<(SpaceId, EntryId)> {
        if who.contains('_') {
            return match self.find(said, who)? {
                (id, Thing::Knock(knock)) => Ok((id, knock)),
                // Who is in and has no say yet is vouched for again.
                (id, Thing::Member(member)) => Ok((id, EntryId::from(member))),
                _ => Err(Failure::of(ErrorCode::NotAKnock)),
            };
        }
        let unsettled = |space: Seated<'_>| {
            let members = space.replica.knocks().map(|(knock, _)| MemberId::from(*knock));
            members.filter(|member| !space.replica.roll().has_say(member)).collect()
        };
        let (id, member) = self.find_named(said, who, unsettled, "knock")?;
        let member = member.ok_or_else(|| {
            let message = format!("nobody called {:?} knocks here", said_back(who));
            Failure::because(ErrorCode::NotAKnock, message)
        })?;
        Ok((id, EntryId::from(member)))
    }

    /// The member that a name or an id means.
    pub(crate) fn find_member(&self, said: Option<&str>, who: &str) -> Result<(SpaceId, MemberId)> {
        let nobody = || {
            let message = format!("nobody called {:?} is in", said_back(who));
            Failure::because(ErrorCode::NotFound, message).hint("groundwork member list")
        };
        if who.contains('_') {
            return match self.find(said, who)? {
                (id, Thing::Member(member)) => Ok((id, member)),
                _ => Err(nobody()),
            };
        }
        let members = |space: Seated<'_>| space.replica.roll().members.keys().copied().collect();
        let (id, member) = self.find_named(said, who, members, "are in")?;
        Ok((id, member.ok_or_else(nobody)?))
    }

    /// Whom a name or a beginning of one means of those whom `of` gives; none where it means
    /// nobody. The whole name of one goes before the beginnings of others.
    fn find_named(
        &self,
        said: Option<&str>,
        who: &str,
        of: impl Fn(Seated<'_>) -> Vec<MemberId>,
        they: &str,
    ) -> Result<(SpaceId, Option<MemberId>)> {
        let wanted = who.trim().to_lowercase();
        let mut found = Vec::new();
        for space in self.spaces_read(said)? {
            for member in of(space) {
                let name = self.name(space, &member)?;
                if name.to_lowercase().starts_with(&wanted) {
                    found.push((space.id, member, name));
                }
            }
        }
        let exact: Vec<_> =
            found.iter().filter(|(_, _, name)| name.to_lowercase() == wanted).cloned().collect();
        let found = if exact.is_empty() { found } else { exact };
        match found.as_slice() {
            [(id, member, _)] => Ok((*id, Some(*member))),
            [] => Ok((SpaceId::default(), None)),
            several => {
                let message =
                    format!("several people called {:?} {they}: use an id", said_back(who));
                let things = several
                    .iter()
                    .map(|(_, member, name)| format!("{} {name}", wording::member_id(member)));
                let failure = Failure::because(ErrorCode::Ambiguous, message);
                Err(failure.things(things.collect()).hint("groundwork member list"))
            }
        }
    }

    /// The one peer of a PeerId, of the end of one, or of a member's name.
    pub(crate) fn find_peer(&self, text: &str) -> Result<PeerId> {
        let said = text.trim();
        let means = |peer: &PeerId| {
            let named = |name: &String| name.to_lowercase() == said.to_lowercase();
            let ends_so = !said.is_empty() && wording::peer_id(peer).ends_with(said);
            ends_so || self.names_of(peer).iter().any(named)
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
