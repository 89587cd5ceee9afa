//! The smallest histories that each part of the rule is for.

use super::{
    archive::{Archive, Device, Entry, Id, Item, Refusal, Rules},
    history::found,
    node::Node,
    session::{UNCUT, meet},
};

/// The member who breaks the rules; the homes are of the devices before.
struct Space {
    archive: Archive,
    homes: Vec<Node>,
    hostile: Device,
}

impl Space {
    fn new(honest: usize) -> Self {
        let mut archive = Archive::new(Rules::Whole);
        let founder = found(&mut archive, honest + 1);
        let home = |device| Node { device, ..founder.clone() };
        Self { archive, homes: (0..honest).map(home).collect(), hostile: honest }
    }

    /// An entry of the hostile member, after its card or after `backlink`.
    fn sign(&mut self, backlink: Option<Id>, item: Item) -> Id {
        let of_log = |entry: &&Entry| entry.device == self.hostile;
        let card = self.archive.entries().iter().filter(of_log).nth(1).map(|card| card.id);
        let admitted = self.archive.entries().iter().rfind(|entry| entry.device < self.hostile);
        let heads = admitted.filter(|_| backlink.is_none()).map(|entry| entry.id);
        self.archive.sign(self.hostile, backlink.or(card), heads.into_iter().collect(), item)
    }

    fn hear(&mut self, home: usize, ids: &[Id]) {
        ids.iter().for_each(|id| self.homes[home].hear(&mut self.archive, *id));
        self.homes[home].settle(&mut self.archive);
        self.homes[home].part();
    }

    fn all_meet(&mut self) {
        for _ in 0..3 {
            for two in 0..self.homes.len() {
                for one in 0..two {
                    let pair = self.homes.get_disjoint_mut([one, two]).unwrap();
                    meet(&mut self.archive, pair, UNCUT);
                }
            }
        }
        let state = self.homes[0].state(&self.archive);
        assert!(self.homes.iter().all(|home| home.state(&self.archive) == state));
        assert!(self.homes.iter().all(|home| home.faults.is_empty()));
    }

    fn namings(&self) -> Vec<usize> {
        self.homes.iter().map(|home| home.namings).collect()
    }
}

#[test]
fn who_signs_twice_across_a_cut_has_both_taken() {
    let mut space = Space::new(2);
    let (one, two) = (space.sign(None, Item::Other), space.sign(None, Item::Invite(1)));
    space.hear(0, &[one]);
    space.hear(1, &[two]);
    space.all_meet();
    assert!(space.homes[0].taken.has(one) && space.homes[0].taken.has(two));
    assert_eq!(space.namings(), [1, 1]);
    // Nothing of that log is taken any more, on either branch.
    let more = [space.sign(Some(one), Item::Other), space.sign(Some(two), Item::Other)];
    space.hear(0, &more);
    assert!(more.iter().all(|id| !space.homes[0].taken.has(*id)));
}

#[test]
fn what_nobody_took_leaves_no_trace() {
    let mut space = Space::new(2);
    let (one, two) = (space.sign(None, Item::Other), space.sign(None, Item::Invite(1)));
    space.hear(0, &[one, two]);
    space.all_meet();
    assert!(!space.homes[1].taken.has(one) && !space.homes[1].taken.has(two));
    assert_eq!(space.namings(), [0, 0]);
    // Both have the proof, so nothing behind the stem is taken later.
    space.hear(1, &[one]);
    assert!(!space.homes[1].taken.has(one));
}

/// The one who knows both branches has neither, the other has one: without the proof it would
/// not hear why what it sends is refused, and they would differ for ever.
#[test]
fn a_fork_is_shown_also_by_who_took_neither_branch() {
    let mut space = Space::new(2);
    let (one, two) = (space.sign(None, Item::Other), space.sign(None, Item::Invite(1)));
    space.hear(0, &[one, two]);
    space.hear(1, &[one]);
    space.all_meet();
    assert!(space.homes[0].taken.has(one) && !space.homes[0].taken.has(two));
    assert_eq!(space.namings(), [0, 1]);
}

/// The proof names no branch that a home has: the namer comes after what it names, so this must
/// wait for it.
#[test]
fn what_stands_behind_a_stem_waits_for_its_namer() {
    let mut space = Space::new(3);
    let (one, two) = (space.sign(None, Item::Other), space.sign(None, Item::Invite(1)));
    space.hear(0, &[one, two]);
    space.hear(1, &[one]);
    let namer = space.homes[1].write(&mut space.archive, Item::Other);
    space.hear(0, &[one]);
    assert!(!space.homes[0].taken.has(one));
    space.hear(0, &[one, namer]);
    assert!(space.homes[0].taken.has(one) && space.homes[0].taken.has(namer));
}

