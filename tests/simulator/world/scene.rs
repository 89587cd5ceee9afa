//! A calm world for scenes: so many people who are all in one collective, a fair network, and
//! nobody who acts by chance.

use std::collections::BTreeSet;

use api::Answer;
use engine::Protocol;
use ledger::{Journal, SpaceId};
use sync::{Frame, Frontiers};

use super::World;
use crate::simulator::{
    checkers::linear::Spent,
    collectives::Collective,
    hostile::{forger::Forger, speaker::Speaker},
    people,
};

/// Milliseconds that a node is given to take and read what a scene sends.
const TAKEN_MS: u64 = 30_000;

impl World {
    /// A world in which people with these many nodes are in one collective; its id. Further nodes
    /// are off and belong to nobody yet.
    pub(crate) fn meeting(people: usize, others: usize) -> (Self, String) {
        let mut world = Self::calm(1, people + others);
        world.collectives = vec![Collective::new("Elm Street", 0..people)];
        for node in 0..people {
            world.start(node);
        }
        let ticket = world.found_one(0, 100).expect("a founding");
        let space = world.collectives[0].id.clone().expect("a space");
        for person in 1..people {
            world.join(person, &ticket, &people::called(person));
            world.settle(people);
        }
        for node in 0..people {
            let rows = world.spaces_of(node);
            assert!(rows.iter().all(|row| row.state == "in" && row.say), "{rows:?}");
        }
        (world, space)
    }

    /// Everyone vouches for whoever knocks, until nothing is left to say.
    pub(crate) fn settle(&mut self, people: usize) {
        for _ in 0..2 {
            self.wait(16_000);
            for node in 0..people {
                self.vouch(node);
            }
        }
        self.wait(2_000);
    }

    /// The true time.
    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    pub(crate) fn nodes_peer(&self, node: usize) -> ledger::PeerId {
        self.nodes[node].peer.clone()
    }

    /// Entries that a node sent, known ones too, and all that came.
    pub(crate) fn entries_passed(&mut self, node: usize) -> u64 {
        self.counted(node, "entries_sent") + self.counted(node, "entries_received")
    }

    /// One of a node's counters.
    pub(crate) fn counted(&mut self, node: usize, name: &str) -> u64 {
        let stats = self.query(node, None, api::Query::Stats).expect("an answer").to_json();
        stats[name].as_u64().expect("a counter")
    }

    /// How many logs of a journal a node has.
    pub(crate) fn logs_of(&self, node: usize, journal: Journal) -> u64 {
        let journal = journal.id(self.space());
        let engine = self.nodes[node].engine.as_ref().expect("a node that is on");
        engine.logs().iter().filter(|(of, ..)| *of == journal).count() as u64
    }

    pub(crate) fn space(&self) -> SpaceId {
        self.collectives[0].space().expect("a space")
    }

    /// A post that is answered.
    pub(crate) fn post(&mut self, node: usize, text: &str) -> Answer {
        self.must(node, None, people::post(text.to_owned(), None, None)).expect("a post")
    }

    /// The texts of a node's feed.
    pub(crate) fn texts(&mut self, node: usize) -> Vec<String> {
        let space = self.collectives[0].id.clone().expect("a space");
        self.feed(node, &space).into_iter().map(|row| row.text).collect()
    }

    /// A member turns hostile: a script stands in the place of the engine, and the keys are in
    /// the hands of somebody who writes what they like.
    pub(crate) fn turn(&mut self, node: usize) -> Forger {
        for (a, b) in self.network.doomed(Some(node)) {
            self.cut(a, b);
        }
        self.wait(1);
        let engine = self.nodes[node].take_engine().expect("a node that is on");
        let mut store = engine.into_store();
        store.crash(usize::MAX);
        self.place_speaker(node);
        Forger::of(store, self.space(), self.now)
    }

    /// Puts a script onto the network in the place of a node.
    pub(crate) fn place_speaker(&mut self, node: usize) {
        self.nodes[node].incarnation += 1;
        self.nodes[node].speaker = Some(Speaker::default());
    }

    pub(crate) fn speaker(&mut self, node: usize) -> &mut Speaker {
        self.nodes[node].speaker.as_mut().expect("a script")
    }

