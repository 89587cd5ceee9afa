//! What a peer is known to have of one journal.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{DeviceId, EntryId, Frontier, FrontierDigest, Hash, Tip, limits::LOGS_MAX};

/// What a peer has of one journal: what it told, and since then what was sent to it and what it
/// sent.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Known {
    told: Option<Advertised>,
    since: BTreeMap<DeviceId, u64>,
    /// What was sent and not yet receipted: log and length.
    unreceipted: BTreeMap<DeviceId, u64>,
    /// Single entries that it has, as it sent them or was sent them: those that no length says.
    single: BTreeSet<EntryId>,
    /// Whether the peer is sent what is here without having told what it has.
    unasked: bool,
}

impl Known {
    /// The peer told its frontier, which replaces what was known. What is on its way to the peer
    /// at that moment is sent once more, and taken once.
    pub fn told(&mut self, digest: FrontierDigest) {
        let told = Advertised::of(digest);
        // What is told is on the disk there.
        self.unreceipted.retain(|device, offered| told.length(device) < *offered);
        self.told = Some(told);
        self.unasked = false;
        self.since.clear();
    }

    /// What it has on its disk has this digest by now, as it said in a receipt.
    pub fn told_digest(&mut self, heads: Hash) {
        if let Some(told) = self.told.as_mut() {
            (told.newest, told.is_stale) = (heads, false);
        }
    }

    /// It sent something, so what it has is not what its digest was of.
    pub fn grew(&mut self) {
        if let Some(told) = self.told.as_mut() {
            told.is_stale = true;
        }
    }

    /// The digest of what it has, if nothing came from it since it said so.
    pub fn digest(&self) -> Option<Hash> {
        let told = self.told.as_ref().filter(|told| !told.is_stale && !self.unasked)?;
        Some(told.newest)
    }

    /// Whether the peer has just what is in `mine`, as it said last; if it has more since then, it
    /// came here.
    pub fn is_same(&self, mine: &Frontier) -> bool {
        self.told.as_ref().is_some_and(|told| told.newest == mine.hash())
    }

    /// Whether it said last that it has something else than what is in `mine`.
    pub fn is_other(&self, mine: &Frontier) -> bool {
        !self.unasked && self.told.as_ref().is_some_and(|told| told.newest != mine.hash())
    }

    /// Whether it told something that is not here although all lengths are reached: then it is not
    /// known when all has come.
    pub fn has_differed(&self) -> bool {
        self.told.as_ref().is_some_and(|told| told.compared == Some(true))
    }

    /// The peer has this entry, or is about to. With [`LOGS_MAX`] (4,096) of them noted all others
    /// are forgotten: at worst it is sent what it has.
    pub fn has_single(&mut self, entry: EntryId) {
        if self.single.len() >= LOGS_MAX {
            self.single.clear();
        }
        self.single.insert(entry);
    }

    /// Whether the peer has a single entry, as far as that was noted.
    pub fn is_single_there(&self, entry: &EntryId) -> bool {
        self.single.contains(entry)
    }

    /// A log forks behind its first `stem` entries: of what was sent beyond no receipt comes.
    pub fn forks(&mut self, device: &DeviceId, stem: u64) {
        if self.unreceipted.get(device).is_some_and(|offered| *offered > stem) {
            self.unreceipted.remove(device);
        }
    }

    /// Whether the peer is known well enough to be sent anything: it told its frontier, or it is
    /// silent and goes unasked, from when on it is taken to have nothing.
    pub fn is_told(&self) -> bool {
        self.told.is_some()
    }

    /// The peer tells nothing: from now on it is sent all that is here, for which it gives no
    /// receipt, until it tells what it has.
    pub(crate) fn goes_unasked(&mut self) {
        if self.told.is_none() {
            self.told = Some(Advertised::of(Frontier::default().digest()));
            self.unasked = true;
        }
    }

    /// The peer has, or is about to have, `length` entries of a log, as it says. Of more logs than
    /// a journal has nothing is noted: at worst it is sent what it has.
    pub fn reaches(&mut self, device: DeviceId, length: u64) {
        if self.since.len() < LOGS_MAX || self.since.contains_key(&device) {
            self.will_reach(device, length);
        }
    }

    fn will_reach(&mut self, device: DeviceId, length: u64) {
        let known = self.since.entry(device).or_default();
        *known = (*known).max(length);
    }

    /// Entries up to `length` of a log are on their way to the peer.
    pub fn offered(&mut self, device: DeviceId, length: u64) {
        // Noted in any case, or it would be sent without end; there are no more than own logs.
        self.will_reach(device, length);
        if self.unasked {
            return;
        }
        let offered = self.unreceipted.entry(device).or_default();
        *offered = (*offered).max(length);
    }

    /// The peer has `length` entries of a log on its disk.
    pub fn receipted(&mut self, device: DeviceId, length: u64) {
        self.reaches(device, length);
        if self.unreceipted.get(&device).is_some_and(|offered| *offered <= length) {
            self.unreceipted.remove(&device);
        }
    }

    /// The peer takes no more of a log for now, nor took what was sent last.
    pub(crate) fn not_taken(&mut self, device: &DeviceId) {
        self.unreceipted.remove(device);
    }

    /// Whether all that was sent is on the peer's disk, as it said.
    pub fn is_receipted(&self) -> bool {
        self.unreceipted.is_empty()
    }

    /// How many entries of a log the peer has.
    pub fn length(&self, device: &DeviceId) -> u64 {
        let told = self.told.as_ref().map_or(0, |told| told.length(device));
        told.max(self.since.get(device).copied().unwrap_or(0))
    }

