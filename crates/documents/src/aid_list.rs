//! Aid lists: what groups needs and offers (DESIGN 7).

use ledger::content_items::{Edit, Schema};

use crate::{
    document::Document,
    fields::{FieldError, Writer, conflicts, full_line},
    limits::SHORT_BYTES_MAX,
};

const TITLE: &str = "title";

/// An aid list as it is shown. What is missing or of another type is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AidListView {
    /// What it is called, in one line.
    pub title: String,
    /// The fields that were changed by several people at once, and not settled since.
    pub conflicts: Vec<String>,
}

/// The edit that makes an aid list.
pub fn create(title: &str) -> Result<Edit, FieldError> {
    write(Writer::create(Schema::AidList), title)
}

/// The edit that gives one another title.
pub fn change(document: &Document, title: &str) -> Result<Edit, FieldError> {
    write(Writer::change(document), title)
}

fn write(mut writer: Writer<'_>, title: &str) -> Result<Edit, FieldError> {
    writer.text(TITLE, full_line(TITLE, title, SHORT_BYTES_MAX)?)?;
    writer.finish()
}

/// What an aid list's document says now.
pub fn view(document: &Document) -> AidListView {
    AidListView {
        title: document.text(TITLE).unwrap_or_default(),
        conflicts: conflicts(document, &[TITLE]),
    }
}
