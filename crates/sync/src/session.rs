//! One stream's session: what the other side has, and what to say next.

use std::collections::BTreeMap;

use ledger::{Bounded, EntryId, Frontier, Journal, SpaceId, limits::LOGS_MAX};

use crate::{
    frame::{
        Frame, Frontiers, Hello, HelloAnswer, Later, Receipt, SpaceNewer, SpaceRun, Version,
        VersionRange,
    },
    limits::{FRAME_BYTES_MAX, HELLO_WRAPPING_BYTES, SPACES_MAX},
    shared::{Access, Shared},
};

/// The versions of the session protocol that this program speaks.
pub(crate) const VERSIONS: VersionRange = VersionRange { min: 1, max: 1 };

/// Which side of the stream this node is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// It opened the stream and says hello first.
    Dialer,
    /// The other side opened the stream: this one waits for a hello, and says the answer.
    Responder,
}

/// What went over a stream since it began, for `sync` and `node stats`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Traffic {
    /// Entries in the runs that this side sent; one that was sent twice counts twice.
    pub entries_sent: u64,
    /// Bytes of all frames that this side sent, without their lengths.
    pub bytes_sent: u64,
    /// Entries in the runs that came, known ones too.
    pub entries_received: u64,
    /// Bytes of all frames that came, without their lengths.
    pub bytes_received: u64,
    /// Frames that this side sent, of every kind.
    pub frames_sent: u64,
    /// Frames that came, of every kind.
    pub frames_received: u64,
    /// Times that this side had to wait for the other before it could go on.
    pub round_trips: u64,
}

impl Traffic {
    /// Adds what went over another stream.
    pub fn add(&mut self, other: &Self) {
        self.entries_sent += other.entries_sent;
        self.bytes_sent += other.bytes_sent;
        self.entries_received += other.entries_received;
        self.bytes_received += other.bytes_received;
        self.frames_sent += other.frames_sent;
        self.frames_received += other.frames_received;
        self.round_trips += other.round_trips;
    }
}

/// Why a peer's frame ends the session.
#[derive(Debug, thiserror::Error)]
pub enum Misbehaved {
    /// It is no frame.
    #[error("sent a frame that is none: {0}")]
    Frame(#[from] ledger::DecodeError),
    /// The first frame of a dialer is its hello, of a responder its answer.
    #[error("sent {0} where it had no place")]
    Order(&'static str),
    /// A space that this side did not name to it.
    #[error("spoke of a space that it has no part in")]
    Space,
    /// A run of a journal that is not the space's.
    #[error("sent a run of a journal that is not the space's")]
    Journal,
    /// No version in common; no fault, and named so that a person can be told.
    #[error("speaks session versions {} to {}, this program {} to {}",
        .0.min, .0.max, VERSIONS.min, VERSIONS.max)]
    Version(VersionRange),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    AwaitHello,
    AwaitAnswer,
    Open,
}

/// The session on one stream: the crate's page says what it is for and what it does not judge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    side: Side,
    state: State,
    version: Version,
    spaces: BTreeMap<SpaceId, Shared>,
    /// What went over the stream so far.
    pub traffic: Traffic,
}

impl Session {
    /// A session on a stream that this node opened (a dialer, who says hello) or took.
    pub fn new(side: Side) -> Self {
        let state = match side {
            Side::Dialer => State::AwaitAnswer,
            Side::Responder => State::AwaitHello,
        };
        let (spaces, traffic) = (BTreeMap::new(), Traffic::default());
        Self { side, state, version: VERSIONS.max, spaces, traffic }
    }

    /// Which side this node is.
    pub fn side(&self) -> Side {
        self.side
    }

    /// Whether hello and answer have been exchanged, so that runs can go.
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Spaces that both sides know.
    pub fn spaces(&self) -> impl Iterator<Item = (&SpaceId, &Shared)> {
        self.spaces.iter()
    }

    /// What is known of one space; none where one side does not share it.
    pub fn shared(&self, space: &SpaceId) -> Option<&Shared> {
        self.spaces.get(space)
    }

    /// As [`Session::shared`], to be noted in.
    pub fn shared_mut(&mut self, space: &SpaceId) -> Option<&mut Shared> {
        self.spaces.get_mut(space)
    }

