//! From what a person typed to the thing that they mean.

use api::{ErrorCode, Failure};
use content::View;
use ledger::{
    EntryId, ItemId, MemberId, SpaceId,
    content_items::Schema,
    id_text::{self, IdKind, IdQuery},
};
use store::Store;

use super::{Result, disk_failure, wording};
use crate::{engine::Engine, space::Space};

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

/// Characters of what a person typed that an error says back.
const SAID_CHARS_MAX: usize = 64;

impl<S: Store> Engine<S> {
    /// The space that is meant: said, else the one of `use`, else the only one.
    pub(super) fn which_space(&self, said: Option<&str>) -> Result<SpaceId> {
        let Some(said) = said.filter(|said| !said.is_empty()) else {
            let used = self.used_space().filter(|used| self.spaces.contains_key(used));
            let all: Vec<_> = self.spaces.keys().copied().collect();
            let mut ids = all.iter();
            return match (used, ids.next(), ids.next()) {
                (Some(used), ..) => Ok(used),
                (None, Some(only), None) => Ok(*only),
                (None, None, _) => Err(Failure::of(ErrorCode::NoSpace)),
                (None, Some(_), Some(_)) => {
                    Err(self.several_spaces(Failure::of(ErrorCode::SpaceAmbiguous), &all))
                }
            };
        };
        let means = |space: &&Space| {
            let (id, name) = (wording::space_id(&space.id), self.space_name(space));
            id == said.to_ascii_lowercase() || name.to_lowercase() == said.to_lowercase()
        };
        let begins = |space: &&Space| {
            let (id, name) = (wording::space_id(&space.id), self.space_name(space));
            id.starts_with(&said.to_ascii_lowercase())
                || name.to_lowercase().starts_with(&said.to_lowercase())
        };
        let exact: Vec<_> = self.spaces.values().filter(means).map(|space| space.id).collect();
        let found = match exact.as_slice() {
            [] => self.spaces.values().filter(begins).map(|space| space.id).collect(),
            _ => exact,
        };
        match found.as_slice() {
            [one] => Ok(*one),
            [] if self.spaces.is_empty() => Err(Failure::of(ErrorCode::NoSpace)),
            [] => {
                let message = format!("this home has no space called {:?}", said_back(said));
                Err(Failure::because(ErrorCode::UnknownSpace, message).things(self.space_names()))
            }
            several => {
                let message = format!("{:?} could be several spaces", said_back(said));
                let failure = Failure::because(ErrorCode::SpaceAmbiguous, message);
                Err(self.several_spaces(failure, several))
            }
        }
    }

    /// Names what could have been meant, and how to say the first of it.
    fn several_spaces(&self, failure: Failure, meant: &[SpaceId]) -> Failure {
        let all = self.space_names();
        let spaces = meant.iter().filter_map(|id| self.spaces.get(id));
        let names: Vec<_> = spaces.map(|space| (space.id, self.space_name(space))).collect();
        let first = names.first().map(|(id, name)| {
            let is_one = all.iter().filter(|other| *other == name).count() == 1;
            // In double quotes nothing of these means anything to a shell.
            let is_plain = name.chars().all(|c| c.is_alphanumeric() || " -_.,'".contains(c));
            match is_one && is_plain && !name.starts_with('-') {
                true => format!("groundwork use \"{name}\""),
                false => format!("groundwork use {}", wording::space_id(id)),
            }
        });
        let things = names.iter().map(|(id, name)| format!("{name} ({})", wording::space_id(id)));
        let failure = failure.things(things.collect());
        match first {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }

    fn space_names(&self) -> Vec<String> {
        self.spaces.values().map(|space| self.space_name(space)).collect()
    }

    /// Spaces that a read spans: the one that was said, else all.
    pub(super) fn spaces_read(&self, said: Option<&str>) -> Result<Vec<SpaceId>> {
        match said {
            Some(said) => Ok(vec![self.which_space(Some(said))?]),
            None => Ok(self.spaces.keys().copied().collect()),
        }
    }

    /// A space that this home can write in.
    pub(super) fn member_space(&self, id: SpaceId) -> Result<&Space> {
        let space = self.spaces.get(&id).ok_or_else(|| Failure::of(ErrorCode::NoSpace))?;
        if space.is_in() { Ok(space) } else { Err(Failure::of(ErrorCode::Knocking)) }
    }

    /// What an id, a beginning of one, or a need's code means; `SPACE/CODE` is the long spelling.
    pub(super) fn find(&self, said: Option<&str>, text: &str) -> Result<(SpaceId, Thing)> {
        let (said, text) = match text.rsplit_once('/') {
            Some((space, text)) => (Some(space), text),
            None => (said, text),
        };
        let mut found = Vec::new();
        for id in self.spaces_read(said)? {
            let Some(space) = self.spaces.get(&id) else { continue };
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
            found.extend(things.into_iter().map(|thing| (id, thing)));
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

    fn find_by_id(&self, space: &Space, query: IdQuery) -> Result<Vec<Thing>> {
        let (kind, start) = match query {
            IdQuery::Full(kind, bytes) => {
                let whole = id_text::format(kind, &bytes);
                let chars = whole.len() - 2;
                (kind, whole[kind.prefix().len()..chars].to_owned())
            }
            IdQuery::Prefix(kind, chars) => (kind, chars),
        };
        let (content, store, roll) = (&space.content, &self.store, space.replica.roll());
        let begins = |kind: IdKind, bytes: &[u8; 32]| {
            id_text::format(kind, bytes)[kind.prefix().len()..].starts_with(&start)
        };
        let words = |kind, thing: fn(ItemId) -> Thing| {
            let found = content.find_words(store, kind, &start).map_err(disk_failure)?;
            // Later words of a slot are found by their first.
            let firsts = found.into_iter().filter(
                |id| matches!(content.place(store, id), Ok(Some(place)) if place.kind.is_first(id)),
            );
            Ok(firsts.map(thing).collect())
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
                            View::Need(_) => Thing::Need(row.id),
                            _ => Thing::Campaign(row.id),
                        });
                    }
                }
                things
            }
            IdKind::Member => {
                let members = roll.members.keys().filter(|id| begins(kind, id.as_bytes()));
                let known: Vec<_> = members.copied().map(Thing::Member).collect();
                let knocks = roll.knocks.keys().filter(|id| begins(kind, id.as_bytes()));
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

    fn find_by_code(&self, space: &Space, text: &str) -> Result<Vec<Thing>> {
        let start = id_text::fold(text.trim()).unwrap_or_default();
        if start.len() < documents::code::CHARS_MIN {
            return Ok(Vec::new());
        }
        let needs = space.content.find_documents(&self.store, Schema::Need, &start);
        let ids: Vec<_> = needs.map_err(disk_failure)?.iter().map(|row| row.id).collect();
        let meant = documents::code::find(text, &ids);
        Ok(meant.unwrap_or_default().into_iter().map(Thing::Need).collect())
    }
}

/// What a person typed, short enough for a sentence.
pub(super) fn said_back(text: &str) -> String {
    let mut said: String = text.chars().take(SAID_CHARS_MAX).collect();
    if said.len() < text.len() {
        said.push('…');
    }
    said
}

impl Thing {
    /// Its whole id.
    pub(super) fn text(&self) -> String {
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
