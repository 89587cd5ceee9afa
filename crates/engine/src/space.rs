//! One space of this home: its keys, whether it is in yet, its entries, what they say.

use std::collections::{BTreeMap, BTreeSet};

use content::Content;
use ledger::{
    DeviceId, DeviceKey, EntryId, Hash, Journal, JournalId, PeerId, SpaceId,
    charter_items::{CharterBody, CharterItem},
};
use minicbor::{Decode, Encode};
use rand_core::CryptoRng;
use replica::Replica;
use seal::SealSecretKey;
use store::{Batch, Direction, Group, Key, Store, StoreError, Table, WriteId};
use sync::{Access, Ticket};

/// Spaces of one home: as many as two nodes can share.
pub(crate) const SPACES_MAX: usize = sync::limits::SPACES_MAX;

/// Knocks that a ticket lets pass beyond twice those it is for, as contacts that did not know of
/// each other may have let in.
const KNOCKS_MORE_MAX: u64 = 8;

/// A newcomer's state, until they are in and have the charter.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct Knocking {
    /// Where to ask, and the seed that signs the knock.
    #[n(0)]
    pub(crate) ticket: Ticket,
    /// The knock, as the run that contacts are sent.
    #[n(1)]
    pub(crate) knock: ledger::Run,
    /// The knock's id: the member that the newcomer will be.
    #[n(2)]
    pub(crate) id: EntryId,
    /// What to call the newcomer: said in the profile word, once in.
    #[n(3)]
    pub(crate) name: String,
    /// Whether a contact had the knock on its disk.
    #[n(4)]
    pub(crate) received: bool,
    /// Whether a contact said that the newcomer is in.
    #[n(5)]
    pub(crate) admitted: bool,
    /// Vouches that counted when a contact last answered.
    #[n(6)]
    pub(crate) vouches: u32,
    /// Vouches that were needed.
    #[n(7)]
    pub(crate) needed: u32,
    /// Whether a contact said that the ticket has ended.
    #[n(8)]
    pub(crate) ended: bool,
    /// Contacts that said so: one whose clock is wrong does not end it for all.
    #[n(9)]
    pub(crate) ended_by: Vec<PeerId>,
}

/// What the store keeps of a space beside its entries.
#[derive(Encode, Decode)]
struct StoredSpace {
    #[n(0)]
    space: SpaceId,
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    device_seed: [u8; 32],
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    seal_seed: [u8; 32],
    #[n(3)]
    knocking: Option<Knocking>,
}

/// The keys of this home in one space.
#[derive(Debug, Clone)]
pub(crate) struct SpaceKeys {
    pub(crate) device: DeviceKey,
    pub(crate) seal: SealSecretKey,
}

impl SpaceKeys {
    pub(crate) fn generate(rng: &mut impl CryptoRng) -> Self {
        Self { device: DeviceKey::generate(rng), seal: SealSecretKey::generate(rng) }
    }
}

/// One space.
#[derive(Debug)]
pub(crate) struct Space {
    pub(crate) id: SpaceId,
    pub(crate) number: u64,
    pub(crate) keys: SpaceKeys,
    pub(crate) knocking: Option<Knocking>,
    pub(crate) replica: Replica,
    pub(crate) content: Content,
    /// Entries that other nodes have on their disks: per node and log, how many.
    pub(crate) receipts: Receipts,
    /// The last write of an own entry: none of them leaves before it is durable.
    pub(crate) own_write: WriteId,
}

impl Space {
    /// Opens all spaces that the store keeps.
    pub(crate) fn open_all(store: &impl Store) -> Result<Vec<Self>, StoreError> {
        let all = 0..=u64::MAX;
        let found = store.scan(Table::Facts, &group(), all, Direction::Ascending, SPACES_MAX)?;
        found.into_iter().map(|(number, bytes)| Self::open(store, number, &bytes)).collect()
    }

    fn open(store: &impl Store, number: u64, bytes: &[u8]) -> Result<Self, StoreError> {
        let kept: StoredSpace = ledger::decode(bytes)
            .map_err(|_| StoreError::Damaged { what: "a space's keys".to_owned() })?;
        let keys = SpaceKeys {
            device: DeviceKey::from_seed(&kept.device_seed),
            seal: SealSecretKey::from_bytes(kept.seal_seed),
        };
        let mut space = Self::with(store, number, kept.space, keys, kept.knocking)?;
        space.receipts = read_receipts(store, kept.space)?;
        Ok(space)
    }

    /// A space as the store has it now, with these keys.
    pub(crate) fn with(
        store: &impl Store,
        number: u64,
        id: SpaceId,
        keys: SpaceKeys,
        knocking: Option<Knocking>,
    ) -> Result<Self, StoreError> {
        let replica = Replica::open(store, id)?;
        let content = Content::open(store, &replica)?;
        let (receipts, own_write) = (BTreeMap::new(), WriteId::default());
        Ok(Self { id, number, keys, knocking, replica, content, receipts, own_write })
    }

    /// To `batch`: what keeps this space's keys and whether it is in.
    pub(crate) fn keep(&self, batch: &mut Batch) {
        keep(self.number, self.id, &self.keys, self.knocking.clone(), batch);
    }

    /// To `batch`: what forgets them.
    pub(crate) fn forget(&self, batch: &mut Batch) {
        batch.remove(Key::new(Table::Facts, group(), self.number));
    }

    /// This home's device.
    pub(crate) fn device(&self) -> DeviceId {
        self.keys.device.id()
    }

    /// Whether this home's device is in.
    pub(crate) fn is_in(&self) -> bool {
        self.replica.roll().is_in(&self.device())
    }

