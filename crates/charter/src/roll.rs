//! What a charter says, as plain data.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    DeviceId, EntryId, ItemId, KeyId, MemberId, PeerId, Text, Timestamp,
    charter_items::{
        Card, End, Fraction, Invite, Knock, Mandate, SealedSecret, SealedText, Thresholds,
    },
    limits::TAG_BYTES_MAX,
};
use rpds::RedBlackTreeMapSync;

/// Where a member stands. Having a say is apart from it, for who is in may not have one yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Reads, writes, takes part.
    In,
    /// In, and counts only in what is about members at rest (CHARTER 8).
    Resting,
    /// Out by an act of the others; only a readmission ends that.
    Removed,
    /// Out by an item of their own.
    Left,
}

/// A member, or one of before: nobody is taken out of the roll.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// In, at rest, or out and how.
    pub standing: Standing,
    /// Whether they were given a say; it counts only while they are in, so ask [`Roll::has_say`].
    pub say: bool,
}

impl Member {
    /// The standing as commands and JSON say it.
    pub fn state(&self) -> &'static str {
        match self.standing {
            Standing::In => "in",
            Standing::Resting => "resting",
            Standing::Removed => "removed",
            Standing::Left => "left",
        }
    }
}

/// A device that a member has or had; the roll forgets none, for its log stays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Device {
    /// The member that the charter binds it to, for good.
    pub member: MemberId,
    /// The newest card that holds: its PeerId, and the key to seal to. None before it wrote one.
    pub card: Option<Card>,
    /// Whether it was revoked, or ended with another one. It may still stand behind what counts.
    pub ended: bool,
    /// How often it was added by one that was added itself; 0 of a member's first.
    pub depth: u8,
}

/// What came of one invite.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InviteState {
    /// The member whose device wrote it.
    pub by: MemberId,
    /// The public key of the ticket, by which the knocks with it are signed.
    pub ticket: DeviceId,
    /// From then on members' nodes refuse a knock, by their own clocks; a charter entry is not
    /// judged by it.
    pub expires: Timestamp,
    /// Knocks that it was made for.
    pub knocks_max: u32,
    /// Knocks that were taken with it.
    pub knocks: u32,
    /// Whether it was ended before its time.
    pub withdrawn: bool,
}

impl InviteState {
    pub(crate) fn new(by: MemberId, invite: &Invite) -> Self {
        let Invite { ticket, expires, knocks_max } = *invite;
        Self { by, ticket, expires, knocks_max, knocks: 0, withdrawn: false }
    }
}

/// Somebody who knocked, whether they are in by now or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnockState {
    /// The device that they knocked with, and would act with.
    pub device: DeviceId,
    /// The invite of their ticket.
    pub invite: ItemId,
    /// What they ask to be called, encrypted under the guest key that members have.
    pub name: SealedText,
    /// The proposals to admit them, sorted by id; two offline members may each put one.
    pub proposals: Vec<ItemId>,
    /// Vouches that count on the proposal that is furthest.
    pub vouches: usize,
    /// How many on one proposal their next step takes: to be in, then to have a say.
    pub needed: usize,
}

impl KnockState {
    pub(crate) fn new(device: DeviceId, knock: &Knock) -> Self {
        Self {
            device,
            invite: knock.invite,
            name: knock.name.clone(),
            proposals: Vec::new(),
            vouches: 0,
            needed: 0,
        }
    }
}

/// Where an act stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ActState {
    /// Fewer approvals count than it needs.
    Open,
    /// It breaks a rule of its past, or is of a kind that this version does not act on.
    Void,
    /// Not enough approvals count, and so many have a say since it was put that it must be put
    /// again (CHARTER 4).
    Stale,
    /// Left out on this node until it is judged (CHARTER 7).
    Held,
    /// As many approvals count as it needs. For good, but by `judge`.
    Passed,
}

impl ActState {
    /// The state as commands and JSON say it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Void => "void",
            Self::Stale => "stale",
            Self::Held => "held",
            Self::Passed => "passed",
        }
    }
}

/// An epoch that counts (CHARTER 10), and who was given its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RekeyState {
    /// The entry that began it.
    pub entry: EntryId,
    /// Boxes with its secret, by device: those of the rekey, then those of seals. A device may have
    /// several, of which some may be false.
    pub seals: BTreeMap<DeviceId, Vec<SealedSecret>>,
    /// The epochs whose secrets whoever has this one can open.
    pub succeeds: BTreeSet<KeyId>,
}

/// What a charter says at some frontier: plain data, the same on every node with the same entries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Roll {
    /// Members, those who left or were removed too.
    pub members: BTreeMap<MemberId, Member>,
    /// Devices that a member has or had, ended ones too; not those of somebody who only knocks.
    pub devices: BTreeMap<DeviceId, Device>,
    /// Where the logs of removed and revoked devices stop counting.
    pub ends: BTreeMap<DeviceId, End>,
    /// Which part of the electorate an act needs, grave or other.
    pub thresholds: Thresholds,
    /// Mandates that were given, by their act.
    pub mandates: BTreeMap<ItemId, Mandate>,
    /// Epochs that count.
    pub rekeys: BTreeMap<KeyId, RekeyState>,
    /// The charter version: items above it are void. 0 before a genesis.
    pub version: u32,
    /// The space's IANA time zone; empty before a genesis.
    pub zone: Text<TAG_BYTES_MAX>,
    /// Every act that was put, and where it stands. Copies of a roll share it, as they do invites:
    /// one member can put thousands.
    pub acts: RedBlackTreeMapSync<ItemId, ActState>,
    /// Those who knocked, by their knock's entry; those who are in by now too.
    pub knocks: BTreeMap<EntryId, KnockState>,
    /// Invites by their item, ended ones too.
    pub invites: RedBlackTreeMapSync<ItemId, InviteState>,
}

