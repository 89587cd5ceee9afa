//! Documents of all kinds, and campaigns.

use api::{Answer, CampaignRow, Page, Rows};
use content::{DocumentRow, DocumentView};
use ledger::{ItemId, content_items::Schema};
use store::Store;

use super::{Result, View, part_of};
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

    pub(crate) fn list_campaigns(&self, said: Option<&str>, page: &Page) -> Result<Answer> {
        let spaces = self.spaces_read(said)?;
        let (found, next) = part_of(self.documents(&spaces, Schema::Campaign)?, page)?;
        let mut rows = Vec::new();
        for (space, row) in found {
            rows.extend(self.campaign_row(space, row)?);
        }
        Ok(Answer::Campaigns(Rows { next, ..self.listed(&spaces, rows) }))
    }

    /// Documents of these spaces by when they stand in lists, then by their ids, with these.
    pub(super) fn documents<'s>(
        &self,
        spaces: &[Seated<'s>],
        schema: Schema,
    ) -> Result<Vec<(String, (Seated<'s>, DocumentRow))>> {
        let mut found = Vec::new();
        for space in spaces {
            let rows = space.seat.content.documents(self.store, schema).map_err(disk_failure)?;
            found.extend(rows.into_iter().map(|row| (*space, row)));
        }
        found.sort_by_key(|(_, row)| (row.listed_at(), row.id));
        let with_id =
            |(space, row): (_, DocumentRow)| (wording::document_id(&row.id), (space, row));
        Ok(found.into_iter().map(with_id).collect())
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
