//! What has been told to whoever follows, so that each thing is told once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use charter::Roll;
use ledger::{EntryId, PeerId, SpaceId};

use crate::space::Space;

/// What followers have been told of connections and charters.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    pub(crate) connected: BTreeSet<PeerId>,
    /// Of each space: whether this home was in, and the roll.
    pub(crate) rolls: BTreeMap<SpaceId, (bool, Arc<Roll>)>,
    /// Who knocked, of each space.
    pub(crate) knocks: BTreeMap<SpaceId, BTreeSet<EntryId>>,
    /// Spaces of which the ticket has ended: told again after each start.
    pub(crate) ended: BTreeSet<SpaceId>,
}

impl Announced {
    /// What is there at the start is no news.
    pub(crate) fn at_start<'a>(spaces: impl Iterator<Item = &'a Space>) -> Self {
        let mut announced = Self::default();
        for space in spaces {
            announced.rolls.insert(space.id, (space.is_in(), space.replica.roll().clone()));
            announced.knocks.insert(space.id, knocks(space));
        }
        announced
    }

    /// Whether a space's charter says something else than was told, or somebody else knocks.
    pub(crate) fn is_old(&self, space: &Space) -> bool {
        let roll = self.rolls.get(&space.id);
        let told = self.knocks.get(&space.id);
        let is_told = |knock: &EntryId| told.is_some_and(|told| told.contains(knock));
        roll.is_none_or(|(_, roll)| !Arc::ptr_eq(roll, space.replica.roll()))
            || !space.replica.guests().all(|(knock, _)| is_told(knock))
    }
}

/// Who knocks at a space or did.
pub(crate) fn knocks(space: &Space) -> BTreeSet<EntryId> {
    space.replica.knocks().map(|(knock, _)| *knock).collect()
}
