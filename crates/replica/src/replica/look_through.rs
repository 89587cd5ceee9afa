//! Looking through what a damaged disk left of a space (DESIGN 8): what is lost is noted, and from
//! then on as if it had never been here, so that others give it back.

use charter::Charter;
use ledger::{Entry, Journal, SpaceId};
use store::{Batch, Direction, Key, Store, StoreError, Table, WriteId};

use super::{Replica, charter_body};
use crate::{
    charter_store,
    logs::{Logs, LookThrough, Loss},
    stored::{self, Stored},
};

/// A look through all that the store has of a space's content.
pub fn look_through(store: &impl Store, space: SpaceId) -> Result<LookThrough, StoreError> {
    Logs::look_through(store, Journal::Content.id(space))
}

/// Looks through a charter at once, and notes what of it is lost: what can be judged without that
/// stays. For a start only: what is damaged by then is so in both copies.
pub fn look_through_charter(
    store: &mut impl Store,
    space: SpaceId,
) -> Result<Option<WriteId>, StoreError> {
    let mut batch = Batch::default();
    judge_again(store, space, &mut batch)?;
    if batch.is_empty() { Ok(None) } else { store.write(batch).map(Some) }
}

fn judge_again(store: &impl Store, space: SpaceId, batch: &mut Batch) -> Result<(), StoreError> {
    let group = charter_store::group(Journal::Charter.id(space));
    let key = |table, number| Key::new(table, group.clone(), number);
    let (all, limit) = (0..=u64::MAX, usize::MAX);
    let rows = store.look(Table::Charter, &group, all, Direction::Ascending, limit)?;
    let (mut charter, mut kept, mut lost) = (Charter::new(space), 0, Vec::new());
    let (mut next, mut after) = (0, None);
    for (number, bytes) in rows {
        lost.extend((next..number).map(|missing| (missing, after)));
        next = number + 1;
        let read = bytes.and_then(|bytes| stored::decode(&bytes).ok());
        let stays = read.as_ref().is_some_and(|Stored { entry, .. }| restore(&mut charter, entry));
        match read.filter(|_| stays) {
            Some(Stored { entry, came }) => {
                after = Some(entry.header.stamp);
                if kept != number {
                    batch.remove(key(Table::Charter, number));
                    batch.put(key(Table::Charter, kept), stored::encode(&entry, came));
                }
                kept += 1;
            }
            None => {
                batch.remove(key(Table::Charter, number));
                lost.push((number, after));
            }
        }
    }
    for (number, after) in lost {
        let note = Loss { after, before: None };
        batch.put(key(Table::Lost, number), ledger::encode(&note));
    }
    Ok(())
}

fn restore(charter: &mut Charter, entry: &Entry) -> bool {
    charter_body(entry).is_ok_and(|body| charter.restore(entry, body).is_ok())
}

impl Replica {
    /// Charter entries that were here and are lost, with what is known of each.
    pub fn charter_lost(&self) -> &[Loss] {
        &self.charter_lost
    }

    /// A node of somebody who is in has just the charter that is here: nothing of it is lost any
    /// more, as far as anybody knows.
    pub fn charter_is_whole(&mut self, store: &mut impl Store) -> Result<(), StoreError> {
        if self.charter_lost.is_empty() {
            return Ok(());
        }
        let group = charter_store::group(Journal::Charter.id(self.space));
        let mut batch = Batch::default();
        for (number, _) in store.all(Table::Lost, &group)? {
            batch.remove(Key::new(Table::Lost, group.clone(), number));
        }
        let write = store.write(batch)?;
        self.written = self.written.max(Some(write));
        self.charter_lost = Vec::new();
        Ok(())
    }
}

/// What is noted as lost of a charter.
pub(super) fn charter_lost(store: &impl Store, space: SpaceId) -> Result<Vec<Loss>, StoreError> {
    let group = charter_store::group(Journal::Charter.id(space));
    let wrong = |_| crate::logs::damaged("a note of what is lost");
    let lost = store.all(Table::Lost, &group)?.into_iter();
    lost.map(|(_, bytes)| ledger::decode(&bytes).map_err(wrong)).collect()
}
