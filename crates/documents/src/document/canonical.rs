//! The content as JSON that is equal on two nodes if and only if the content is.

use automerge::{Automerge, ObjId, ObjType, Prop, ROOT, ReadDoc, ScalarValue, Value};
use serde_json::{Map, Value as Json, json};

use super::Document;

impl Document {
    /// The whole content with all conflicts, for comparing two nodes.
    ///
    /// Keys are sorted. Each field and each list element is the list of its concurrent values, the
    /// one that shows last. Values other than truth values, whole numbers and texts that are
    /// replaced whole are objects of one key that tells what they are.
    pub fn canonical(&self) -> Json {
        let mut content = Map::new();
        content.insert("map".to_owned(), map(&self.automerge, &ROOT));
        content.insert("schema".to_owned(), self.schema.number().into());
        Json::Object(content)
    }
}

/// The concurrent values at one place, the one that shows last.
pub(super) fn values(automerge: &Automerge, object: &ObjId, prop: impl Into<Prop>) -> Vec<Json> {
    let values = automerge.get_all(object, prop).unwrap_or_default();
    values.iter().map(|(value, id)| one(automerge, value, id)).collect()
}

fn map(automerge: &Automerge, object: &ObjId) -> Json {
    // Automerge gives keys sorted; sorted again here, because this page promises it.
    let mut keys: Vec<String> = automerge.keys(object).collect();
    keys.sort_unstable();
    let field = |key: String| {
        let values = values(automerge, object, key.as_str());
        (key, Json::Array(values))
    };
    Json::Object(keys.into_iter().map(field).collect())
}

/// Goes at most `DEPTH_MAX` levels down: no edit makes an object deeper.
fn one(automerge: &Automerge, value: &Value<'_>, id: &ObjId) -> Json {
    match value {
        Value::Object(ObjType::Map | ObjType::Table) => json!({ "map": map(automerge, id) }),
        Value::Object(ObjType::List) => {
            let all = 0..automerge.length(id);
            let elements: Vec<_> = all.map(|at| values(automerge, id, at)).collect();
            json!({ "list": elements })
        }
        Value::Object(ObjType::Text) => {
            json!({ "shared": automerge.text(id).unwrap_or_default() })
        }
        Value::Scalar(scalar) => match scalar.as_ref() {
            ScalarValue::Null => Json::Null,
            ScalarValue::Boolean(truth) => Json::Bool(*truth),
            ScalarValue::Int(number) => (*number).into(),
            ScalarValue::Str(text) => text.as_str().into(),
            ScalarValue::Bytes(bytes) => json!({ "bytes": hex(bytes) }),
            ScalarValue::Timestamp(ms) => json!({ "time": ms }),
            ScalarValue::Counter(counter) => json!({ "counter": i64::from(counter) }),
            // Edits make none of these.
            ScalarValue::Uint(_) | ScalarValue::F64(_) | ScalarValue::Unknown { .. } => Json::Null,
        },
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
