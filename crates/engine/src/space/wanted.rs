//! What others build on of content logs that are not taken whole, for they branch too often or are
//! over their author's share: what was asked for, and who brought which branch for it.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{DeviceId, ItemId, PeerId, Timestamp};
use replica::Log;

use crate::limits::{BROUGHT_MAX, COMPARE_MS, UNCREDITED_MAX, WANTED_MS_MAX};

/// What of one space is asked for, and when it is next.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// When it is to be asked for; none where nothing is.
    pub(crate) at: Option<Timestamp>,
    /// What was asked for last.
    asked: BTreeSet<ItemId>,
    /// What was asked for and was not seen to be here so far.
    uncredited: BTreeSet<ItemId>,
    /// Whose waiting items it was asked for last, and how many logs were asked about since the node
    /// started, one as often as it was: where the next turn goes on in either list.
    pub(crate) last: (Option<DeviceId>, usize),
    /// Milliseconds between the last asking and the next: [`COMPARE_MS`] for what was not asked for
    /// just before, doubled up to [`WANTED_MS_MAX`] while it is the same.
    wait_ms: u64,
    /// Branches that each peer brought, in which nothing was found so far: of each peer at most
    /// [`BROUGHT_MAX`], as [`may_bring`](Self::may_bring) has it.
    brought: BTreeMap<PeerId, BTreeSet<Log>>,
}

impl Wanted {
    /// Something waits: it is asked for soon.
    pub(crate) fn soon(&mut self, now: Timestamp) {
        let soon = now.plus_ms(COMPARE_MS);
        self.at = Some(self.at.map_or(soon, |at| at.min(soon)));
    }

    /// Nothing waits any more.
    pub(crate) fn nothing(&mut self) {
        self.at = None;
        self.asked.clear();
    }

    /// Whether nothing is asked for.
    pub(crate) fn is_idle(&self) -> bool {
        self.at.is_none() && self.asked.is_empty()
    }

    /// What was asked for and was not seen to be here so far.
    pub(crate) fn uncredited(&self) -> impl Iterator<Item = &ItemId> {
        self.uncredited.iter()
    }

    /// These are asked for now: the same ones again ever later, as `wait_ms` says.
    pub(crate) fn ask(&mut self, items: BTreeSet<ItemId>, now: Timestamp) {
        if self.uncredited.len() >= UNCREDITED_MAX {
            self.uncredited.clear();
        }
        self.uncredited.extend(&items);
        let longer = if items == self.asked { 2 * self.wait_ms } else { 0 };
        self.wait_ms = longer.clamp(COMPARE_MS, WANTED_MS_MAX);
        (self.asked, self.at) = (items, Some(now.plus_ms(self.wait_ms)));
    }

    /// Whether a peer may bring one more branch: something is asked for, or nothing may be brought
    /// at all, and of what it brought before fewer than [`BROUGHT_MAX`] held nothing that was.
    pub(crate) fn may_bring(&self, peer: &PeerId) -> bool {
        let brought = self.brought.get(peer).map_or(0, BTreeSet::len);
        !self.asked.is_empty() && brought < BROUGHT_MAX
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

    fn item(n: u8) -> BTreeSet<ItemId> {
        [ItemId::from_bytes([n; 32])].into()
    }

    #[test]
    fn a_peer_brings_so_many_branches_until_one_of_them_was_asked_for() {
        let peers = [1, 2].map(|n| ledger::NodeKey::from_seed(&[n; 32]).peer_id().clone());
        let mut wanted = Wanted::default();
        assert!(!wanted.may_bring(&peers[0]), "nothing was asked for");
        wanted.ask(item(1), Timestamp::default());
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
        let now = Timestamp::from_ms(9);
        wanted.ask(BTreeSet::new(), now);
        assert_eq!(wanted.at, Some(now.plus_ms(COMPARE_MS)), "nothing is asked for seldom too");
        let mut waits = Vec::new();
        for n in [1, 1, 1, 2, 2] {
            wanted.ask(item(n), now);
            waits.push(wanted.at.unwrap().since_ms(now) / COMPARE_MS);
        }
        assert_eq!(waits, [1, 2, 4, 1, 2]);
        (0..99).for_each(|_| wanted.ask(item(2), now));
        assert_eq!(wanted.at, Some(now.plus_ms(WANTED_MS_MAX)));
        wanted.soon(now);
        assert_eq!(wanted.at, Some(now.plus_ms(COMPARE_MS)), "somebody came");
    }
}
