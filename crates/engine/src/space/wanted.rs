//! What others build on of content logs that are not taken whole, for they branch too often or are
//! over their author's share: what was asked for, and who brought which branch for it.

use std::collections::{BTreeMap, BTreeSet};

use content::WantedTurn;
use ledger::{DeviceId, ItemId, PeerId, Timestamp};
use replica::Log;

use crate::limits::{BROUGHT_MAX, COMPARE_MS, UNCREDITED_MAX, WANTED_ANEW_MS, WANTED_MS_MAX};

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
    /// What was asked for and was not seen to be here so far.
    uncredited: BTreeSet<ItemId>,
    /// Milliseconds between the last round and the next: [`COMPARE_MS`] at first, doubled up to
    /// [`WANTED_MS_MAX`] while nothing that was asked for comes.
    wait_ms: u64,
    /// When it was last begun anew.
    anew_at: Timestamp,
    /// How many items had begun to wait by then.
    waited: u64,
    /// Branches that each peer brought, in which nothing was found so far: of each peer at most
    /// [`BROUGHT_MAX`], as [`may_bring`](Self::may_bring) has it.
    brought: BTreeMap<PeerId, BTreeSet<Log>>,
}

impl Wanted {
    /// So many items have begun to wait since the start; where these are more than before, all is
    /// asked for anew.
    pub(crate) fn waits(&mut self, waited: u64, now: Timestamp) {
        if self.at.is_none() || waited > self.waited && self.may_begin_anew(now) {
            self.waited = waited;
            self.begin_anew(now);
        }
    }

    /// Somebody came who may have what is asked for: it is, soon, and then ever later again.
    pub(crate) fn somebody_came(&mut self, now: Timestamp) {
        if self.at.is_some() && self.may_begin_anew(now) {
            self.begin_anew(now);
        }
    }

    fn may_begin_anew(&self, now: Timestamp) -> bool {
        now >= self.anew_at.plus_ms(WANTED_ANEW_MS) || now < self.anew_at
    }

    fn begin_anew(&mut self, now: Timestamp) {
        let soon = now.plus_ms(COMPARE_MS);
        self.at = Some(self.at.map_or(soon, |at| at.min(soon)));
        (self.wait_ms, self.anew_at) = (0, now);
    }

    /// Nothing waits any more.
    pub(crate) fn nothing(&mut self) {
        self.at = None;
        self.items.clear();
        self.log = None;
        self.turn = WantedTurn::default();
        self.uncredited.clear();
    }

    /// What was asked for and was not seen to be here so far.
    pub(crate) fn uncredited(&self) -> impl Iterator<Item = &ItemId> {
        self.uncredited.iter()
    }

    /// The items are asked for now. The next ones are a second later, and all of them again, where
    /// the round is over, ever later, as `wait_ms` says.
    pub(crate) fn asked(&mut self, is_over: bool, now: Timestamp) {
        if self.uncredited.len() >= UNCREDITED_MAX {
            self.uncredited.clear();
        }
        self.uncredited.extend(self.items.iter().map(|(_, item)| item));
        if is_over {
            self.wait_ms = (2 * self.wait_ms).clamp(COMPARE_MS, WANTED_MS_MAX);
        }
        let wait_ms = if is_over { self.wait_ms } else { COMPARE_MS };
        self.at = Some(now.plus_ms(wait_ms));
    }

    /// Whether a peer may bring one more branch: something is asked for, or nothing may be brought
    /// at all, and of what it brought before fewer than [`BROUGHT_MAX`] held nothing that was.
    pub(crate) fn may_bring(&self, peer: &PeerId) -> bool {
        let brought = self.brought.get(peer).map_or(0, BTreeSet::len);
        !self.uncredited.is_empty() && brought < BROUGHT_MAX
    }

    /// A peer brought a branch. It counts against the peer until what was asked for is found in it;
    /// where nothing ever is, as long as the node runs.
    pub(crate) fn brought(&mut self, peer: &PeerId, log: Log) {
        self.brought.entry(peer.clone()).or_default().insert(log);
    }

    /// What was asked for stands in these branches: they count against nobody any more. In what
    /// other branches somebody brought it was not found, and they stay counted.
    pub(crate) fn found(&mut self, items: &[ItemId], logs: impl IntoIterator<Item = Log>) {
        items.iter().for_each(|item| _ = self.uncredited.remove(item));
        if !items.is_empty() {
            self.wait_ms = 0;
        }
        let logs: BTreeSet<_> = logs.into_iter().collect();
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

    fn item(n: u8) -> ItemId {
        ItemId::from_bytes([n; 32])
    }

    fn ask(wanted: &mut Wanted, n: u8, is_over: bool, now: Timestamp) {
        wanted.items = vec![(DeviceId::from_bytes([1; 32]), item(n))];
        wanted.asked(is_over, now);
    }

    #[test]
    fn a_peer_brings_so_many_branches_until_one_of_them_was_asked_for() {
        let peers = [1, 2].map(|n| ledger::NodeKey::from_seed(&[n; 32]).peer_id().clone());
        let mut wanted = Wanted::default();
        assert!(!wanted.may_bring(&peers[0]), "nothing was asked for");
        ask(&mut wanted, 1, true, Timestamp::default());
        for branch in 0..BROUGHT_MAX as u16 {
            assert!(wanted.may_bring(&peers[0]));
            wanted.brought(&peers[0], log(branch));
        }
        assert!(!wanted.may_bring(&peers[0]) && wanted.may_bring(&peers[1]));
        wanted.found(&[], [log(99)]);
        assert!(!wanted.may_bring(&peers[0]), "it was in another one");
        wanted.found(&[], [log(3), log(4)]);
        wanted.brought(&peers[0], log(90));
        assert!(wanted.may_bring(&peers[0]));
    }

    #[test]
    fn the_same_is_asked_for_ever_more_seldom() {
        let mut wanted = Wanted::default();
        let mut now = Timestamp::from_ms(WANTED_ANEW_MS);
        wanted.waits(1, now);
        let mut waits = Vec::new();
        for (n, is_over) in [(1, true), (1, true), (1, true), (1, false), (2, true), (1, true)] {
            ask(&mut wanted, n, is_over, now);
            waits.push(wanted.at.unwrap().since_ms(now) / COMPARE_MS);
        }
        assert_eq!(waits, [1, 2, 4, 1, 8, 16]);
        wanted.found(&[item(1)], []);
        ask(&mut wanted, 2, true, now);
        assert_eq!(wanted.at, Some(now.plus_ms(COMPARE_MS)), "something came");
        (0..99).for_each(|_| ask(&mut wanted, 2, true, now));
        assert_eq!(wanted.at, Some(now.plus_ms(WANTED_MS_MAX)));
        // Who comes again and again is a reason once a minute.
        let mut anew = 0;
        for _ in 0..100 {
            now = now.plus_ms(6_000);
            wanted.somebody_came(now);
            if wanted.at == Some(now.plus_ms(COMPARE_MS)) {
                anew += 1;
                wanted.at = Some(now.plus_ms(WANTED_MS_MAX));
            }
        }
        assert_eq!(anew, 10);
    }
}
