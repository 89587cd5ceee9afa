//! Where a peer is reached, by how this node knows it.
//!
//! What this node found out by itself is never displaced by what others say: whoever may tell
//! addresses could else cut two nodes off from each other by telling enough false ones.

use minicbor::{Decode, Encode};

use crate::{
    io::Address,
    limits::{ADDRESS_BYTES_MAX, HEARSAY_MAX},
};

const ADDRESSES_MAX: usize = sync::limits::ADDRESSES_MAX;

/// How this node knows an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Source {
    /// It connected there, and the peer proved to be the one that was wanted.
    Reached,
    /// The peer says so itself, or a ticket does.
    Said,
    /// Somebody else says so.
    Heard,
}

/// See the module's page. Each list has its newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub(crate) struct Addresses {
    #[n(0)]
    reached: Vec<Address>,
    #[n(1)]
    said: Vec<Address>,
    #[n(2)]
    heard: Vec<Address>,
}

impl Addresses {
    /// All of them, the surest first.
    pub(crate) fn all(&self) -> Vec<Address> {
        [&self.reached, &self.said, &self.heard].into_iter().flatten().cloned().collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.reached.is_empty() && self.said.is_empty() && self.heard.is_empty()
    }

    /// Takes what is news; whether anything is.
    pub(super) fn learn(
        &mut self,
        source: Source,
        addresses: impl IntoIterator<Item = Address>,
    ) -> bool {
        let before = self.clone();
        let fits = |address: &Address| !address.is_empty() && address.len() <= ADDRESS_BYTES_MAX;
        let news: Vec<_> = addresses.into_iter().filter(fits).take(ADDRESSES_MAX).collect();
        // Backwards, for each goes to the front.
        for address in news.into_iter().rev() {
            self.learn_one(source, address);
        }
        self.reached.truncate(ADDRESSES_MAX - HEARSAY_MAX);
        self.heard.truncate(HEARSAY_MAX);
        self.said.truncate(ADDRESSES_MAX - self.reached.len() - self.heard.len());
        *self != before
    }

    fn learn_one(&mut self, source: Source, address: Address) {
        let Self { reached, said, heard } = self;
        match source {
            // Where it was reached last is where it is tried first.
            Source::Reached => {
                for list in [&mut *reached, said, heard] {
                    list.retain(|one| *one != address);
                }
                reached.insert(0, address);
            }
            Source::Said if !reached.contains(&address) && !said.contains(&address) => {
                heard.retain(|one| *one != address);
                said.insert(0, address);
            }
            Source::Heard if ![&*reached, said, heard].iter().any(|at| at.contains(&address)) => {
                heard.insert(0, address);
            }
            Source::Said | Source::Heard => {}
        }
    }
}
