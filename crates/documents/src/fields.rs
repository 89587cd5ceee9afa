//! Fields of documents as people write them, turned into the operations of one edit.

use ledger::{
    ItemId, Text, TooLong,
    content_items::{Edit, Key, ObjectRef, Operation, Schema, Value},
    limits::TEXT_BYTES_MAX,
};

use crate::{document::Document, limits::LIST_FIELD_MAX};

/// Why a field cannot be written so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// A field that cannot be empty would be.
    #[error("the {field} is empty")]
    Empty {
        /// Its name in the document.
        field: &'static str,
    },
    /// More bytes of text, or more values of a list, than the field takes.
    #[error("the {field} is {length} long and can be at most {max}")]
    TooLong {
        /// Its name in the document.
        field: &'static str,
        /// Bytes, or values, that were given.
        length: usize,
        /// As many as it takes.
        max: usize,
    },
    /// A line break or another control character in a field that is one line.
    #[error("the {field} has to be one line of plain text")]
    NotOneLine {
        /// Its name in the document.
        field: &'static str,
    },
    /// Not one of the words that the field takes.
    #[error("{value:?} is no {field}; it is one of {}", allowed.join(", "))]
    Unknown {
        /// Its name in the document.
        field: &'static str,
        /// What was given, to be said back.
        value: String,
        /// All words that it takes.
        allowed: &'static [&'static str],
    },
    /// Not a date or a date and time.
    #[error("{value:?} is no date; write it like 2026-12-31 or 2026-12-31T18:00")]
    NotADate {
        /// What was given, to be said back.
        value: String,
    },
    /// A number below one, or past what the field takes.
    #[error("the {field} is a number from 1 to {max}")]
    Range {
        /// Its name in the document.
        field: &'static str,
        /// The greatest number that it takes.
        max: u64,
    },
    /// Nothing differs from what stands there.
    #[error("nothing was changed")]
    Unchanged,
}

/// A one-line text without spaces around it, of at most `max` bytes.
pub(crate) fn line(field: &'static str, value: &str, max: usize) -> Result<String, FieldError> {
    let value = value.trim();
    if value.chars().any(char::is_control) {
        return Err(FieldError::NotOneLine { field });
    }
    within(field, value.len(), max)?;
    Ok(value.to_owned())
}

/// As [`line`], and not empty.
pub(crate) fn full_line(
    field: &'static str,
    value: &str,
    max: usize,
) -> Result<String, FieldError> {
    match line(field, value, max)? {
        value if value.is_empty() => Err(FieldError::Empty { field }),
        value => Ok(value),
    }
}

/// One of some words.
pub(crate) fn one_of(
    field: &'static str,
    value: &str,
    allowed: &'static [&'static str],
) -> Result<&'static str, FieldError> {
    let found = allowed.iter().find(|allowed| **allowed == value.trim());
    let unknown = || FieldError::Unknown { field, value: value.to_owned(), allowed };
    found.copied().ok_or_else(unknown)
}

/// The operations of one edit, for a new document or on what stands in one.
///
/// An empty text clears its field. What stands there already costs no operation, unless it stands
/// there in conflict with something else: then writing it again settles that.
pub(crate) struct Writer<'a> {
    document: Option<&'a Document>,
    edit: Edit,
    operations: Vec<Operation>,
}

impl<'a> Writer<'a> {
    /// An edit that makes a document.
    pub(crate) fn create(schema: Schema) -> Self {
        let edit = Edit {
            document: None,
            schema: Some(schema),
            heads: Default::default(),
            operations: Default::default(),
        };
        Self { document: None, edit, operations: Vec::new() }
    }

    /// An edit that changes one.
    pub(crate) fn change(document: &'a Document) -> Self {
        let edit = document.next_edit();
        Self { document: Some(document), edit, operations: Vec::new() }
    }

    /// A text that is replaced whole.
    pub(crate) fn text(&mut self, field: &'static str, value: String) -> Result<(), FieldError> {
        if self.stands(field, |document| document.text(field).unwrap_or_default() == value) {
            return Ok(());
        }
        if value.is_empty() {
            return self.clear(field);
        }
        self.put(field, Value::Text(bounded(field, value)?))
    }

    /// A text of many lines that several people edit.
    pub(crate) fn shared(&mut self, field: &'static str, value: &str) -> Result<(), FieldError> {
        within(field, value.len(), TEXT_BYTES_MAX)?;
        if self.stands(field, |document| document.text(field).unwrap_or_default() == value) {
            return Ok(());
        }
        let standing = self
            .document
            .and_then(|document| document.shared_text(field).zip(document.text(field)));
        match standing {
            Some((object, before)) => {
                let (position, delete, text) = splice(&before, value);
                let text = bounded(field, text.to_owned())?;
                self.operations.push(Operation::Splice { object, position, delete, text });
                Ok(())
            }
            None if value.is_empty() => self.clear(field),
            None => self.put(field, Value::SharedText(bounded(field, value.to_owned())?)),
        }
    }

    /// A number, or none.
    pub(crate) fn int(
        &mut self,
        field: &'static str,
        value: Option<i64>,
    ) -> Result<(), FieldError> {
        if self.stands(field, |document| document.int(field) == value) {
            return Ok(());
        }
        match value {
            Some(value) => self.put(field, Value::Int(value)),
            None => self.clear(field),
        }
    }

