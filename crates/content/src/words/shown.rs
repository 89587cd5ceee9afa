//! What words come to: posts, names, claims.

use documents::{
    claims::{ClaimRow, Said, standing},
    words::shown,
};
use ledger::{
    ItemId, MemberId, Timestamp,
    content_items::{Post, WordBody},
};
use store::{Direction, Store, StoreError};

use crate::{
    content::Content,
    rows::WordRow,
    table::{ALL, List},
    tables,
};

/// A post as it is shown: the words of one slot, in what they come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownPost {
    /// Its first word, by which it is known.
    pub first: WordRow,
    /// What it says now; none where its author undid it.
    pub post: Option<Post>,
    /// The campaign that it belongs to.
    pub campaign: Option<ItemId>,
    /// Whether it counts; if not, its log's end is before it.
    pub counts: bool,
}

impl Content {
    /// At most `limit` posts, the latest first unless ascending; of one stamp by their ids.
    pub fn posts(
        &self,
        store: &impl Store,
        order: Direction,
        limit: usize,
    ) -> Result<Vec<ShownPost>, StoreError> {
        let stamps = tables::feed(self.space).numbers(store, order, limit)?;
        let mut posts = Vec::new();
        for stamp in stamps {
            let left = limit - posts.len();
            if left == 0 {
                break;
            }
            let list = tables::feed_at(self.space, Timestamp::from_ms(stamp));
            for (_, first) in list.scan(store, ALL, order, left)? {
                posts.push(self.shown_post(store, first)?);
            }
        }
        Ok(posts)
    }

    /// One post by its first word; none if no such post holds here.
    pub fn post(&self, store: &impl Store, id: &ItemId) -> Result<Option<ShownPost>, StoreError> {
        let Some(stamp) = tables::slot_stamp(self.space, id).get(store)? else { return Ok(None) };
        let row = tables::feed_at(self.space, stamp).of(id).get(store)?;
        let first = row.filter(|row| row.id == *id);
        first.map(|first| self.shown_post(store, first)).transpose()
    }

    fn shown_post(&self, store: &impl Store, first: WordRow) -> Result<ShownPost, StoreError> {
        let counts = self.counts(&first.loc);
        let mut words = self.slot(store, first.clone())?;
        if counts {
            words.retain(|row| self.counts(&row.loc));
        }
        let (post, campaign) = match last(&words) {
            Some(WordRow { body: WordBody::Post(post), entry, .. }) => {
                (Some(post.clone()), post.campaign.map(|item| item.resolve(entry)))
            }
            _ => (None, None),
        };
        Ok(ShownPost { first, post, campaign, counts })
    }

    /// What a member is called, by the last of their profiles that counts.
    pub fn name(
        &self,
        store: &impl Store,
        member: &MemberId,
    ) -> Result<Option<String>, StoreError> {
        let words = self.counting(store, &tables::profiles(self.space, member))?;
        Ok(last(&words).and_then(|row| match &row.body {
            WordBody::Profile(profile) => Some(profile.name.to_string()),
            _ => None,
        }))
    }

    /// The claims of a need that count and were not undone, by id.
    pub fn claims(&self, store: &impl Store, need: &ItemId) -> Result<Vec<ClaimRow>, StoreError> {
        let mut claims = Vec::new();
        for first in tables::claims(self.space, need).all(store)? {
            let (id, by, at) = (first.id, first.author, first.stamp);
            let mut claimant = self.slot(store, first)?;
            claimant.retain(|row| self.counts(&row.loc));
            let poster = self.counting(store, &tables::claims(self.space, &id))?;
            if let Some(standing) = standing(&said(&claimant), &said(&poster)) {
                claims.push(ClaimRow { id, by, state: standing.state, at });
            }
        }
        claims.sort_by_key(|claim| claim.id);
        Ok(claims)
    }

    /// The guest keys that `inviter` gave for an invite.
    pub fn guest_keys(
        &self,
        store: &impl Store,
        invite: &ItemId,
        inviter: &MemberId,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let rows = tables::guest_keys(self.space, invite).all(store)?.into_iter();
        let keys = rows.filter(|row| row.author == *inviter).filter_map(|row| match row.body {
            WordBody::GuestKey(guest) => Some(guest.key.to_vec()),
            _ => None,
        });
        Ok(keys.collect())
    }

    /// The words of a slot, whose first is `first`.
    fn slot(&self, store: &impl Store, first: WordRow) -> Result<Vec<WordRow>, StoreError> {
        let mut rows = Vec::new();
        if first.revised {
            rows = tables::slot(self.space, &first.id).between(store, 1..=u64::MAX)?;
        }
        rows.push(first);
        Ok(rows)
    }

    /// Those of the words of a list's slots that count.
    fn counting(
        &self,
        store: &impl Store,
        list: &List<WordRow>,
    ) -> Result<Vec<WordRow>, StoreError> {
        let mut rows = Vec::new();
        for first in list.all(store)? {
            rows.extend(self.slot(store, first)?);
        }
        rows.retain(|row| self.counts(&row.loc));
        Ok(rows)
    }
}

/// The word of these that shows.
fn last(words: &[WordRow]) -> Option<&WordRow> {
    let versions: Vec<_> = words.iter().map(WordRow::version).collect();
    let shows = shown(&versions)?.id;
    words.iter().find(|row| row.id == shows)
}

fn said(words: &[WordRow]) -> Vec<Said> {
    let state = |body: &WordBody| match body {
        WordBody::Claim(claim) => Some(claim.state),
        _ => None,
    };
    words.iter().map(|row| Said { version: row.version(), state: state(&row.body) }).collect()
}
