//! The spaces of one home: of each its entries, what others have of it, and this home's seat.

mod access;
mod joining;
mod missing;
mod receipts;
mod seat;
mod shares;
mod wanted;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
    sync::Arc,
};

use charter::Roll;
use ledger::{DeviceId, Journal, MemberId, PeerId, SpaceId, Timestamp};
use replica::{LookThrough, Replica};
use store::{Direction, Store, StoreError, Table};

pub(crate) use access::Shut;
pub(crate) use joining::Joining;
pub(crate) use missing::Missing;
pub(crate) use seat::{Seat, SeatKeys, SeatState, keep_keys};

pub(crate) use shares::{Shares, at_most_whole, cost_of, costs_of};
pub(crate) use wanted::Wanted;

use receipts::Receipts;
use seat::{Doubts, StoredSeat};

/// Spaces of one home: as many as two nodes can share.
pub(crate) const SPACES_MAX: usize = sync::limits::SPACES_MAX;

/// One space. Who only stores and forwards it needs no more of it than this.
#[derive(Debug)]
pub(crate) struct Space {
    pub(crate) id: SpaceId,
    pub(crate) replica: Replica,
    pub(crate) receipts: Receipts,
    /// What is taken of each member unasked.
    pub(crate) shares: Shares,
    pub(crate) role: Role,
    /// When a charter may be settled again that could not be.
    pub(crate) settle_at: Timestamp,
    /// When guests are to be let go of whose tickets have ended.
    pub(crate) guests_at: Timestamp,
    /// How many forks had been found when they were last shown to those who share the space.
    pub(crate) forks_shown: u64,
    /// Content logs of which something is new behind the stem, which is to be told, and when.
    pub(crate) branched: BTreeSet<DeviceId>,
    pub(crate) branches_at: Timestamp,
    /// Charter entries that came and build on what is nowhere here: the first of each log.
    pub(crate) missing: Missing,
    /// What is asked for of content logs with many branches.
    pub(crate) wanted: Wanted,
    /// When each contact of this home's ticket is to be asked again.
    pub(crate) knock_at: BTreeMap<PeerId, Timestamp>,
    reached: Reached,
}

/// The PeerIds of those who are in, by a roll: who is one of them is asked at every turn.
#[derive(Debug)]
struct Reached {
    by: Arc<Roll>,
    peers: BTreeSet<PeerId>,
}

impl Reached {
    fn by(roll: &Arc<Roll>) -> Self {
        Self { by: roll.clone(), peers: roll.peers_in().cloned().collect() }
    }
}

/// What this home is in a space.
#[derive(Debug)]
pub(crate) enum Role {
    /// Somebody's who is in, or wants in.
    Seat(Box<Seat>),
}

/// All spaces of a home, by id.
pub(crate) type Spaces = BTreeMap<SpaceId, Space>;

/// A space and this home's seat in it: what everything takes that reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seated<'a> {
    space: &'a Space,
    pub(crate) seat: &'a Seat,
}

impl Space {
    /// Opens all spaces that the store keeps.
    pub(crate) fn open_all(store: &impl Store) -> Result<Spaces, StoreError> {
        let all = 0..=u64::MAX;
        let group = seat::group();
        let found = store.scan(Table::Facts, &group, all, Direction::Ascending, SPACES_MAX)?;
        let mut spaces = Spaces::new();
        for (number, bytes) in found {
            let StoredSeat { space: id, keys, state, doubts } = StoredSeat::decode(&bytes)?;
            let replica = Replica::open(store, id)?;
            let mut space = Self::of(store, number, replica, keys, state)?;
            space.receipts = Receipts::open(store, id)?;
            space.find_doubts(store, doubts)?;
            spaces.insert(id, space);
        }
        Ok(spaces)
    }

    /// Looks through all that is kept of each space's content, a piece of one at a time.
    pub(crate) fn look_through_all(store: &impl Store) -> Result<Vec<LookThrough>, StoreError> {
        let spaces = Self::ids(store)?.into_iter();
        spaces.map(|space| replica::look_through(store, space)).collect()
    }

