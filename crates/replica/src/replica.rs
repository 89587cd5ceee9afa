//! The replica of one space.

mod content;
mod knocks;
mod look_through;
mod newer;
mod own;
mod settle;
mod take;
mod take_charter;

use std::{collections::BTreeSet, sync::Arc};

use charter::{Charter, HeldActs, KnockState, Roll};
use ledger::{
    DecodeError, DeviceId, Entry, EntryId, ForkProof, Frontier, HeaderKind, Journal, PeerId, Run,
    SpaceId, Timestamp, charter_items::CharterBody,
};
use store::{Store, StoreError, WriteId};

pub use look_through::{look_through, look_through_charter};
pub use settle::Changes;
pub use take::{Door, Taken};

use crate::{
    charter_store::{Arrival, CharterStore},
    guests::{Guest, Guests},
    heard::Heard,
    logs::{Logs, Loss, damaged},
    newer::Waiting,
    proofs::Proofs,
    refused::Refused,
};

/// One space's entries on this node, and what its charter says.
#[derive(Debug)]
pub struct Replica {
    space: SpaceId,
    charter: Charter,
    held: HeldActs,
    roll: Arc<Roll>,
    entries: CharterStore,
    content: Logs,
    guests: Guests,
    proofs: Proofs,
    heard: Heard,
    waiting: Waiting,
    charter_lost: Vec<Loss>,
    /// Times that charter entries were let go of since this was opened.
    let_go: u64,
    /// The newest write that nobody has been told of.
    written: Option<WriteId>,
    /// What the clock said last.
    now: Timestamp,
}

impl Replica {
    /// Reads a space from the store: the charter whole, of the content only where logs end.
    pub fn open(store: &impl Store, space: SpaceId) -> Result<Self, StoreError> {
        let proofs = Proofs::open(store, space)?;
        let (charter, entries, guests) = read_charter(store, space, &proofs)?;
        let content = Logs::open(store, Journal::Content.id(space))?;
        let waiting = Waiting::open(store, space)?;
        let charter_lost = look_through::charter_lost(store, space)?;
        let (heard, held) = (Heard::default(), HeldActs::default());
        let mut replica = Self {
            space,
            roll: Arc::default(),
            charter,
            held,
            entries,
            content,
            guests,
            proofs,
            heard,
            waiting,
            charter_lost,
            let_go: 0,
            written: None,
            now: Timestamp::default(),
        };
        replica.charter_changed();
        Ok(replica)
    }

    /// What the clock says: what is stored from here on came now.
    pub fn set_clock(&mut self, now: Timestamp) {
        self.now = now;
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
        match journal {
            Journal::Charter => self.charter.frontier(),
            Journal::Content => self.content.frontier(),
        }
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
        self.entries.arrivals().len()
    }

    /// The newest write of anything here since this was last asked, whatever became of the call
    /// that made it: what is said from now on waits for it.
    pub fn take_written(&mut self) -> Option<WriteId> {
        self.written.take()
    }

    /// How often a log was found to fork, or at a lower place than was known.
    pub fn forks_found(&self) -> u64 {
        self.proofs.found()
    }

    /// Which order of arrival the charter has: another number says that its places are others.
    pub fn charter_order(&self) -> u64 {
        self.let_go
    }

    /// Charter entries that are known and not taken: behind a stem, or a knock that is no guest.
    /// Not those of logs that are held back.
    pub fn heard(&self) -> usize {
        let held_back = self.charter.held_back();
        self.heard.iter().filter(|entry| !held_back.contains_key(&entry.device())).count()
    }

    /// Whether the genesis has arrived: before that, nothing can be judged.
    pub fn has_genesis(&self) -> bool {
        !self.entries.arrivals().is_empty()
    }

    /// How many charter or content logs, branches of one as one, are known to fork.
    pub fn forks(&self) -> usize {
        let content = self.content.branches().map(|branch| branch.log.device);
        let charter = self.proofs.iter().map(ForkProof::device);
        content.chain(charter).collect::<BTreeSet<_>>().len()
    }

