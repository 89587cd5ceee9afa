//! The operations of one edit, as one automerge change. Everything that automerge would answer
//! with a panic, or with something else on another node, is checked before automerge is asked.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{
    ActorId, Automerge, AutomergeError, ChangeHash, ObjId, ObjType, Prop, ROOT, ReadDoc,
    ScalarValue,
    transaction::{CommitOptions, Transactable, Transaction},
};
use ledger::content_items::{Edit, Key, ObjectRef, Operation, Value};

use super::{EditRule, Made};
use crate::limits::{COUNTER_STEP_MAX, DEPTH_MAX, OPERATION_WEIGHT};

/// What the object references of one edit name.
pub(super) struct Objects {
    pub(super) earlier: BTreeMap<ObjectRef, (ObjId, u8)>,
    /// References to what earlier operations of the same edit made.
    pub(super) own: BTreeSet<ObjectRef>,
}

pub(super) type Committed = (Option<ChangeHash>, BTreeMap<u16, Made>);

/// All of the edit as one change, or nothing of it.
pub(super) fn commit(
    target: &mut Automerge,
    actor: &ActorId,
    objects: &Objects,
    edit: &Edit,
) -> Result<Committed, EditRule> {
    target.set_actor(actor.clone());
    let mut playing = Playing { transaction: target.transaction(), objects, made: BTreeMap::new() };
    for (number, operation) in (0..).zip(&edit.operations) {
        if let Err(rule) = playing.operation(number, operation) {
            playing.transaction.rollback();
            return Err(rule);
        }
    }
    let made = playing
        .made
        .into_iter()
        .filter_map(|(number, (object, depth))| match object {
            ObjId::Id(counter, ..) => Some((number, Made { counter, depth })),
            ObjId::Root => None,
        })
        .collect();
    // Time zero: automerge would write no other into the change on another node either.
    let (hash, _) = playing.transaction.commit_with(CommitOptions::default().with_time(0));
    Ok((hash, made))
}

/// The object that an operation works on.
pub(super) fn object_of(operation: &Operation) -> &ObjectRef {
    match operation {
        Operation::Put { object, .. }
        | Operation::Insert { object, .. }
        | Operation::Delete { object, .. }
        | Operation::Increment { object, .. }
        | Operation::Splice { object, .. } => object,
    }
}

/// What the edit weighs: its bytes, and what automerge keeps of each operation. A character that is
/// deleted weighs one, because automerge makes an operation of each.
pub(super) fn weight_of(edit: &Edit) -> u64 {
    let of = |operation: &Operation| match operation {
        Operation::Splice { delete, .. } => OPERATION_WEIGHT + u64::from(*delete),
        _ => OPERATION_WEIGHT,
    };
    ledger::encode(edit).len() as u64 + edit.operations.iter().map(of).sum::<u64>()
}

struct Playing<'a> {
    transaction: Transaction<'a>,
    objects: &'a Objects,
    made: BTreeMap<u16, (ObjId, u8)>,
}

/// An object that an operation works on.
struct Object {
    id: ObjId,
    kind: ObjType,
    depth: u8,
}