    /// Looks through all that is kept, charters too, before anything is opened.
    pub(crate) fn look_through_at_start(store: &mut impl Store) -> Result<(), StoreError> {
        for space in Self::ids(store)? {
            replica::look_through_charter(store, space)?;
        }
        for mut look in Self::look_through_all(store)? {
            while look.step(store)? {}
            let found = look.into_found();
            if !found.is_empty() {
                store.write(found)?;
            }
        }
        Ok(())
    }

    fn ids(store: &impl Store) -> Result<Vec<SpaceId>, StoreError> {
        let seats = store.all(Table::Facts, &seat::group())?.into_iter();
        seats.map(|(_, bytes)| Ok(StoredSeat::decode(&bytes)?.space)).collect()
    }

    /// What may be lost of what this home's device signed: what it was before, and what the store
    /// says now.
    fn find_doubts(&mut self, store: &impl Store, kept: Doubts) -> Result<(), StoreError> {
        let Some((replica, seat)) = self.seat_mut() else { return Ok(()) };
        let (own, since) = (seat.device(), seat.key());
        let content = replica.may_lack(store, Journal::Content, &own, &since)?;
        let charter = replica.may_lack(store, Journal::Charter, &own, &since)?;
        seat.doubts_by_store(kept, content, charter);
        Ok(())
    }

    /// A space as the store has it now, with a seat of these keys, which are new.
    pub(crate) fn with(
        store: &impl Store,
        number: u64,
        id: SpaceId,
        keys: SeatKeys,
        state: SeatState,
    ) -> Result<Self, StoreError> {
        Self::of(store, number, Replica::open(store, id)?, keys, state)
    }

    fn of(
        store: &impl Store,
        number: u64,
        replica: Replica,
        keys: SeatKeys,
        state: SeatState,
    ) -> Result<Self, StoreError> {
        let (id, joined) = (replica.space(), state == SeatState::In);
        let seat = Box::new(Seat::open(store, &replica, number, keys, state)?);
        let reached = Reached::by(replica.roll());
        let (receipts, now) = (Receipts::default(), Timestamp::default());
        let (settle_at, guests_at, forks_shown) = (now, now, 0);
        let (branched, branches_at) = (BTreeSet::new(), now);
        let mut shares = Shares::open(store, id)?;
        // Who lost a part of it takes it as who joins does.
        if joined && !store.has_lost() {
            shares.caught_up();
        }
        Ok(Self {
            id,
            replica,
            receipts,
            shares,
            role: Role::Seat(seat),
            settle_at,
            guests_at,
            forks_shown,
            branched,
            branches_at,
            missing: Missing::default(),
            wanted: Wanted::default(),
            knock_at: BTreeMap::new(),
            reached,
        })
    }

    /// Logs of a journal of which the rest does not come now: it is over their author's share, or a
    /// newer program wrote it.
    pub(crate) fn not_now(&self, journal: Journal) -> BTreeSet<DeviceId> {
        let later = self.shares.later().map(|(of, log, _)| (of, log));
        let logs = later.chain(self.replica.newer_logs());
        logs.filter(|(of, _)| *of == journal).map(|(_, log)| log).collect()
    }

    /// Content logs that are not taken whole: of which there are more branches than are kept
    /// unasked, or that are over their author's share.
    pub(crate) fn lacking_logs(&self) -> impl Iterator<Item = DeviceId> {
        let later = self.shares.later().filter(|(journal, ..)| *journal == Journal::Content);
        self.replica.full_logs().copied().chain(later.map(|(_, log, _)| log))
    }