    /// The id of something else, or none.
    pub(crate) fn item(
        &mut self,
        field: &'static str,
        value: Option<ItemId>,
    ) -> Result<(), FieldError> {
        if self.stands(field, |document| document.item(field) == value) {
            return Ok(());
        }
        match value {
            Some(id) => {
                let bytes = id.as_bytes().to_vec().try_into().map_err(too_long(field))?;
                self.put(field, Value::Bytes(bytes))
            }
            None => self.clear(field),
        }
    }

    /// Several lines that are replaced together; empty ones are left out.
    pub(crate) fn lines(
        &mut self,
        field: &'static str,
        values: &[String],
        max: usize,
    ) -> Result<(), FieldError> {
        let mut lines = Vec::new();
        for value in values {
            lines.push(line(field, value, max)?);
        }
        lines.retain(|line| !line.is_empty());
        within(field, lines.len(), LIST_FIELD_MAX)?;
        self.text(field, lines.join("\n"))
    }

    /// The edit; where it changes a document and has nothing to change, an error.
    pub(crate) fn finish(self) -> Result<Edit, FieldError> {
        if self.document.is_some() && self.operations.is_empty() {
            return Err(FieldError::Unchanged);
        }
        let operations = self.operations.try_into().map_err(too_long("change"))?;
        Ok(Edit { operations, ..self.edit })
    }

    /// Whether the field of the document, if there is one, is settled and as wanted.
    fn stands(&self, field: &str, wanted: impl Fn(&Document) -> bool) -> bool {
        self.document.is_some_and(|document| wanted(document) && !document.has_conflict(field))
    }

    fn put(&mut self, field: &'static str, value: Value) -> Result<(), FieldError> {
        let operation = Operation::Put { object: ObjectRef::Root, key: key(field)?, value };
        self.operations.push(operation);
        Ok(())
    }

    fn clear(&mut self, field: &'static str) -> Result<(), FieldError> {
        if self.document.is_some_and(|document| document.has(field)) {
            let operation = Operation::Delete { object: ObjectRef::Root, key: key(field)? };
            self.operations.push(operation);
        }
        Ok(())
    }
}

fn key(field: &'static str) -> Result<Key, FieldError> {
    field.try_into().map(Key::Field).map_err(too_long(field))
}

fn too_long(field: &'static str) -> impl Fn(TooLong) -> FieldError {
    move |TooLong { length, max }| FieldError::TooLong { field, length, max }
}

fn within(field: &'static str, length: usize, max: usize) -> Result<(), FieldError> {
    if length <= max { Ok(()) } else { Err(FieldError::TooLong { field, length, max }) }
}

fn bounded(field: &'static str, text: String) -> Result<Text<TEXT_BYTES_MAX>, FieldError> {
    text.try_into().map_err(too_long(field))
}

/// What to replace in `before` to come to `after`: from which character, how many, by what. The
/// part that both begin with and the part that both end with stay.
fn splice<'t>(before: &str, after: &'t str) -> (u32, u32, &'t str) {
    let common = |(a, b): &(char, char)| a == b;
    let start: Vec<_> = before.chars().zip(after.chars()).take_while(common).collect();
    let start_bytes: usize = start.iter().map(|(c, _)| c.len_utf8()).sum();
    let (before, after) = (&before[start_bytes..], &after[start_bytes..]);
    let ends = before.chars().rev().zip(after.chars().rev());
    let end_bytes: usize = ends.take_while(common).map(|(c, _)| c.len_utf8()).sum();
    let gone = before[..before.len() - end_bytes].chars().count();
    // What is written has at most TEXT_BYTES_MAX bytes. Of a text that is longer than a number of
    // characters can say, the edit is void, and said to be.
    let gone = u32::try_from(gone).unwrap_or(u32::MAX);
    (start.len() as u32, gone, &after[..after.len() - end_bytes])
}

/// The fields of these in which concurrent edits left different values.
pub(crate) fn conflicts(document: &Document, fields: &[&str]) -> Vec<String> {
    let conflicted = fields.iter().filter(|field| document.has_conflict(field));
    conflicted.map(|field| (*field).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_splice_leaves_what_both_begin_and_end_with() {
        let cases = [
            ("", "", (0, 0, "")),
            ("abc", "abc", (3, 0, "")),
            ("abc", "abXc", (2, 0, "X")),
            ("aaa", "aa", (2, 1, "")),
            ("Straße 1", "Straße 12", (8, 0, "2")),
            ("日本語", "日語", (1, 1, "")),
            ("👩‍🌾!", "👨‍🌾!", (0, 1, "👨")),
            ("x", "", (0, 1, "")),
        ];
        for (before, after, expected) in cases {
            assert_eq!(splice(before, after), expected, "{before:?} to {after:?}");
        }
    }

    #[test]
    fn lines_are_refused_by_cause() {
        let control = FieldError::NotOneLine { field: "title" };
        assert_eq!(line("title", "a\nb", 9), Err(control.clone()));
        assert_eq!(line("title", "a\u{1b}[2J", 9), Err(control));
        let long = FieldError::TooLong { field: "title", length: 10, max: 9 };
        assert_eq!(line("title", " aaaaaaaaaa ", 9), Err(long));
        assert_eq!(full_line("title", " ", 9), Err(FieldError::Empty { field: "title" }));
        assert_eq!(full_line("title", " a b ", 9).as_deref(), Ok("a b"));
        let unknown = one_of("status", "won't", &["won", "lost"]).unwrap_err();
        assert_eq!(unknown.to_string(), "\"won't\" is no status; it is one of won, lost");
    }
}
