//! Needs, and who takes them on.

use std::collections::BTreeMap;

use api::{Answer, ClaimRow, NeedRow, Page, Rows};
use content::{DocumentRow, DocumentView};
use documents::{
    can::{Asker, with_need},
    claims, code,
};
use ledger::{ItemId, content_items::Schema, id_text};
use store::Store;

use super::{Result, View, part_of};
use crate::{failures::disk_failure, space::Seated, wording};

impl<S: Store> View<'_, S> {
    /// Who asks what they can do.
    pub(crate) fn asker(&self, space: Seated<'_>) -> Asker {
        Asker { member: space.me(), is_in: space.is_in() }
    }

    /// A need's sayable code among the needs of its space.
    pub(crate) fn code(&self, space: Seated<'_>, need: &ItemId) -> Result<String> {
        // Only needs that begin as this one does can make its code longer.
        let start = id_text::code(need.as_bytes(), code::CHARS_MIN).to_ascii_lowercase();
        let rows = space.seat.content.find_documents(self.store, Schema::Need, &start);
        let ids: Vec<_> = rows.map_err(disk_failure)?.iter().map(|row| row.id).collect();
        Ok(code::code(need, &ids))
    }

    pub(crate) fn list_needs(&self, said: Option<&str>, page: &Page) -> Result<Answer> {
        let spaces = self.spaces_read(said)?;
        let found = self.documents(&spaces, Schema::Need)?;
        let mut codes = BTreeMap::new();
        for space in &spaces {
            let of_space = found.iter().filter(|(_, (other, _))| other.id == space.id);
            codes.extend(code::codes(&of_space.map(|(_, (_, row))| row.id).collect()));
        }
        let (found, next) = part_of(found, page)?;
        let mut rows = Vec::new();
        for (space, row) in found {
            let code = codes.get(&row.id).cloned().unwrap_or_default();
            rows.extend(self.need_row(space, row, code)?);
        }
        Ok(Answer::Needs(Rows { next, ..self.listed(&spaces, rows) }))
    }

    pub(crate) fn need_row(
        &self,
        space: Seated<'_>,
        row: DocumentRow,
        code: String,
    ) -> Result<Option<NeedRow>> {
        let DocumentView::Need(view) = row.view else { return Ok(None) };
        let found =
            space.seat.content.claims(self.store, space.roll(), &row.id).map_err(disk_failure)?;
        let can = with_need(&self.asker(space), &view.status, &found);
        let mut rows = Vec::new();
        for claim in &found {
            rows.push(ClaimRow {
                id: wording::claim_id(&claim.id),
                by: self.who(space, &claim.by)?,
                state: claims::name(claim.state).to_owned(),
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
            doubtful: row.stands.is_some(),
            claims: rows,
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
