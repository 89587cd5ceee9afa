//! Words as rows: posts in the feed, claims by their need, profiles by their member.
//!
//! Whether a word counts, and which of several in one slot shows, is worked out when it is asked
//! for: an end that comes or goes changes no row.

use documents::words::{Version, shown};
use log::{
    EntryId, ItemId, MemberId, Timestamp,
    content_items::{ClaimState, Post, Word, WordBody},
};
use minicbor::{Decode, Encode};
use replica::Replica;
use store::{Batch, Key, Order, Store, StoreError, Table};

use crate::{
    content::{Content, News},
    place::{Kind, Loc},
    read::Reading,
    tables,
};

/// A word as it stands in a row.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct WordRow {
    /// Its id.
    #[n(0)]
    pub id: ItemId,
    /// Where it stands.
    #[n(1)]
    pub loc: Loc,
    /// The entry that holds it.
    #[n(2)]
    pub entry: EntryId,
    /// When, by its author's clock.
    #[n(3)]
    pub stamp: Timestamp,
    /// Who wrote it.
    #[n(4)]
    pub author: MemberId,
    /// What it is about.
    #[n(5)]
    pub subject: Option<ItemId>,
    /// The word of the same author that it replaces.
    #[n(6)]
    pub replaces: Option<ItemId>,
    /// What it says.
    #[n(7)]
    pub body: WordBody,
    /// Whether others stand in its slot.
    #[n(8)]
    pub revised: bool,
}

/// A post as it is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownPost {
    /// Its first word, by which it is known.
    pub first: WordRow,
    /// Its number in the feed.
    pub number: u64,
    /// What it says now; none where its author undid it.
    pub post: Option<Post>,
    /// The campaign that it belongs to.
    pub campaign: Option<ItemId>,
    /// Whether it counts; if not, its log's end is before it.
    pub counts: bool,
}

/// A claim as it is shown: the claimant's word, and the poster's answer if there is one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownClaim {
    /// Its first word, by which it is known.
    pub first: WordRow,
    /// What the claimant says; none where they undid it.
    pub claimed: Option<ClaimState>,
    /// What members answer, the poster's among them: (who, what).
    pub answers: Vec<(MemberId, ClaimState)>,
    /// Whether it counts.
    pub counts: bool,
}

/// The bits of a feed number below the stamp's.
const TIE_BITS: u32 = 10;

impl Content {
    pub(crate) fn apply_word(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        reading: &Reading<'_>,
        word: &Word,
        batch: &mut Batch,
    ) -> Result<Kind, StoreError> {
        let resolve = |item: log::ItemRef| item.resolve(&reading.entry.id);
        let other = Kind::Other { kind: 1 };
        let Some(author) = replica.roll().member_of(&reading.loc.device) else {
            return Ok(other);
        };
        let (subject, replaces) = (word.subject.map(resolve), word.replaces.map(resolve));
        let row = WordRow {
            id: reading.id,
            loc: reading.loc,
            entry: reading.entry.id,
            stamp: reading.entry.header.stamp,
            author,
            subject,
            replaces,
            body: word.body.clone(),
            revised: false,
        };
        let (root, kind, subject) = match replaces {
            None => (reading.id, word.body.kind(), subject),
            Some(replaced) => match self.place(store, &replaced)?.map(|place| place.kind) {
                // Only its author changes or undoes a word, and to nothing else than it was.
                Some(Kind::Word { kind, author: first, root, subject })
                    if first == author && may_replace(&word.body, kind) =>
                {
                    (root, kind, subject)
                }
                _ => return Ok(other),
            },
        };
        if replaces.is_none() {
            self.first_word(store, &row, reading, batch)?;
        } else {
            self.later_word(store, &row, root, kind, subject, batch)?;
        }
        let listed =
            Key::new(Table::Rows, tables::words(self.space, kind), tables::number_of(&reading.id));
        batch.put(listed, log::encode(&reading.id));
        Ok(Kind::Word { kind, author, root, subject })
    }

    fn first_word(
        &mut self,
        store: &impl Store,
        row: &WordRow,
        reading: &Reading<'_>,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let number = tables::number_of(&row.id);
        let (group, number) = match (&row.body, row.subject) {
            (WordBody::Post(_), _) => {
                let number = self.free_number(store, row)?;
                self.news.push(News::Post { post: row.id, number });
                (tables::feed(self.space), number)
            }
            (WordBody::Profile(_), _) => {
                self.news.push(News::Name(row.author));
                (tables::profiles(self.space, &row.author), number)
            }
            (WordBody::Claim(_), Some(subject)) => {
                self.news.extend(self.need_of(store, subject)?.map(|need| News::Claim { need }));
                (tables::claims(self.space, &subject), number)
            }
            (WordBody::GuestKey(_), Some(invite)) => {
                (tables::guest_keys(self.space, &invite), number)
            }
            _ => return Ok(()),
        };
        // Where the row stands, for a later word of the slot.
        let at = Key::new(Table::Rows, tables::slot(self.space, &row.id), 0);
        batch.put(at, log::encode(&(number, reading.loc)));
        batch.put(Key::new(Table::Rows, group, number), log::encode(row));
        Ok(())
    }