impl Default for Roll {
    fn default() -> Self {
        let fraction = |numerator, denominator| Fraction { numerator, denominator };
        Self {
            members: BTreeMap::new(),
            devices: BTreeMap::new(),
            ends: BTreeMap::new(),
            thresholds: Thresholds { grave: fraction(2, 3), other: fraction(1, 2) },
            mandates: BTreeMap::new(),
            rekeys: BTreeMap::new(),
            version: 0,
            zone: Text::try_from("").unwrap_or_else(|_| unreachable!("an empty text fits")),
            acts: RedBlackTreeMapSync::new_sync(),
            knocks: BTreeMap::new(),
            invites: RedBlackTreeMapSync::new_sync(),
        }
    }
}

impl Roll {
    /// The member that a device is or was bound to; none for somebody who only knocks.
    pub fn member_of(&self, device: &DeviceId) -> Option<MemberId> {
        self.devices.get(device).map(|device| device.member)
    }

    /// Whether the device is or was a member's, so that its log may be taken.
    pub fn knows(&self, device: &DeviceId) -> bool {
        self.devices.contains_key(device)
    }

    /// Whether a device speaks for a member who is in.
    pub fn is_in(&self, device: &DeviceId) -> bool {
        self.devices.get(device).is_some_and(|device| {
            let member = self.members.get(&device.member);
            let standing = member.map(|member| member.standing);
            !device.ended && matches!(standing, Some(Standing::In | Standing::Resting))
        })
    }

    /// Whether a member counts and approves.
    pub fn has_say(&self, member: &MemberId) -> bool {
        self.members.get(member).is_some_and(|member| member.say && member.standing == Standing::In)
    }

    /// Members who are in, those at rest too.
    pub fn members_in(&self) -> impl Iterator<Item = &MemberId> {
        let is_in = |member: &Member| matches!(member.standing, Standing::In | Standing::Resting);
        self.members.iter().filter(move |(_, member)| is_in(member)).map(|(id, _)| id)
    }

    /// Devices that speak for members who are in.
    pub fn devices_in(&self) -> impl Iterator<Item = &DeviceId> {
        self.devices.keys().filter(|device| self.is_in(device))
    }

    /// The members with a say: of whom n is counted.
    pub fn electorate(&self) -> BTreeSet<MemberId> {
        self.members.keys().filter(|member| self.has_say(member)).copied().collect()
    }

    /// The devices whose card names this PeerId; several, where one home has been two.
    pub fn by_peer(&self, peer: &PeerId) -> Vec<DeviceId> {
        let at = |device: &Device| device.card.as_ref().is_some_and(|card| card.peer == *peer);
        self.devices.iter().filter(|(_, device)| at(device)).map(|(id, _)| *id).collect()
    }

    /// The PeerIds on the cards of devices that are in: one is given for each device.
    pub fn peers_in(&self) -> impl Iterator<Item = &PeerId> {
        let cards = self.devices_in().filter_map(|id| self.devices.get(id)?.card.as_ref());
        cards.map(|card| &card.peer)
    }

    /// The epochs that a device has a box for, or that one of these succeeds.
    fn opens(&self, device: &DeviceId) -> BTreeSet<KeyId> {
        let mut opens: BTreeSet<KeyId> = BTreeSet::new();
        let boxed = self.rekeys.iter().filter(|(_, rekey)| rekey.seals.contains_key(device));
        let mut next: Vec<KeyId> = boxed.map(|(key, _)| *key).collect();
        while let Some(key) = next.pop() {
            if opens.insert(key) {
                next.extend(self.rekeys.get(&key).into_iter().flat_map(|rekey| &rekey.succeeds));
            }
        }
        opens
    }

    /// The epochs that a member's device is owed: those that none it can open succeeds
    /// (CHARTER 10); of several that are owed those that no other one of them succeeds.
    pub fn owed(&self, device: &DeviceId) -> Vec<KeyId> {
        if !self.is_in(device) {
            return Vec::new();
        }
        let opens = self.opens(device);
        let lacking: Vec<_> = self.rekeys.keys().filter(|key| !opens.contains(key)).collect();
        let succeeded =
            |key: &KeyId| lacking.iter().any(|other| self.rekeys[*other].succeeds.contains(key));
        lacking.iter().filter(|key| !succeeded(key)).map(|key| **key).collect()
    }

    /// The epochs under which content may be written now: those whose past has every cause.
    pub fn writable_epochs(&self) -> Vec<KeyId> {
        self.rekeys.keys().copied().collect()
    }

    /// The boxes for a device, as (epoch, sealed secret); not all need to open.
    pub fn seals_for(&self, device: &DeviceId) -> Vec<(KeyId, Vec<u8>)> {
        let boxes = self.rekeys.iter().flat_map(|(key, rekey)| {
            let seals = rekey.seals.get(device).into_iter().flatten();
            seals.map(|seal| (*key, seal.sealed.to_vec()))
        });
        boxes.collect()
    }
}
