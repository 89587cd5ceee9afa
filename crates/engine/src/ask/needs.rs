//! Needs, and who takes them on.

use api::{Answer, Claimed, ErrorCode, Failure, NeedFields, NeedRow};
use content::{DocumentRow, View};
use documents::{
    can::{Asker, with_need},
    claims::{ClaimRow, is_live, name},
    code, need,
};
use ledger::{
    ItemId, ItemRef, SpaceId,
    content_items::{Claim, ClaimState, ContentItem, Schema, Word, WordBody},
    id_text,
};
use store::Store;

use super::{
    Completion, Result,
    campaigns::field_failure,
    disk_failure,
    things::{Thing, said_back},
    wording,
};
use crate::{engine::Engine, sabotage::sabotaged, space::Space};

impl<S: Store> Engine<S> {
    pub(super) fn need_add(
        &mut self,
        said: Option<&str>,
        fields: &NeedFields,
    ) -> Result<Completion> {
        let id = self.which_space(said)?;
        self.member_space(id)?;
        let what = fields.text.clone().unwrap_or_default();
        let edit = need::create(&what, &change(fields)?)
            .map_err(|error| field_failure(error, "groundwork need add --help"))?;
        self.write_document(id, None, edit)
    }

    pub(super) fn need_edit(&mut self, thing: &str, fields: &NeedFields) -> Result<Completion> {
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

    pub(super) fn need_claim(&mut self, thing: &str) -> Result<Completion> {
        let (id, need) = self.find_need(thing)?;
        let space = self.member_space(id)?;
        let row = space.content.document_row(&self.store, Schema::Need, &need);
        let status = match row.map_err(disk_failure)?.map(|row| row.view) {
            Some(View::Need(view)) => view.status,
            _ => String::new(),
        };
        let claims = space.content.claims(&self.store, &need).map_err(disk_failure)?;
        let asker = self.asker(space);
        if let Some(why) = with_need(&asker, &status, &claims).why_not.remove("claim") {
            let open = status == need::OPEN;
            let code = if open { ErrorCode::AlreadyClaimed } else { ErrorCode::NeedClosed };
            return Err(Failure::because(code, why));
        }
        // One that was given back is taken up again; one that was declined stays so.
        let released = |claim: &&ClaimRow| {
            Some(claim.by) == asker.member && claim.state == ClaimState::Released
        };
        let released = claims.iter().find(released).map(|claim| claim.id);
        self.write_claim(id, need, released, ClaimState::Offered)
    }

    pub(super) fn need_release(&mut self, thing: &str) -> Result<Completion> {
        let (id, need) = self.find_need(thing)?;
        let space = self.member_space(id)?;
        let claims = space.content.claims(&self.store, &need).map_err(disk_failure)?;
        let asker = self.asker(space);
        if let Some(why) = with_need(&asker, need::OPEN, &claims).why_not.remove("release") {
            return Err(Failure::because(ErrorCode::NotClaimed, why));
        }
        let mut mine = claims.iter().filter(|claim| Some(claim.by) == asker.member);
        let mine = mine.find(|claim| is_live(claim.state) && claim.state != ClaimState::Done);
        let wrong = sabotaged!(self.config, ReleaseIsClaim);
        let state = if wrong { ClaimState::Offered } else { ClaimState::Released };
        self.write_claim(id, need, mine.map(|claim| claim.id), state)
    }

    /// A claim of one's own: the first word, or one that replaces it.
    fn write_claim(
        &mut self,
        id: SpaceId,
        need: ItemId,
        replaces: Option<ItemId>,
        state: ClaimState,
    ) -> Result<Completion> {
        let word = Word {
            subject: Some(ItemRef::Id(need)),
            replaces: replaces.map(ItemRef::Id),
            body: WordBody::Claim(Claim { state }),
        };
        let (entry, after) = self.append_content(id, vec![ContentItem::Word(word)])?;
        let claim = replaces.unwrap_or(ItemId::of(&entry.id, 0));
        let space = &self.spaces[&id];
        let me = self.me(space);
        let mut others = Vec::new();
        for other in space.content.claims(&self.store, &need).map_err(disk_failure)? {
            if is_live(other.state) && Some(other.by) != me {
                others.push(self.who(space, &other.by)?);
            }
        }
        let answer = Answer::Claimed(Claimed {
            id: wording::claim_id(&claim),
            need: wording::document_id(&need),
            code: self.code(space, &need)?,
            space: wording::space_id(&id),
            state: name(state).to_owned(),
            others,
            durable: true,
            stored_on: 0,
        });
        Ok(Completion::after(after, answer))
    }

    /// Who asks what they can do.
    fn asker(&self, space: &Space) -> Asker {
        Asker { member: self.me(space), is_in: space.is_in() }
    }

    /// A need's sayable code among the needs of its space.
    pub(super) fn code(&self, space: &Space, need: &ItemId) -> Result<String> {
        // Only needs that begin as this one does can make its code longer.
        let start = id_text::code(need.as_bytes(), code::CHARS_MIN).to_ascii_lowercase();
        let rows = space.content.find_documents(&self.store, Schema::Need, &start);
        let ids: Vec<_> = rows.map_err(disk_failure)?.iter().map(|row| row.id).collect();
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
        let found = space.content.claims(&self.store, &row.id).map_err(disk_failure)?;
        let can = with_need(&self.asker(space), &view.status, &found);
        let mut claims = Vec::new();
        for claim in &found {
            claims.push(api::ClaimRow {
                id: wording::claim_id(&claim.id),
                by: self.who(space, &claim.by)?,
                state: name(claim.state).to_owned(),
                at: claim.at.as_ms(),
            });
        }
        let why_not = can.why_not.into_iter().map(|(verb, why)| (verb.to_owned(), why)).collect();
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
            can: can.can.into_iter().map(str::to_owned).collect(),
            why_not,
        }))
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
