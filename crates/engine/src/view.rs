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

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use api::{Answer, ErrorCode, Failure, Next, Page, Query, Rows};
use ledger::{SpaceId, Timestamp};
use store::{Store, StoreError};

pub(crate) use find::Thing;
use names::Names;
pub(crate) use spaces::used_key;

use crate::{
    config::Config,
    engine::stalled::Stalled,
    failures::{Result, disk_failure, said_back},
    gate::Gate,
    links::Links,
    name::Memo,
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
    /// What cannot be read just now.
    pub(crate) stalled: &'a Stalled,
    pub(crate) name_memo: &'a Memo,
    /// What names mean in each space, as far as it was asked for.
    pub(crate) names: RefCell<BTreeMap<SpaceId, Rc<Names>>>,
}

impl<'a, S: Store> View<'a, S> {
    /// Answers a question about `said`, or about all spaces or the one that is meant.
    pub(crate) fn answer(&self, said: Option<&str>, query: &Query, page: &Page) -> Result<Answer> {
        let answer = self.answer_whatever_is_read(said, query, page);
        // What is waited for in vain is no part of a whole to come.
        let unreadable = is_of_content(query).then(|| self.unreadable(said)).flatten();
        match (answer, unreadable) {
            (Err(failure), None) => Err(self.perhaps_unread(said, failure)),
            (Err(failure), Some(_)) if failure.code != ErrorCode::NotFound => Err(failure),
            (_, Some(why)) => Err(disk_failure(why.clone())),
            (answer, None) => answer,
        }
    }

    /// Why what is to be read in the spaces that are asked about cannot be.
    fn unreadable(&self, said: Option<&str>) -> Option<&'a StoreError> {
        let stalled = self.stalled;
        let mut behind = self.spaces_read(said).ok()?.into_iter().filter(|space| space.is_behind());
        behind.find_map(|space| stalled.unreadable(&space.id))
    }

    /// Who is told that something is not there is told how much was not read.
    fn perhaps_unread(&self, said: Option<&str>, failure: Failure) -> Failure {
        let unread = self.spaces_read(said).map_or(0, |spaces| self.unread(&spaces));
        if failure.code != ErrorCode::NotFound || unread == 0 {
            return failure;
        }
        let message =
            format!("{}, or not yet: {unread} entries are to be read still", failure.message);
        Failure { message, ..failure }
    }

    fn answer_whatever_is_read(
        &self,
        said: Option<&str>,
        query: &Query,
        page: &Page,
    ) -> Result<Answer> {
        match query {
            Query::Spaces => self.list_spaces(page),
            Query::Status => self.status(),
            Query::Todo => self.todo(page),
            Query::Feed { after, limit, campaign } => {
                self.feed(said, *after, *limit, campaign.as_deref())
            }
            Query::Campaigns => self.list_campaigns(said, page),
            Query::Needs => self.list_needs(said, page),
            Query::Show { thing } => self.show(said, thing),
            Query::Members => self.list_members(said, page),
            Query::ToVouch { who } => self.to_vouch(said, who),
            Query::Invites => self.list_invites(said, page),
            Query::Profile => self.my_profile(said),
            Query::CharterShow => self.charter_show(said),
            Query::CharterWords => self.charter_words(said),
            Query::CharterExport => self.charter_export(said),
            Query::Fingerprint => self.fingerprint(said),
            Query::Stats => self.stats(),
            Query::Peers => self.list_peers(page),
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
        Rows { unread: self.unread(spaces), ..rows.into() }
    }

    /// How many entries of these spaces are here and not read.
    pub(crate) fn unread(&self, spaces: &[Seated<'_>]) -> u64 {
        let unread = |space: &Seated<'_>| match sabotaged!(self.config, UnreadHidden) {
            true => 0,
            false => space.unread(),
        };
        spaces.iter().map(unread).sum()
    }

    /// As [`View::seated`], for who must have one.
    pub(crate) fn seat(&self, id: &SpaceId) -> Result<Seated<'a>> {
        self.seated(id).ok_or_else(|| Failure::of(ErrorCode::NoSpace))
    }
}

/// Of a list in its order, given with the ids of its rows, the part that is asked for, and behind
/// which row the next one begins.
fn part_of<T>(rows: Vec<(String, T)>, page: &Page) -> Result<(Vec<T>, Option<Next>)> {
    let first = match &page.after {
        None => 0,
        Some(after) => {
            // Only PeerIds have capital letters.
            let (whole, lower) = (after.trim(), after.trim().to_ascii_lowercase());
            let is_it = |(id, _): &(String, T)| id == whole || *id == lower;
            let at = rows.iter().position(is_it).ok_or_else(|| {
                let message = format!("there is no {} in this list", said_back(after));
                Failure::because(ErrorCode::NotFound, message)
            })?;
            at + 1
        }
    };
    let limit = match usize::try_from(page.limit) {
        Ok(limit @ 1..) => limit,
        _ => usize::MAX,
    };
    let has_more = rows.len() - first > limit;
    let mut part = rows.into_iter().skip(first).take(limit).peekable();
    let (mut rows, mut last) = (Vec::new(), None);
    while let Some((id, row)) = part.next() {
        rows.push(row);
        last = part.peek().is_none().then_some(id);
    }
    Ok((rows, last.filter(|_| has_more).map(Next::Row)))
}

/// Whether it is answered by what was read of content; what tells of the node itself, and why
/// something waits, is told whatever cannot be read.
fn is_of_content(query: &Query) -> bool {
    match query {
        Query::Todo
        | Query::Feed { .. }
        | Query::Campaigns
        | Query::Needs
        | Query::Show { .. }
        | Query::Members
        | Query::ToVouch { .. }
        | Query::Invites
        | Query::Profile
        | Query::Fingerprint => true,
        Query::Spaces
        | Query::Status
        | Query::CharterShow
        | Query::CharterWords
        | Query::CharterExport
        | Query::Stats
        | Query::Peers
        | Query::Why { .. } => false,
    }
}
