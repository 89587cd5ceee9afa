//! What is told to whoever follows beside posts: who connected, who knocks, who is in.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use api::Event;
use charter::Roll;
use ledger::{EntryId, MemberId, PeerId, SpaceId};
use store::Store;

use super::Engine;
use crate::{ask::wording, space::Space};

/// What has been told, so that each thing is told once.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    connected: BTreeSet<PeerId>,
    rolls: BTreeMap<SpaceId, (bool, Arc<Roll>)>,
}

impl Announced {
    /// What is there at the start is no news.
    pub(crate) fn at_start<'a>(spaces: impl Iterator<Item = &'a Space>) -> Self {
        let seen = |space: &Space| (space.id, (space.is_in(), space.replica.roll().clone()));
        Self { connected: BTreeSet::new(), rolls: spaces.map(seen).collect() }
    }
}

impl<S: Store> Engine<S> {
    /// Tells what has changed since the last time.
    pub(super) fn tell_happenings(&mut self) {
        self.tell_connections();
        let changed = |space: &&Space| {
            let told = self.told.rolls.get(&space.id);
            told.is_none_or(|(_, roll)| !Arc::ptr_eq(roll, space.replica.roll()))
        };
        let changed: Vec<_> = self.spaces.values().filter(changed).map(|space| space.id).collect();
        for id in changed {
            self.tell_charter(id);
        }
    }

    /// Nodes of members and of a ticket's contacts; strangers are nobody's news.
    fn tell_connections(&mut self) {
        let wanted = self.wanted_peers();
        let is_connected =
            |peer: &&PeerId| self.peers.get(peer).is_some_and(|known| known.connected);
        let now: BTreeSet<_> = wanted.iter().filter(is_connected).cloned().collect();
        let before = std::mem::replace(&mut self.told.connected, now.clone());
        for peer in before.symmetric_difference(&now) {
            let name = self.names_of(peer).into_iter().next();
            let text = wording::peer_id(peer);
            self.notice(
                None,
                match now.contains(peer) {
                    true => Event::Connected { peer: text, name },
                    false => Event::Disconnected { peer: text, name },
                },
            );
        }
    }

    fn tell_charter(&mut self, id: SpaceId) {
        let Some(space) = self.spaces.get(&id) else { return };
        let (is_in, roll) = (space.is_in(), space.replica.roll().clone());
        let me = self.me(space);
        let before = self.told.rolls.insert(id, (is_in, roll.clone()));
        let (was_in, before) = before.unwrap_or_default();
        if !is_in {
            return;
        }
        // Who comes in finds the others there, which is no news; that they are in is.
        let fresh = |member: &MemberId| match was_in {
            true => !before.members.contains_key(member),
            false => me == Some(*member),
        };
        let members: Vec<_> = roll.members_in().filter(|member| fresh(member)).copied().collect();
        let new = |knock: &&EntryId| was_in && !before.knocks.contains_key(knock);
        let knocks: Vec<_> = roll.knocks.keys().filter(new).copied().collect();
        for member in members {
            let (name, member) = self.said_name(id, &member);
            self.notice(Some(id), Event::In { name, member });
        }
        for knock in knocks {
            let member = MemberId::from(knock);
            if !roll.members.contains_key(&member) {
                let (name, member) = self.said_name(id, &member);
                self.notice(Some(id), Event::Knock { name, member });
            }
        }
    }

    fn said_name(&self, id: SpaceId, member: &MemberId) -> (String, String) {
        let name = self.spaces.get(&id).map(|space| self.name_or_id(space, member));
        (name.unwrap_or_default(), wording::member_id(member))
    }
}
