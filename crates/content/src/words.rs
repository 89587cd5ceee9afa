//! Words as rows: posts in the feed, claims by their need, profiles by their member.
//!
//! Whether a word holds is judged once, when it is read ([`documents::words::judge`]). Whether it
//! counts, and which of several in one slot shows, is worked out when it is asked for: an end that
//! comes or goes changes no row.

mod shown;
mod slot;

use documents::words::{Case, Judged, Replaced, Subject, judge};
use ledger::{
    ItemId,
    content_items::{Schema, Word, WordBody},
};
use replica::Replica;
use store::{Batch, Store, StoreError};

pub use shown::ShownPost;

use crate::{
    content::{Content, News},
    items::Reading,
    place::{Kind, Place},
    rows::WordRow,
    slot::Slot,
    table::number_of_bytes,
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
    ) -> Result<Kind, StoreError> {
        let Some(author) = replica.roll().member_of(&reading.loc.device) else {
            return Ok(Kind::Other { kind: 1 });
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
                Some(id) => self.word(store, &id)?.map_or(Replaced::NoWord, Replaced::Word),
            },
            body: &word.body,
        });
        if judged.rule.is_none() {
            let row = WordRow {
                id: reading.id,
                loc: reading.loc,
                entry: reading.entry,
                stamp: reading.stamp,
                author,
                subject: judged.subject,
                replaces,
                body: word.body.clone(),
                root: judged.root,
                stands: reading.stands,
                cursor: None,
            };
            self.list_word(store, &row, &judged, batch)?;
        }
        Ok(Kind::Word(judged))
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

    /// Puts a word where its kind is looked for.
    fn list_word(
        &mut self,
        store: &impl Store,
        row: &WordRow,
        judged: &Judged,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let space = self.space;
        tables::words(space, judged.kind).of(&row.id).put(&row.id, batch);
        let Some(slot) = self.slot_of(store, judged)? else { return Ok(()) };
        self.put_in_slot(store, slot, row, batch)?;
        match (judged.kind, judged.subject) {
            (POST, _) if judged.root == row.id => {
                let at = row.listed_at();
                tables::feed_at(space, at).of(&row.id).put(&row.id, batch);
                tables::feed(space).at(at.as_ms()).mark(batch);
            }
            (CLAIM, Some(need)) if slot == Slot::claim(&need, &judged.author) => {
                let number = number_of_bytes(judged.author.as_bytes());
                tables::claimants(space, &need).at(number).put(&judged.author, batch);
            }
            _ => {}
        }
        self.tell_word(store, judged, batch)
    }

    fn tell_word(
        &mut self,
        store: &impl Store,
        judged: &Judged,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        if judged.kind == POST {
            tables::untold(self.space).of(&judged.root).put(&judged.root, batch);
        }
        let news = match (judged.kind, judged.subject) {
            (POST, _) => Some(News::Post(judged.root)),
            (PROFILE, _) => Some(News::Name(judged.author)),
            (CLAIM, Some(subject)) => {
                let claim = self.word(store, &subject)?;
                let need = claim.map_or(Some(subject), |claim| claim.subject);
                need.map(|need| News::Claim { need })
            }
            _ => None,
        };
        self.news.extend(news);
        Ok(())
    }

    /// A word that was read; none where this is something else, as the need that a claim is of.
    fn word(&self, store: &impl Store, id: &ItemId) -> Result<Option<Judged>, StoreError> {
        Ok(match self.place(store, id)?.map(|place| place.kind) {
            Some(Kind::Word(judged)) => Some(judged),
            _ => None,
        })
    }
}

const POST: u16 = 0;
const PROFILE: u16 = 1;
const CLAIM: u16 = 2;
const GUEST_KEY: u16 = 4;