    /// What `peer` may have: all, if the roll knows it, or, for a newcomer who was told that they
    /// are in, if the ticket does.
    pub(crate) fn access(&self, peer: &PeerId) -> Option<Access> {
        let admitted = self.knocking.as_ref().is_some_and(|knocking| knocking.admitted);
        let by_ticket = admitted && self.has_contact(peer);
        (by_ticket || self.replica.peer_is_in(peer)).then_some(Access::In)
    }

    /// Whether this home knocks with a ticket that names `peer`.
    pub(crate) fn has_contact(&self, peer: &PeerId) -> bool {
        let contacts = self.knocking.iter().flat_map(|knocking| &knocking.ticket.contacts);
        contacts.into_iter().any(|contact| contact.peer == *peer)
    }

    /// Nodes to be connected with: those of members, or the ticket's.
    pub(crate) fn wanted(&self) -> Vec<PeerId> {
        let contacts = self.knocking.iter().flat_map(|knocking| &knocking.ticket.contacts);
        let mut peers: Vec<_> = contacts.map(|contact| contact.peer.clone()).collect();
        peers.extend(self.replica.roll().peers_in().cloned());
        peers
    }

    /// A node of somebody who is in has `length` entries of a log on its disk, as far as the log
    /// is here; to `batch` what keeps that.
    pub(crate) fn receipted(
        &mut self,
        peer: &PeerId,
        log: (Journal, DeviceId),
        length: u64,
        batch: &mut Batch,
    ) {
        let length = length.min(self.replica.frontier(log.0).length(&log.1));
        if length == 0 {
            return;
        }
        let known = self.receipts.entry(peer.clone()).or_default().entry(log).or_default();
        if length > *known {
            *known = length;
            let (journal, device) = log;
            let number = receipt_number(peer, journal, &device);
            let key = Key::new(Table::Receipts, receipts_group(self.id), number);
            batch.put(key, ledger::encode(&(peer, journal, device, length)));
        }
    }

    /// How many nodes of others who are in have the entry on their disks, as far as they said so.
    pub(crate) fn stored_on(&self, log: (Journal, DeviceId), seq: u64) -> u64 {
        let peers: BTreeSet<_> = self.replica.roll().peers_in().collect();
        let has = |(peer, logs): &(&PeerId, &BTreeMap<_, u64>)| {
            peers.contains(peer) && logs.get(&log).is_some_and(|n| *n > seq)
        };
        self.receipts.iter().filter(has).count() as u64
    }
}

/// To `batch`: what keeps a space's keys and whether it is in.
pub(crate) fn keep(
    number: u64,
    space: SpaceId,
    keys: &SpaceKeys,
    knocking: Option<Knocking>,
    batch: &mut Batch,
) {
    let kept = StoredSpace {
        space,
        device_seed: keys.device.to_seed(),
        seal_seed: keys.seal.to_bytes(),
        knocking,
    };
    batch.put(Key::new(Table::Facts, group(), number), ledger::encode(&kept));
}

fn group() -> Group {
    Group::of(&[b"spaces"])
}

fn receipts_group(space: SpaceId) -> Group {
    Group::of(&[b"receipts", space.as_bytes()])
}

fn receipt_number(peer: &PeerId, journal: Journal, device: &DeviceId) -> u64 {
    let mut start = [0; 8];
    let hash = Hash::of(&[&[journal as u8], &device.as_bytes()[..], peer.as_bytes()].concat());
    start.copy_from_slice(&hash.as_bytes()[..8]);
    u64::from_be_bytes(start)
}

type Receipts = BTreeMap<PeerId, BTreeMap<(Journal, DeviceId), u64>>;

fn read_receipts(store: &impl Store, space: SpaceId) -> Result<Receipts, StoreError> {
    let mut receipts = Receipts::new();
    let (all, group) = (0..=u64::MAX, receipts_group(space));
    for (_, bytes) in store.scan(Table::Receipts, &group, all, Direction::Ascending, usize::MAX)? {
        let read = ledger::decode::<(PeerId, Journal, DeviceId, u64)>(&bytes);
        if let Ok((peer, journal, device, length)) = read {
            receipts.entry(peer).or_default().insert((journal, device), length);
        }
    }
    Ok(receipts)
}

impl Space {
    /// Whether a run from somebody who is not in begins the log of a newcomer whose ticket has let
    /// far more knock than it is for. A few more than that can have knocked at contacts that did
    /// not know of each other; without a bound one ticket would fill the space with logs.
    pub(crate) fn is_one_knock_too_many(&self, run: &ledger::Run) -> bool {
        let known = self.replica.frontier(Journal::Charter).length(&run.device) > 0;
        if run.first_seq > 0 || known || run.journal == JournalId::GENESIS {
            return false;
        }
        let body = run.entries.first().and_then(|entry| entry.body.as_ref());
        let items = body.and_then(|body| ledger::decode::<CharterBody>(body).ok());
        let knock = items.and_then(|items| match items.into_inner().into_iter().next() {
            Some(CharterItem::Knock(knock)) => Some(knock),
            _ => None,
        });
        let invite =
            knock.and_then(|knock| self.replica.roll().invites.get(&knock.invite).cloned());
        let many = |invite: charter::InviteState| {
            u64::from(invite.knocks) >= 2 * u64::from(invite.knocks_max) + KNOCKS_MORE_MAX
        };
        invite.is_some_and(many)
    }

    /// Whether this home has a key to write under.
    pub(crate) fn can_write(&self) -> bool {
        let epochs = self.replica.roll().writable_epochs();
        self.content.keys.to_write(epochs.iter()).is_some()
    }
}
