//! What words come to: posts, names, claims.

use documents::{
    claims::{ClaimRow, Said, standing},
    words::shown,
};
use ledger::{
    ItemId, MemberId, Timestamp,
    content_items::{Post, WordBody},
};
use store::{Direction, Key, Store, StoreError, Table};

use super::{WordRow, read_row};
use crate::{content::Content, tables};

/// A post as it is shown.
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
        let feed = tables::feed(self.space);
        let stamps = store.scan(Table::Rows, &feed, 0..=u64::MAX, order, limit)?;
        let mut posts = Vec::new();
        for (stamp, _) in stamps {
            let left = limit - posts.len();
            if left == 0 {
                break;
            }
            let group = tables::feed_at(self.space, Timestamp::from_ms(stamp));
            for (_, bytes) in store.scan(Table::Rows, &group, 0..=u64::MAX, order, left)? {
                if let Some(first) = read_row(Some(bytes)) {
                    posts.push(self.shown_post(store, first)?);
                }
            }
        }
        Ok(posts)
    }

    /// One post.
    pub fn post(&self, store: &impl Store, id: &ItemId) -> Result<Option<ShownPost>, StoreError> {
        let stamp = store.get(&Key::new(Table::Rows, tables::slot(self.space, id), 0))?;
        let Some(stamp) = stamp.and_then(|bytes| ledger::decode(&bytes).ok()) else {
            return Ok(None);
        };
        let group = tables::feed_at(self.space, stamp);
        let row = store.get(&Key::new(Table::Rows, group, tables::number_of(id)))?;
        let row = read_row(row).filter(|row| row.id == *id);
        row.map(|first| self.shown_post(store, first)).transpose()
    }

    fn shown_post(&self, store: &impl Store, first: WordRow) -> Result<ShownPost, StoreError> {
        let counts = self.ends.counts(&first.loc.device, first.loc.seq);
        let mut words = self.slot(store, first.clone())?;
        if counts {
            words.retain(|row| self.ends.counts(&row.loc.device, row.loc.seq));
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
        for first in self.rows(store, &tables::claims(self.space, need))? {
            let (id, by, at) = (first.id, first.author, first.stamp);
            let mut claimant = self.slot(store, first)?;
            claimant.retain(|row| self.ends.counts(&row.loc.device, row.loc.seq));
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
        let rows = self.rows(store, &tables::guest_keys(self.space, invite))?.into_iter();
        let keys = rows.filter(|row| row.author == *inviter).filter_map(|row| match row.body {
            WordBody::GuestKey(guest) => Some(guest.key.to_vec()),
            _ => None,
        });
        Ok(keys.collect())
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
