//! The engine's store: it notes what writing came to, whoever writes and for whatever, and makes
//! one write of all that a command does.

use std::{collections::BTreeMap, ops::RangeInclusive};

use store::{Batch, Direction, Group, Key, Looked, Store, StoreError, Table, WriteId};

/// A store, and what writes came to since this was last asked.
#[derive(Debug)]
pub(crate) struct Watched<S> {
    store: S,
    seen: Seen,
    act: Option<Act>,
}

/// What writes came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Seen {
    /// Whether any was made.
    pub(crate) wrote: bool,
    /// Whether any was refused.
    pub(crate) refused: bool,
}

/// Writes that are one: they show at once, and are made when all are there.
#[derive(Debug, Default)]
struct Act {
    batch: Batch,
    /// Which put of the batch stands at a key.
    last: BTreeMap<Key, usize>,
}

impl Act {
    fn value(&self, put: usize) -> Option<&Vec<u8>> {
        self.batch.puts().get(put).and_then(|(_, value)| value.as_ref())
    }

    fn add(&mut self, batch: Batch) {
        let first = self.batch.puts().len();
        let keys = batch.puts().iter().map(|(key, _)| key.clone());
        self.last.extend(keys.zip(first..));
        self.batch.append(batch);
    }
}

impl<S> Watched<S> {
    pub(crate) fn new(store: S) -> Self {
        Self { store, seen: Seen::default(), act: None }
    }

    /// What writes came to since the last call.
    pub(crate) fn take_seen(&mut self) -> Seen {
        std::mem::take(&mut self.seen)
    }

    /// What stands there, without the act at hand.
    #[cfg(test)]
    pub(crate) fn inner(&self) -> &S {
        &self.store
    }

    pub(crate) fn inner_mut(&mut self) -> &mut S {
        &mut self.store
    }

    pub(crate) fn into_inner(self) -> S {
        self.store
    }
}

impl<S: Store> Watched<S> {
    /// From here on all writes are one, which is made at the [end](Self::end_act). Refused where
    /// that would be.
    pub(crate) fn begin_act(&mut self) -> Result<(), StoreError> {
        let refused = self.may_write();
        self.seen.refused |= refused.is_err();
        refused?;
        self.act.get_or_insert_default();
        Ok(())
    }

    /// Drops the act if anything that it wrote would be kept for good, as one that failed half way:
    /// what was read of it since it began is not so. Whether it was dropped.
    pub(crate) fn drop_act(&mut self) -> bool {
        self.act.take_if(|act| act.batch.has_kept()).is_some()
    }

    /// Makes that one write; none where nothing was written. Where the store refuses it, nothing of
    /// it was done, and what was read of it since it began is not so.
    pub(crate) fn end_act(&mut self) -> Result<Option<WriteId>, StoreError> {
        let Some(Act { batch, .. }) = self.act.take() else { return Ok(None) };
        if batch.is_empty() { Ok(None) } else { self.write(batch).map(Some) }
    }
}

impl<S: Store> Store for Watched<S> {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        match self.act.as_ref().and_then(|act| Some((act, *act.last.get(key)?))) {
            Some((act, put)) => Ok(act.value(put).cloned()),
            None => self.store.get(key),
        }
    }

    fn look(
        &self,
        table: Table,
        group: &Group,
        numbers: RangeInclusive<u64>,
        order: Direction,
        limit: usize,
    ) -> Result<Vec<Looked>, StoreError> {
        let key = |number: &u64| Key::new(table, group.clone(), *number);
        let is_any = self.act.is_some() && !numbers.is_empty();
        let act = self.act.as_ref().filter(|_| is_any);
        let puts = act.map(|act| act.last.range(key(numbers.start())..=key(numbers.end())));
        let puts: Vec<_> = puts.into_iter().flatten().collect();
        let (Some(act), false) = (act, puts.is_empty()) else {
            return self.store.look(table, group, numbers, order, limit);
        };
        // Each put hides at most one of the rows that are there.
        let there = limit.saturating_add(puts.len());
        let there = self.store.look(table, group, numbers, order, there)?;
        let mut rows: BTreeMap<_, _> = there.into_iter().collect();
        for (key, put) in puts {
            match act.value(*put) {
                Some(value) => _ = rows.insert(key.number, Some(value.clone())),
                None => _ = rows.remove(&key.number),
            }
        }
        Ok(match order {
            Direction::Ascending => rows.into_iter().take(limit).collect(),
            Direction::Descending => rows.into_iter().rev().take(limit).collect(),
        })
    }

    /// As part of an act it is made, and refused, at its end; the number is the one that it will
    /// have.
    fn write(&mut self, batch: Batch) -> Result<WriteId, StoreError> {
        if let Some(act) = &mut self.act {
            act.add(batch);
            return Ok(self.last_write());
        }
        let is_empty = batch.is_empty();
        let written = self.store.write(batch);
        match &written {
            Ok(_) => self.seen.wrote |= !is_empty,
            Err(_) => self.seen.refused = true,
        }
        written
    }

    fn has_lost(&self) -> bool {
        self.store.has_lost()
    }

    fn may_lack(&self, table: Table, group: &Group, since: &Key) -> Result<bool, StoreError> {
        self.store.may_lack(table, group, since)
    }

    fn may_write(&self) -> Result<(), StoreError> {
        self.store.may_write()
    }

    /// The write of the act at hand, where there is one that wrote something.
    fn last_write(&self) -> WriteId {
        let written = self.store.last_write();
        match &self.act {
            Some(act) if !act.batch.is_empty() => WriteId(written.0 + 1),
            _ => written,
        }
    }
}