    /// Proofs that charter logs fork, one for each log.
    pub fn proofs(&self) -> impl Iterator<Item = &ForkProof> {
        self.proofs.iter()
    }

    /// The proof that one charter log forks.
    pub fn proof(&self, device: &DeviceId) -> Option<&ForkProof> {
        self.proofs.get(device)
    }

    /// All who knocked and are beside the charter, by their knocks.
    pub fn guests(&self) -> impl Iterator<Item = (&EntryId, &Guest)> {
        self.guests.iter()
    }

    /// Who knocked and is beside the charter, by their knock.
    pub fn guest_of(&self, knock: &EntryId) -> Option<&Guest> {
        self.guests.get(knock)
    }

    /// Somebody who knocked, taken in or not.
    pub fn knock(&self, knock: &EntryId) -> Option<&KnockState> {
        let guest = || self.guests.get(knock).map(|guest| &guest.state);
        self.roll.knocks.get(knock).or_else(guest)
    }

    /// All who knocked, those who are in by now too.
    pub fn knocks(&self) -> impl Iterator<Item = (&EntryId, &KnockState)> {
        let guests = self.guests.iter().map(|(knock, guest)| (knock, &guest.state));
        self.roll.knocks.iter().chain(guests)
    }

    /// The device that founded the space: the author of its genesis.
    pub fn founder(&self) -> Option<DeviceId> {
        // Nothing is taken before the genesis, as nothing can be judged before it.
        self.entries.arrivals().first().map(|first| first.device)
    }

    /// Whether a device of someone who is in is reached at `peer`.
    pub fn peer_is_in(&self, peer: &PeerId) -> bool {
        self.roll.by_peer(peer).iter().any(|device| self.roll.is_in(device))
    }

    /// The `n`th charter entry in order of arrival, as a run.
    pub fn charter_run(&self, store: &impl Store, n: usize) -> Result<Option<Run>, StoreError> {
        self.entries.run(store, n)
    }

    /// The `n`th charter entry in order of arrival.
    pub fn charter_entry(&self, store: &impl Store, n: usize) -> Result<Option<Entry>, StoreError> {
        self.entries.entry(store, n)
    }

    /// Which log and place the `n`th charter entry in order of arrival has.
    pub fn charter_arrival(&self, n: usize) -> Option<Arrival> {
        self.entries.arrivals().get(n).copied()
    }

    /// Which one a charter entry is in order of arrival; none that is not taken.
    pub fn charter_place(&self, id: &EntryId) -> Option<usize> {
        self.entries.place(id)
    }
}

/// What the store has of a charter: what is taken, and who knocked.
fn read_charter(
    store: &impl Store,
    space: SpaceId,
    proofs: &Proofs,
) -> Result<(Charter, CharterStore, Guests), StoreError> {
    let wrong = || damaged("a charter entry");
    let body = |entry: &Entry| charter_body(entry).map_err(|_| wrong());
    let (entries, taken) = CharterStore::open(store, Journal::Charter.id(space))?;
    let mut charter = Charter::new(space);
    for entry in &taken {
        charter.restore(entry, body(entry)?).map_err(|_| wrong())?;
    }
    for proof in proofs.iter() {
        charter.learn_stem(proof.device(), proof.stem());
    }
    let mut guests = Guests::default();
    for (number, knock, card) in Guests::read(store, space)? {
        // One that this charter does not let knock any more is nobody's loss.
        let heard = charter.hear(&knock, body(&knock)?);
        let state = heard.ok().and_then(|()| charter.knock_state(&knock.id));
        let Some(state) = state else { continue };
        let card =
            card.filter(|card| body(card).is_ok_and(|body| charter.hear(card, body).is_ok()));
        guests.add(Guest { knock, card, state, number });
    }
    Ok((charter, entries, guests))
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
