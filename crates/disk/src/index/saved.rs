//! What an index still has of records that cannot be read any more.

use std::collections::BTreeMap;

use store::{Batch, Group, Key, Table};

use super::{BuildError, Index, IndexKey, Value, number};
use crate::{
    entries::{Reader, Walked, walk},
    position::Position,
};

/// Bytes of a key that name its group: a table, and the hash of it.
const GROUP_BYTES: usize = 17;

/// Values that the index has itself, of records that cannot be read: to be written again. What
/// stood elsewhere is forgotten where other nodes tell it anew, or nobody needs it.
pub(super) fn saved(
    index: &Index,
    reader: &Reader,
    known: Position,
    walked: &Walked,
) -> Result<Batch, BuildError> {
    let (mut here, mut gone) = (BTreeMap::new(), Vec::new());
    index.kept(|key, value| {
        if value.at().is_some_and(|at| walked.is_damaged(at)) {
            match value {
                Value::Inline { value, .. } => _ = here.insert(key, Some(value)),
                Value::Removed { .. } => _ = here.insert(key, None),
                _ if may_be_forgotten(&key) => gone.push(key),
                _ => {}
            }
        }
        Ok(())
    })?;
    index.forget(&gone)?;
    // The index has only hashes of groups: whatever else can be read says which they are.
    let mut groups = BTreeMap::<[u8; GROUP_BYTES], (Table, Group)>::new();
    if !here.is_empty() {
        walk::<BuildError>(reader, known, |record| {
            for (key, _) in &record.payload.puts {
                let place = index.key(key.table, &key.group, 0);
                groups.entry(group_of(&place)).or_insert_with(|| (key.table, key.group.clone()));
            }
            Ok(())
        })?;
    }
    let mut saved = Batch::default();
    for (place, value) in here {
        if let Some((table, group)) = groups.get(&group_of(&place)) {
            let key = Key::new(*table, group.clone(), number(&place));
            match value {
                Some(value) => saved.put(key, value),
                None => saved.remove(key),
            }
        }
    }
    Ok(saved)
}

/// What others tell anew, knock with again or ask for again.
fn may_be_forgotten(key: &IndexKey) -> bool {
    let tables = [Table::Peers, Table::Newer, Table::Guests, Table::Requests];
    tables.iter().any(|table| *table as u8 == key[0])
}

fn group_of(key: &IndexKey) -> [u8; GROUP_BYTES] {
    let mut group = [0; GROUP_BYTES];
    group.copy_from_slice(&key[..GROUP_BYTES]);
    group
}
