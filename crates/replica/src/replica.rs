//! The replica of one space.

mod newer;
mod own;
mod take;

use std::sync::Arc;

use charter::{Charter, HeldActs, Roll};
use ledger::{
    DecodeError, DeviceId, Entry, Frontier, HeaderKind, Journal, PeerId, Run, SpaceId,
    charter_items::{CharterBody, End},
    limits::RUN_ENTRIES_MAX,
};
use store::{Batch, Group, Key, Store, StoreError, Table};

pub use take::Taken;

use crate::{
    aside::{self, Aside},
    limits::PAST_END_MAX,
    logs::{Logs, damaged},
    newer::Waiting,
    refused::Refused,
};

/// One space's entries on this node, and what its charter says.
#[derive(Debug)]
pub struct Replica {
    space: SpaceId,
    charter: Charter,
    held: HeldActs,
    roll: Arc<Roll>,
    logs: [Logs; 2],
    /// Charter entries in their order of arrival, which is causal: (log, seq).
    arrivals: Vec<(DeviceId, u64)>,
    asides: [Vec<Aside>; 2],
    waiting: Waiting,
}

impl Replica {
    /// Reads a space from the store: the charter whole, of the content only where logs end.
    pub fn open(store: &impl Store, space: SpaceId) -> Result<Self, StoreError> {
        let charter_logs = Logs::open(store, Journal::Charter.id(space))?;
        let content_logs = Logs::open(store, Journal::Content.id(space))?;
        let (mut charter, mut arrivals) = (Charter::new(space), Vec::new());
        for (_, bytes) in store.all(Table::Logs, &order_group(space))? {
            let (device, seq) = read_arrival(&bytes)?;
            let entry = charter_logs.read(store, device, seq, 1)?.into_iter().next();
            let entry = entry.ok_or_else(|| damaged("the order of a charter"))?;
            let body = charter_body(&entry).map_err(|_| damaged("a charter entry"))?;
            charter.add(&entry, body).map_err(|_| damaged("a charter entry"))?;
            arrivals.push((device, seq));
        }
        let asides = [
            aside::list(store, Journal::Charter.id(space))?,
            aside::list(store, Journal::Content.id(space))?,
        ];
        let held = HeldActs::default();
        let roll = charter.now(&held);
        let logs = [charter_logs, content_logs];
        let waiting = Waiting::open(store, space)?;
        Ok(Self { space, charter, held, roll, logs, arrivals, asides, waiting })
    }

    /// The space whose entries these are: the hash of its genesis.
    pub fn space(&self) -> SpaceId {
        self.space
    }

    /// What the charter says now, without the acts that this node holds.
    pub fn roll(&self) -> &Arc<Roll> {
        &self.roll
    }

    /// For tests: judges by this roll until the charter changes. No program has this: the feature
    /// is turned on by dev-dependencies only, which a test of the tree sees to.
    #[cfg(any(test, feature = "hand-made-roll"))]
    pub fn set_roll(&mut self, roll: Arc<Roll>) {
        self.roll = roll;
    }

    /// The charter, for what the roll does not say.
    pub fn charter(&self) -> &Charter {
        &self.charter
    }

    /// What the charter was made to do since it was opened.
    pub fn charter_work(&self) -> charter::Work {
        self.charter.work()
    }

    /// How much of each log of a journal is here.
    pub fn frontier(&self, journal: Journal) -> &Frontier {
        self.logs(journal).frontier()
    }

    /// Acts that this node holds (CHARTER 7).
    pub fn held(&self) -> &HeldActs {
        &self.held
    }

    /// Whether a member has given a vouch for a newcomer that counts, on any proposal on which
    /// one given now would.
    pub fn has_vouched(&self, knock: &ledger::EntryId, member: &ledger::MemberId) -> bool {
        let vouches = self.charter.vouches(knock, member);
        vouches.iter().any(|vouch| vouch.given && vouch.counts)
    }

    /// Whether a charter entry is here.
    pub fn has_charter_entry(&self, id: &ledger::EntryId) -> bool {
        self.charter.has_entry(id)
    }

    /// Whether the charter has an item of this id: an invite, an act.
    pub fn has_item(&self, id: &ledger::ItemId) -> bool {
        self.charter.has_item(id)
    }

    /// How many charter entries are here.
    pub fn charter_entries(&self) -> usize {
        self.arrivals.len()
    }

    /// Whether the genesis has arrived: before that, nothing can be judged.
    pub fn has_genesis(&self) -> bool {
        !self.arrivals.is_empty()
    }

    /// Second entries at taken places, charter first.
    pub fn asides(&self) -> impl Iterator<Item = &Aside> {
        self.asides.iter().flatten()
    }

    /// The device that founded the space: the author of its genesis.
    pub fn founder(&self) -> Option<DeviceId> {
        // Nothing is taken before the genesis, as nothing can be judged before it.
        self.arrivals.first().map(|(device, _)| *device)
    }