    /// The peer may have this much of a space from now on. True if that is news.
    pub fn share(&mut self, space: SpaceId, access: Access) -> bool {
        if let Some(shared) = self.spaces.get_mut(&space) {
            let changed = shared.access != access;
            shared.access = access;
            return changed;
        }
        if self.spaces.len() >= SPACES_MAX {
            // What it only named makes room for what it has.
            let named = self.spaces.iter().find(|(_, shared)| shared.access == Access::Named);
            match named.map(|(space, _)| *space).filter(|_| access == Access::In) {
                Some(named) => self.spaces.remove(&named),
                None => return false,
            };
        }
        let shared = Shared::new(access);
        self.spaces.insert(space, shared);
        true
    }

    /// What this side tells of a space, which is told from now on: the content's frontier only to
    /// those who are in. None of a space that is not shared.
    pub fn tell(
        &mut self,
        space: SpaceId,
        charter: &Frontier,
        content: &Frontier,
        guests: Option<u64>,
    ) -> Option<Frontiers> {
        let shared = self.spaces.get_mut(&space)?;
        shared.told = Some(shared.access);
        shared.asked.clear();
        let is_in = shared.access == Access::In;
        let (content, guests) = (is_in.then(|| content.digest()), guests.filter(|_| is_in));
        Some(Frontiers { space, charter: charter.digest(), content, guests })
    }

    /// A hello that tells the first of `spaces`, as many as one frame holds, and takes them off:
    /// of those that are left a later hello tells.
    pub fn hello(&self, spaces: &mut Vec<Frontiers>) -> Frame {
        let spaces = that_fit(spaces);
        Frame::Hello(Hello { versions: VERSIONS, features: 0, spaces })
    }

    /// The answer that tells the first of `spaces`, as a hello does, and how much is about to
    /// follow.
    pub fn answer(&mut self, spaces: &mut Vec<Frontiers>, entries_to_come: u64) -> Frame {
        let spaces = that_fit(spaces);
        Frame::Answer(HelloAnswer { version: self.version, spaces, entries_to_come })
    }

    /// The peer has said nothing of a space that it was told of: to it this node may be an
    /// outsider. From now on it is sent the charter as if it had nothing of it.
    pub fn is_silent_of(&mut self, space: &SpaceId) {
        let shared = self.spaces.get_mut(space).filter(|shared| shared.access == Access::In);
        if let Some(shared) = shared {
            shared.charter.goes_unasked();
        }
    }

