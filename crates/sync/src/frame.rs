//! The frames of `/groundwork/sync/1`.

use ledger::{
    Bounded, DecodeError, DeviceId, EntryId, Frontier, FrontierDigest, Hash, ItemId, Journal,
    NewerRun, PeerId, Run, SignedHeader, SpaceId, Text, Tip, decode_said, limits::LOGS_MAX,
};
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::limits::{
    ADDRESS_BYTES_MAX, ADDRESSES_MAX, PEERS_MAX, RECEIPT_LOGS_MAX, SPACES_MAX, WANTED_MAX,
};

/// A version of the session protocol; the first is 1.
pub type Version = u16;

/// The versions that a node speaks, both ends among them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct VersionRange {
    /// The oldest; a peer whose newest is older is not spoken with.
    #[n(0)]
    pub min: Version,
    /// The newest; two nodes speak the newest that both know.
    #[n(1)]
    pub max: Version,
}

/// What one side has of one space, by lengths and digests: the other works out what it lacks.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Frontiers {
    /// The space; the other side answers only of those that it has.
    #[n(0)]
    pub space: SpaceId,
    /// How far it has the charter's logs.
    #[n(1)]
    pub charter: FrontierDigest,
    /// How far it has the content's logs; only told to those who may have it.
    #[n(2)]
    pub content: Option<FrontierDigest>,
    /// Of the guests that it keeps beside the charter: the first eight bytes of the hash over the
    /// last entry of each (its card if that is here, else its knock), in the order of the knocks'
    /// ids. None where it keeps no guest.
    #[n(3)]
    pub guests: Option<u64>,
}

/// The first frame, and a later one for spaces that came to be shared: here is what I have.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Hello {
    /// The versions that the teller speaks.
    #[n(0)]
    pub versions: VersionRange,
    /// Features, one a bit; none are defined.
    #[n(1)]
    pub features: u64,
    /// What it has, of the spaces that it shares with the other side.
    #[n(2)]
    pub spaces: Bounded<Frontiers, SPACES_MAX>,
}

/// What the responder has of the spaces in a hello; what the dialer lacks follows at once.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct HelloAnswer {
    /// The version that both speak from here on.
    #[n(0)]
    pub version: Version,
    /// What the responder has; spaces that it does not have are left out.
    #[n(1)]
    pub spaces: Bounded<Frontiers, SPACES_MAX>,
    /// How many entries are about to follow, for progress bars.
    #[n(2)]
    pub entries_to_come: u64,
}

/// Consecutive entries of one log, with the space that they belong to.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SpaceRun {
    /// The space of which the run's journal must be one of the two.
    #[n(0)]
    pub space: SpaceId,
    /// At most 64 entries, the last one signed.
    #[n(1)]
    pub run: Run,
}

/// A run of one space's entries of which some are from a newer version.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SpaceNewer {
    /// The space of which the run's journal must be one of the two, as in a [`SpaceRun`].
    #[n(0)]
    pub space: SpaceId,
    /// At most 64 entries, the last one signed: it is kept aside as it came, until this program can
    /// read it.
    #[n(1)]
    pub run: NewerRun,
}

/// *On my disk*: the one frame that lets the other side say "synced".
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Receipt {
    /// The space; it must be shared.
    #[n(0)]
    pub space: SpaceId,
    /// Which of its two journals the logs are of.
    #[n(1)]
    pub journal: Journal,
    /// (log, how many of its entries are on the teller's disk); of one that forks, before its stem.
    #[n(2)]
    pub logs: Bounded<(DeviceId, u64), RECEIPT_LOGS_MAX>,
    /// Of the charter, and of a content of which a log forks: the digest of all that is on the
    /// teller's disk, so that the other side sees whether both have the same.
    #[n(3)]
    pub frontier: Option<Hash>,
}

/// A node and where it was met or said to be. A claim: the peer has to prove itself at the address.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct PeerAt {
    /// The node's PeerId.
    #[n(0)]
    pub peer: PeerId,
    /// Multiaddrs without a PeerId, the surest first.
    #[n(1)]
    pub addresses: Bounded<Text<ADDRESS_BYTES_MAX>, ADDRESSES_MAX>,
}

impl PeerAt {
    /// The same node at those of the addresses that `keeps` lets through.
    pub fn only_at(&self, keeps: impl Fn(&str) -> bool) -> Self {
        let addresses = self.addresses.iter().filter(|address| keeps(address)).cloned();
        Self { peer: self.peer.clone(), addresses: Bounded::first_of(addresses) }
    }
}

