//! The content of one space.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ledger::{
    DeviceId, DeviceKey, Entry, ItemId, Journal, KeyId, MemberId, SpaceId, Timestamp,
    content_items::{ContentBody, ContentItem},
};
use rand_core::CryptoRng;
use replica::Replica;
use store::{Batch, Direction, Store, StoreError, Table};

use crate::{
    body::{self, At, BodyError},
    cache::Cache,
    counting::Ends,
    docs::{self, Replay},
    keys::Keys,
    place::Loc,
    tables,
    work::Work,
};

/// Why something cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// This home holds no epoch's secret yet: it is not in, or has not been given it.
    #[error("this home cannot read the space yet, so it cannot write")]
    NoKey,
    /// It does not fit one entry.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// More items than fit one entry.
    #[error("too many things at once")]
    TooMany,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What reading came upon, for whoever follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum News {
    /// A post, or a change to one: its first word.
    Post(ItemId),
    /// A document was made or changed.
    Document(ItemId),
    /// A need's claims changed.
    Claim {
        /// The need.
        need: ItemId,
    },
    /// Somebody is called something else.
    Name(MemberId),
}

/// The content of one space, as a member's home reads it.
#[derive(Debug)]
pub struct Content {
    pub(crate) space: SpaceId,
    /// The epochs whose secrets are held.
    pub keys: Keys,
    /// The next item to read of each log: its entry, and its index there.
    pub(crate) cursors: BTreeMap<DeviceId, (u64, u16)>,
    /// Logs whose next entry is encrypted under a key that is not held.
    pub(crate) locked: BTreeMap<DeviceId, KeyId>,
    pub(crate) ends: Ends,
    pub(crate) woken: VecDeque<Loc>,
    /// Documents to be played again.
    pub(crate) replays: BTreeSet<ItemId>,
    /// The one that is being played.
    pub(crate) replaying: Option<Replay>,
    /// Units of work done in this slice.
    pub(crate) spent: u64,
    /// Whether the store does not yet know of the last recount.
    pub(crate) recounted: bool,
    pub(crate) cache: Cache,
    pub(crate) news: Vec<News>,
    pub(crate) work: Work,
}

impl Content {
    /// Reads how far the rows go. What changed since they were written (an end that came while
    /// the node was down, rows that were lost) is read again, in slices.
    pub fn open(store: &impl Store, replica: &Replica) -> Result<Self, StoreError> {
        let space = replica.space();
        let mut content = Self {
            space,
            keys: Keys::open(store, space)?,
            cursors: BTreeMap::new(),
            locked: BTreeMap::new(),
            ends: Ends::decode(store.get(&tables::ends(space))?),
            woken: VecDeque::new(),
            replays: docs::replays(store, space)?,
            replaying: None,
            spent: 0,
            recounted: false,
            cache: Cache::default(),
            news: Vec::new(),
            work: Work::default(),
        };
        for (device, _) in replica.frontier(Journal::Content).iter() {
            if let Some(bytes) = store.get(&tables::cursor(space, device))? {
                let cursor = ledger::decode(&bytes).unwrap_or_default();
                content.cursors.insert(*device, cursor);
            }
        }
        let (untold, all) = (tables::all_untold(space), 0..=u64::MAX);
        for (_, post) in
            store.scan(Table::Reading, &untold, all, Direction::Ascending, usize::MAX)?
        {
            // The process ended between reading it and telling.
            content.news.extend(ledger::decode(&post).ok().map(News::Post));
        }
        content.wake_satisfied(store)?;
        content.recount(store, replica)?;
        Ok(content)
    }

    /// Signs items as the next content entry of this home; compressed, padded and encrypted under
    /// the epoch that the charter says to write under.
    pub fn write(
        &self,
        store: &impl Store,
        replica: &Replica,
        key: &DeviceKey,
        now: Timestamp,
        items: Vec<ContentItem>,
        rng: &mut impl CryptoRng,
    ) -> Result<Entry, WriteError> {
        let epoch = self.keys.to_write(replica.roll().writable_epochs().iter());
        let epoch = epoch.ok_or(WriteError::NoKey)?;
        let content_key = self.keys.content_key(&epoch).ok_or(WriteError::NoKey)?;
        let items: ContentBody = items.try_into().map_err(|_| WriteError::TooMany)?;
        let device = key.id();
        let seq = replica.frontier(Journal::Content).length(&device);
        let at = At { journal: self.space.content_journal(), device, seq, key: epoch };
        let body = body::close(content_key, at, &items, rng)?;
        Ok(replica.sign_content(store, key, now, epoch, body)?)
    }

    /// A secret was received: what it encrypts is read from now on. To `batch`: what keeps it.
    pub fn learn(&mut self, secret: seal::Secret, batch: &mut Batch) {
        if self.keys.learn(self.space, secret, batch) {
            let keys = &self.keys;
            self.locked.retain(|_, epoch| !keys.holds(epoch));
        }
    }

    /// Whether entries or documents wait to be read, and can be.
    pub fn is_behind(&self, replica: &Replica) -> bool {
        !self.woken.is_empty() || !self.replays.is_empty() || self.next_log(replica).is_some()
    }

    /// How many entries are stored and not yet read.
    pub fn unread(&self, replica: &Replica) -> u64 {
        let read = |log: &DeviceId| self.cursor(log).0;
        let logs = replica.frontier(Journal::Content);
        logs.iter().map(|(log, tip)| tip.length.saturating_sub(read(log))).sum()
    }

    /// What was read since the last call.
    pub fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// To `batch`: a post's news has been told, with what tells it for good.
    pub fn told(&self, post: &ItemId, batch: &mut Batch) {
        batch.remove(tables::untold(self.space, post));
    }

    /// By how much each log's entries count.
    pub fn ends(&self) -> &Ends {
        &self.ends
    }

    pub(crate) fn cursor(&self, log: &DeviceId) -> (u64, u16) {
        self.cursors.get(log).copied().unwrap_or_default()
    }

    pub(crate) fn next_log(&self, replica: &Replica) -> Option<DeviceId> {
        let read = |log: &DeviceId| self.cursor(log).0;
        let mut logs = replica.frontier(Journal::Content).iter();
        logs.find(|(log, tip)| read(log) < tip.length && !self.locked.contains_key(log))
            .map(|(log, _)| *log)
    }
}

impl Content {
    /// Logs that wait for an epoch's key, and which.
    pub fn locked(&self) -> impl Iterator<Item = (&DeviceId, &KeyId)> {
        self.locked.iter()
    }
}
