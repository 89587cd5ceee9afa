//! What this node shows: queries, names and wording, over the spaces and the store as they are.
//!
//! A view borrows everything and changes nothing: it cannot write, and has nothing to send with.

mod charters;
mod documents;
mod feed;
mod find;
mod machine;
mod members;
mod names;
mod needs;
mod neighbours;
mod reach;
mod show;
mod spaces;
mod status;
mod why;

use api::{Answer, ErrorCode, Failure, Query, Rows};
use ledger::{SpaceId, Timestamp};
use store::{Store, StoreError};

pub(crate) use find::Thing;
pub(crate) use spaces::used_key;

use crate::{
    config::Config,
    failures::Result,
    gate::Gate,
    links::Links,
    sabotage::sabotaged,
    space::{Seated, Space, Spaces},
    watched::Watched,
};

/// The spaces, the store and the links of a node as they are at one moment, borrowed from the
/// engine to answer questions from.
pub(crate) struct View<'a, S> {
    pub(crate) config: &'a Config,
    pub(crate) store: &'a Watched<S>,
    pub(crate) spaces: &'a Spaces,
    pub(crate) links: &'a Links,
    pub(crate) gate: &'a Gate,
    pub(crate) now: Timestamp,
    /// The number of the newest notice.
    pub(crate) cursor: u64,
    /// What the store last failed with, while answering nobody in particular; until it writes.
    pub(crate) trouble: Option<&'a StoreError>,
}

impl<'a, S: Store> View<'a, S> {
    /// Answers a question about `said`, or about all spaces or the one that is meant.
    pub(crate) fn answer(&self, said: Option<&str>, query: &Query) -> Result<Answer> {
        match query {
            Query::Spaces => self.list_spaces(),
            Query::Status => self.status(),
            Query::Todo => self.todo(),
            Query::Feed { after, limit, campaign } => {
                self.feed(said, *after, *limit, campaign.as_deref())
            }
            Query::Campaigns => self.list_campaigns(said),
            Query::Needs => self.list_needs(said),
            Query::Show { thing } => self.show(said, thing),
            Query::Members => self.list_members(said),
            Query::Invites => self.list_invites(said),
            Query::Profile => self.my_profile(said),
            Query::CharterShow => self.charter_show(said),
            Query::CharterWords => self.charter_words(said),
            Query::CharterExport => self.charter_export(said),
            Query::Fingerprint => self.fingerprint(said),
            Query::Stats => self.stats(),
            Query::Peers => self.list_peers(),
            Query::Why { thing } => self.why(said, thing.as_deref()),
        }
    }

    /// Spaces in which this home has a seat.
    pub(crate) fn seats(&self) -> impl Iterator<Item = Seated<'a>> + use<'a, S> {
        self.spaces.values().filter_map(Space::seated)
    }

    /// A space in which this home has a seat.
    pub(crate) fn seated(&self, id: &SpaceId) -> Option<Seated<'a>> {
        self.spaces.get(id)?.seated()
    }

    /// A list of what was read in these spaces, with how much of them was not.
    pub(crate) fn listed<T>(&self, spaces: &[Seated<'_>], rows: Vec<T>) -> Rows<T> {
        let unread = |space: &Seated<'_>| match sabotaged!(self.config, UnreadHidden) {
            true => 0,
            false => space.unread(),
        };
        Rows { unread: spaces.iter().map(unread).sum(), ..rows.into() }
    }

    /// As [`View::seated`], for who must have one.
    pub(crate) fn seat(&self, id: &SpaceId) -> Result<Seated<'a>> {
        self.seated(id).ok_or_else(|| Failure::of(ErrorCode::NoSpace))
    }
}

/// Rows by when they stand in lists, then by their id.
fn in_order<T>(mut rows: Vec<(Timestamp, String, T)>) -> Vec<T> {
    rows.sort_by(|(a_at, a, _), (b_at, b, _)| (a_at, a).cmp(&(b_at, b)));
    rows.into_iter().map(|(.., row)| row).collect()
}