/// Where nodes of one space are reached, the teller itself among them, so that who is told can dial
/// them.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Peers {
    /// The space that they are in; it must be shared.
    #[n(0)]
    pub space: SpaceId,
    /// The teller itself comes first, where it is reached anywhere; then other members' nodes that
    /// it met. Never the one that is told.
    #[n(1)]
    pub peers: Bounded<PeerAt, PEERS_MAX>,
}

/// Full heads, where digests do not agree and nothing is left to send: some log has two different
/// entries. Whoever gets them sends what is not in the past of those that it knows (DESIGN 6). Of a
/// content log also places further back, where the other side does not know its end.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Heads {
    /// The space; it must be shared.
    #[n(0)]
    pub space: SpaceId,
    /// Which of its two journals the logs are of.
    #[n(1)]
    pub journal: Journal,
    /// (log, its tip) of the logs that the teller has of it, each branch: cut at [`LOGS_MAX`], logs
    /// that fork first. A content log of which as many branches are kept as are kept unasked is
    /// told as one tip of length 0 and a head of zeros, for of these nodes have different ones.
    #[n(2)]
    pub logs: Bounded<(DeviceId, Tip), LOGS_MAX>,
    /// (log, how many entries its branches share) of every log that the teller knows to fork.
    #[n(3)]
    pub stems: Bounded<(DeviceId, u64), LOGS_MAX>,
    /// Whether they answer the other side's: then they are not answered. Of the content, whether
    /// they are those of some logs only, each of which `stems` names.
    #[n(4)]
    pub answers: bool,
}

/// Two entries that one device signed at one place of its charter log (DESIGN 5).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Fork {
    /// The space; it must be shared.
    #[n(0)]
    pub space: SpaceId,
    /// Two signed headers, in either order.
    #[n(1)]
    pub headers: [SignedHeader; 2],
}

/// The teller takes no more of a log for now. Where its author's share is used up, it asks for the
/// rest by a hello, when there is room again (DESIGN 6 *Shares*). Of a content log it is told, too,
/// where one more branch came than the teller keeps: of these nothing is asked for but by
/// [`Wanted`].
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Later {
    /// The space; it must be shared.
    #[n(0)]
    pub space: SpaceId,
    /// Which of its two journals the log is of.
    #[n(1)]
    pub journal: Journal,
    /// Whose log it is.
    #[n(2)]
    pub device: DeviceId,
}

/// What the teller waits for may stand in a content log that it has not taken whole: it keeps as
/// many branches of it as it keeps unasked, or the log is over its author's share. It is sent those
/// parts that these items stand in (DESIGN 5 *Forks*, 6 *Shares*).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Wanted {
    /// The space; it must be shared.
    #[n(0)]
    pub space: SpaceId,
    /// Items that others build on.
    #[n(1)]
    pub items: Bounded<ItemId, WANTED_MAX>,
    /// The log in which they are looked for.
    #[n(2)]
    pub device: DeviceId,
    /// Places of that log that the teller has, ends and firsts of its branches among them. A frame
    /// with more than 512 (`HEADS_LOOKED_UP_MAX` of `replica`) is passed over in silence, for each
    /// is looked up in the store.
    #[n(3)]
    pub places: Bounded<Tip, LOGS_MAX>,
}

/// One message of a session: a number for its kind, and what it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Frame {
    /// The first of a dialer, and from either side when a space came to be shared.
    Hello(Hello),
    /// The first of a responder, once.
    Answer(HelloAnswer),
    /// Entries that the other side lacks, as far as is known.
    Run(Box<SpaceRun>),
    /// Entries of which some are from a newer version, in a frame of the same kind.
    Newer(Box<SpaceNewer>),
    /// What is on the teller's disk, of what came.
    Receipt(Receipt),
    /// Where the teller and nodes that it met are reached.
    Peers(Peers),
    /// The heads of a journal, where a fork must be found, or places of some of its logs.
    Heads(Heads),
    /// The proof that a log forks.
    Fork(Box<Fork>),
    /// No more of a log for now: its author's share is used up, or it branches too often.
    Later(Later),
    /// Items that others build on, of a log that the teller has not taken whole.
    Wanted(Box<Wanted>),
    /// A kind from a newer version, which is passed over, whatever it holds.
    Unknown(u16),
}

impl Frame {
    /// Its bytes, without the length that goes before them on a stream.
    pub fn encode(&self) -> Vec<u8> {
        ledger::encode(self)
    }

