//! What a charter says, as plain data.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    DeviceId, EntryId, ItemId, KeyId, MemberId, PeerId, Text, Timestamp,
    charter_items::{
        Card, End, Fraction, Invite, Knock, Mandate, SealedSecret, SealedText, Thresholds,
    },
    limits::TAG_BYTES_MAX,
};

/// Where a member stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Reads, writes, takes part.
    In,
    /// In, and counts only in what is about members at rest.
    Resting,
    /// Removed by the others.
    Removed,
    /// Left.
    Left,
}

/// A member.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Where they stand.
    pub standing: Standing,
    /// Whether they count and approve.
    pub say: bool,
}

impl Member {
    /// Where they stand, in a word.
    pub fn state(&self) -> &'static str {
        match self.standing {
            Standing::In => "in",
            Standing::Resting => "resting",
            Standing::Removed => "removed",
            Standing::Left => "left",
        }
    }
}

/// A device that a member has or had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Device {
    /// Whose it is.
    pub member: MemberId,
    /// Where it is reached, and to which key to seal: its newest card that holds.
    pub card: Option<Card>,
    /// Whether it has ended.
    pub ended: bool,
}

/// A ticket's state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InviteState {
    /// Who made it.
    pub by: MemberId,
    /// The key that signs its knocks.
    pub ticket: DeviceId,
    /// After this no knock is taken.
    pub expires: Timestamp,
    /// For how many knocks it is.
    pub knocks_max: u32,
    /// How many there are.
    pub knocks: u32,
    /// Whether it was withdrawn.
    pub withdrawn: bool,
}

impl InviteState {
    pub(crate) fn new(by: MemberId, invite: &Invite) -> Self {
        let Invite { ticket, expires, knocks_max } = *invite;
        Self { by, ticket, expires, knocks_max, knocks: 0, withdrawn: false }
    }
}

/// A newcomer's state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnockState {
    /// Their device.
    pub device: DeviceId,
    /// By which invite.
    pub invite: ItemId,
    /// What to call them, encrypted.
    pub name: SealedText,
    /// The proposals to admit them.
    pub proposals: Vec<ItemId>,
    /// Vouches that count on that proposal.
    pub vouches: usize,
    /// Vouches that the next step needs.
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
    /// Not enough approvals count.
    Open,
    /// It breaks a rule of its past, or is of a kind that this version does not act on.
    Void,
    /// Not enough approvals count, and so many have a say since it was put that it must be put
    /// again (CHARTER 4).
    Stale,
    /// Left out on this node until it is judged (CHARTER 7).
    Held,
    /// Enough approvals count.
    Passed,
}

impl ActState {
    /// In a word.
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
    /// Boxes, by device: those of the rekey, then those of seals.
    pub seals: BTreeMap<DeviceId, Vec<SealedSecret>>,
    /// The epochs that it succeeds.
    pub succeeds: BTreeSet<KeyId>,
}

/// What a charter says at some frontier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Roll {
    /// Members, those of before too.
    pub members: BTreeMap<MemberId, Member>,
    /// Devices that a member has or had.
    pub devices: BTreeMap<DeviceId, Device>,
    /// Where logs stop counting.
    pub ends: BTreeMap<DeviceId, End>,
    /// What passes with how many.
    pub thresholds: Thresholds,
    /// Mandates that were given.
    pub mandates: BTreeMap<ItemId, Mandate>,
    /// Epochs that count.
    pub rekeys: BTreeMap<KeyId, RekeyState>,
    /// The charter version.
    pub version: u32,
    /// The space's IANA time zone.
    pub zone: Text<TAG_BYTES_MAX>,
    /// Acts that were put.
    pub acts: BTreeMap<ItemId, ActState>,
    /// Newcomers, those who are in too.
    pub knocks: BTreeMap<EntryId, KnockState>,
    /// Tickets.
    pub invites: BTreeMap<ItemId, InviteState>,
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
            acts: BTreeMap::new(),
            knocks: BTreeMap::new(),
            invites: BTreeMap::new(),
        }
    }
}

impl Roll {
    /// Whose a device is or was.
    pub fn member_of(&self, device: &DeviceId) -> Option<MemberId> {
        self.devices.get(device).map(|device| device.member)
    }

    /// Whether a device is, or was, in.
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

    /// Members who are in.
    pub fn members_in(&self) -> impl Iterator<Item = &MemberId> {
        let is_in = |member: &Member| matches!(member.standing, Standing::In | Standing::Resting);
        self.members.iter().filter(move |(_, member)| is_in(member)).map(|(id, _)| id)
    }

    /// Devices that speak for members who are in.
    pub fn devices_in(&self) -> impl Iterator<Item = &DeviceId> {
        self.devices.keys().filter(|device| self.is_in(device))
    }

    /// Members with a say.
    pub fn electorate(&self) -> BTreeSet<MemberId> {
        self.members.keys().filter(|member| self.has_say(member)).copied().collect()
    }

    /// Devices that are reached at a PeerId.
    pub fn by_peer(&self, peer: &PeerId) -> Vec<DeviceId> {
        let at = |device: &Device| device.card.as_ref().is_some_and(|card| card.peer == *peer);
        self.devices.iter().filter(|(_, device)| at(device)).map(|(id, _)| *id).collect()
    }

    /// Where the devices of those who are in are reached.
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

    /// The boxes for a device, by epoch.
    pub fn seals_for(&self, device: &DeviceId) -> Vec<(KeyId, Vec<u8>)> {
        let boxes = self.rekeys.iter().flat_map(|(key, rekey)| {
            let seals = rekey.seals.get(device).into_iter().flatten();
            seals.map(|seal| (*key, seal.sealed.to_vec()))
        });
        boxes.collect()
    }
}
