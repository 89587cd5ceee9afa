//! What items wait for and is not here, some at a time, for whoever asks others for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound::{Excluded, Unbounded},
};

use ledger::{DeviceId, ItemId};
use replica::{Log, Replica};
use store::{Direction, Store, StoreError};

use crate::{
    content::Content,
    limits::{WANTED_OF_AUTHOR, WANTED_ROWS, WANTED_ROWS_OF_AUTHOR},
    tables,
};

/// Where a round through all that waits stands. It goes from author to author and takes a few items
/// of each, then a few more of those who have more, so that nobody's junk is in the way of what
/// others wait for, nor an author's own lost ones in the way of their later ones.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WantedTurn {
    /// The author whose turn was last; none at the beginning of a lap.
    author: Option<DeviceId>,
    /// Who has more than was looked at, and the branch and number of the row where it goes on.
    more: BTreeMap<DeviceId, (u16, u64)>,
    /// Whether it is the turn of these only, for all had theirs.
    is_later_lap: bool,
}

impl WantedTurn {
    /// Whether it is at the beginning: nothing was taken, or all has been.
    pub fn is_over(&self) -> bool {
        *self == Self::default()
    }
}

/// What was taken so far, and how many rows may be looked at.
struct Taking {
    items: Vec<(DeviceId, ItemId)>,
    rows_left: usize,
}

impl Content {
    /// The next items that are waited for and not here, each with every author of what waits for
    /// it: at most `limit`, or none where the next rows that were looked at wait for what is here.
    pub fn wanted(
        &self,
        store: &impl Store,
        replica: &Replica,
        turn: &mut WantedTurn,
        limit: usize,
    ) -> Result<Vec<(DeviceId, ItemId)>, StoreError> {
        let authors: BTreeSet<_> = self.waiting_bytes.keys().map(|log| log.device).collect();
        let mut taking = Taking { items: Vec::new(), rows_left: WANTED_ROWS };
        while taking.items.len() < limit && taking.rows_left > 0 {
            let behind = (turn.author.map_or(Unbounded, Excluded), Unbounded);
            let next = match turn.is_later_lap {
                true => turn.more.range(behind).next().map(|(author, _)| *author),
                false => authors.range(behind).next().copied(),
            };
            let Some(author) = next else {
                turn.author = None;
                turn.is_later_lap = !turn.more.is_empty();
                if turn.is_over() {
                    break;
                }
                continue;
            };
            let from = turn.more.get(&author).copied().unwrap_or_default();
            let most = WANTED_OF_AUTHOR.min(limit - taking.items.len());
            match self.wanted_of(store, replica, author, from, most, &mut taking)? {
                Some(more) => _ = turn.more.insert(author, more),
                None => _ = turn.more.remove(&author),
            }
            turn.author = Some(author);
        }
        Ok(taking.items)
    }

    /// Takes at most `most` items of one author's, from a row of a branch on. Where it goes on, if
    /// there may be more.
    fn wanted_of(
        &self,
        store: &impl Store,
        replica: &Replica,
        author: DeviceId,
        (first_branch, first_row): (u16, u64),
        most: usize,
        taking: &mut Taking,
    ) -> Result<Option<(u16, u64)>, StoreError> {
        let branch = |branch| Log { device: author, branch };
        let (mut taken, mut rows) = (0, WANTED_ROWS_OF_AUTHOR.min(taking.rows_left));
        for (log, _) in self.waiting_bytes.range(branch(first_branch)..=branch(u16::MAX)) {
            let first = if log.branch == first_branch { first_row } else { 0 };
            let list = tables::waiting(self.rows, log);
            for (number, waiting) in
                list.scan(store, first..=u64::MAX, Direction::Ascending, rows + 1)?
            {
                if taken == most || rows == 0 {
                    return Ok(Some((log.branch, number)));
                }
                (rows, taking.rows_left) = (rows - 1, taking.rows_left - 1);
                let id = waiting.missing;
                let is_here = self.place(store, &id)?.is_some() || replica.has_item(&id);
                if !is_here && !taking.items.contains(&(author, id)) {
                    taking.items.push((author, id));
                    taken += 1;
                }
            }
        }
        Ok(None)
    }
}
