//! Needs, and who takes them on.

use api::{Answer, Claimed, ErrorCode, Failure, NeedFields};
use content::DocumentView;
use documents::{
    can::with_need,
    claims::{ClaimRow, is_live, name},
    need,
};
use ledger::{
    ItemId, ItemRef, SpaceId,
    content_items::{Claim, ClaimState, ContentItem, Schema, Word, WordBody},
};
use store::Store;

use super::{Completion, documents::field_failure};
use crate::{
    engine::Engine,
    failures::{Result, disk_failure},
    sabotage::sabotaged,
    wording,
};

/// How one is made.
const NEW: &str = "groundwork need add --help";

impl<S: Store> Engine<S> {
    pub(super) fn need_add(
        &mut self,
        said: Option<&str>,
        fields: &NeedFields,
    ) -> Result<Completion> {
        let id = self.view().which_space(said)?;
        self.view().member_space(&id)?;
        let what = fields.text.clone().unwrap_or_default();
        let edit =
            need::create(&what, &change(fields)?).map_err(|error| field_failure(error, NEW))?;
        self.write_document(id, None, edit, NEW)
    }

    pub(super) fn need_edit(&mut self, thing: &str, fields: &NeedFields) -> Result<Completion> {
        let (id, document) = self.view().find_need(thing)?;
        self.view().member_space(&id)?;
        let open = self.open_document(id, &document)?;
        let edit = need::change(&open, &change(fields)?)
            .map_err(|error| field_failure(error, "groundwork need edit --help"))?;
        self.change_document(id, &open, edit, NEW)
    }

    pub(super) fn need_claim(&mut self, thing: &str) -> Result<Completion> {
        let (id, need) = self.view().find_need(thing)?;
        let view = self.view();
        let space = view.member_space(&id)?;
        let row = space.seat.content.document_row(&self.store, Schema::Need, &need);
        let status = match row.map_err(disk_failure)?.map(|row| row.view) {
            Some(DocumentView::Need(fields)) => fields.status,
            _ => String::new(),
        };
        let claims =
            space.seat.content.claims(&self.store, space.roll(), &need).map_err(disk_failure)?;
        let asker = view.asker(space);
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
        let (id, need) = self.view().find_need(thing)?;
        let view = self.view();
        let space = view.member_space(&id)?;
        let claims =
            space.seat.content.claims(&self.store, space.roll(), &need).map_err(disk_failure)?;
        let asker = view.asker(space);
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
        let view = self.view();
        let space = view.seat(&id)?;
        let me = space.me();
        let mut others = Vec::new();
        for other in
            space.seat.content.claims(&self.store, space.roll(), &need).map_err(disk_failure)?
        {
            if is_live(other.state) && Some(other.by) != me {
                others.push(view.who(space, &other.by)?);
            }
        }
        let answer = Answer::Claimed(Claimed {
            id: wording::claim_id(&claim),
            need: wording::document_id(&need),
            code: view.code(space, &need)?,
            space: wording::space_id(&id),
            state: name(state).to_owned(),
            others,
            durable: true,
            stored_on: 0,
        });
        Ok(Completion::after(after, answer))
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
