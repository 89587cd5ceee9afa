//! Which space is meant.

use api::{ErrorCode, Failure};
use ledger::SpaceId;
use store::{Group, Key, Store, Table};

use super::{Result, View};
use crate::{
    failures::said_back,
    space::{Seated, Space},
    wording,
};

impl<'a, S: Store> View<'a, S> {
    /// The space that is meant: said, else the one of `use`, else the only one.
    pub(crate) fn which_space(&self, said: Option<&str>) -> Result<SpaceId> {
        let Some(said) = said.filter(|said| !said.is_empty()) else {
            let used = self.used_space().filter(|used| self.spaces.contains_key(used));
            let mut all: Vec<_> = self.spaces.keys().copied().collect();
            // One that could not be joined is not meant while there are others.
            let ended = |id: &SpaceId| self.spaces.get(id).is_some_and(Space::has_ended);
            if !all.iter().all(ended) {
                all.retain(|id| !ended(id));
            }
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
        let means = |space: &Seated<'_>| {
            let (id, name) = (wording::space_id(&space.id), self.space_name(*space));
            id == said.to_ascii_lowercase() || name.to_lowercase() == said.to_lowercase()
        };
        let begins = |space: &Seated<'_>| {
            let (id, name) = (wording::space_id(&space.id), self.space_name(*space));
            id.starts_with(&said.to_ascii_lowercase())
                || name.to_lowercase().starts_with(&said.to_lowercase())
        };
        let exact: Vec<_> = self.seats().filter(means).map(|space| space.id).collect();
        let found = match exact.as_slice() {
            [] => self.seats().filter(begins).map(|space| space.id).collect(),
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
        let spaces = meant.iter().filter_map(|id| self.seated(id));
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
        self.seats().map(|space| self.space_name(space)).collect()
    }

    /// The space that a question is about: as [`View::which_space`].
    pub(super) fn space_read(&self, said: Option<&str>) -> Result<Seated<'a>> {
        self.seat(&self.which_space(said)?)
    }

    /// Spaces that a read spans: the one that was said, else all.
    pub(super) fn spaces_read(&self, said: Option<&str>) -> Result<Vec<Seated<'a>>> {
        match said {
            Some(said) => Ok(vec![self.space_read(Some(said))?]),
            None => Ok(self.seats().collect()),
        }
    }

    /// The space of `use`.
    fn used_space(&self) -> Option<SpaceId> {
        let bytes = self.store.get(&used_key()).ok()??;
        ledger::decode(&bytes).ok()
    }

    /// A space that this home can write in.
    pub(crate) fn member_space(&self, id: &SpaceId) -> Result<Seated<'a>> {
        let space = self.seat(id)?;
        if space.is_in() { Ok(space) } else { Err(Failure::of(ErrorCode::Knocking)) }
    }
}

/// Where the store keeps the space of `use`.
pub(crate) fn used_key() -> Key {
    Key::new(Table::Facts, Group::of(&[b"used"]), 0)
}
