//! What others build on of content logs that are not taken whole, for they branch too often or are
//! over their author's share: what was asked for, and who brought which branch for it.

use std::collections::{BTreeMap, BTreeSet};

use content::WantedTurn;
use ledger::{DeviceId, ItemId, PeerId, Timestamp};
use replica::Log;

use crate::limits::{BROUGHT_MAX, COMPARE_MS, WANTED_HURRY_MS, WANTED_MS_MAX};

/// What of one space is asked for, and when it is next.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// When it is to be asked for; none where nothing is.
    pub(crate) at: Option<Timestamp>,
    /// What is asked for now, with the author of what waits for it.
    pub(crate) items: Vec<(DeviceId, ItemId)>,
    /// The last log about which these were asked for; the logs behind it come next.
    pub(crate) log: Option<DeviceId>,
    /// Where the round through all that waits stands, behind these.
    pub(crate) turn: WantedTurn,
    /// Milliseconds between the last round and the next: [`COMPARE_MS`] at first, doubled up to
    /// [`WANTED_MS_MAX`] while nothing that is waited for comes.
    wait_ms: u64,
    /// When rounds were last brought close to each other again.
    hurried_at: Timestamp,
    /// How many items had begun to wait by then.
    waited: u64,
    /// Branches that each peer brought, in which nothing was found so far: of each peer at most
    /// [`BROUGHT_MAX`], as [`may_bring`](Self::may_bring) has it.
    brought: BTreeMap<PeerId, BTreeSet<Log>>,
}

impl Wanted {
    /// So many items have begun to wait since the start. Where these are more than before, a round
    /// goes on or begins soon, and the next one follows soon.
    pub(crate) fn waits(&mut self, waited: u64, now: Timestamp) {
        if self.at.is_none() || waited > self.waited && self.may_hurry(now) {
            self.waited = waited;
            self.hurry(now);
        }
    }

    /// Somebody came who may have what is asked for: likewise.
    pub(crate) fn somebody_came(&mut self, now: Timestamp) {
        if self.at.is_some() && self.may_hurry(now) {
            self.hurry(now);
        }
    }

    fn may_hurry(&self, now: Timestamp) -> bool {
        now >= self.hurried_at.plus_ms(WANTED_HURRY_MS) || now < self.hurried_at
    }

    fn hurry(&mut self, now: Timestamp) {
        let soon = now.plus_ms(COMPARE_MS);
        self.at = Some(self.at.map_or(soon, |at| at.min(soon)));
        (self.wait_ms, self.hurried_at) = (0, now);
    }

    /// Nothing waits any more.
    pub(crate) fn nothing(&mut self) {
        self.at = None;
        self.items.clear();
        self.log = None;
        self.turn = WantedTurn::default();
    }

    /// The items are asked for now, in so many frames. It goes on after a second for each, for no
    /// more are answered in the long run; and where the round is over it begins again ever later,
    /// as `wait_ms` says.
    pub(crate) fn asked(&mut self, frames: usize, is_over: bool, now: Timestamp) {
        let mut wait_ms = frames.max(1) as u64 * COMPARE_MS;
        if is_over {
            self.wait_ms = (2 * self.wait_ms).clamp(COMPARE_MS, WANTED_MS_MAX);
            wait_ms = wait_ms.max(self.wait_ms);
        }
        self.at = Some(now.plus_ms(wait_ms));
    }

    /// Whether a peer may bring one more branch: something is asked for, or nothing may be brought
    /// at all, and of what it brought before fewer than [`BROUGHT_MAX`] held nothing that was.
    pub(crate) fn may_bring(&self, peer: &PeerId) -> bool {
        let brought = self.brought.get(peer).map_or(0, BTreeSet::len);
        self.at.is_some() && brought < BROUGHT_MAX
    }

    /// A peer brought a branch. It counts against the peer until something is found in it for which
    /// another author waited; where nothing ever is, as long as the node runs.
    pub(crate) fn brought(&mut self, peer: &PeerId, log: Log) {
        self.brought.entry(peer.clone()).or_default().insert(log);
    }

    /// What was waited for stood in these branches, which count against nobody any more: there may
    /// be more of it, and the next round is soon.
    pub(crate) fn found(&mut self, logs: &BTreeSet<Log>) {
        self.wait_ms = 0;
        self.brought.values_mut().for_each(|brought| brought.retain(|log| !logs.contains(log)));
        self.brought.retain(|_, brought| !brought.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(branch: u16) -> Log {
        Log { device: DeviceId::from_bytes([1; 32]), branch }
    }

    fn ask(wanted: &mut Wanted, is_over: bool, now: Timestamp) {
        wanted.items = vec![(DeviceId::from_bytes([1; 32]), ItemId::from_bytes([1; 32]))];
        wanted.asked(1, is_over, now);
    }

    #[test]
    fn a_peer_brings_so_many_branches_until_one_of_them_was_asked_for() {
        let peers = [1, 2].map(|n| ledger::NodeKey::from_seed(&[n; 32]).peer_id().clone());
        let mut wanted = Wanted::default();
        assert!(!wanted.may_bring(&peers[0]), "nothing is asked for");
        ask(&mut wanted, true, Timestamp::default());
        for branch in 0..BROUGHT_MAX as u16 {
            assert!(wanted.may_bring(&peers[0]));
            wanted.brought(&peers[0], log(branch));
        }
        assert!(!wanted.may_bring(&peers[0]) && wanted.may_bring(&peers[1]));
        wanted.found(&[log(99)].into());
        assert!(!wanted.may_bring(&peers[0]), "it was in another one");
        wanted.found(&[log(3), log(4)].into());
        wanted.brought(&peers[0], log(90));
        assert!(wanted.may_bring(&peers[0]));
    }

    #[test]
    fn the_same_is_asked_for_ever_more_seldom() {
        let mut wanted = Wanted::default();
        let mut now = Timestamp::from_ms(WANTED_HURRY_MS);
        wanted.waits(1, now);
        let mut waits = Vec::new();
        for is_over in [true, true, true, false, true, true] {
            ask(&mut wanted, is_over, now);
            waits.push(wanted.at.unwrap().since_ms(now) / COMPARE_MS);
        }
        assert_eq!(waits, [1, 2, 4, 1, 8, 16]);
        wanted.asked(20, true, now);
        assert_eq!(wanted.at, Some(now.plus_ms(32 * COMPARE_MS)));
        wanted.found(&BTreeSet::new());
        ask(&mut wanted, true, now);
        assert_eq!(wanted.at, Some(now.plus_ms(COMPARE_MS)), "something came");
        wanted.asked(8, false, now);
        assert_eq!(wanted.at, Some(now.plus_ms(8 * COMPARE_MS)), "a second for each frame");
        (0..99).for_each(|_| ask(&mut wanted, true, now));
        assert_eq!(wanted.at, Some(now.plus_ms(WANTED_MS_MAX)));
        // Who comes again and again is a reason once a minute.
        let mut hurried = 0;
        for _ in 0..100 {
            now = now.plus_ms(6_000);
            wanted.somebody_came(now);
            if wanted.at == Some(now.plus_ms(COMPARE_MS)) {
                hurried += 1;
                wanted.at = Some(now.plus_ms(WANTED_MS_MAX));
            }
        }
        assert_eq!(hurried, 10);
    }
}
