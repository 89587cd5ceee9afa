//! What words come to: posts, names, claims.

use std::{collections::BTreeSet, sync::Arc};

use charter::Roll;
use documents::claims::{ClaimRow, Said, standing};
use ledger::{
    ItemId, MemberId, Timestamp,
    content_items::{ContentItem, Post, Word, WordBody},
};
use replica::Replica;
use store::{Direction, Store, StoreError};

use crate::{
    content::Content,
    place::{Loc, Spot},
    rows::{Says, WordRow},
    slot::Slot,
    table::ALL,
    tables,
};

/// A post as it is shown: the words of one slot, in what they come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownPost {
    /// Its first word, by which it is known.
    pub first: WordRow,
    /// What it says now.
    pub says: Saying,
    /// The campaign that it belongs to.
    pub campaign: Option<ItemId>,
    /// Whether it counts; if not, its log's end is before it.
    pub counts: bool,
}

/// What a member is called, and was.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Named {
    /// By the last of their profiles that counts; none where none does.
    pub name: Option<String>,
    /// What they were called before, on each device the last first, and until when this home knew
    /// them so, as far as that is known. Of who changes their name all the time some are left out.
    pub former: Vec<(String, Option<Timestamp>)>,
    /// Since when this home knows them by the first of these names.
    pub since: Option<Timestamp>,
}

/// Former names that are found, at most.
const FORMER_MAX: usize = 32;

/// Words of one device that are looked at for them: who says the same name again and again hides
/// the one before only after so many.
const WORDS_MAX: usize = 1_024;

/// Which posts are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Of this campaign; none for all.
    pub campaign: Option<ItemId>,
    /// So many at most.
    pub limit: usize,
    /// The latest first, or the earliest.
    pub order: Direction,
}

/// Times of posts that are looked at together.
const TIMES_AT_ONCE: usize = 64;

/// What a post says now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Saying {
    /// This.
    Post(Post),
    /// Nothing: its author took it back.
    Undone,
    /// It is not known: the entry was lost.
    Lost,
}

impl Saying {
    /// The post, where it is there to be read.
    pub fn post(&self) -> Option<&Post> {
        match self {
            Self::Post(post) => Some(post),
            Self::Undone | Self::Lost => None,
        }
    }
}

fn name_of(says: &Says) -> Option<&str> {
    match says {
        Says::Other(WordBody::Profile(profile)) => Some(&profile.name),
        _ => None,
    }
}

impl Content {
    /// Posts by the times at which they stand; of one time by their ids.
    pub fn posts(
        &self,
        store: &impl Store,
        replica: &Replica,
        wanted: Wanted,
    ) -> Result<Vec<ShownPost>, StoreError> {
        let (mut posts, mut stamps) = (Vec::new(), ALL);
        while posts.len() < wanted.limit {
            let feed = tables::feed(self.rows);
            let found = feed.scan(store, stamps.clone(), wanted.order, TIMES_AT_ONCE)?;
            let Some((last, _)) = found.last().copied() else { break };
            for (stamp, alone) in found {
                // Of a campaign's posts it is not known beforehand which of them they are.
                let left = wanted.limit.saturating_sub(posts.len());
                if left == 0 {
                    break;
                }
                let most = if wanted.campaign.is_some() { usize::MAX } else { left };
                for spot in self.posts_of_time(store, stamp, alone, wanted.order, most)? {
                    let loc = self.logs.loc(spot)?;
                    posts.extend(self.post_at(store, replica, loc, wanted.campaign)?);
                }
            }
            let rest = match wanted.order {
                Direction::Ascending => last.checked_add(1).map(|next| next..=u64::MAX),
                Direction::Descending => last.checked_sub(1).map(|next| 0..=next),
            };
            let Some(rest) = rest else { break };
            stamps = rest;
        }
        posts.truncate(wanted.limit);
        Ok(posts)
    }

    /// Where at most `limit` posts of one time stand.
    fn posts_of_time(
        &self,
        store: &impl Store,
        stamp: u64,
        alone: Option<Spot>,
        order: Direction,
        limit: usize,
    ) -> Result<Vec<Spot>, StoreError> {
        if let Some(spot) = alone {
            return Ok(vec![spot].into_iter().take(limit).collect());
        }
        let list = tables::feed_at(self.rows, Timestamp::from_ms(stamp));
        let several = list.scan(store, ALL, order, limit)?;
        Ok(several.into_iter().take(limit).map(|(_, spot)| spot).collect())
    }

    /// One post by its first word; none if no such post holds here.
    pub fn post(
        &self,
        store: &impl Store,
        replica: &Replica,
        id: &ItemId,
    ) -> Result<Option<ShownPost>, StoreError> {
        let Some(loc) = self.loc(store, id)? else { return Ok(None) };
        self.post_at(store, replica, loc, None)
    }

    fn loc(&self, store: &impl Store, id: &ItemId) -> Result<Option<Loc>, StoreError> {
        Ok(self.place(store, id)?.map(|place| place.loc))
    }

    /// The post that a word is of, by where that stands, if it is of the campaign that is asked
    /// for.
    pub fn post_of(
        &self,
        store: &impl Store,
        replica: &Replica,
        word: Loc,
        campaign: Option<ItemId>,
    ) -> Result<Option<ShownPost>, StoreError> {
        let Some(row) = self.word_at(store, &word)? else { return Ok(None) };
        let first = if row.root == row.id { Some(word) } else { self.loc(store, &row.root)? };
        first.map_or(Ok(None), |first| self.post_at(store, replica, first, campaign))
    }

