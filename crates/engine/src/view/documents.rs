//! Documents of all kinds, and campaigns.

use api::{Answer, CampaignRow};
use content::{DocumentRow, DocumentView};
use ledger::{ItemId, content_items::Schema};
use store::Store;

use super::{Result, View, in_order};
use crate::{failures::disk_failure, space::Seated, wording};

impl<S: Store> View<'_, S> {
    pub(crate) fn find_document(
        &self,
        space: Seated<'_>,
        id: &ItemId,
    ) -> Result<Option<DocumentRow>> {
        for schema in [Schema::Need, Schema::Campaign, Schema::Space] {
            let row =
                space.seat.content.document_row(self.store, schema, id).map_err(disk_failure)?;
            if row.is_some() {
                return Ok(row);
            }
        }
        Ok(None)
    }

    /// What a document is about, in a few words.
    pub(crate) fn about(&self, space: Seated<'_>, document: &ItemId) -> String {
        let row = self.find_document(space, document).ok().flatten();
        match row.map(|row| row.view) {
            Some(DocumentView::Need(need)) => format!("need: {}", need.what),
            Some(DocumentView::Campaign(campaign)) => format!("campaign: {}", campaign.title),
            Some(DocumentView::Space(name)) => format!("the space: {name}"),
            _ => "something changed".to_owned(),
        }
    }

    pub(crate) fn list_campaigns(&self, said: Option<&str>) -> Result<Answer> {
        let mut rows = Vec::new();
        let spaces = self.spaces_read(said)?;
        for space in &spaces {
            let found = space.seat.content.documents(self.store, Schema::Campaign);
            for row in found.map_err(disk_failure)? {
                let at = row.listed_at();
                let row = self.campaign_row(*space, row)?;
                rows.extend(row.map(|row| (at, row.id.clone(), row)));
            }
        }
        let rows = in_order(rows);
        Ok(Answer::Campaigns(self.listed(&spaces, rows)))
    }

    pub(crate) fn campaign_row(
        &self,
        space: Seated<'_>,
        row: DocumentRow,
    ) -> Result<Option<CampaignRow>> {
        let DocumentView::Campaign(view) = row.view else { return Ok(None) };
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
            doubtful: row.stands.is_some(),
            conflicts: view.conflicts,
            state: "counts".to_owned(),
        }))
    }
}
