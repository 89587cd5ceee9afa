//! The content of one space: what of it is in memory, and what is asked of that.
//!
//! Below all that reads, plays, counts and shows, which stand in files of their own and take it.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use ledger::{EntryId, ItemId, KeyId, MemberId, SpaceId, content_items::ContentBody};
use replica::{Log, Replica};
use store::{Store, StoreError};

use crate::{
    body::{Opened, Packing},
    cache::{Cache, Open, Replay},
    counting::Ends,
    keys::Keys,
    logs::Logs,
    place::{Cursor, Loc, Place},
    recount::Recount,
    rows::ItemRow,
    tables::{self, RowsOf},
    told::{ToKeep, Told},
    words::Named,
    work::Work,
};

/// What reading came upon, for whoever follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum News {
    /// A post, or a change to one.
    Post {
        /// Its first word.
        post: ItemId,
        /// Where the word stands that was read: that, or one that changes it.
        word: Loc,
    },
    /// A document was made or changed.
    Document(ItemId),
    /// Somebody claimed a need, answered a claim, or changed either.
    Claim {
        /// The need whose claims they are.
        need: ItemId,
    },
    /// A member has a name, or another one than before.
    Name(MemberId),
}

/// The content of one space, as a member's home reads it.
#[derive(Debug)]
pub struct Content {
    pub(crate) space: SpaceId,
    pub(crate) rows: RowsOf,
    /// The epochs whose secrets are held.
    pub keys: Keys,
    pub(crate) cursors: BTreeMap<Log, Cursor>,
    /// The logs that rows name.
    pub(crate) logs: Logs,
    /// The entries of each log that were passed over, for they are lost.
    pub(crate) skipped: BTreeMap<Log, BTreeSet<u64>>,
    /// Logs whose next entry is encrypted under a key that is not held.
    pub(crate) locked: BTreeMap<Log, KeyId>,
    /// The bytes that items of each log take up while they wait; none where none waits.
    pub(crate) waiting_bytes: BTreeMap<Log, u64>,
    /// Charter entries, in their order of arrival, for which nothing waits any more.
    pub(crate) charter_seen: (u64, usize),
    /// Where all entries of a log cease to count that nobody builds on, by which `ends` was worked
    /// out.
    pub(crate) pinned: BTreeMap<Log, u64>,
    pub(crate) ends: Ends,
    pub(crate) woken: VecDeque<Loc>,
    /// Branches in which something stood for which another author waited.
    pub(crate) served: BTreeSet<Log>,
    /// Documents to be played again.
    pub(crate) replays: BTreeSet<ItemId>,
    /// Documents that were played without an edit whose entry is lost, and where that stood.
    pub(crate) lacking: BTreeMap<ItemId, Loc>,
    /// The one of them that is being played, as far as it is.
    pub(crate) replaying: Option<Replay>,
    /// Units of work done in this slice.
    pub(crate) spent: u64,
    pub(crate) recount: Recount,
    pub(crate) cache: Cache,
    /// Documents that edits were played into since the last save. Of each the store has a note
    /// that it is to be played again, until it is saved.
    pub(crate) unsaved: BTreeMap<ItemId, Open>,
    /// What of them a slice has to save beside the first.
    pub(crate) unsaved_bytes: u64,
    /// The entry that was opened last: its next item need not open it again.
    pub(crate) opened: Option<Arc<Opened>>,
    /// The items of the entry of which one was shown last.
    pub(crate) shown: RefCell<Option<(EntryId, ContentBody)>>,
    /// What members are called, as far as it was asked for.
    pub(crate) named: RefCell<BTreeMap<MemberId, Arc<Named>>>,
    pub(crate) news: Vec<News>,
    /// What was told before these rows were begun, until all of that has been read once more.
    pub(crate) told: Option<Told>,
    pub(crate) to_keep: ToKeep,
    /// Whether a log is another member's by now than it was when it was read.
    pub(crate) is_of_another: bool,
    pub(crate) packing: Packing,
    pub(crate) work: Work,
}

