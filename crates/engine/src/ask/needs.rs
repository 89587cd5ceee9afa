//! Needs, and who takes them on.

use std::collections::BTreeMap;

use api::{Answer, ClaimRow, Claimed, ErrorCode, Failure, NeedFields, NeedRow};
use content::{DocumentRow, ShownClaim, View};
use documents::{code, need};
use log::{
    ItemId, ItemRef, SpaceId,
    content_items::{Claim, ClaimState, ContentItem, Schema, Word, WordBody},
};
use store::Store;

use super::{
    Done, Result,
    campaigns::field_failure,
    disk_failure,
    things::{Thing, said_back},
    wording,
};
use crate::{engine::Engine, space::Space};

impl<S: Store> Engine<S> {
    pub(super) fn need_add(&mut self, said: Option<&str>, fields: &NeedFields) -> Result<Done> {
        let id = self.which_space(said)?;
        self.member_space(id)?;
        let what = fields.text.clone().unwrap_or_default();
        let edit = need::create(&what, &change(fields)?)
            .map_err(|error| field_failure(error, "groundwork need add --help"))?;
        self.write_document(id, None, edit)
    }

    pub(super) fn need_edit(&mut self, thing: &str, fields: &NeedFields) -> Result<Done> {
        let (id, document) = self.find_need(thing)?;
        self.member_space(id)?;
        let open = self.open_document(id, &document)?;
        let edit = need::change(&open, &change(fields)?)
            .map_err(|error| field_failure(error, "groundwork need edit --help"))?;
        self.write_document(id, Some(document), edit)
    }

    fn find_need(&self, thing: &str) -> Result<(SpaceId, ItemId)> {
        match self.find(None, thing)? {
            (id, Thing::Need(need)) => Ok((id, need)),
            _ => {
                let message = format!("{} is no need", said_back(thing));
                Err(Failure::because(ErrorCode::NotFound, message).hint("groundwork need list"))
            }
        }
    }

    pub(super) fn need_claim(&mut self, thing: &str) -> Result<Done> {
        let (id, need) = self.find_need(thing)?;
        let space = self.member_space(id)?;
        let row = space.content.document_row(&self.store, Schema::Need, &need);
        let closed = match row.map_err(disk_failure)?.map(|row| row.view) {
            Some(View::Need(view)) => view.status != need::OPEN,
            _ => true,
        };
        if closed {
            return Err(Failure::of(ErrorCode::NeedClosed));
        }
        let mine = self.my_claim(space, &need)?;
        if mine.as_ref().is_some_and(is_live) {
            return Err(Failure::of(ErrorCode::AlreadyClaimed));
        }
        self.write_claim(id, need, mine, ClaimState::Offered)
    }

    pub(super) fn need_release(&mut self, thing: &str) -> Result<Done> {
        let (id, need) = self.find_need(thing)?;
        let space = self.member_space(id)?;
        match self.my_claim(space, &need)? {
            Some(mine) if is_live(&mine) => {
                self.write_claim(id, need, Some(mine), ClaimState::Released)
            }
            _ => Err(Failure::of(ErrorCode::NotClaimed)),
        }
    }

    /// A claim of one's own: the first word, or one that replaces it.
    fn write_claim(
        &mut self,
        id: SpaceId,
        need: ItemId,
        mine: Option<ShownClaim>,
        state: ClaimState,
    ) -> Result<Done> {
        let replaces = mine.as_ref().map(|claim| ItemRef::Id(claim.first.id));
        let subject = Some(ItemRef::Id(need));
        let word = Word { subject, replaces, body: WordBody::Claim(Claim { state }) };
        let (entry, after) = self.append_content(id, vec![ContentItem::Word(word)])?;
        let claim = mine.map_or(ItemId::of(&entry.id, 0), |claim| claim.first.id);
        let space = &self.spaces[&id];
        let me = self.me(space);
        let mut others = Vec::new();
        for other in space.content.claims(&self.store, &need).map_err(disk_failure)? {
            if is_live(&other) && Some(other.first.author) != me {
                others.push(self.who(space, &other.first.author)?);
            }
        }
        let answer = Answer::Claimed(Claimed {
            id: wording::claim_id(&claim),
            need: wording::document_id(&need),
            code: self.code(space, &need)?,
            space: wording::space_id(&id),
            state: state_text(state).to_owned(),
            others,
            durable: true,
            stored_on: 0,
        });
        Ok(Done::after(after, answer))
    }

    fn my_claim(&self, space: &Space, need: &ItemId) -> Result<Option<ShownClaim>> {
        let me = self.me(space);
        let claims = space.content.claims(&self.store, need).map_err(disk_failure)?;
        let mut mine = claims.into_iter().filter(|claim| Some(claim.first.author) == me);
        // A claim that was undone is gone; another one begins anew.
        Ok(mine.find(|claim| claim.counts && claim.claimed.is_some()))
    }

    /// A need's sayable code among the needs of its space.
    pub(super) fn code(&self, space: &Space, need: &ItemId) -> Result<String> {
        let rows = space.content.documents(&self.store, Schema::Need).map_err(disk_failure)?;
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        Ok(code::code(need, &ids))
    }