    /// How many entries of `mine` the peer lacks, as far as lengths say it.
    pub fn lacks(&self, mine: &Frontier) -> u64 {
        mine.devices().map(|device| self.lacks_in(device, mine)).sum()
    }

    /// How many entries of one log of `mine` the peer lacks.
    pub fn lacks_in(&self, device: &DeviceId, mine: &Frontier) -> u64 {
        mine.length(device).saturating_sub(self.length(device))
    }

    /// Whether `mine` has all that the peer told.
    pub fn is_reached_by(&self, mine: &Frontier) -> bool {
        self.is_reached_but(mine, &BTreeSet::new())
    }

    /// As [`is_reached_by`](Self::is_reached_by), but for the rest of these logs.
    pub fn is_reached_but(&self, mine: &Frontier, later: &BTreeSet<DeviceId>) -> bool {
        // Of a log that is known here to fork, the stem is all that a length can say.
        let whole = |device: &DeviceId| {
            mine.log(device)?.stem().filter(|stem| mine.length(device) >= *stem)
        };
        let reach = |device: &DeviceId| whole(device).map_or(mine.length(device), |_| u64::MAX);
        let mut here: Vec<_> = mine.devices().map(|log| (short(log), reach(log))).collect();
        here.extend(later.iter().map(|log| (short(log), u64::MAX)));
        here.sort_unstable();
        let reached = |(start, n): &(u64, u64)| {
            // Of a log that forks at its first entry no length says that any is there.
            *n == 0 || lengths(&here, *start).iter().map(|(_, length)| *length).max() >= Some(*n)
        };
        !self.unasked && self.told.as_ref().is_some_and(|told| told.logs.iter().all(reached))
    }

    /// Whether `length` is all that the peer told of a log.
    pub fn is_reached_in(&self, device: &DeviceId, length: u64) -> bool {
        self.told.as_ref().is_some_and(|told| told.length(device) <= length)
    }

    /// Whether the peer's digest is over other entries than `mine` has at the places that it told:
    /// then a log has two different entries at one place. Nothing is known of that before all is
    /// here that was told, and it is said once of what was told. Of what is left of the logs in
    /// `later` nothing comes for now: then it may be so. `head` is the entry that is here at a
    /// place of a log.
    pub fn differs(
        &mut self,
        mine: &Frontier,
        later: &BTreeSet<DeviceId>,
        head: impl Fn(&DeviceId, u64) -> Option<EntryId>,
    ) -> bool {
        let waits = self.told.as_ref().is_some_and(|told| told.compared.is_none());
        if !(waits && self.is_reached_but(mine, later)) {
            return false;
        }
        let is_reached = self.is_reached_by(mine);
        let Some(told) = self.told.as_mut() else { return false };
        let differs = !is_reached || told.differs(mine, head);
        told.compared = Some(differs);
        differs
    }
}

/// A told frontier, sorted, so that a log is found in it without going through all.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Advertised {
    logs: Vec<(u64, u64)>,
    heads: Hash,
    /// The digest of what it has by now, as it said in a receipt.
    newest: Hash,
    /// Whether something came from the peer since it told that.
    is_stale: bool,
    /// Whether the digest was found to differ from the entries that are here; none where it has not
    /// been compared.
    compared: Option<bool>,
}

impl Advertised {
    fn of(digest: FrontierDigest) -> Self {
        let mut logs = digest.logs.into_inner();
        logs.sort_unstable();
        let (heads, newest) = (digest.heads, digest.heads);
        Self { logs, heads, newest, is_stale: false, compared: None }
    }

    /// Whether the digest is over other entries than `mine` has at the places that were told.
    fn differs(&self, mine: &Frontier, head: impl Fn(&DeviceId, u64) -> Option<EntryId>) -> bool {
        let mut as_told = Frontier::default();
        for (device, log) in mine.logs_by_device() {
            // Of two devices that begin alike it is not known which length is whose: they are
            // taken to be as here.
            let length = match self.lengths(short(device)) {
                [(_, length)] => Some(*length),
                several => several.first().map(|_| log.length()),
            };
            let (Some(length), here) = (length, log.length()) else { continue };
            if log.stem().is_some() && length == here {
                as_told.set_log(*device, log.clone());
                continue;
            }
            let head = match length.checked_sub(1) {
                None => continue,
                // Behind a stem there is more than one entry at a place.
                Some(_) if log.stem().is_some() && length > here => None,
                Some(_) if length == here => log.tips().last().map(|tip| tip.head),
                Some(last) => head(device, last),
            };
            let here = head.map(|head| as_told.set(*device, Tip { length, head }));
            if !matches!(here, Some(Ok(()))) {
                return true;
            }
        }
        as_told.hash() != self.heads
    }

    /// The logs of which the device begins so: mostly one.
    fn lengths(&self, start: u64) -> &[(u64, u64)] {
        lengths(&self.logs, start)
    }

    /// How many entries of a log were told; zero where two devices begin alike, which costs a
    /// transfer of what is there and nothing else.
    fn length(&self, device: &DeviceId) -> u64 {
        match self.lengths(short(device)) {
            [(_, length)] => *length,
            _ => 0,
        }
    }
}

/// Of sorted logs those of which the device begins so.
fn lengths(logs: &[(u64, u64)], start: u64) -> &[(u64, u64)] {
    let from = logs.partition_point(|(log, _)| *log < start);
    let to = logs.partition_point(|(log, _)| *log <= start);
    &logs[from..to]
}

/// The part of a device that is told.
fn short(device: &DeviceId) -> u64 {
    let mut start = [0; 8];
    start.copy_from_slice(&device.as_bytes()[..8]);
    u64::from_be_bytes(start)
}