#[cfg(test)]
mod tests {
    use store::MemoryStore;

    use super::*;

    fn key(number: u64) -> Key {
        Key::new(Table::Rows, Group::of(&[b"rows"]), number)
    }

    fn batch(puts: &[(u64, Option<u8>)]) -> Batch {
        let mut batch = Batch::default();
        for (number, value) in puts {
            match value {
                Some(value) => batch.put(key(*number), vec![*value]),
                None => batch.remove(key(*number)),
            }
        }
        batch
    }

    #[test]
    fn an_act_shows_at_once_what_it_wrote_and_is_one_write() {
        let mut acting = Watched::new(MemoryStore::default());
        let mut plain = MemoryStore::default();
        let before = batch(&[(1, Some(1)), (3, Some(3)), (5, Some(5)), (7, Some(7))]);
        acting.write(before.clone()).unwrap();
        plain.write(before).unwrap();
        acting.begin_act().unwrap();
        let writes: [&[(u64, Option<u8>)]; 3] =
            [&[(1, None), (4, Some(4))], &[(4, None), (9, Some(8))], &[(9, Some(9)), (3, None)]];
        for puts in writes {
            assert_eq!(acting.write(batch(puts)), Ok(WriteId(2)));
            plain.write(batch(puts)).unwrap();
            for limit in [0, 1, 2, 99] {
                for order in [Direction::Ascending, Direction::Descending] {
                    for first in 0..10 {
                        let group = Group::of(&[b"rows"]);
                        let scan = |store: &dyn Fn(RangeInclusive<u64>) -> Vec<(u64, Vec<u8>)>| {
                            [first..=4, first..=99].map(store)
                        };
                        let one = scan(&|numbers| {
                            acting.scan(Table::Rows, &group, numbers, order, limit).unwrap()
                        });
                        let other = scan(&|numbers| {
                            plain.scan(Table::Rows, &group, numbers, order, limit).unwrap()
                        });
                        assert_eq!(one, other, "{first} {order:?} {limit}");
                    }
                }
            }
            (0..10).for_each(|n| assert_eq!(acting.get(&key(n)), plain.get(&key(n))));
        }
        assert_eq!(acting.inner().get(&key(1)), Ok(Some(vec![1])), "not there before the end");
        assert_eq!(acting.end_act(), Ok(Some(WriteId(2))));
        (0..10).for_each(|n| assert_eq!(acting.inner().get(&key(n)), plain.get(&key(n))));
        acting.begin_act().unwrap();
        assert_eq!(acting.end_act(), Ok(None), "nothing was written");
    }

    #[test]
    fn an_act_that_failed_leaves_nothing_that_is_kept() {
        let mut acting = Watched::new(MemoryStore::default());
        acting.begin_act().unwrap();
        acting.write(batch(&[(1, Some(1))])).unwrap();
        assert!(!acting.drop_act(), "rows of the index are no act");
        assert_eq!(acting.end_act(), Ok(Some(WriteId(1))));
        acting.begin_act().unwrap();
        let fact = Key::new(Table::Facts, Group::of(&[b"fact"]), 0);
        let mut kept = batch(&[(1, Some(2))]);
        kept.put(fact.clone(), vec![3]);
        acting.write(kept).unwrap();
        assert!(acting.drop_act());
        assert_eq!((acting.get(&fact), acting.get(&key(1))), (Ok(None), Ok(Some(vec![1]))));
        assert_eq!(acting.end_act(), Ok(None));
    }

    #[test]
    fn what_the_store_refuses_at_the_end_of_an_act_was_not_done() {
        let mut acting = Watched::new(MemoryStore::default());
        acting.begin_act().unwrap();
        acting.write(batch(&[(1, Some(1))])).unwrap();
        acting.inner_mut().faults.full = true;
        assert_eq!(acting.end_act(), Err(StoreError::Full));
        assert_eq!(acting.get(&key(1)), Ok(None));
        assert!(acting.take_seen().refused);
        assert_eq!(acting.begin_act(), Err(StoreError::Full), "nor is one begun");
        acting.inner_mut().faults.full = false;
        assert_eq!(acting.write(batch(&[(2, Some(2))])), Ok(WriteId(1)));
    }
}
