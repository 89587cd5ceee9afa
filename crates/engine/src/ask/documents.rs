//! Documents, as they are edited.

use api::{Answer, ErrorCode, Failure, Written};
use content::DocumentView;
use documents::{Document, EditRule, FieldError, Played};
use ledger::{
    Bounded, ItemId, SpaceId,
    content_items::{ContentItem, Edit},
};
use store::Store;

use super::Completion;
use crate::{
    engine::Engine,
    failures::{Result, disk_failure},
    limits::SLICE_ITEMS,
    sabotage::sabotaged,
    wording,
};

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

/// An own edit that was applied, or why it was not. It is made of what its document is, so it is a
/// mistake of this program if it is void by another rule than that its author's weight is used up.
fn played_or_failure(played: Played) -> Result<()> {
    match played {
        Played::Applied => Ok(()),
        Played::Void(EditRule::Full) => Err(Failure::of(ErrorCode::Full)),
        Played::Void(rule) => Err(Failure::because(ErrorCode::Internal, rule.to_string())),
    }
}

impl<S: Store> Engine<S> {
    /// A document as it counts here, to be edited, with one's own edits of it.
    pub(super) fn open_document(&mut self, id: SpaceId, document: &ItemId) -> Result<Document> {
        let (replica, seat, store) = self.seat_mut(&id)?;
        let read = seat.content.read_own(store, replica, seat.device(), OWN_WRITE_UNITS);
        read.map_err(disk_failure)?;
        let open = seat.content.document(store, replica, document).map_err(disk_failure)?;
        open.ok_or_else(|| Failure::of(ErrorCode::NotFound))
    }

    /// Writes an edit of a document, unless it would be void, and says what came of it. `hint` is
    /// how a new one is made.
    pub(super) fn change_document(
        &mut self,
        id: SpaceId,
        open: &Document,
        edit: Edit,
        hint: &'static str,
    ) -> Result<Completion> {
        let author = self.view().seat(&id)?.seat.device();
        played_or_failure(open.would_play(&author, &edit)).map_err(|why| why.hint(hint))?;
        self.write_document(id, Some(open.id()), edit, hint)
    }

    /// Writes an edit and says what came of it.
    pub(super) fn write_document(
        &mut self,
        id: SpaceId,
        document: Option<ItemId>,
        mut edit: Edit,
        hint: &'static str,
    ) -> Result<Completion> {
        if sabotaged!(self.config, SecondFieldLost) && document.is_some() {
            edit.operations = Bounded::first_of(edit.operations.into_inner().into_iter().take(1));
        }
        let (entry, after) = self.append_content(id, vec![ContentItem::Edit(edit)])?;
        let edit = ItemId::of(&entry.id, 0);
        let document = document.unwrap_or(edit);
        // One's own edit is read at once, so that the answer can show it.
        let (replica, seat, store) = self.seat_mut(&id)?;
        let read = seat.content.read_own(store, replica, seat.device(), OWN_WRITE_UNITS);
        read.map_err(disk_failure)?;
        let played = seat.content.played(store, replica, &document, &edit);
        let played = played.map_err(disk_failure)?;
        let counts = played.map(played_or_failure).transpose().map_err(|why| why.hint(hint))?;
        let view = self.view();
        let space = view.seat(&id)?;
        let row = view.find_document(space, &document)?;
        let (title, code) = match row.map(|row| row.view) {
            Some(DocumentView::Campaign(fields)) => (fields.title, None),
            Some(DocumentView::Need(fields)) => (fields.what, Some(view.code(space, &document)?)),
            _ => (String::new(), None),
        };
        let answer = Answer::Written(Written {
            id: wording::document_id(&document),
            space: wording::space_id(&id),
            space_name: view.space_name(space),
            code,
            title,
            state: if counts.is_some() { "counts" } else { "waiting" }.to_owned(),
            durable: true,
            stored_on: 0,
        });
        Ok(Completion::after(after, answer))
    }
}
