//! What has been told to whoever follows, so that each thing is told once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use charter::Roll;
use ledger::{PeerId, SpaceId};

use crate::space::Space;

/// What followers have been told of connections and charters.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    pub(crate) connected: BTreeSet<PeerId>,
    /// Of each space: whether this home was in, and the roll.
    pub(crate) rolls: BTreeMap<SpaceId, (bool, Arc<Roll>)>,
    /// Spaces of which the ticket has ended: told again after each start.
    pub(crate) ended: BTreeSet<SpaceId>,
}

impl Announced {
    /// What is there at the start is no news.
    pub(crate) fn at_start<'a>(spaces: impl Iterator<Item = &'a Space>) -> Self {
        let seen = |space: &Space| (space.id, (space.is_in(), space.replica.roll().clone()));
        Self { rolls: spaces.map(seen).collect(), ..Self::default() }
    }
}
