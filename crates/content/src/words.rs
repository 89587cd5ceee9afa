//! Words as rows: posts in the feed, claims by their need, profiles by their member.
//!
//! Whether a word holds is judged once, when it is read ([`documents::words::judge`]). Whether it
//! counts, and which of several in one slot shows, is worked out when it is asked for: an end that
//! comes or goes changes no row.

mod shown;
mod slot;

use documents::words::{Case, Judged, Replaced, Subject, judge};
use ledger::{
    ItemId, MemberId,
    content_items::{Schema, Word, WordBody},
};
use replica::Replica;
use store::{Batch, Store, StoreError};

pub use shown::{Named, Saying, ShownPost, Wanted};

use crate::{
    content::{Content, News},
    items::Reading,
    place::{Kind, Place},
    rows::{ItemIs, KeptWord, Says, WordRow},
    slot::Slot,
    tables,
};

impl Content {
    pub(crate) fn apply_word(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        reading: &Reading,
        word: &Word,
        batch: &mut Batch,
    ) -> Result<ItemIs, StoreError> {
        let Some(author) = replica.roll().member_of(&reading.loc.device) else {
            return Ok(ItemIs::Other { kind: WORD });
        };
        let resolve = |named| reading.resolve(named);
        let (subject_id, replaces) = (word.subject.map(resolve), word.replaces.map(resolve));
        let judged = judge(&Case {
            id: reading.id,
            author,
            subject_id,
            subject: self.subject(store, replica, &word.body, subject_id)?,
            replaced: match replaces {
                None => Replaced::Nothing,
                Some(id) => {
                    let word = self.word(store, replica, &id)?;
                    word.map_or(Replaced::NoWord, |(word, author)| Replaced::Word { word, author })
                }
            },
            body: &word.body,
        });
        let Judged { kind, subject, root, rule } = judged;
        let Reading { id, loc, stamp, stands, .. } = *reading;
        let says = match &word.body {
            WordBody::Post(post) => Says::Post { campaign: post.campaign.map(resolve) },
            body => Says::Other(body.clone()),
        };
        let cursor = self.told_as(&loc);
        let row = WordRow { id, loc, stamp, subject, replaces, says, root, stands, cursor };
        let in_slot =
            rule.is_none() && self.list_word(store, replica, author, &row, kind, batch)?;
        let (says, root) = (in_slot.then_some(row.says), Some(root).filter(|root| *root != id));
        let kept = KeptWord { stamp, kind, says, cursor, subject, replaces, root, stands, rule };
        Ok(ItemIs::Word(kept))
    }

    /// What a word is about, as far as its rules ask.
    fn subject(
        &self,
        store: &impl Store,
        replica: &Replica,
        body: &WordBody,
        subject: Option<ItemId>,
    ) -> Result<Subject, StoreError> {
        let Some(subject) = subject else { return Ok(Subject::None) };
        if !matches!(body, WordBody::Claim(_)) {
            return Ok(Subject::Other);
        }
        let is_need = |place: &Place| place.kind.makes() == Some(Schema::Need.number());
        let Some(place) = self.place(store, &subject)? else { return Ok(Subject::Other) };
        if is_need(&place) {
            return Ok(Subject::Need);
        }
        let Kind::Word(claim @ Judged { kind: CLAIM, subject: Some(need), .. }) = place.kind else {
            return Ok(Subject::Other);
        };
        let need = self.place(store, &need)?.filter(is_need);
        let poster = need.and_then(|need| replica.roll().member_of(&need.loc.device));
        Ok(poster.map_or(Subject::Other, |poster| Subject::Claim { claim, poster }))
    }

    /// Puts a word where its kind is looked for. Whether it stands in a slot.
    fn list_word(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        author: MemberId,
        row: &WordRow,
        kind: u16,
        batch: &mut Batch,
    ) -> Result<bool, StoreError> {
        let claim = match (kind, row.subject) {
            (CLAIM, Some(subject)) => self.word(store, replica, &subject)?,
            _ => None,
        };
        let slot = match (kind, row.subject, &claim) {
            (POST, ..) => Slot::post(&row.root),
            (PROFILE, ..) => Slot::profile(&author),
            (CLAIM, Some(need), None) => Slot::claim(&need, &author),
            (CLAIM, _, Some((Judged { subject: Some(need), .. }, by))) => Slot::answer(need, by),
            (GUEST_KEY, Some(invite), _) => Slot::guest_key(&invite, &author),
            _ => return Ok(false),
        };
        self.put_in_slot(store, slot, row, batch)?;
        let news = match (kind, row.subject, claim) {
            (POST, ..) => {
                if row.root == row.id {
                    self.put_in_feed(store, row, batch)?;
                }
                self.note_news_of_post(store, row, batch)?;
                None
            }
            (PROFILE, ..) => {
                self.named.get_mut().remove(&author);
                // Of many names the last is news.
                Some(News::Name(author)).filter(|news| !self.news.contains(news))
            }
            (CLAIM, Some(need), None) => {
                let log = self.logs.number(&row.loc.log());
                tables::claimants(self.rows, &need).at(u64::from(log)).mark(batch);
                Some(News::Claim { need })
            }
            (CLAIM, _, Some((claim, _))) => claim.subject.map(|need| News::Claim { need }),
            _ => None,
        };
        news.into_iter().for_each(|news| self.tell(&row.loc, news));
        Ok(true)
    }

    /// To `batch`: that a post is to be told; where it was once, under which number.
    fn note_news_of_post(
        &mut self,
        store: &impl Store,
        row: &WordRow,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let (post, word) = (row.root, row.loc);
        match row.cursor {
            Some(number) => self.note_number(store, &post, number, batch),
            None => {
                tables::untold(self.rows, &word.log()).at(word.number()).mark(batch);
                self.news.push(News::Post { post, word });
                Ok(())
            }
        }
    }

    /// To `batch`: a post where it stands in the feed; where others share its time, in a list of
    /// these.
    fn put_in_feed(
        &self,
        store: &impl Store,
        row: &WordRow,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let (at, spot) = (row.listed_at(), self.logs.spot(&row.loc));
        let alone = tables::feed(self.rows).at(at.as_ms());
        let several = tables::feed_at(self.rows, at);
        match alone.get(store)? {
            None => alone.put(&Some(spot), batch),
            Some(None) => several.put(store, vec![(row.id, spot)], batch)?,
            Some(Some(other)) => {
                let loc = self.logs.loc(other)?;
                let first = self.item_row(store, &loc)?.map(|row| (row.id(&loc), other));
                let both = first.into_iter().chain([(row.id, spot)]).collect();
                several.put(store, both, batch)?;
                alone.put(&None, batch);
            }
        }
        Ok(())
    }

    /// A word that was read, and whose it is; none where this is something else, as the need that
    /// a claim is of.
    fn word(
        &self,
        store: &impl Store,
        replica: &Replica,
        id: &ItemId,
    ) -> Result<Option<(Judged, MemberId)>, StoreError> {
        let Some(Place { loc, kind: Kind::Word(judged) }) = self.place(store, id)? else {
            return Ok(None);
        };
        Ok(replica.roll().member_of(&loc.device).map(|author| (judged, author)))
    }
}

/// The kind number of a word.
const WORD: u16 = 1;

const POST: u16 = 0;
const PROFILE: u16 = 1;
const CLAIM: u16 = 2;
const GUEST_KEY: u16 = 4;
