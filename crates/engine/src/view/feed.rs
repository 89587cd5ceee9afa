//! Posts, by when they were written and by when they came.

use api::{Answer, ErrorCode, Failure, FeedRow, Next, Rows};
use content::{Loc, Saying, ShownPost, Wanted};
use ledger::{ItemId, Journal};
use store::{Direction, Store, StoreError};

use super::{Result, View, find::Thing};
use crate::{failures::disk_failure, sabotage::sabotaged, space::Seated, wording};

/// Why a post is void whose author's key wrote twice at one place.
const BEHIND_FORK: &str = "its author's key was used by two homes, and nobody has built on it";

/// Why a post that was read says nothing.
const LOST: &str = "this home's disk has lost what it said: it comes again from whoever has it";

/// Notices that are looked at together.
const NOTICES_AT_ONCE: usize = 256;

impl<S: Store> View<'_, S> {
    pub(crate) fn feed(
        &self,
        said: Option<&str>,
        after: Option<u64>,
        limit: u64,
        campaign: Option<&str>,
    ) -> Result<Answer> {
        let limit =
            if limit == 0 { usize::MAX } else { usize::try_from(limit).unwrap_or(usize::MAX) };
        let campaign = match campaign.map(|thing| self.find(said, thing)).transpose()? {
            Some((_, Thing::Campaign(campaign))) => Some(campaign),
            Some(_) => return Err(Failure::because(ErrorCode::NotFound, "that is no campaign")),
            None => None,
        };
        let spaces = self.spaces_read(said)?;
        if let Some(after) = after {
            return self.feed_after(&spaces, after, limit, campaign);
        }
        let mut rows = Vec::new();
        for space in &spaces {
            let (content, replica) = (&space.seat.content, &space.replica);
            let wanted = Wanted { campaign, limit, order: Direction::Descending };
            for post in content.posts(self.store, replica, wanted).map_err(disk_failure)? {
                rows.push((post.first.listed_at(), self.feed_row(*space, post)?));
            }
        }
        rows.sort_by(|(a_at, a), (b_at, b)| (b_at, &b.id).cmp(&(a_at, &a.id)));
        if sabotaged!(self.config, FeedAsItCame) {
            rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.cursor));
        }
        rows.truncate(limit);
        let rows = rows.into_iter().rev().map(|(_, row)| row).collect();
        Ok(Answer::Feed(Rows {
            next: Some(Next::Cursor(self.cursor)),
            ..self.listed(&spaces, rows)
        }))
    }

    /// Posts in the order in which they came here, from a cursor on.
    fn feed_after(
        &self,
        spaces: &[Seated<'_>],
        after: u64,
        limit: usize,
        campaign: Option<ItemId>,
    ) -> Result<Answer> {
        let (mut rows, mut next) = (Vec::new(), after);
        while rows.len() < limit {
            let came = self.notices(spaces, next).map_err(disk_failure)?;
            if came.is_empty() {
                break;
            }
            for (cursor, space, word) in came {
                if rows.len() == limit {
                    break;
                }
                next = cursor;
                let content = &space.seat.content;
                let post = content.post_of(self.store, &space.replica, word, campaign);
                if let Some(post) = post.map_err(disk_failure)? {
                    rows.push(FeedRow { cursor, ..self.feed_row(space, post)? });
                }
            }
        }
        Ok(Answer::Feed(Rows { next: Some(Next::Cursor(next)), ..self.listed(spaces, rows) }))
    }

    /// The next notices of posts of these spaces behind a number.
    fn notices<'s>(
        &self,
        spaces: &[Seated<'s>],
        after: u64,
    ) -> std::result::Result<Vec<(u64, Seated<'s>, Loc)>, StoreError> {
        let mut notices = Vec::new();
        for space in spaces {
            let of_space = space.seat.content.notices(self.store, after, NOTICES_AT_ONCE)?;
            notices.extend(of_space.into_iter().map(|(cursor, word)| (cursor, *space, word)));
        }
        notices.sort_by_key(|(cursor, ..)| *cursor);
        notices.truncate(NOTICES_AT_ONCE);
        Ok(notices)
    }

    pub(crate) fn feed_row(&self, space: Seated<'_>, shown: ShownPost) -> Result<FeedRow> {
        let ShownPost { first, says, campaign, counts } = shown;
        let (state, why) = match (&says, counts) {
            (_, false) if space.replica.is_forked(Journal::Content, &first.loc.device) => {
                ("void", Some(BEHIND_FORK.to_owned()))
            }
            (_, false) => ("void", Some("it stands behind its author's end".to_owned())),
            (Saying::Undone, true) => ("undone", Some("its author took it back".to_owned())),
            (Saying::Lost, true) => ("waiting", Some(LOST.to_owned())),
            (Saying::Post(_), true) => ("counts", None),
        };
        let post = says.post();
        let log = (Journal::Content, first.loc.device);
        let by = first.loc.device;
        let is_own = || space.replica.roll().member_of(&by) == space.me();
        let unnamed = sabotaged!(self.config, OwnPostsUnnamed) && is_own();
        let text = post.map(|post| post.text.to_string()).unwrap_or_default();
        Ok(FeedRow {
            id: wording::update_id(&first.id),
            space: wording::space_id(&space.id),
            space_name: self.space_name(space),
            text,
            author: if unnamed { Default::default() } else { self.author(space, &by)? },
            at: first.stamp.as_ms(),
            doubtful: first.stands.is_some(),
            lang: post.and_then(|post| post.lang.as_ref()).map(|lang| lang.to_string()),
            campaign: campaign.as_ref().map(wording::document_id),
            reply_to: first.subject.as_ref().map(wording::update_id),
            state: state.to_owned(),
            why,
            stored_on: space.receipts.stored_on(&space.replica, log, first.loc.seq),
            mirrors: 0,
            cursor: first.cursor.unwrap_or(0),
        })
    }
}
