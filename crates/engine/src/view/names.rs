//! What spaces and people are called.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::Arc,
};

use api::{Failure, Who};
use ledger::{DeviceId, EntryId, MemberId, PeerId, SpaceId, Timestamp};
use store::Store;

use super::{Result, View};
use crate::{
    failures::disk_failure,
    name::Name,
    space::Seated,
    wording::{device_id, member_id, space_id},
};

/// Milliseconds for which a former name is shown: thirty days.
const FORMER_MS: u64 = 30 * 24 * 60 * 60 * 1_000;

/// Former names that are shown, at most.
const FORMER_SHOWN: usize = 2;

/// Characters of an id that tell it from most others.
const SHORT: usize = 9;

/// Whom each name means in a space, former ones too, by their skeletons.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<String, BTreeSet<MemberId>>);

/// What somebody is called, and was lately.
struct Called {
    name: Arc<Name>,
    former: Vec<Arc<Name>>,
}

impl<S: Store> View<'_, S> {
    /// What a space is called; while nothing says so yet, the beginning of its id.
    pub(crate) fn space_name(&self, space: Seated<'_>) -> String {
        let named = space.seat.content.space_name(self.store).ok().flatten();
        named.unwrap_or_else(|| space_id(&space.id)[..SHORT].to_owned())
    }

    /// What a member is called, with what tells them from others, for a sentence.
    pub(crate) fn name(&self, space: Seated<'_>, member: &MemberId) -> Result<String> {
        Ok(self.who(space, member)?.shown())
    }

    /// A member by id and name.
    pub(crate) fn who(&self, space: Seated<'_>, member: &MemberId) -> Result<Who> {
        let Called { name, former } = self.called(space, member)?;
        let mark = self.names(space)?.mark(&name.skeletons, member);
        let id = member_id(member);
        Ok(Who {
            name: name.shown.clone(),
            mark: mark.map(|chars| id[..chars].to_owned()),
            former: former.iter().map(|name| name.shown.clone()).collect(),
            member: id,
        })
    }

    /// What a member says that they are called, and said in the last thirty days; before they have
    /// said so, what their knock says.
    fn called(&self, space: Seated<'_>, member: &MemberId) -> Result<Called> {
        let named = space.seat.content.named(self.store, &space.replica, member);
        let named = named.map_err(disk_failure)?;
        let is_recent = |until: Option<Timestamp>| {
            until.is_none_or(|until| until.plus_ms(FORMER_MS) > self.now)
        };
        // Those who let somebody in knew them by what their knock said.
        let knock = EntryId::from(*member);
        let knocked = || self.name_memo.knocked(knock, || self.knock_name(space, &knock));
        let knocked = if is_recent(named.since) { knocked() } else { None };
        let of = |wrote: &str| {
            let name = self.name_memo.name(wrote);
            (!name.shown.is_empty()).then_some(name)
        };
        let name = named.name.as_ref().or(knocked.as_ref()).and_then(|name| of(name));
        let name = name.unwrap_or_else(|| self.name_memo.name(&member_id(member)[..SHORT]));
        let before = named.former.iter().filter(|(_, until)| is_recent(*until));
        let before = before.map(|(before, _)| before).chain(&knocked);
        let mut former = Vec::<Arc<Name>>::new();
        for before in before.filter_map(|before| of(before)) {
            let is_known = |known: &Arc<Name>| known.shown == before.shown;
            if !is_known(&name) && !former.iter().any(is_known) {
                former.push(before);
            }
        }
        if former.len() > FORMER_SHOWN {
            // What they were called first is what most know them by.
            former.drain(FORMER_SHOWN - 1..former.len() - 1);
        }
        Ok(Called { name, former })
    }

    /// Whom each name means in a space, as far as one answer asks for it.
    pub(super) fn names(&self, space: Seated<'_>) -> Result<Rc<Names>> {
        if let Some(names) = self.names.borrow().get(&space.id) {
            return Ok(names.clone());
        }
        let mut names = Names::default();
        let members = space.replica.roll().members.keys().copied();
        let knocks = space.replica.knocks().map(|(knock, _)| MemberId::from(*knock));
        for member in members.chain(knocks) {
            let Called { name, former } = self.called(space, &member)?;
            for skeleton in [&name].into_iter().chain(&former).flat_map(|name| &name.skeletons) {
                names.0.entry(skeleton.clone()).or_default().insert(member);
            }
        }
        let names = Rc::new(names);
        self.names.borrow_mut().insert(space.id, names.clone());
        Ok(names)
    }

    /// The member of a device, by id and name.
    pub(crate) fn author(&self, space: Seated<'_>, device: &DeviceId) -> Result<Who> {
        match space.replica.roll().member_of(device) {
            Some(member) => self.who(space, &member),
            None => {
                let member = device_id(device);
                Ok(Who { name: member[..SHORT].to_owned(), member, ..Who::default() })
            }
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
        seal::open_text(&key, space.id.as_bytes(), &state.name).ok()
    }

    /// As [`View::name`], where a failing disk must not spoil the rest.
    pub(crate) fn name_or_id(&self, space: Seated<'_>, member: &MemberId) -> String {
        self.name(space, member).unwrap_or_else(|_: Failure| member_id(member)[..SHORT].to_owned())
    }

    /// What a member of a space is called, and their id.
    pub(crate) fn said_name(&self, space: &SpaceId, member: &MemberId) -> (String, String) {
        let name = self.seated(space).map(|space| self.name_or_id(space, member));
        (name.unwrap_or_default(), member_id(member))
    }

    /// Whose a node is, in each space.
    pub(super) fn people_of(&self, peer: &PeerId) -> Vec<(Seated<'_>, MemberId)> {
        let of = |space: Seated<'_>| {
            let roll = space.replica.roll();
            let devices = roll.by_peer(peer).into_iter();
            devices.filter_map(|device| roll.member_of(&device)).collect::<Vec<_>>()
        };
        let all =
            self.seats().flat_map(|space| of(space).into_iter().map(move |member| (space, member)));
        all.collect()
    }

    /// What those are called whose a node is.
    pub(crate) fn names_of(&self, peer: &PeerId) -> Vec<String> {
        let people = self.people_of(peer).into_iter();
        let mut names: Vec<_> =
            people.map(|(space, member)| self.name_or_id(space, &member)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Names {
    /// All whom a name means, by its skeletons.
    pub(super) fn called(&self, skeletons: &[String; 2]) -> BTreeSet<MemberId> {
        let found = skeletons.iter().filter(|skeleton| !skeleton.is_empty());
        found.filter_map(|skeleton| self.0.get(skeleton)).flatten().copied().collect()
    }

    /// Who is called what begins so.
    pub(super) fn beginning(&self, skeletons: &[String; 2]) -> BTreeSet<MemberId> {
        let mut found = BTreeSet::new();
        for skeleton in skeletons.iter().filter(|skeleton| !skeleton.is_empty()) {
            let from = self.0.range(skeleton.clone()..);
            let begin = from.take_while(|(longer, _)| longer.starts_with(skeleton));
            found.extend(begin.flat_map(|(_, members)| members));
        }
        found
    }

    /// How many characters of a member's id tell them from all who are called the same; none where
    /// nobody else is.
    fn mark(&self, skeletons: &[String; 2], member: &MemberId) -> Option<usize> {
        let id = member_id(member);
        let common = |other: &MemberId| {
            let other = member_id(other);
            id.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count()
        };
        let others = self.called(skeletons).into_iter().filter(|other| other != member);
        others.map(|other| (common(&other) + 1).max(SHORT)).max()
    }
}
