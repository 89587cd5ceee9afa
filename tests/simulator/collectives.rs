//! The collectives that people of the simulated world make, and who wants to be in which.

use std::collections::BTreeSet;

use ledger::{
    Journal, JournalId, SpaceId,
    id_text::{self, IdQuery},
};
use rand_chacha::ChaCha20Rng;

use super::draw::range;

/// One space, and the people who are to be in it.
#[derive(Debug, Clone)]
pub(crate) struct Collective {
    pub(crate) name: &'static str,
    pub(crate) founder: usize,
    pub(crate) people: BTreeSet<usize>,
    /// The space's id, once it was founded.
    pub(crate) id: Option<String>,
}

impl Collective {
    pub(crate) fn new(name: &'static str, people: impl IntoIterator<Item = usize>) -> Self {
        let people: BTreeSet<_> = people.into_iter().collect();
        let founder = people.first().copied().unwrap_or_default();
        Self { name, founder, people, id: None }
    }

    /// Two collectives with different founders; some people are in both.
    pub(crate) fn draw(rng: &mut ChaCha20Rng, people: usize) -> Vec<Self> {
        let mut elm = BTreeSet::from([0]);
        let mut oak = BTreeSet::from([1]);
        for person in 2..people {
            match range(rng, 0, 9) {
                0..4 => _ = elm.insert(person),
                4..8 => _ = oak.insert(person),
                _ => {
                    elm.insert(person);
                    oak.insert(person);
                }
            }
        }
        // A founder of one is in the other, so that two spaces share a session from the start.
        oak.insert(0);
        let mut oak = Self::new("Oak Lane", oak);
        oak.founder = 1;
        vec![Self::new("Elm Street", elm), oak]
    }

    /// The space, once it was founded.
    pub(crate) fn space(&self) -> Option<SpaceId> {
        space_id(self.id.as_deref()?)
    }

    /// Whether a journal is one of the space's.
    pub(crate) fn has(&self, journal: JournalId) -> bool {
        self.space().is_some_and(|space| Journal::of(journal, space).is_some())
    }
}

/// The space that a text names.
pub(crate) fn space_id(text: &str) -> Option<SpaceId> {
    match id_text::parse(text) {
        Ok(IdQuery::Full(_, bytes)) => Some(SpaceId::from_bytes(bytes)),
        _ => None,
    }
}
