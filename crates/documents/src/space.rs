//! What a space is called: a document, so that everyone in it can say (no name is anyone's).

use ledger::content_items::{Edit, Schema};

use crate::{
    document::Document,
    fields::{FieldError, Writer, conflicts, full_line},
    limits::SHORT_BYTES_MAX,
};

const NAME: &str = "name";

/// A space's document as it is shown. What is missing or of another type is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpaceView {
    /// What the space is called, in one line.
    pub name: String,
    /// The fields that were changed by several people at once, and not settled since.
    pub conflicts: Vec<String>,
}

/// The edit that makes a space's document.
pub fn create(name: &str) -> Result<Edit, FieldError> {
    write(Writer::create(Schema::Space), name)
}

/// The edit that gives the space another name.
pub fn change(document: &Document, name: &str) -> Result<Edit, FieldError> {
    write(Writer::change(document), name)
}

fn write(mut writer: Writer<'_>, name: &str) -> Result<Edit, FieldError> {
    writer.text(NAME, full_line(NAME, name, SHORT_BYTES_MAX)?)?;
    writer.finish()
}

/// What a space's document says now.
pub fn view(document: &Document) -> SpaceView {
    SpaceView {
        name: document.text(NAME).unwrap_or_default(),
        conflicts: conflicts(document, &[NAME]),
    }
}
