//! Where a peer is reached, by how this node knows it.
//!
//! What this node found out by itself is never displaced by what others say: whoever may tell
//! addresses could else cut two nodes off from each other by telling enough false ones.

use minicbor::{Decode, Encode};

use crate::{
    io::Address,
    limits::{ADDRESS_BYTES_MAX, CLAIMED_MAX, HEARSAY_MAX},
};

const ADDRESSES_MAX: usize = sync::limits::ADDRESSES_MAX;

/// How this node knows an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Source {
    /// It connected there, and the peer proved to be the one that was wanted.
    Reached,
    /// The peer says so itself, over a connection.
    Said,
    /// The peer says so itself, of a place where its connection does not come from.
    Claimed,
    /// A ticket says so, or a contact of it.
    Ticket,
    /// Somebody else says so.
    Heard,
}

/// The addresses of one node, in a list for each [`Source`] with its newest first. All lists
/// together hold [`ADDRESSES_MAX`] (8) at most: half of them where it was reached, half what others
/// told of ([`HEARSAY_MAX`]), and what is left of these goes to the other two.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub(crate) struct Addresses {
    #[n(0)]
    reached: Vec<Address>,
    #[n(1)]
    said: Vec<Address>,
    #[n(2)]
    heard: Vec<Address>,
    #[n(3)]
    ticket: Vec<Address>,
    #[n(4)]
    claimed: Vec<Address>,
}

impl Addresses {
    /// All of them, the surest first.
    pub(crate) fn all(&self) -> Vec<Address> {
        self.lists().into_iter().flatten().cloned().collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lists().into_iter().all(Vec::is_empty)
    }

    /// What this node found out, or was told by the peer itself: that may be told to others.
    pub(super) fn proved(&self) -> Vec<Address> {
        [&self.reached, &self.said].into_iter().flatten().cloned().collect()
    }

    /// Forgets an address; whether it was there.
    pub(super) fn forget(&mut self, address: &str) -> bool {
        let before = self.lists().map(Vec::len);
        let Self { reached, said, heard, ticket, claimed } = self;
        for list in [reached, said, heard, ticket, claimed] {
            list.retain(|one| one != address);
        }
        self.lists().map(Vec::len) != before
    }

    /// Forgets what others said; whether there was any of it.
    pub(super) fn forget_hearsay(&mut self) -> bool {
        !std::mem::take(&mut self.heard).is_empty()
    }

    fn lists(&self) -> [&Vec<Address>; 5] {
        [&self.reached, &self.said, &self.claimed, &self.ticket, &self.heard]
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
        self.heard.truncate(HEARSAY_MAX);
        // What this node found out comes first, then what the peer says, then its ticket; a part is
        // for hearsay, and a part for places that nobody but the peer knows.
        let mut room = ADDRESSES_MAX - self.heard.len();
        self.claimed.truncate(CLAIMED_MAX);
        self.reached.truncate(ADDRESSES_MAX - HEARSAY_MAX - self.claimed.len());
        for list in [&mut self.reached, &mut self.claimed, &mut self.said, &mut self.ticket] {
            list.truncate(room);
            room -= list.len();
        }
        *self != before
    }

    fn learn_one(&mut self, source: Source, address: Address) {
        // What is known in a surer way stays there.
        let known = match source {
            Source::Reached => false,
            Source::Said => self.reached.contains(&address) || self.said.contains(&address),
            Source::Claimed => self.proved().contains(&address) || self.claimed.contains(&address),
            Source::Ticket => [self.proved(), self.claimed.clone(), self.ticket.clone()]
                .concat()
                .contains(&address),
            Source::Heard => self.lists().into_iter().any(|at| at.contains(&address)),
        };
        if known {
            return;
        }
        self.forget(&address);
        // Where it was reached last is where it is tried first.
        let list = match source {
            Source::Reached => &mut self.reached,
            Source::Said => &mut self.said,
            Source::Claimed => &mut self.claimed,
            Source::Ticket => &mut self.ticket,
            Source::Heard => &mut self.heard,
        };
        list.insert(0, address);
    }
}
