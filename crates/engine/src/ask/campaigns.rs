//! Campaigns.

use api::{Answer, CampaignFields, CampaignRow, ErrorCode, Failure, Written};
use content::{DocumentRow, View};
use documents::{FieldError, campaign};
use ledger::{
    ItemId, SpaceId,
    content_items::{ContentItem, Edit, Schema},
};
use store::Store;

use super::{
    Completion, Result, disk_failure,
    things::{Thing, said_back},
    wording,
};
use crate::{engine::Engine, limits::SLICE_ITEMS, space::Space};

/// Units of reading for which an answer waits: the greatest edit, four times over.
const OWN_WRITE_UNITS: usize = 4 * SLICE_ITEMS;

/// What to say of a field that cannot be written so; `hint` says how the command is used.
pub(super) fn field_failure(error: FieldError, hint: &'static str) -> Failure {
    let failure = match error {
        FieldError::Empty { .. } => Failure::of(ErrorCode::EmptyText),
        FieldError::TooLong { .. } => Failure::because(ErrorCode::TextTooLong, error.to_string()),
        FieldError::Unchanged => Failure::of(ErrorCode::NothingToChange),
        _ => Failure::because(ErrorCode::BadArgument, error.to_string()),
    };
    failure.hint(hint)
}

impl<S: Store> Engine<S> {
    pub(super) fn campaign_new(
        &mut self,
        said: Option<&str>,
        fields: &CampaignFields,
    ) -> Result<Completion> {
        let id = self.which_space(said)?;
        self.member_space(id)?;
        let title = fields.title.clone().unwrap_or_default();
        let edit = campaign::create(&title, fields.goal.as_deref())
            .map_err(|error| field_failure(error, "groundwork campaign new --help"))?;
        self.write_document(id, None, edit)
    }

    pub(super) fn campaign_edit(
        &mut self,
        thing: &str,
        fields: &CampaignFields,
    ) -> Result<Completion> {
        let (id, found) = self.find(None, thing)?;
        let Thing::Campaign(document) = found else {
            let message = format!("{} is no campaign", said_back(thing));
            return Err(Failure::because(ErrorCode::NotFound, message));
        };
        self.member_space(id)?;
        let change = campaign::Change {
            title: fields.title.clone(),
            goal: fields.goal.clone(),
            place: fields.place.clone(),
            status: fields.status.clone(),
            learned: fields.learned.clone(),
            ..campaign::Change::default()
        };
        let open = self.open_document(id, &document)?;
        let edit = campaign::change(&open, &change)
            .map_err(|error| field_failure(error, "groundwork campaign edit --help"))?;
        self.write_document(id, Some(document), edit)
    }

    /// A document as it counts here, to be edited.
    pub(super) fn open_document(
        &mut self,
        id: SpaceId,
        document: &ItemId,
    ) -> Result<documents::Document> {
        let space = self.spaces.get_mut(&id).ok_or_else(|| Failure::of(ErrorCode::NoSpace))?;
        let open = space
            .content
            .document(&mut self.store, &space.replica, document)
            .map_err(disk_failure)?;
        open.ok_or_else(|| Failure::of(ErrorCode::NotFound))
    }

    /// Writes an edit and says what came of it.
    pub(super) fn write_document(
        &mut self,
        id: SpaceId,
        document: Option<ItemId>,
        edit: Edit,
    ) -> Result<Completion> {
        let (entry, after) = self.append_content(id, vec![ContentItem::Edit(edit)])?;
        let document = document.unwrap_or(ItemId::of(&entry.id, 0));
        let space = self.spaces.get_mut(&id).ok_or_else(|| Failure::of(ErrorCode::NoSpace))?;
        // One's own edit is read at once, so that the answer can show it.
        let (own, store) = (space.device(), &mut self.store);
        let read = space.content.read_own(store, &space.replica, own, OWN_WRITE_UNITS);
        read.map_err(disk_failure)?;
        let space = &self.spaces[&id];
        let row = self.find_document(space, &document)?;
        let (title, code) = match row.map(|row| row.view) {
            Some(View::Campaign(view)) => (view.title, None),
            Some(View::Need(view)) => (view.what, Some(self.code(space, &document)?)),
            _ => (String::new(), None),
        };
        let answer = Answer::Written(Written {
            id: wording::document_id(&document),
            space: wording::space_id(&id),
            space_name: self.space_name(space),
            code,
            title,
            durable: true,
            stored_on: 0,
        });
        Ok(Completion::after(after, answer))
    }

    pub(super) fn find_document(&self, space: &Space, id: &ItemId) -> Result<Option<DocumentRow>> {
        for schema in [Schema::Need, Schema::Campaign, Schema::Space] {
            let row = space.content.document_row(&self.store, schema, id).map_err(disk_failure)?;
            if row.is_some() {
                return Ok(row);
            }
        }
        Ok(None)
    }

    pub(super) fn list_campaigns(&self, said: Option<&str>) -> Result<Answer> {
        let mut rows = Vec::new();
        for id in self.spaces_read(said)? {
            let Some(space) = self.spaces.get(&id) else { continue };
            let found = space.content.documents(&self.store, Schema::Campaign);
            for row in found.map_err(disk_failure)? {
                rows.extend(self.campaign_row(space, row)?);
            }
        }
        rows.sort_by_key(|row| (row.at, row.id.clone()));
        Ok(Answer::Campaigns(rows.into()))
    }

    pub(super) fn campaign_row(
        &self,
        space: &Space,
        row: DocumentRow,
    ) -> Result<Option<CampaignRow>> {
        let View::Campaign(view) = row.view else { return Ok(None) };
        Ok(Some(CampaignRow {
            id: wording::document_id(&row.id),
            space: wording::space_id(&space.id),
            space_name: self.space_name(space),
            title: view.title,
            goal: view.goal,
            place: view.place,
            status: view.status,
            learned: view.learned,
            author: self.author(space, &row.loc.device)?,
            at: row.stamp.as_ms(),
            conflicts: view.conflicts,
            state: "counts".to_owned(),
        }))
    }
}
