//! What is known of one space in a session.

use std::{
    collections::{BTreeSet, VecDeque},
    ops::Range,
};

use ledger::{DeviceId, EntryId, Frontier, Hash, Journal, Timestamp};

use crate::{budget::Budget, known::Known, limits::QUIET_MS};

/// What the peer may have of one space.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Access {
    /// It named the space and is not in it, or nothing of it is here, which is the same to it: it
    /// is told nothing. Charter entries are taken from it, for they may hold its admission.
    Named,
    /// It is in: charter and content, both ways.
    In,
}

/// What is to be sent to a peer that no length says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owed {
    /// A charter entry.
    Entry(EntryId),
    /// The heads of the charter, in answer to the peer's, once all before it is sent.
    Heads,
}

/// One space that both sides know: what the peer may have, and what it is known to have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shared {
    /// How much of it the peer may have; judged by the engine, again after each charter batch.
    pub access: Access,
    /// What it told of the charter, and what was sent and receipted since.
    pub charter: Known,
    /// The same of the content.
    pub content: Known,
    /// How far of this node's charter, in order of arrival, has been offered to it.
    pub charter_offered: usize,
    /// Up to where in that order only lengths say what it lacks: what came later is offered in any
    /// case.
    pub charter_told: usize,
    /// What is to be sent before all else, whatever lengths say.
    pub owed: VecDeque<Owed>,
    /// Parts of content logs that fork which the peer lacks, by this node's count of branches: the
    /// device, which branch, from where, and to where at least.
    pub branches: VecDeque<(DeviceId, u16, Range<u64>)>,
    /// Logs of which the peer takes no more for now.
    pub later: BTreeSet<(Journal, DeviceId)>,
    /// Content logs of which the peer sent what goes on from an entry that is not here, and was
    /// told what is, since when no more of them came.
    pub placed: BTreeSet<DeviceId>,
    /// Content logs in which this side asked for something since it last told what it has.
    pub asked: BTreeSet<DeviceId>,
    /// The content log that was served last: those behind it come first.
    pub served: Option<DeviceId>,
    /// Knocks and cards beside the charter that are to be sent when nothing of it is left to send.
    pub guests: VecDeque<EntryId>,
    /// Whether this side told its heads and waits for those of the other.
    pub awaits_heads: bool,
    /// When digests that differ are a reason to tell full heads, if nothing passes until then.
    pub compare_at: Option<Timestamp>,
    /// The digests, here and there, over which heads were last told.
    pub compared: Option<(Hash, Hash)>,
    /// How often heads of the charter are answered: that costs a walk over all of it.
    pub heads: Budget,
    /// How often the peer is sent what it waits for: to find that costs hundreds of reads.
    pub wants: Budget,
    /// When something of the content last came of which lengths do not say whether more comes, or
    /// what the peer has was told.
    pub passed_at: Timestamp,
    /// How much of it this side has told the peer: none before it told its frontiers.
    pub told: Option<Access>,
}

impl Shared {
    pub(crate) fn new(access: Access) -> Self {
        Self {
            access,
            charter: Known::default(),
            content: Known::default(),
            charter_offered: 0,
            charter_told: 0,
            owed: VecDeque::new(),
            branches: VecDeque::new(),
            later: BTreeSet::new(),
            placed: BTreeSet::new(),
            asked: BTreeSet::new(),
            served: None,
            guests: VecDeque::new(),
            awaits_heads: false,
            compare_at: None,
            compared: None,
            heads: Budget::default(),
            wants: Budget::default(),
            passed_at: Timestamp::default(),
            told: None,
        }
    }

    /// These are to be sent when nothing of the charter is left to send, but for what the peer is
    /// known to have.
    pub fn introduce(&mut self, guests: impl IntoIterator<Item = EntryId>) {
        for entry in guests {
            if !self.charter.is_single_there(&entry) && !self.guests.contains(&entry) {
                self.guests.push_back(entry);
            }
        }
    }

    /// When no more of the content is on its way, if nothing passes until then.
    pub fn quiet_at(&self) -> Timestamp {
        self.passed_at.plus_ms(QUIET_MS)
    }

    /// What the peer has of one journal.
    pub fn known(&self, journal: Journal) -> &Known {
        match journal {
            Journal::Charter => &self.charter,
            Journal::Content => &self.content,
        }
    }

    /// What the peer has of one journal, to be compared with what is here.
    pub fn known_mut(&mut self, journal: Journal) -> &mut Known {
        match journal {
            Journal::Charter => &mut self.charter,
            Journal::Content => &mut self.content,
        }
    }

    /// The first log of this node's content that the peer lacks entries of, and from where: only
    /// once it is in and has told what it has. Of a log, no more than `length_max` is sent.
    pub fn lacks_content(
        &self,
        mine: &Frontier,
        length_max: impl Fn(&DeviceId) -> u64,
    ) -> Option<(DeviceId, u64)> {
        if self.access != Access::In || !self.content.is_told() {
            return None;
        }
        let lacks = |log: &DeviceId| {
            if self.later.contains(&(Journal::Content, *log)) {
                return None;
            }
            let (from, length) = (self.content.length(log), mine.length(log));
            (from < length && from < length_max(log)).then_some((*log, from))
        };
        // Who was served longest ago comes first, so that nobody waits behind a flood.
        let is_behind = |log: &&DeviceId| self.served.is_none_or(|served| **log > served);
        let behind = mine.devices().filter(is_behind).find_map(lacks);
        behind.or_else(|| mine.devices().find_map(lacks))
    }
}
