//! Reading the fields of a document. What is missing or of another type reads as empty: a hostile
//! edit can spoil a field, never the reading of the others.

use automerge::{ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value};
use ledger::{
    Bounded, ItemId, ItemRef,
    content_items::{Edit, ObjectRef},
};

use super::{Document, Outcome, actor, canonical};

impl Document {
    /// A text, whole or shared.
    pub fn text(&self, field: &str) -> Option<String> {
        let (value, id) = self.automerge.get(ROOT, field).ok()??;
        match value {
            Value::Object(ObjType::Text) => self.automerge.text(&id).ok(),
            Value::Scalar(scalar) => scalar.as_str().map(str::to_owned),
            Value::Object(_) => None,
        }
    }

    /// A whole number.
    pub fn int(&self, field: &str) -> Option<i64> {
        match self.automerge.get(ROOT, field).ok()?? {
            (Value::Scalar(scalar), _) => match scalar.as_ref() {
                ScalarValue::Int(number) => Some(*number),
                _ => None,
            },
            _ => None,
        }
    }

    /// The id of something else, which may not be here.
    pub fn item(&self, field: &str) -> Option<ItemId> {
        let (value, _) = self.automerge.get(ROOT, field).ok()??;
        let bytes: [u8; 32] = value.as_bytes()?.try_into().ok()?;
        Some(ItemId::from_bytes(bytes))
    }

    /// The lines of a text, without empty ones.
    pub fn lines(&self, field: &str) -> Vec<String> {
        let text = self.text(field).unwrap_or_default();
        text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// Whether anything stands in a field.
    pub fn has(&self, field: &str) -> bool {
        matches!(self.automerge.get(ROOT, field), Ok(Some(_)))
    }

    /// Whether concurrent edits left different values in a field.
    pub fn has_conflict(&self, field: &str) -> bool {
        let values = canonical::values(&self.automerge, &ROOT, field);
        values.windows(2).any(|two| two[0] != two[1])
    }

    /// A new edit's name for the shared text in a field, if exactly one stands there.
    pub(crate) fn shared_text(&self, field: &str) -> Option<ObjectRef> {
        let values = self.automerge.get_all(ROOT, field).ok()?;
        match values.as_slice() {
            [(Value::Object(ObjType::Text), id)] => self.object_ref(id),
            _ => None,
        }
    }

    /// How edits name an automerge object.
    fn object_ref(&self, object: &ObjId) -> Option<ObjectRef> {
        let ObjId::Id(counter, by, _) = object else { return None };
        self.edits.iter().find_map(|(edit, record)| {
            let Outcome::Change { made, .. } = &record.outcome else { return None };
            let number = made.iter().find(|(_, made)| made.counter == *counter)?.0;
            let named = ObjectRef::Made { edit: ItemRef::Id(*edit), number: *number };
            (actor(&record.author, &self.id) == *by).then_some(named)
        })
    }

    /// A new edit without operations that builds on all that this document has.
    pub(crate) fn next_edit(&self) -> Edit {
        Edit {
            document: Some(ItemRef::Id(self.id)),
            schema: None,
            heads: Bounded::first_of(self.heads().into_iter().map(ItemRef::Id)),
            operations: Default::default(),
        }
    }
}