impl Content {
    /// A secret was received: what it encrypts is read from now on. [`Keys::keep`] is to follow.
    pub fn learn(&mut self, secret: seal::Secret) {
        if self.keys.learn(secret) {
            let keys = &self.keys;
            self.locked.retain(|_, epoch| !keys.holds(epoch));
        }
    }

    /// Whether entries or documents wait to be read, and can be.
    pub fn is_behind(&self, replica: &Replica) -> bool {
        !self.woken.is_empty()
            || self.is_of_another
            || !self.recount.is_over()
            || !self.replays.is_empty()
            || !self.unsaved.is_empty()
            || self.next_log(replica).is_some()
            || self.has_come_back(replica)
    }

    /// How many entries are stored and not yet read, and things are to be counted or played again.
    pub fn unread(&self, replica: &Replica) -> u64 {
        let again = self.replays.len() as u64 + u64::from(!self.recount.is_over());
        self.unread_logs(replica).map(|(_, unread)| unread).sum::<u64>() + again
    }

    /// How many of them can be read by now.
    pub fn readable(&self, replica: &Replica) -> u64 {
        let logs = self.unread_logs(replica);
        logs.filter(|(log, _)| self.can_read(replica, log)).map(|(_, unread)| unread).sum()
    }

    fn unread_logs(&self, replica: &Replica) -> impl Iterator<Item = (Log, u64)> {
        let left = |(log, length): (Log, u64)| {
            let begins = replica.content_branch(&log).map_or(0, |branch| branch.begins);
            (log, length.saturating_sub(self.cursor(&log).seq.max(begins)))
        };
        replica.readable_logs().map(left).filter(|(_, unread)| *unread > 0)
    }

    /// Logs of which the rest is not read before some of what waits in them is.
    pub fn crowded(&self, replica: &Replica) -> impl Iterator<Item = Log> {
        let logs = self.unread_logs(replica).map(|(log, _)| log);
        logs.filter(|log| self.is_crowded(log))
    }

    /// What reading came upon since the last call, to be told to whoever follows.
    pub fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// By how much each log's entries count.
    pub fn ends(&self) -> &Ends {
        &self.ends
    }

    /// Logs that wait for an epoch's key, and which.
    pub fn locked(&self) -> impl Iterator<Item = (&Log, &KeyId)> {
        self.locked.iter()
    }

    /// Where an item stands that was read.
    pub fn place(&self, store: &impl Store, id: &ItemId) -> Result<Option<Place>, StoreError> {
        for spot in tables::places(self.rows).of(id).get(store)?.unwrap_or_default() {
            let loc = self.logs.loc(spot)?;
            let row = self.item_row(store, &loc)?.filter(|row| row.id(&loc) == *id);
            if let Some(row) = row {
                return Ok(Some(Place { loc, kind: row.kind(*id) }));
            }
        }
        Ok(None)
    }

    /// What is kept of the item that stands there; none where none was read.
    pub(crate) fn item_row(
        &self,
        store: &impl Store,
        loc: &Loc,
    ) -> Result<Option<ItemRow>, StoreError> {
        tables::read(self.rows, &loc.log()).at(loc.number()).get(store)
    }

    pub(crate) fn cursor(&self, log: &Log) -> Cursor {
        self.cursors.get(log).copied().unwrap_or_default()
    }

    pub(crate) fn next_log(&self, replica: &Replica) -> Option<Log> {
        self.unread_logs(replica).map(|(log, _)| log).find(|log| self.can_read(replica, log))
    }

    /// Whether a log waits for nothing: neither a key nor, with as much waiting as may, an item;
    /// nor, where a part of the charter is lost, for what says whose it is.
    pub(crate) fn can_read(&self, replica: &Replica, log: &Log) -> bool {
        let is_known = replica.roll().knows(&log.device);
        is_known && !self.locked.contains_key(log) && !self.is_crowded(log)
    }

    /// Whether what stands there counts.
    pub(crate) fn counts(&self, loc: &Loc) -> bool {
        self.ends.counts(&loc.log(), loc.seq)
    }
}