#[test]
fn who_cannot_write_lets_go_of_what_nobody_names() {
    let mut space = Space::new(2);
    let (one, two) = (space.sign(None, Item::Other), space.sign(None, Item::Invite(1)));
    space.homes[0].writes = false;
    space.hear(0, &[one]);
    assert!(space.homes[0].taken.has(one));
    space.hear(0, &[two]);
    assert!(!space.homes[0].taken.has(one) && !space.homes[0].taken.has(two));
}

#[test]
fn a_branch_shown_late_takes_nothing_away() {
    let mut space = Space::new(3);
    let early = space.sign(None, Item::Other);
    let late = space.sign(Some(early), Item::Other);
    let withheld = space.sign(None, Item::Invite(1));
    space.hear(0, &[early, late]);
    space.all_meet();
    space.homes[2].write(&mut space.archive, Item::Other);
    space.hear(1, &[withheld]);
    space.all_meet();
    let taken = &space.homes[0].taken;
    assert!(taken.has(early) && taken.has(late) && !taken.has(withheld));
}

#[test]
fn a_thousand_branches_leave_one_for_each_home() {
    let mut space = Space::new(5);
    let before = space.homes[0].arrivals.len();
    let branches: Vec<_> = (0..1000).map(|_| space.sign(None, Item::Other)).collect();
    for home in 0..5 {
        space.hear(home, &branches[home * 7..=home * 7]);
        branches.iter().for_each(|branch| space.hear(home, &[*branch]));
    }
    space.all_meet();
    // A branch and the entry that names it for each home, and nothing else.
    assert_eq!(space.homes[0].arrivals.len(), before + 10);
    assert_eq!(space.namings(), [1; 5]);
    assert!(space.homes.iter().all(|home| home.proofs.len() == 1));
}

#[test]
fn one_key_that_knocks_twice_splits_nothing() {
    let mut space = Space::new(2);
    let invite = space.homes[0].write(&mut space.archive, Item::Invite(2));
    space.all_meet();
    let known = space.homes[0].arrivals.clone();
    let knock = |space: &mut Space, at: usize, invite| {
        let knock = space.archive.sign(9, None, vec![invite], Item::Knock(invite));
        let card = space.archive.sign(9, Some(knock), Vec::new(), Item::Card);
        space.homes[at].keep_guest(&mut space.archive, knock);
        space.homes[at].keep_guest(&mut space.archive, card);
        knock
    };
    let knocks = [knock(&mut space, 0, invite), knock(&mut space, 1, invite)];
    space.all_meet();
    assert_eq!(space.homes[1].arrivals, known, "a knock is no part of the charter");
    for (home, knock) in space.homes.iter_mut().zip(knocks) {
        home.write(&mut space.archive, Item::Propose(knock));
    }
    space.all_meet();
    assert!(knocks.iter().all(|knock| space.homes[0].taken.has(*knock)));
    assert!(space.homes.iter().all(|home| home.guests.is_empty()));
}

#[test]
fn a_home_and_its_copy_write_until_they_meet() {
    let mut space = Space::new(2);
    let copy = space.homes[1].clone();
    space.homes.push(copy);
    let one = space.homes[1].write(&mut space.archive, Item::Other);
    let two = space.homes[2].write(&mut space.archive, Item::Invite(1));
    let pair = space.homes.get_disjoint_mut([0, 1]).unwrap();
    meet(&mut space.archive, pair, UNCUT);
    space.homes[0].write(&mut space.archive, Item::Other);
    space.all_meet();
    // Somebody named what the one wrote, and nobody what the other did.
    assert!(space.homes[2].taken.has(one) && !space.homes[2].taken.has(two));
    assert!(space.homes[1..].iter().all(|home| !home.can_write(&space.archive)));
}

/// With a guest on each branch one log could name them all.
#[test]
fn no_log_names_two_branches_by_their_guests() {
    let mut space = Space::new(2);
    let invites = [space.sign(None, Item::Invite(1)), space.sign(None, Item::Invite(1))];
    let of_log = |id: &&Id| space.archive.entry(**id).device == 1;
    let mut last = space.homes[1].arrivals.iter().rfind(of_log).copied();
    for (device, invite) in [(8, invites[0]), (9, invites[1])] {
        let knock = space.archive.sign(device, None, vec![invite], Item::Knock(invite));
        last = Some(space.archive.sign(1, last, vec![knock], Item::Propose(knock)));
        let refusal = (device == 9).then_some(Refusal::BehindStem);
        assert_eq!(last.and_then(|id| space.archive.entry(id).refusal), refusal);
    }
}