impl Playing<'_> {
    fn operation(&mut self, number: u16, operation: &Operation) -> Result<(), EditRule> {
        let object = self.object(object_of(operation))?;
        match operation {
            Operation::Put { key, value, .. } => {
                let prop = self.prop(&object, key)?;
                self.put(number, &object, prop, value)
            }
            Operation::Insert { position, value, .. } => {
                self.insert(number, &object, *position, value)
            }
            Operation::Delete { key, .. } => {
                let prop = self.prop(&object, key)?;
                merged(self.transaction.delete(&object.id, prop))
            }
            Operation::Increment { key, by, .. } => {
                let prop = self.prop(&object, key)?;
                self.increment(&object, prop, *by)
            }
            Operation::Splice { position, delete, text, .. } => {
                self.splice(&object, *position, *delete, text)
            }
        }
    }

    /// The object, if it is in what the edit builds on.
    fn object(&self, named: &ObjectRef) -> Result<Object, EditRule> {
        let (id, depth) = match named {
            ObjectRef::Root => (ROOT, 0),
            ObjectRef::Made { number, .. } if self.objects.own.contains(named) => {
                self.made.get(number).cloned().ok_or(EditRule::UnknownObject)?
            }
            ObjectRef::Made { .. } => {
                self.objects.earlier.get(named).cloned().ok_or(EditRule::UnknownObject)?
            }
        };
        let kind = self.transaction.object_type(&id).map_err(|_| EditRule::UnknownObject)?;
        Ok(Object { id, kind, depth })
    }

    /// A field of a map, or a position that a list has. Texts change by splices only.
    fn prop(&self, object: &Object, key: &Key) -> Result<Prop, EditRule> {
        match (object.kind, key) {
            (ObjType::Map, Key::Field(name)) if !name.is_empty() => Ok(Prop::Map(name.to_string())),
            (ObjType::List, Key::Position(position)) => {
                let position = *position as usize;
                if position >= self.transaction.length(&object.id) {
                    return Err(EditRule::OutOfRange);
                }
                Ok(Prop::Seq(position))
            }
            _ => Err(EditRule::WrongType),
        }
    }

    fn put(
        &mut self,
        number: u16,
        object: &Object,
        prop: Prop,
        value: &Value,
    ) -> Result<(), EditRule> {
        match plain(value)? {
            Plain::Scalar(scalar) => merged(self.transaction.put(&object.id, prop, scalar)),
            Plain::Object(kind, text) => {
                let depth = deeper(object)?;
                let id = merged(self.transaction.put_object(&object.id, prop, kind))?;
                self.filled(number, id, depth, text)
            }
        }
    }

    fn insert(
        &mut self,
        number: u16,
        object: &Object,
        position: u32,
        value: &Value,
    ) -> Result<(), EditRule> {
        if object.kind != ObjType::List {
            return Err(EditRule::WrongType);
        }
        let (position, length) = (position as usize, self.transaction.length(&object.id));
        if position > length {
            return Err(EditRule::OutOfRange);
        }
        match plain(value)? {
            Plain::Scalar(scalar) => merged(self.transaction.insert(&object.id, position, scalar)),
            Plain::Object(kind, text) => {
                let depth = deeper(object)?;
                let id = merged(self.transaction.insert_object(&object.id, position, kind))?;
                self.filled(number, id, depth, text)
            }
        }
    }

    /// Notes what an operation made, and gives a text its first content.
    fn filled(
        &mut self,
        number: u16,
        id: ObjId,
        depth: u8,
        text: Option<&str>,
    ) -> Result<(), EditRule> {
        if let Some(text) = text {
            merged(self.transaction.splice_text(&id, 0, 0, text))?;
        }
        self.made.insert(number, (id, depth));
        Ok(())
    }

    fn increment(&mut self, object: &Object, prop: Prop, by: i64) -> Result<(), EditRule> {
        if by.unsigned_abs() > COUNTER_STEP_MAX {
            return Err(EditRule::CounterStep);
        }
        let values = merged(self.transaction.get_all(&object.id, prop.clone()))?;
        // Automerge adds where one of several concurrent values is a counter, and hides the others.
        if values.is_empty() || !values.iter().all(|(value, _)| value.is_counter()) {
            return Err(EditRule::NoCounter);
        }
        merged(self.transaction.increment(&object.id, prop, by))
    }

    fn splice(
        &mut self,
        object: &Object,
        position: u32,
        delete: u32,
        text: &str,
    ) -> Result<(), EditRule> {
        if object.kind != ObjType::Text {
            return Err(EditRule::WrongType);
        }
        let (position, delete) = (position as usize, delete as usize);
        let length = self.transaction.length(&object.id);
        if position.checked_add(delete).is_none_or(|end| end > length) {
            return Err(EditRule::OutOfRange);
        }
        let delete = isize::try_from(delete).map_err(|_| EditRule::OutOfRange)?;
        merged(self.transaction.splice_text(&object.id, position, delete, text))
    }
}

/// A value as automerge takes it.
enum Plain<'a> {
    Scalar(ScalarValue),
    Object(ObjType, Option<&'a str>),
}

fn plain(value: &Value) -> Result<Plain<'_>, EditRule> {
    Ok(match value {
        Value::Null => Plain::Scalar(ScalarValue::Null),
        Value::Bool(truth) => Plain::Scalar(ScalarValue::Boolean(*truth)),
        Value::Int(number) => Plain::Scalar(ScalarValue::Int(*number)),
        Value::Text(text) => Plain::Scalar(ScalarValue::Str((&**text).into())),
        Value::Bytes(bytes) => Plain::Scalar(ScalarValue::Bytes(bytes.to_vec())),
        // A timestamp is at most 2^53 by its type.
        Value::Time(time) => Plain::Scalar(ScalarValue::Timestamp(time.as_ms() as i64)),
        Value::Counter(start) if start.unsigned_abs() > COUNTER_STEP_MAX => {
            return Err(EditRule::CounterStep);
        }
        Value::Counter(start) => Plain::Scalar(ScalarValue::counter(*start)),
        Value::Map => Plain::Object(ObjType::Map, None),
        Value::List => Plain::Object(ObjType::List, None),
        Value::SharedText(text) => Plain::Object(ObjType::Text, Some(text)),
    })
}

fn deeper(object: &Object) -> Result<u8, EditRule> {
    if object.depth < DEPTH_MAX { Ok(object.depth + 1) } else { Err(EditRule::TooDeep) }
}

fn merged<T>(result: Result<T, AutomergeError>) -> Result<T, EditRule> {
    result.map_err(|_| EditRule::Unmergeable)
}