    /// The frame in `bytes`. A kind from a newer version is passed over, whatever it holds, and
    /// so is what a newer version adds at the end of a list: nothing here is signed but what is
    /// inside of runs.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut d = Decoder::new(bytes);
        if d.array()? != Some(2) {
            return Err(DecodeError::Rule("a frame is [kind, payload]"));
        }
        match d.u16()? {
            kind if kind > Self::KIND_MAX => Ok(Self::Unknown(kind)),
            Self::RUN => decode_said(bytes).or_else(|error| Self::decode_newer(bytes).ok_or(error)),
            _ => decode_said(bytes),
        }
    }

    /// The space behind whose frame more of its content may come, and of which log: none where it
    /// may be of any.
    pub fn content_passes(&self) -> Option<(SpaceId, Option<DeviceId>)> {
        match self {
            Self::Run(run) if run.run.journal == run.space.content_journal() => {
                Some((run.space, Some(run.run.device)))
            }
            Self::Heads(heads) if heads.journal == Journal::Content => Some((heads.space, None)),
            _ => None,
        }
    }

    fn decode_newer(bytes: &[u8]) -> Option<Self> {
        let (_, run) = decode_said::<(u16, SpaceNewer)>(bytes).ok()?;
        Some(Self::Newer(Box::new(run)))
    }

    const RUN: u16 = 2;
    const KIND_MAX: u16 = 8;
}

impl Heads {
    /// The heads of a frontier: as many as a frame has room for, logs that fork first, for of the
    /// others lengths say as much.
    pub fn of(space: SpaceId, journal: Journal, frontier: &Frontier, answers: bool) -> Self {
        let forks = |device: &DeviceId| {
            frontier.log(device).is_some_and(|log| log.stem().is_some() || log.tips().len() > 1)
        };
        let mut logs: Vec<_> = frontier.iter().map(|(device, tip)| (*device, *tip)).collect();
        logs.sort_by_key(|(device, _)| !forks(device));
        let stems = frontier.stems().map(|(device, stem)| (*device, stem));
        let (logs, stems) = (Bounded::first_of(logs), Bounded::first_of(stems));
        Self { space, journal, logs, stems, answers }
    }

    /// The entries that the teller has, with their pasts.
    pub fn ids(&self) -> impl Iterator<Item = EntryId> {
        self.logs.iter().map(|(_, tip)| tip.head)
    }

    /// Up to where the teller does not know a log to fork; none where it has nothing of it.
    pub fn stem(&self, device: &DeviceId) -> Option<u64> {
        let has = self.logs.iter().any(|(log, _)| log == device);
        let stem = self.stems.iter().find(|(log, _)| log == device).map(|(_, stem)| *stem);
        has.then_some(stem.unwrap_or(u64::MAX))
    }
}

impl<C> Encode<C> for Frame {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(2)?;
        match self {
            Self::Hello(hello) => hello.encode(e.u16(0)?, ctx),
            Self::Answer(answer) => answer.encode(e.u16(1)?, ctx),
            Self::Run(run) => run.encode(e.u16(Self::RUN)?, ctx),
            Self::Newer(run) => run.encode(e.u16(Self::RUN)?, ctx),
            Self::Receipt(receipt) => receipt.encode(e.u16(3)?, ctx),
            Self::Peers(peers) => peers.encode(e.u16(4)?, ctx),
            Self::Heads(heads) => heads.encode(e.u16(5)?, ctx),
            Self::Fork(fork) => fork.encode(e.u16(6)?, ctx),
            Self::Later(later) => later.encode(e.u16(7)?, ctx),
            Self::Wanted(wanted) => wanted.encode(e.u16(8)?, ctx),
            Self::Unknown(kind) => e.u16(*kind)?.null()?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for Frame {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        if d.array()? != Some(2) {
            return Err(decode::Error::message("a frame is [kind, payload]"));
        }
        Ok(match d.u16()? {
            0 => Self::Hello(Hello::decode(d, ctx)?),
            1 => Self::Answer(HelloAnswer::decode(d, ctx)?),
            2 => Self::Run(Box::new(SpaceRun::decode(d, ctx)?)),
            3 => Self::Receipt(Receipt::decode(d, ctx)?),
            4 => Self::Peers(Peers::decode(d, ctx)?),
            5 => Self::Heads(Heads::decode(d, ctx)?),
            6 => Self::Fork(Box::new(Fork::decode(d, ctx)?)),
            7 => Self::Later(Later::decode(d, ctx)?),
            8 => Self::Wanted(Box::new(Wanted::decode(d, ctx)?)),
            _ => return Err(decode::Error::message("an unknown kind of frame")),
        })
    }
}