    /// The space and this home's seat in it; none where it has none.
    pub(crate) fn seated(&self) -> Option<Seated<'_>> {
        let Role::Seat(seat) = &self.role;
        Some(Seated { space: self, seat })
    }

    /// What is here of the space, and this home's seat, to be changed.
    pub(crate) fn seat_mut(&mut self) -> Option<(&mut Replica, &mut Seat)> {
        let Role::Seat(seat) = &mut self.role;
        Some((&mut self.replica, seat))
    }

    /// Whether this home's device is in.
    pub(crate) fn is_in(&self) -> bool {
        self.seated().is_some_and(|seated| seated.is_in())
    }

    /// Whether another home writes with this one's key, so that it writes nothing more with it.
    pub(crate) fn is_forked(&self) -> bool {
        let Some(device) = self.seated().map(|seated| seated.seat.device()) else { return false };
        let journals = [Journal::Charter, Journal::Content];
        journals.into_iter().any(|journal| self.replica.is_forked(journal, &device))
    }

    /// How this home came to want in, until it is in and has the charter.
    pub(crate) fn joining(&self) -> Option<&Joining> {
        self.seated()?.seat.joining()
    }

    /// Whether this home wanted in with a ticket that has ended, as all whom it asked say.
    pub(crate) fn has_ended(&self) -> bool {
        self.joining().is_some_and(|joining| joining.ended) && !self.is_in()
    }

    /// Nodes to be connected with: those of members, or the ticket's.
    pub(crate) fn wanted(&self) -> Vec<PeerId> {
        let mut peers: Vec<_> = self.asked().cloned().collect();
        peers.extend(self.replica.roll().peers_in().cloned());
        peers
    }

    /// Whether something of the charter is lost, or may be.
    pub(crate) fn lacks_charter(&self) -> bool {
        let is_in_doubt = self.seated().is_some_and(|seated| seated.seat.doubts().charter);
        is_in_doubt || !self.replica.charter_lost().is_empty()
    }

    /// Whether something is lost, or may be, of what this home's device wrote.
    pub(crate) fn lacks_own(&self) -> bool {
        let Some(Seated { seat, .. }) = self.seated() else { return false };
        self.lacks_charter() || seat.doubts().content || self.replica.has_hole(&seat.device())
    }

    /// Whether a node is one of these.
    pub(crate) fn wants(&self, peer: &PeerId) -> bool {
        self.joining().is_some_and(|joining| joining.has_contact(peer)) || self.peer_is_in(peer)
    }

    /// The contacts of a ticket that this home knocks at.
    pub(crate) fn asked(&self) -> impl Iterator<Item = &PeerId> {
        let contacts = self.joining().into_iter().flat_map(|joining| &joining.ticket.contacts);
        contacts.map(|contact| &contact.peer)
    }

    /// Whether a device of someone who is in is reached at `peer`, by the roll of now.
    pub(crate) fn peer_is_in(&self, peer: &PeerId) -> bool {
        match Arc::ptr_eq(&self.reached.by, self.replica.roll()) {
            true => self.reached.peers.contains(peer),
            false => self.replica.peer_is_in(peer),
        }
    }

    /// A charter that could not be settled is tried again now.
    pub(crate) fn settle_soon(&mut self) {
        self.settle_at = Timestamp::default();
    }

    /// The roll is another, perhaps: what is asked of it often is worked out again.
    pub(crate) fn roll_changed(&mut self) {
        if !Arc::ptr_eq(&self.reached.by, self.replica.roll()) {
            self.reached = Reached::by(self.replica.roll());
        }
    }
}

impl<'a> Seated<'a> {
    /// What the charter says, by all that is here.
    pub(crate) fn roll(self) -> &'a Roll {
        self.space.replica.roll()
    }

    /// Whether this home's device is in.
    pub(crate) fn is_in(self) -> bool {
        self.roll().is_in(&self.seat.device())
    }

    /// The member whom this home's device speaks for.
    pub(crate) fn me(self) -> Option<MemberId> {
        self.roll().member_of(&self.seat.device())
    }

    /// Whether this home has a key to write under.
    pub(crate) fn can_write(self) -> bool {
        let epochs = self.roll().writable_epochs();
        self.seat.content.keys.to_write(epochs.iter()).is_some()
    }

    /// Whether reading has anything left to do.
    pub(crate) fn is_behind(self) -> bool {
        self.seat.content.is_behind(&self.space.replica)
    }

    /// Entries that are stored here, not yet read, and can be.
    pub(crate) fn readable(self) -> u64 {
        self.seat.content.readable(&self.space.replica)
    }

    /// Entries that are stored here and not yet read.
    pub(crate) fn unread(self) -> u64 {
        self.seat.content.unread(&self.space.replica)
    }
}

impl Deref for Seated<'_> {
    type Target = Space;

    fn deref(&self) -> &Space {
        self.space
    }
}