    pub(super) fn list_needs(&self, said: Option<&str>) -> Result<Answer> {
        let mut rows = Vec::new();
        for id in self.spaces_read(said)? {
            let Some(space) = self.spaces.get(&id) else { continue };
            let found = space.content.documents(&self.store, Schema::Need).map_err(disk_failure)?;
            let codes = code::codes(&found.iter().map(|row| row.id).collect());
            for row in found {
                let code = codes.get(&row.id).cloned().unwrap_or_default();
                rows.extend(self.need_row(space, row, code)?);
            }
        }
        rows.sort_by_key(|row| (row.at, row.id.clone()));
        Ok(Answer::Needs(rows.into()))
    }

    pub(super) fn need_row(
        &self,
        space: &Space,
        row: DocumentRow,
        code: String,
    ) -> Result<Option<NeedRow>> {
        let View::Need(view) = row.view else { return Ok(None) };
        let mut claims = Vec::new();
        let found = space.content.claims(&self.store, &row.id).map_err(disk_failure)?;
        let poster = space.replica.roll().member_of(&row.loc.device);
        for claim in found.iter().filter(|claim| claim.counts) {
            let answer = claim.answers.iter().find(|(who, _)| Some(*who) == poster);
            let state = answer.map(|(_, state)| *state).or(claim.claimed);
            let Some(state) = state else { continue };
            claims.push(ClaimRow {
                id: wording::claim_id(&claim.first.id),
                by: self.who(space, &claim.first.author)?,
                state: state_text(state).to_owned(),
                at: claim.first.stamp.as_ms(),
            });
        }
        claims.sort_by(|a, b| a.id.cmp(&b.id));
        let (can, why_not) = self.need_can(space, &view.status, &found);
        Ok(Some(NeedRow {
            id: wording::document_id(&row.id),
            code,
            space: wording::space_id(&space.id),
            space_name: self.space_name(space),
            text: view.what,
            category: view.category,
            quantity: quantity_text(view.quantity, &view.unit),
            area: view.area,
            list: view.list.as_ref().map(wording::document_id).unwrap_or_default(),
            status: view.status,
            author: self.author(space, &row.loc.device)?,
            at: row.stamp.as_ms(),
            claims,
            conflicts: view.conflicts,
            state: "counts".to_owned(),
            can,
            why_not,
        }))
    }

    /// What this person can do with a need now, and why not the rest.
    fn need_can(
        &self,
        space: &Space,
        status: &str,
        claims: &[ShownClaim],
    ) -> (Vec<String>, BTreeMap<String, String>) {
        let (mut can, mut why_not) = (Vec::new(), BTreeMap::new());
        let me = self.me(space);
        let mine = claims.iter().any(|claim| Some(claim.first.author) == me && is_live(claim));
        let mut judge = |verb: &str, obstacle: Option<ErrorCode>| match obstacle {
            None => can.push(verb.to_owned()),
            Some(code) => _ = why_not.insert(verb.to_owned(), code.message().to_owned()),
        };
        let out = (!space.is_in()).then_some(ErrorCode::Knocking);
        let closed = (status != need::OPEN).then_some(ErrorCode::NeedClosed);
        judge("claim", out.or(closed).or(mine.then_some(ErrorCode::AlreadyClaimed)));
        judge("release", out.or((!mine).then_some(ErrorCode::NotClaimed)));
        judge("edit", out);
        (can, why_not)
    }
}

/// Whether a claim stands: made, counted, and not given back.
fn is_live(claim: &ShownClaim) -> bool {
    claim.counts && claim.claimed.is_some_and(|state| state != ClaimState::Released)
}

fn state_text(state: ClaimState) -> &'static str {
    match state {
        ClaimState::Offered => "offered",
        ClaimState::UnderWay => "under-way",
        ClaimState::Done => "done",
        ClaimState::Released => "released",
        ClaimState::Accepted => "accepted",
        ClaimState::Declined => "declined",
        ClaimState::Disputed => "disputed",
    }
}

fn quantity_text(quantity: Option<u64>, unit: &str) -> String {
    match quantity {
        Some(quantity) if unit.is_empty() => quantity.to_string(),
        Some(quantity) => format!("{quantity} {unit}"),
        None => unit.to_owned(),
    }
}

/// Fields as they were typed: a quantity is a number, and the rest is its unit.
fn change(fields: &NeedFields) -> Result<need::Change> {
    let (quantity, unit) = match fields.quantity.as_deref().map(str::trim) {
        None => (None, None),
        Some(text) => {
            let digits = text.chars().take_while(char::is_ascii_digit).count();
            let (number, unit) = text.split_at(digits);
            let number = number.parse().unwrap_or(0);
            (Some(number), Some(unit.trim().to_owned()))
        }
    };
    if fields.list.is_some() {
        let message = "aid lists are not there yet: leave --list out";
        return Err(Failure::because(ErrorCode::BadArgument, message));
    }
    Ok(need::Change {
        what: fields.text.clone(),
        category: fields.category.clone(),
        quantity,
        unit,
        area: fields.area.clone(),
        status: fields.status.clone(),
        ..need::Change::default()
    })
}