    /// Reads the next frame from the peer, and notes what it says that the peer has. Spaces in a
    /// hello are for the engine to judge: it shares those that it will, then calls
    /// [`Session::note`] for each.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<Frame, Misbehaved> {
        self.traffic.bytes_received += bytes.len() as u64;
        self.traffic.frames_received += 1;
        let frame = Frame::decode(bytes)?;
        match (&frame, self.state) {
            (Frame::Hello(hello), State::AwaitHello) => {
                self.version = common(hello.versions)?;
                self.state = State::Open;
            }
            (Frame::Answer(answer), State::AwaitAnswer) => {
                if !(VERSIONS.min..=VERSIONS.max).contains(&answer.version) {
                    let range = VersionRange { min: answer.version, max: answer.version };
                    return Err(Misbehaved::Version(range));
                }
                self.traffic.round_trips += 1;
                self.version = answer.version;
                self.state = State::Open;
            }
            (Frame::Hello(_), State::Open) => {}
            (_, State::AwaitHello) => return Err(Misbehaved::Order("something before its hello")),
            (_, State::AwaitAnswer) => {
                return Err(Misbehaved::Order("something before its answer"));
            }
            (Frame::Answer(_), _) => return Err(Misbehaved::Order("a second answer")),
            (Frame::Run(run), _) => self.received(run)?,
            (Frame::Newer(run), _) => self.received_newer(run)?,
            (Frame::Receipt(receipt), _) => self.receipted(receipt)?,
            (Frame::Later(later), _) => self.comes_later(later)?,
            (Frame::Peers(_) | Frame::Heads(_) | Frame::Fork(_), _) => {}
            (Frame::Wanted(_) | Frame::Unknown(_), _) => {}
        }
        Ok(frame)
    }

    /// The peer told what it has of a space that was shared with it.
    pub fn note(&mut self, told: &Frontiers) {
        if let Some(shared) = self.spaces.get_mut(&told.space) {
            shared.later.clear();
            shared.placed.clear();
            // What was passed over is looked at again.
            shared.charter_offered = 0;
            shared.charter.told(told.charter.clone());
            if let Some(content) = &told.content {
                shared.content.told(content.clone());
            }
        }
    }

    /// A frame of this size was sent.
    pub fn sent(&mut self, bytes: usize) {
        self.traffic.bytes_sent += bytes as u64;
        self.traffic.frames_sent += 1;
    }

    /// A run is on its way to the peer, which is not sent its entries again.
    pub fn offered(&mut self, journal: Journal, run: &SpaceRun) {
        let entries = run.run.entries.len() as u64;
        self.traffic.entries_sent += entries;
        let reaches = run.run.first_seq + entries;
        if let Some(shared) = self.spaces.get_mut(&run.space) {
            shared.known_mut(journal).offered(run.run.device, reaches);
            if journal == Journal::Content {
                shared.served = Some(run.run.device);
            }
        }
    }

    /// A charter entry that no length says is on its way to the peer.
    pub fn offered_single(&mut self, space: SpaceId, entry: EntryId) {
        self.traffic.entries_sent += 1;
        if let Some(shared) = self.spaces.get_mut(&space) {
            shared.charter.has_single(entry);
        }
    }

    fn received(&mut self, run: &SpaceRun) -> Result<(), Misbehaved> {
        let entries = run.run.entries.len() as u64;
        self.traffic.entries_received += entries;
        let shared = self.spaces.get_mut(&run.space).ok_or(Misbehaved::Space)?;
        let journal = Journal::of(run.run.journal, run.space).ok_or(Misbehaved::Journal)?;
        if journal == Journal::Content && shared.access != Access::In {
            // The peer may not know yet that it is out: no fault, and nothing is taken.
            return Ok(());
        }
        let reaches = run.run.first_seq.saturating_add(entries);
        let known = shared.known_mut(journal);
        known.reaches(run.run.device, reaches);
        known.grew();
        Ok(())
    }

    /// What the peer has of such a log is noted nowhere: nothing of it is here to be sent.
    fn received_newer(&mut self, run: &SpaceNewer) -> Result<(), Misbehaved> {
        self.spaces.get(&run.space).ok_or(Misbehaved::Space)?;
        let journal = Journal::of(run.run.journal(), run.space);
        journal.map(|_| ()).ok_or(Misbehaved::Journal)
    }

    fn receipted(&mut self, receipt: &Receipt) -> Result<(), Misbehaved> {
        let shared = self.spaces.get_mut(&receipt.space).ok_or(Misbehaved::Space)?;
        let known = shared.known_mut(receipt.journal);
        for (device, length) in &receipt.logs {
            known.receipted(*device, *length);
        }
        receipt.frontier.into_iter().for_each(|digest| known.told_digest(digest));
        Ok(())
    }
}

impl Session {
    /// Of that log nothing more is sent, and no receipt comes for what was.
    fn comes_later(&mut self, later: &Later) -> Result<(), Misbehaved> {
        let shared = self.spaces.get_mut(&later.space).ok_or(Misbehaved::Space)?;
        if shared.later.len() < 2 * LOGS_MAX {
            shared.later.insert((later.journal, later.device));
        }
        shared.known_mut(later.journal).not_taken(&later.device);
        Ok(())
    }
}

/// Takes off the first of `spaces`: as many as one frame holds, and one if there is any.
fn that_fit(spaces: &mut Vec<Frontiers>) -> Bounded<Frontiers, SPACES_MAX> {
    let mut bytes = FRAME_BYTES_MAX - HELLO_WRAPPING_BYTES;
    let mut fits = |space: &&Frontiers| {
        let left = bytes.checked_sub(ledger::encode(*space).len());
        bytes = left.unwrap_or(0);
        left.is_some()
    };
    let n = spaces.iter().take(SPACES_MAX).take_while(&mut fits).count();
    let n = n.max(1).min(spaces.len());
    Bounded::first_of(spaces.drain(..n))
}

fn common(theirs: VersionRange) -> Result<Version, Misbehaved> {
    let version = theirs.max.min(VERSIONS.max);
    if version >= theirs.min.max(VERSIONS.min) {
        Ok(version)
    } else {
        Err(Misbehaved::Version(theirs))
    }
}
