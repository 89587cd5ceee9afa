//! What words come to: posts, names, claims.

use documents::claims::{ClaimRow, Said, standing};
use ledger::{
    ItemId, MemberId, Timestamp,
    content_items::{Post, WordBody},
};
use store::{Batch, Direction, Store, StoreError};

use crate::{content::Content, place::Loc, rows::WordRow, slot::Slot, table::ALL, tables};

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
        let stamps = tables::feed(self.space).numbers(store, ALL, order, limit)?;
        let mut posts = Vec::new();
        for stamp in stamps {
            let left = limit - posts.len();
            if left == 0 {
                break;
            }
            let list = tables::feed_at(self.space, Timestamp::from_ms(stamp));
            for (_, first) in list.scan(store, ALL, order, left)? {
                posts.extend(self.post(store, &first)?);
            }
        }
        Ok(posts)
    }

    /// One post by its first word; none if no such post holds here.
    pub fn post(&self, store: &impl Store, id: &ItemId) -> Result<Option<ShownPost>, StoreError> {
        let Some(place) = self.place(store, id)? else { return Ok(None) };
        let first = self.word_at(store, &place.loc)?;
        let first =
            first.filter(|first| first.root == *id && matches!(first.body, WordBody::Post(_)));
        first.map(|first| self.shown_post(store, first)).transpose()
    }

    fn shown_post(&self, store: &impl Store, first: WordRow) -> Result<ShownPost, StoreError> {
        let counts = self.counts(&first.loc);
        let (post, campaign) =
            match self.shown_in(store, Slot::post(&first.id), counts, Some(first.loc))? {
                Some(WordRow { body: WordBody::Post(post), entry, .. }) => {
                    let campaign = post.campaign.map(|item| item.resolve(&entry));
                    (Some(post), campaign)
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
        let shown = self.shown_in(store, Slot::profile(member), true, None)?;
        Ok(shown.and_then(|row| match row.body {
            WordBody::Profile(profile) => Some(profile.name.to_string()),
            _ => None,
        }))
    }

    /// The claims of a need that count and were not undone, by id: of each member the last.
    pub fn claims(&self, store: &impl Store, need: &ItemId) -> Result<Vec<ClaimRow>, StoreError> {
        let mut claims = Vec::new();
        for by in tables::claimants(self.space, need).all(store)? {
            let slot = Slot::claim(need, &by);
            let Some(claim) = self.shown_in(store, slot, true, None)? else { continue };
            let answer = self.shown_in(store, Slot::answer(need, &by), true, None)?;
            let answer: Vec<_> = answer.iter().map(said).collect();
            let Some(standing) = standing(&[said(&claim)], &answer) else { continue };
            let first = self.first_of(store, claim)?;
            claims.push(ClaimRow { id: first.id, by, state: standing.state, at: first.stamp });
        }
        claims.sort_by_key(|claim| claim.id);
        Ok(claims)
    }

    /// The first of the words that led to this one.
    fn first_of(&self, store: &impl Store, word: WordRow) -> Result<WordRow, StoreError> {
        if word.root == word.id {
            return Ok(word);
        }
        let Some(place) = self.place(store, &word.root)? else { return Ok(word) };
        Ok(self.word_at(store, &place.loc)?.unwrap_or(word))
    }

    /// The word that stands there in a slot, if one does.
    fn word_at(&self, store: &impl Store, loc: &Loc) -> Result<Option<WordRow>, StoreError> {
        tables::words_of(self.space, &loc.log()).at(loc.number()).get(store)
    }

    /// To `batch`: a post's news has been told under this number, with what tells it for good.
    pub fn told(
        &self,
        store: &impl Store,
        post: &ItemId,
        cursor: u64,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        tables::untold(self.space).of(post).remove(batch);
        let Some(place) = self.place(store, post)? else { return Ok(()) };
        if let Some(row) = self.word_at(store, &place.loc)? {
            let row = WordRow { cursor: Some(cursor), ..row };
            tables::words_of(self.space, &place.loc.log()).at(place.loc.number()).put(&row, batch);
        }
        Ok(())
    }

    /// The guest key that `inviter` gave for an invite.
    pub fn guest_key(
        &self,
        store: &impl Store,
        invite: &ItemId,
        inviter: &MemberId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let shown = self.shown_in(store, Slot::guest_key(invite, inviter), false, None)?;
        Ok(shown.and_then(|row| match row.body {
            WordBody::GuestKey(guest) => Some(guest.key.to_vec()),
            _ => None,
        }))
    }
}

fn said(word: &WordRow) -> Said {
    let state = match &word.body {
        WordBody::Claim(claim) => Some(claim.state),
        _ => None,
    };
    Said { version: word.version(), state }
}