    /// The post whose first word stands there; none if that is something else, or not of the
    /// campaign that is asked for.
    fn post_at(
        &self,
        store: &impl Store,
        replica: &Replica,
        loc: Loc,
        wanted: Option<ItemId>,
    ) -> Result<Option<ShownPost>, StoreError> {
        let Some(first) = self.word_at(store, &loc)? else { return Ok(None) };
        if first.root != first.id || !matches!(first.says, Says::Post { .. }) {
            return Ok(None);
        }
        let counts = self.counts(&first.loc);
        let shows = self.shown_in(store, Slot::post(&first.id), counts, Some(first.loc))?;
        let (text, campaign) = match shows {
            Some(WordRow { says: Says::Post { campaign }, loc, id, .. }) => {
                (Some((loc, id)), campaign)
            }
            _ => (None, None),
        };
        if wanted.is_some() && campaign != wanted {
            return Ok(None);
        }
        let says = match text {
            None => Saying::Undone,
            Some((loc, id)) => {
                self.post_text(store, replica, &loc, &id)?.map_or(Saying::Lost, Saying::Post)
            }
        };
        Ok(Some(ShownPost { first, says, campaign, counts }))
    }

    /// What the post says that stands there; none where its entry is lost.
    fn post_text(
        &self,
        store: &impl Store,
        replica: &Replica,
        loc: &Loc,
        id: &ItemId,
    ) -> Result<Option<Post>, StoreError> {
        Ok(match self.item(store, replica, loc, id)? {
            Some(ContentItem::Word(Word { body: WordBody::Post(post), .. })) => Some(post),
            _ => None,
        })
    }

    /// What a member is called, by the last of their profiles that counts.
    pub fn name(
        &self,
        store: &impl Store,
        member: &MemberId,
    ) -> Result<Option<String>, StoreError> {
        let shown = self.shown_in(store, Slot::profile(member), true, None)?;
        Ok(shown.and_then(|row| name_of(&row.says).map(str::to_owned)))
    }

    /// As [`name`](Self::name), with what they were called before. What was found once is kept
    /// until a name or an end comes.
    pub fn named(
        &self,
        store: &impl Store,
        replica: &Replica,
        member: &MemberId,
    ) -> Result<Arc<Named>, StoreError> {
        if let Some(named) = self.named.borrow().get(member) {
            return Ok(named.clone());
        }
        let named = Arc::new(self.find_named(store, replica, member)?);
        self.named.borrow_mut().insert(*member, named.clone());
        Ok(named)
    }

    fn find_named(
        &self,
        store: &impl Store,
        replica: &Replica,
        member: &MemberId,
    ) -> Result<Named, StoreError> {
        let mut named = Named::default();
        let slot = Slot::profile(member);
        let Some(row) = self.shown_in(store, slot, true, None)? else { return Ok(named) };
        named.name = name_of(&row.says).map(str::to_owned);
        let mut logs = BTreeSet::from([row.loc.log()]);
        for log in tables::speakers(self.rows, slot).marked(store)? {
            logs.insert(self.logs.log(log)?);
        }
        for log in logs {
            let is_own = log == row.loc.log();
            let last = if is_own { row.loc.number() } else { *ALL.end() };
            let said = tables::said(self.rows, slot, &log);
            let earlier = said.numbers(store, 0..=last, Direction::Descending, WORDS_MAX)?;
            // A name stands from the first of the words that say it after another one on.
            let (mut now, mut first) = (named.name.clone(), row.loc);
            for number in earlier {
                let loc = Loc::of(log, number);
                let Some(row) = self.word_at(store, &loc)? else { continue };
                let Some(name) = name_of(&row.says) else { continue };
                if now.as_deref() != Some(name) {
                    let until = self.came(store, replica, &first);
                    named.former.push((name.to_owned(), until));
                    now = Some(name.to_owned());
                }
                first = loc;
                if named.former.len() >= FORMER_MAX {
                    break;
                }
            }
            if is_own {
                named.since = self.came(store, replica, &first);
            }
        }
        Ok(named)
    }

    /// When the entry came to this home that something stands in; of one that cannot be read it is
    /// not known.
    fn came(&self, store: &impl Store, replica: &Replica, loc: &Loc) -> Option<Timestamp> {
        let stored = replica.content_entry(store, loc.log(), loc.seq).ok().flatten();
        stored.map(|stored| stored.came)
    }

    /// The claims of a need that count and were not undone, by id: of each member the last.
    pub fn claims(
        &self,
        store: &impl Store,
        roll: &Roll,
        need: &ItemId,
    ) -> Result<Vec<ClaimRow>, StoreError> {
        let (mut claims, mut members) = (Vec::new(), BTreeSet::new());
        for log in tables::claimants(self.rows, need).marked(store)? {
            members.extend(roll.member_of(&self.logs.log(log)?.device));
        }
        for by in members {
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
    pub(crate) fn word_at(
        &self,
        store: &impl Store,
        loc: &Loc,
    ) -> Result<Option<WordRow>, StoreError> {
        Ok(self.item_row(store, loc)?.and_then(|row| row.word(*loc)))
    }

    /// The guest key that `inviter` gave for an invite.
    pub fn guest_key(
        &self,
        store: &impl Store,
        invite: &ItemId,
        inviter: &MemberId,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let shown = self.shown_in(store, Slot::guest_key(invite, inviter), false, None)?;
        Ok(shown.and_then(|row| match row.says {
            Says::Other(WordBody::GuestKey(guest)) => Some(guest.key.to_vec()),
            _ => None,
        }))
    }
}

fn said(word: &WordRow) -> Said {
    let state = match &word.says {
        Says::Other(WordBody::Claim(claim)) => Some(claim.state),
        _ => None,
    };
    Said { version: word.version(), state }
}
