//! Words as rows: posts in the feed, claims by their need, profiles by their member.
//!
//! Whether a word holds is judged once, when it is read ([`documents::words::judge`]). Whether it
//! counts, and which of several in one slot shows, is worked out when it is asked for: an end that
//! comes or goes changes no row.

mod shown;

use documents::words::{Case, Judged, Replaced, Subject, Version, judge};
use ledger::{
    EntryId, ItemId, ItemRef, MemberId, Timestamp,
    content_items::{Schema, Word, WordBody},
};
use minicbor::{Decode, Encode};
use replica::Replica;
use store::{Batch, Direction, Group, Key, Store, StoreError, Table};

pub use shown::ShownPost;

use crate::{
    content::{Content, News},
    place::{Kind, Loc, Place},
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

impl Content {
    pub(crate) fn apply_word(
        &mut self,
        store: &impl Store,
        replica: &Replica,
        reading: &Reading<'_>,
        word: &Word,
        batch: &mut Batch,
    ) -> Result<Kind, StoreError> {
        let Some(author) = replica.roll().member_of(&reading.loc.device) else {
            return Ok(Kind::Other { kind: 1 });
        };
        let resolve = |item: ItemRef| item.resolve(&reading.entry.id);
        let (subject_id, replaces) = (word.subject.map(resolve), word.replaces.map(resolve));
        let judged = judge(&Case {
            id: reading.id,
            author,
            subject_id,
            subject: self.subject(store, replica, &word.body, subject_id)?,
            replaced: self.replaced(store, replaces)?,
            body: &word.body,
        });
        if judged.rule.is_none() {
            let row = WordRow {
                id: reading.id,
                loc: reading.loc,
                entry: reading.entry.id,
                stamp: reading.entry.header.stamp,
                author,
                subject: judged.subject,
                replaces,
                body: word.body.clone(),
                revised: false,
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

    fn replaced(
        &self,
        store: &impl Store,
        replaces: Option<ItemId>,
    ) -> Result<Replaced, StoreError> {
        let Some(replaced) = replaces else { return Ok(Replaced::Nothing) };
        Ok(match self.place(store, &replaced)?.map(|place| place.kind) {
            Some(Kind::Word(judged)) => Replaced::Word(judged),
            _ => Replaced::NoWord,
        })
    }

    /// Puts a word where its kind is looked for: the first of its slot into a list, later ones
    /// beside it.
    fn list_word(
        &mut self,
        store: &impl Store,
        row: &WordRow,
        judged: &Judged,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let id = tables::number_of(&row.id);
        let of_kind = Key::new(Table::Rows, tables::words(self.space, judged.kind), id);
        batch.put(of_kind, ledger::encode(&row.id));
        let slot = tables::slot(self.space, &judged.root);
        // The stamp of the slot's first word, by which its later ones find it.
        let stamp = Key::new(Table::Rows, slot.clone(), 0);
        let first = tables::number_of(&judged.root);
        if judged.root == row.id {
            let Some(list) = self.list_of(store, judged, row.stamp)? else { return Ok(()) };
            batch.put(stamp, ledger::encode(&row.stamp));
            batch.put(Key::new(Table::Rows, list, first), ledger::encode(row));
            if judged.kind == POST {
                let feed = tables::feed(self.space);
                batch.put(Key::new(Table::Rows, feed, row.stamp.as_ms()), Vec::new());
            }
        } else {
            let stamp = store.get(&stamp)?.and_then(|bytes| ledger::decode(&bytes).ok());
            let Some(stamp) = stamp else { return Ok(()) };
            let Some(list) = self.list_of(store, judged, stamp)? else { return Ok(()) };
            batch.put(Key::new(Table::Rows, slot, id.max(1)), ledger::encode(row));
            let first = Key::new(Table::Rows, list, first);
            if let Some(mut row) = read_row(store.get(&first)?) {
                row.revised = true;
                batch.put(first, ledger::encode(&row));
            }
        }
        self.tell_word(store, judged, batch)
    }

    /// The list in which the first word of a slot stands that has this stamp.
    fn list_of(
        &self,
        store: &impl Store,
        judged: &Judged,
        stamp: Timestamp,
    ) -> Result<Option<Group>, StoreError> {
        Ok(match (judged.kind, judged.subject) {
            (POST, _) => Some(tables::feed_at(self.space, stamp)),
            (PROFILE, _) => Some(tables::profiles(self.space, &judged.author)),
            (CLAIM, Some(subject)) => {
                let claim = self.claim(store, &subject)?;
                let subject = claim.map_or(subject, |claim| claim.root);
                Some(tables::claims(self.space, &subject))
            }
            (GUEST_KEY, Some(invite)) => Some(tables::guest_keys(self.space, &invite)),
            _ => None,
        })
    }

    fn tell_word(
        &mut self,
        store: &impl Store,
        judged: &Judged,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        if judged.kind == POST {
            batch.put(tables::untold(self.space, &judged.root), ledger::encode(&judged.root));
        }
        let news = match (judged.kind, judged.subject) {
            (POST, _) => Some(News::Post(judged.root)),
            (PROFILE, _) => Some(News::Name(judged.author)),
            (CLAIM, Some(subject)) => {
                let claim = self.claim(store, &subject)?;
                let need = claim.map_or(Some(subject), |claim| claim.subject);
                need.map(|need| News::Claim { need })
            }
            _ => None,
        };
        self.news.extend(news);
        Ok(())
    }

    /// What an answer answers; none where the subject is the need itself.
    fn claim(&self, store: &impl Store, subject: &ItemId) -> Result<Option<Judged>, StoreError> {
        Ok(match self.place(store, subject)?.map(|place| place.kind) {
            Some(Kind::Word(claim)) => Some(claim),
            _ => None,
        })
    }

    /// The words in a list.
    fn rows(&self, store: &impl Store, list: &Group) -> Result<Vec<WordRow>, StoreError> {
        let found =
            store.scan(Table::Rows, list, 0..=u64::MAX, Direction::Ascending, usize::MAX)?;
        Ok(found.into_iter().filter_map(|(_, bytes)| read_row(Some(bytes))).collect())
    }

    /// The words of a slot, whose first is `first`.
    fn slot(&self, store: &impl Store, first: WordRow) -> Result<Vec<WordRow>, StoreError> {
        let mut rows = Vec::new();
        if first.revised {
            let slot = tables::slot(self.space, &first.id);
            // Number zero is the first one's stamp.
            let all = 1..=u64::MAX;
            let found = store.scan(Table::Rows, &slot, all, Direction::Ascending, usize::MAX)?;
            rows.extend(found.into_iter().filter_map(|(_, bytes)| read_row(Some(bytes))));
        }
        rows.push(first);
        Ok(rows)
    }

    /// Those of the words of a list's slots that count.
    fn counting(&self, store: &impl Store, list: &Group) -> Result<Vec<WordRow>, StoreError> {
        let mut rows = Vec::new();
        for first in self.rows(store, list)? {
            rows.extend(self.slot(store, first)?);
        }
        rows.retain(|row| self.ends.counts(&row.loc.device, row.loc.seq));
        Ok(rows)
    }
}

impl WordRow {
    fn version(&self) -> Version {
        Version {
            id: self.id,
            device: self.loc.device,
            place: (self.loc.seq, self.loc.index),
            stamp: self.stamp,
            replaces: self.replaces,
        }
    }
}

const POST: u16 = 0;
const PROFILE: u16 = 1;
const CLAIM: u16 = 2;
const GUEST_KEY: u16 = 4;

fn read_row(bytes: Option<Vec<u8>>) -> Option<WordRow> {
    ledger::decode(&bytes?).ok()
}
