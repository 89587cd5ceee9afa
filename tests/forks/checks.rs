//! What must hold once everybody has met everybody.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    archive::{Archive, Device, Entry},
    history::History,
    node::Node,
    session::{UNCUT, meet},
    set::Set,
};

/// What histories were made of, so that no test passes by being empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) histories: usize,
    /// With a fork of which two branches are taken.
    pub(crate) both_taken: usize,
    /// With a log of which three branches or more are taken.
    pub(crate) three_taken: usize,
    /// With a fork that is known, whether or not anything behind it is taken.
    pub(crate) forked: usize,
    /// In which somebody wrote an entry to name what it had.
    pub(crate) named: usize,
    /// In which a newcomer's key knocked twice and both are taken.
    pub(crate) knocked_twice: usize,
    /// With a copied home that forked its log.
    pub(crate) copies_forked: usize,
    pub(crate) entries_max: usize,
    pub(crate) namings_max: usize,
    pub(crate) rounds_max: usize,
    pub(crate) sent: usize,
    pub(crate) again: usize,
}

impl Seen {
    pub(crate) fn add(&mut self, other: &Self) {
        self.histories += other.histories;
        self.both_taken += other.both_taken;
        self.three_taken += other.three_taken;
        self.forked += other.forked;
        self.named += other.named;
        self.knocked_twice += other.knocked_twice;
        self.copies_forked += other.copies_forked;
        self.entries_max = self.entries_max.max(other.entries_max);
        self.namings_max = self.namings_max.max(other.namings_max);
        self.rounds_max = self.rounds_max.max(other.rounds_max);
        self.sent += other.sent;
        self.again += other.again;
    }
}

impl Seen {
    /// Whether the histories had what they are for.
    pub(crate) fn assert_all(&self) {
        let enough = |seen: usize, percent: usize| seen * 100 >= self.histories * percent;
        assert!(self.histories >= 150, "{self:#?}");
        assert!(enough(self.both_taken, 20) && self.three_taken > 0, "{self:#?}");
        assert!(enough(self.forked, 70) && enough(self.named, 50), "{self:#?}");
        assert!(enough(self.knocked_twice, 4) && enough(self.copies_forked, 15), "{self:#?}");
        // Three rounds: the news, the namings, and that nothing is left.
        assert!(self.rounds_max <= 4, "{self:#?}");
    }
}

/// All homes that a space has let in have the same, and nothing is lost that must not be.
pub(crate) fn check(history: &History) -> Result<Seen, String> {
    let archive = &history.archive;
    let began = |node: &&Node| !node.arrivals.is_empty();
    let homes: Vec<_> = history.nodes.iter().filter(began).collect();
    let Some(first) = homes.first() else { return Ok(Seen::default()) };
    let state = first.state(archive);
    for home in &homes {
        if home.taken != first.taken || home.state(archive) != state {
            return Err(format!("{} has other entries than {}", home.device, first.device));
        }
        if let Some(fault) = home.faults.first() {
            return Err(format!("{} {fault}", home.device));
        }
        namings_are_few(home)?;
    }
    nothing_is_lost(history, first)?;
    one_branch_a_log(archive, first)?;
    Ok(seen(history, first))
}

/// Nobody who broke no rule loses what they wrote, or what they named.
fn nothing_is_lost(history: &History, home: &Node) -> Result<(), String> {
    let archive = &history.archive;
    let honest = |entry: &&Entry| {
        let device = &entry.device;
        let is_home = history.nodes.iter().any(|node| node.device == *device);
        is_home && !history.copied.contains(device) && !entry.is_guest()
    };
    for entry in archive.entries().iter().filter(honest) {
        if !home.taken.includes(&entry.whole()) {
            return Err(format!("{} lost {entry:?}", home.device));
        }
    }
    Ok(())
}

/// On no path of one log do heads stand on two branches of another.
fn one_branch_a_log(archive: &Archive, home: &Node) -> Result<(), String> {
    for entry in home.taken.iter().map(|id| archive.entry(id)) {
        let own = entry.whole();
        let path = own.iter().map(|id| archive.entry(id)).filter(|e| e.device == entry.device);
        let named: Set = path.flat_map(|entry| entry.heads.iter().copied()).collect();
        let mut branches = BTreeMap::<Device, usize>::new();
        for id in named.iter() {
            let head = archive.entry(id);
            let last = *branches.entry(head.device).or_insert(id);
            let follows = archive.entry(id).whole().has(last);
            if !follows {
                return Err(format!("{entry:?} and those before it name {last} and {id}"));
            }
            branches.insert(head.device, id);
        }
    }
    Ok(())
}

/// A home names what it had at most once for each log that forked.
fn namings_are_few(home: &Node) -> Result<(), String> {
    let (namings, forks) = (home.namings, home.proofs.len());
    (namings <= forks).then_some(()).ok_or(format!("{namings} namings for {forks} forks"))
}

/// Who reads alone comes to the same from the same entries, in whatever order.
pub(crate) fn newcomers_get_the_same(history: &mut History) -> Result<(), String> {
    let (draw, archive) = (&mut history.draw, &mut history.archive);
    let mut home = history.nodes[0].clone();
    for settles_each in [true, false] {
        let mut reader = Node { writes: false, settles_each, ..Node::new(home.device) };
        let mut ids: Vec<_> = home.taken.iter().collect();
        draw.shuffle(&mut ids);
        ids.into_iter().for_each(|id| reader.hear(archive, id));
        reader.settle(archive);
        home.proofs.values().for_each(|proof| {
            reader.learn(archive, *proof);
        });
        reader.settle(archive);
        if reader.taken != home.taken || reader.state(archive) != home.state(archive) {
            return Err("a reader in another order has other entries".to_owned());
        }
        let mut newcomer = Node { writes: false, settles_each, ..Node::new(home.device) };
        for _ in 0..3 {
            meet(archive, [&mut newcomer, &mut home], draw.range(0, 40));
        }
        meet(archive, [&mut newcomer, &mut home], UNCUT);
        if newcomer.taken != home.taken {
            return Err("a newcomer has other entries".to_owned());
        }
    }
    Ok(())
}

fn seen(history: &History, home: &Node) -> Seen {
    let archive = &history.archive;
    let (tips, stems) = home.state(archive);
    let mut branches = BTreeMap::<Device, usize>::new();
    tips.iter().for_each(|(device, ..)| *branches.entry(*device).or_default() += 1);
    let most = branches.values().max().copied().unwrap_or(0);
    let namings: usize = history.nodes.iter().map(|node| node.namings).sum();
    let knocks = home.taken.iter().map(|id| archive.entry(id)).filter(|entry| entry.seq == 0);
    let knockers: Vec<_> = knocks.map(|entry| entry.device).collect();
    let once: BTreeSet<_> = knockers.iter().collect();
    Seen {
        histories: 1,
        both_taken: usize::from(most > 1),
        three_taken: usize::from(most > 2),
        forked: usize::from(!stems.is_empty()),
        named: usize::from(namings > 0),
        knocked_twice: usize::from(once.len() < knockers.len()),
        copies_forked: usize::from(history.copied.iter().any(|d| stems.contains_key(d))),
        entries_max: home.arrivals.len(),
        namings_max: namings,
        rounds_max: history.rounds,
        sent: history.passed.sent,
        again: history.passed.again,
    }
}