    fn later_word(
        &mut self,
        store: &impl Store,
        row: &WordRow,
        root: ItemId,
        kind: u16,
        subject: Option<ItemId>,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let slot = tables::slot(self.space, &root);
        let number = tables::number_of(&row.id).max(1);
        batch.put(Key::new(Table::Rows, slot.clone(), number), log::encode(row));
        let at = store.get(&Key::new(Table::Rows, slot, 0))?;
        let at: Option<(u64, Loc)> = at.and_then(|bytes| log::decode(&bytes).ok());
        let Some((number, _)) = at else { return Ok(()) };
        let group = match (kind, subject) {
            (POST, _) => {
                self.news.push(News::Post { post: root, number });
                tables::feed(self.space)
            }
            (PROFILE, _) => {
                self.news.push(News::Name(row.author));
                tables::profiles(self.space, &row.author)
            }
            (CLAIM, Some(subject)) => {
                self.news.extend(self.need_of(store, subject)?.map(|need| News::Claim { need }));
                tables::claims(self.space, &subject)
            }
            _ => return Ok(()),
        };
        let key = Key::new(Table::Rows, group, number);
        if let Some(mut first) = read_row(store.get(&key)?) {
            first.revised = true;
            batch.put(key, log::encode(&first));
        }
        Ok(())
    }

    /// The need that a claim, or an answer to a claim, is about.
    fn need_of(&self, store: &impl Store, subject: ItemId) -> Result<Option<ItemId>, StoreError> {
        Ok(match self.place(store, &subject)?.map(|place| place.kind) {
            Some(Kind::Edit { document }) => Some(document),
            Some(Kind::Word { subject: Some(need), .. }) => match self.place(store, &need)? {
                Some(place) => match place.kind {
                    Kind::Edit { document } => Some(document),
                    _ => None,
                },
                None => None,
            },
            _ => None,
        })
    }

    /// Posts stand in the feed by their stamp; of equal ones each takes the next free number.
    fn free_number(&self, store: &impl Store, row: &WordRow) -> Result<u64, StoreError> {
        let tie = tables::number_of(&row.id) >> (64 - TIE_BITS);
        let mut number = row.stamp.as_ms() << TIE_BITS | tie;
        loop {
            match read_row(store.get(&Key::new(Table::Rows, tables::feed(self.space), number))?) {
                Some(other) if other.id != row.id => number += 1,
                _ => return Ok(number),
            }
        }
    }

    /// Posts whose numbers lie in `numbers`, at most `limit`, newest first unless ascending.
    pub fn posts(
        &self,
        store: &impl Store,
        numbers: std::ops::RangeInclusive<u64>,
        order: Order,
        limit: usize,
    ) -> Result<Vec<ShownPost>, StoreError> {
        let group = tables::feed(self.space);
        let found = store.scan(Table::Rows, &group, numbers, order, limit)?;
        let mut posts = Vec::with_capacity(found.len());
        for (number, bytes) in found {
            if let Some(first) = read_row(Some(bytes)) {
                posts.push(self.shown_post(store, number, first)?);
            }
        }
        Ok(posts)
    }

    /// One post.
    pub fn post(&self, store: &impl Store, id: &ItemId) -> Result<Option<ShownPost>, StoreError> {
        let at = store.get(&Key::new(Table::Rows, tables::slot(self.space, id), 0))?;
        let Some((number, _)) = at.and_then(|bytes| log::decode::<(u64, Loc)>(&bytes).ok()) else {
            return Ok(None);
        };
        let found = self.posts(store, number..=number, Order::Ascending, 1)?;
        Ok(found.into_iter().find(|post| post.first.id == *id))
    }

    fn shown_post(
        &self,
        store: &impl Store,
        number: u64,
        first: WordRow,
    ) -> Result<ShownPost, StoreError> {
        let shows = self.shows(store, &first)?;
        let counts = self.ends.counts(&first.loc.device, first.loc.seq);
        let post = match shows.body {
            WordBody::Post(post) => Some(post),
            _ => None,
        };
        let campaign = post.as_ref().and_then(|post| post.campaign);
        let campaign = campaign.map(|item| item.resolve(&shows.entry));
        Ok(ShownPost { first, number, post, campaign, counts })
    }