    /// A script calls a node, says hello with these claims, and sends these frames.
    pub(crate) fn speak(
        &mut self,
        from: usize,
        to: usize,
        claims: Vec<Frontiers>,
        frames: Vec<Frame>,
    ) {
        self.speak_bytes(from, to, claims, frames.iter().map(Frame::encode).collect());
    }

    /// As [`World::speak`], and what is sent need be no frames.
    pub(crate) fn speak_bytes(
        &mut self,
        from: usize,
        to: usize,
        claims: Vec<Frontiers>,
        frames: Vec<Vec<u8>>,
    ) {
        for (a, b) in self.network.doomed(Some(from)) {
            self.cut(a, b);
        }
        self.wait(1);
        let peer = self.nodes_peer(to);
        let speaker = self.speaker(from);
        speaker.claims = claims;
        speaker.thrown_out = false;
        speaker.frames.insert(peer, frames);
        self.call(from, to, Protocol::Sync);
        self.wait(TAKEN_MS);
    }

    /// A script calls a node for a session or a knock.
    pub(crate) fn call(&mut self, from: usize, to: usize, protocol: Protocol) {
        let peer = self.nodes[to].peer.clone();
        let call = self.speaker(from).call(peer, vec![format!("sim/{to}")], protocol);
        self.one_effect(from, call);
        self.wait(500);
    }

    /// Sends what a forger wrote since it had these lengths; what that cost the other node.
    pub(crate) fn deliver(
        &mut self,
        from: usize,
        to: usize,
        forger: &Forger,
        had: [u64; 2],
    ) -> Bill {
        let mut runs = forger.runs(Journal::Charter, had[0]);
        runs.extend(forger.runs(Journal::Content, had[1]));
        let frames: Vec<_> = runs.into_iter().map(|run| Frame::Run(Box::new(run))).collect();
        let sent_bytes = frames.iter().map(|frame| frame.encode().len() as u64).sum();
        let before = self.spent(to);
        self.speak(from, to, vec![claims_of(forger)], frames);
        Bill { sent_bytes, before, after: self.spent(to) }
    }

    /// What a node was made to do up to now.
    pub(crate) fn spent(&mut self, node: usize) -> Spent {
        Spent::of(self.nodes[node].engine.as_mut().expect("a node that is on"))
    }

    /// Units that something costs a node.
    pub(crate) fn units(&mut self, node: usize, what: impl FnOnce(&mut Self)) -> u64 {
        let before = self.spent(node);
        what(self);
        self.spent(node).units_since(&before)
    }

    /// Cuts everything between two groups of nodes.
    pub(crate) fn part(&mut self, side: impl IntoIterator<Item = usize>) {
        let side: BTreeSet<_> = side.into_iter().collect();
        self.network.partition(&side, self.nodes.len());
        for (a, b) in self.network.doomed(None) {
            self.cut(a, b);
        }
        self.wait(100);
    }

    /// Cuts nothing but two nodes from each other; both lose their connections with others once.
    pub(crate) fn part_two(&mut self, one: usize, other: usize) {
        self.network.heal();
        self.part([one]);
        self.network.heal();
        self.network.cut_one_way(one, other);
        self.network.cut_one_way(other, one);
    }

    /// Heals all cuts, and waits until those who lost each other have met.
    pub(crate) fn meet_again(&mut self) {
        self.network.heal();
        self.wait(10 * 60_000);
    }
}

/// What somebody sent, and what it cost who took it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bill {
    pub(crate) sent_bytes: u64,
    pub(crate) before: Spent,
    pub(crate) after: Spent,
}

impl Bill {
    /// Units that it cost to take and to read.
    pub(crate) fn units(&self) -> u64 {
        self.after.units_since(&self.before)
    }

    pub(crate) fn written_bytes(&self) -> u64 {
        self.after.store.bytes_written - self.before.store.bytes_written
    }
}

/// What a forger has, as a hello says it.
pub(crate) fn claims_of(forger: &Forger) -> Frontiers {
    Frontiers {
        space: forger.space,
        charter: forger.replica.frontier(Journal::Charter).digest(),
        content: Some(forger.replica.frontier(Journal::Content).digest()),
        guests: None,
    }
}