    /// Whether a device of someone who is in is reached at `peer`.
    pub fn peer_is_in(&self, peer: &PeerId) -> bool {
        self.roll.by_peer(peer).iter().any(|device| self.roll.is_in(device))
    }

    /// The `n`th charter entry in order of arrival, as a run.
    pub fn charter_run(&self, store: &impl Store, n: usize) -> Result<Option<Run>, StoreError> {
        match self.arrivals.get(n) {
            Some((device, seq)) => self.logs(Journal::Charter).run(store, *device, *seq),
            None => Ok(None),
        }
    }

    /// Which log and place the `n`th charter entry in order of arrival has.
    pub fn charter_arrival(&self, n: usize) -> Option<(DeviceId, u64)> {
        self.arrivals.get(n).copied()
    }

    /// The newest entry of a charter log, as a run.
    pub fn charter_tip(
        &self,
        store: &impl Store,
        device: DeviceId,
    ) -> Result<Option<Run>, StoreError> {
        let length = self.frontier(Journal::Charter).length(&device);
        self.logs(Journal::Charter).run(store, device, length.saturating_sub(1))
    }

    /// The run of a content log from `from` on.
    pub fn content_run(
        &self,
        store: &impl Store,
        device: DeviceId,
        from: u64,
    ) -> Result<Option<Run>, StoreError> {
        self.logs(Journal::Content).run(store, device, from)
    }

    /// Up to `limit` content entries of one log from `from` on.
    pub fn content_entries(
        &self,
        store: &impl Store,
        device: DeviceId,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.logs(Journal::Content).read(store, device, from, limit)
    }

    /// Up to `limit` charter entries of one log from `from` on.
    pub fn charter_log(
        &self,
        store: &impl Store,
        device: DeviceId,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        self.logs(Journal::Charter).read(store, device, from, limit)
    }

    /// How many entries of a content log are sent and taken: all, or up to a bound past its end.
    /// A run never goes over a multiple of what one holds, because an anchor stands there; so of
    /// two nodes with a bound there, none has a run that is half before it.
    pub fn content_length_max(&self, device: &DeviceId) -> u64 {
        let runs = RUN_ENTRIES_MAX as u64;
        let bound = |end: &End| end.length.saturating_add(PAST_END_MAX) / runs * runs;
        self.roll.ends.get(device).map_or(u64::MAX, bound)
    }

    fn logs(&self, journal: Journal) -> &Logs {
        &self.logs[journal as usize]
    }

    /// Writes entries that were checked, and `extra` with them, then counts them as had.
    fn store(
        &mut self,
        store: &mut impl Store,
        journal: Journal,
        entries: Vec<(Entry, Option<CharterBody>)>,
        extra: Batch,
    ) -> Result<store::WriteId, StoreError> {
        let mut batch = Batch::default();
        for (n, (entry, _)) in entries.iter().enumerate() {
            self.logs(journal).put(&mut batch, entry);
            if journal == Journal::Charter {
                let number = (self.arrivals.len() + n) as u64;
                let key = Key::new(Table::Logs, order_group(self.space), number);
                batch.put(key, write_arrival(entry.device(), entry.seq()));
            }
        }
        batch.append(extra);
        let write = store.write(batch)?;
        for (entry, body) in entries {
            self.logs[journal as usize].wrote(&entry);
            if let Some(body) = body {
                self.arrivals.push((entry.device(), entry.seq()));
                // INVARIANT: the entry was checked against this very charter before it was
                // stored, and nothing was added in between.
                #[expect(clippy::expect_used, reason = "it was checked")]
                self.charter.add(&entry, body).expect("a checked entry is taken");
            }
        }
        if journal == Journal::Charter {
            self.roll = self.charter.now(&self.held);
        }
        Ok(write)
    }
}

/// The items of a charter entry; what a newer version wrote is told apart from what is wrong.
pub(crate) fn charter_body(entry: &Entry) -> Result<CharterBody, Refused> {
    if !matches!(entry.header.kind, HeaderKind::Charter(_)) {
        return Err(Refused::CharterBody);
    }
    let body = entry.body.as_deref().ok_or(Refused::NoBody)?;
    ledger::decode(body).map_err(|error| match error {
        DecodeError::Newer => Refused::Newer { kept: None },
        _ => Refused::CharterBody,
    })
}

fn order_group(space: SpaceId) -> Group {
    Group::of(&[b"order", space.as_bytes()])
}

fn write_arrival(device: DeviceId, seq: u64) -> Vec<u8> {
    [device.as_bytes().as_slice(), &seq.to_be_bytes()].concat()
}

fn read_arrival(bytes: &[u8]) -> Result<(DeviceId, u64), StoreError> {
    let wrong = || damaged("the order of a charter");
    let (device, seq) = bytes.split_at_checked(32).ok_or_else(wrong)?;
    let device: [u8; 32] = device.try_into().map_err(|_| wrong())?;
    let seq: [u8; 8] = seq.try_into().map_err(|_| wrong())?;
    Ok((DeviceId::from_bytes(device), u64::from_be_bytes(seq)))
}
