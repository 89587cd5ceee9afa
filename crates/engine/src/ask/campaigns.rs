//! Campaigns are begun and their fields changed: each is an edit of the campaign's document.

use api::{CampaignFields, ErrorCode, Failure};
use documents::campaign;
use store::Store;

use super::{Completion, documents::field_failure};
use crate::{
    engine::Engine,
    failures::{Result, said_back},
    view::Thing,
};

/// How one is made.
const NEW: &str = "groundwork campaign new --help";

impl<S: Store> Engine<S> {
    pub(super) fn campaign_new(
        &mut self,
        said: Option<&str>,
        fields: &CampaignFields,
    ) -> Result<Completion> {
        let id = self.view().which_space(said)?;
        self.view().member_space(&id)?;
        let title = fields.title.clone().unwrap_or_default();
        let edit = campaign::create(&title, fields.goal.as_deref())
            .map_err(|error| field_failure(error, NEW))?;
        self.write_document(id, None, edit, NEW)
    }

    pub(super) fn campaign_edit(
        &mut self,
        thing: &str,
        fields: &CampaignFields,
    ) -> Result<Completion> {
        let (id, found) = self.view().find(None, thing)?;
        let Thing::Campaign(document) = found else {
            let message = format!("{} is no campaign", said_back(thing));
            return Err(Failure::because(ErrorCode::NotFound, message));
        };
        self.view().member_space(&id)?;
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
        self.change_document(id, &open, edit, NEW)
    }
}