    /// The word that shows in the slot that `first` began.
    fn shows(&self, store: &impl Store, first: &WordRow) -> Result<WordRow, StoreError> {
        if !first.revised {
            return Ok(first.clone());
        }
        let slot = tables::slot(self.space, &first.id);
        let found = store.scan(Table::Rows, &slot, 1..=u64::MAX, Order::Ascending, usize::MAX)?;
        let mut rows = vec![first.clone()];
        rows.extend(found.into_iter().filter_map(|(_, bytes)| read_row(Some(bytes))));
        if self.ends.counts(&first.loc.device, first.loc.seq) {
            rows.retain(|row| self.ends.counts(&row.loc.device, row.loc.seq));
        }
        let version = |row: &WordRow| Version {
            id: row.id,
            device: row.loc.device,
            place: (row.loc.seq, row.loc.index),
            stamp: row.stamp,
            replaces: row.replaces,
        };
        let versions: Vec<_> = rows.iter().map(version).collect();
        let shows = shown(&versions).map(|version| version.id);
        let row = rows.into_iter().find(|row| Some(row.id) == shows);
        Ok(row.unwrap_or_else(|| first.clone()))
    }

    /// What a member is called: the newest of their profiles that counts.
    pub fn name(
        &self,
        store: &impl Store,
        member: &MemberId,
    ) -> Result<Option<String>, StoreError> {
        let group = tables::profiles(self.space, member);
        let all = 0..=u64::MAX;
        let found = store.scan(Table::Rows, &group, all, Order::Ascending, usize::MAX)?;
        let mut rows = Vec::new();
        for row in found.into_iter().filter_map(|(_, bytes)| read_row(Some(bytes))) {
            rows.push(self.shows(store, &row)?);
        }
        rows.retain(|row| self.ends.counts(&row.loc.device, row.loc.seq));
        rows.sort_by(|a, b| a.stamp.cmp(&b.stamp).then(b.id.cmp(&a.id)));
        Ok(rows.into_iter().rev().find_map(|row| match row.body {
            WordBody::Profile(profile) => Some(profile.name.to_string()),
            _ => None,
        }))
    }

    /// The claims of a need, by id.
    pub fn claims(&self, store: &impl Store, need: &ItemId) -> Result<Vec<ShownClaim>, StoreError> {
        let mut claims = Vec::new();
        for first in self.claim_words(store, need)? {
            let claimed = claim_state(&self.shows(store, &first)?.body);
            let mut answers = Vec::new();
            for answer in self.claim_words(store, &first.id)? {
                let shows = self.shows(store, &answer)?;
                if self.ends.counts(&shows.loc.device, shows.loc.seq)
                    && let Some(state) = claim_state(&shows.body)
                {
                    answers.push((answer.author, state));
                }
            }
            let counts = self.ends.counts(&first.loc.device, first.loc.seq);
            claims.push(ShownClaim { first, claimed, answers, counts });
        }
        claims.sort_by_key(|claim| claim.first.id);
        Ok(claims)
    }

    fn claim_words(
        &self,
        store: &impl Store,
        subject: &ItemId,
    ) -> Result<Vec<WordRow>, StoreError> {
        let group = tables::claims(self.space, subject);
        let all = 0..=u64::MAX;
        let found = store.scan(Table::Rows, &group, all, Order::Ascending, usize::MAX)?;
        Ok(found.into_iter().filter_map(|(_, bytes)| read_row(Some(bytes))).collect())
    }

    /// The guest keys that `inviter` gave for an invite.
    pub fn guest_keys(
        &self,
        store: &impl Store,
        invite: &ItemId,
        inviter: &MemberId,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let group = tables::guest_keys(self.space, invite);
        let all = 0..=u64::MAX;
        let found = store.scan(Table::Rows, &group, all, Order::Ascending, usize::MAX)?;
        let rows = found.into_iter().filter_map(|(_, bytes)| read_row(Some(bytes)));
        let keys = rows.filter(|row| row.author == *inviter).filter_map(|row| match row.body {
            WordBody::GuestKey(guest) => Some(guest.key.to_vec()),
            _ => None,
        });
        Ok(keys.collect())
    }
}

const POST: u16 = 0;
const PROFILE: u16 = 1;
const CLAIM: u16 = 2;
const UNDONE: u16 = 3;

fn may_replace(body: &WordBody, kind: u16) -> bool {
    body.kind() == kind || body.kind() == UNDONE
}

fn claim_state(body: &WordBody) -> Option<ClaimState> {
    match body {
        WordBody::Claim(claim) => Some(claim.state),
        _ => None,
    }
}

fn read_row(bytes: Option<Vec<u8>>) -> Option<WordRow> {
    log::decode(&bytes?).ok()
}
