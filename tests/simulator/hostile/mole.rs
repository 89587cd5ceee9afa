//! A hostile member in the random runs: vouched for like anyone, then turned.
//!
//! It forwards, withholds, repeats, reorders, changes what others wrote, lies in hellos and
//! receipts and about addresses, and gives what it writes itself to one node only.

mod writing;

use api::{Answer, Query};
use engine::Protocol;
use ledger::{
    Bounded, DeviceId, Entry, Forgotten, Hash, Journal, Timestamp,
    charter_items::{CharterItem, Return},
};
use sync::{Frame, Frontiers, HelloAnswer, PeerAt, Peers, Receipt, SpaceRun};

use super::{
    forger::Forger,
    guest::{Guest, run},
    items,
};
use crate::simulator::{
    collectives::Collective,
    draw::{chance, pick, range},
    world::{World, scene::claims_of},
};

/// Members with a say, of whom the mole and one that was copied may fall silent.
const SAY_MIN: usize = 6;

/// To how many it does something at a time: who is told what is no good does not listen for long.
const VICTIMS: usize = 4;

/// The hostile member: off the road until it is in, then a script and a forger.
pub(crate) struct Mole {
    pub(crate) node: usize,
    pub(crate) forger: Option<Forger>,
    /// A ticket for the collective, as anybody can find one on a table.
    pub(crate) ticket: String,
    /// The knock and the card of a guest whom it proposes again and again.
    pub(crate) proposed: Option<[Entry; 2]>,
    /// Words that it wrote and that wait.
    pub(crate) waiting: usize,
    /// The lengths of its logs when it turned.
    pub(crate) turned: [u64; 2],
}

impl Mole {
    /// Nobody has met it yet.
    pub(crate) fn new(node: usize) -> Self {
        Self {
            node,
            forger: None,
            ticket: String::new(),
            proposed: None,
            waiting: 0,
            turned: [0; 2],
        }
    }
}

impl World {
    /// The mole does something to some, to each something else; it turns once it is in.
    pub(crate) fn mischief(&mut self, n: u64) {
        let Some(mut mole) = self.mole.take() else { return };
        match mole.forger.take() {
            Some(mut forger) => {
                for _ in 0..VICTIMS {
                    let victim = range(&mut self.rng, 0, self.people as u64 - 1) as usize;
                    if self.nodes[victim].engine.is_none() {
                        continue;
                    }
                    forger.now = Timestamp::from_ms(self.now);
                    let (claims, frames) = self.draw_mischief(&mut mole, &mut forger, n);
                    let frames = frames.iter().map(Frame::encode).collect();
                    self.speak_for(mole.node, victim, claims, frames, 300);
                    self.counters.mischief += 1;
                }
                mole.forger = Some(forger);
            }
            None => {
                self.vouch(mole.node);
                if self.can_do_without(mole.node) {
                    let forger = self.turn(mole.node);
                    mole.turned = forger.lengths();
                    mole.forger = Some(forger);
                    self.counters.moles += 1;
                }
            }
        }
        self.mole = Some(mole);
    }

    /// Whether somebody is in, and those who are left decide without them, in each collective that
    /// they are part of, as its founder's node knows: of two, one that is silent stops everything,
    /// which the rules say.
    pub(crate) fn can_do_without(&mut self, node: usize) -> bool {
        // The mole is none of the people, and asks to be let in at the first.
        let is_mole = node >= self.people;
        let with =
            |(n, one): &(usize, &Collective)| one.people.contains(&node) || is_mole && *n == 0;
        let collectives: Vec<_> =
            self.collectives.iter().enumerate().filter(with).map(|(_, one)| one).collect();
        let known = collectives.iter().filter_map(|one| Some((one.founder, one.id.clone()?)));
        let known: Vec<_> = known.collect();
        if known.len() < collectives.len() || self.nodes[node].engine.is_none() {
            return false;
        }
        let is_in = self.spaces_in(node);
        known.into_iter().all(|(founder, space)| {
            let members = self.query(founder, Some(&space), Query::Members);
            let Some(Answer::Members(members)) = members else { return false };
            let says = members.rows.iter().filter(|row| row.say).count();
            says >= SAY_MIN && is_in.contains(&space)
        })
    }

    /// What it says this time: what it claims to have, and frames.
    fn draw_mischief(
        &mut self,
        mole: &mut Mole,
        forger: &mut Forger,
        n: u64,
    ) -> (Vec<Frontiers>, Vec<Frame>) {
        let had = [Journal::Charter, Journal::Content].map(|journal| forger.length(journal));
        let frames = match range(&mut self.rng, 0, 19) {
            0 => own_posts(forger, n, had[1]),
            1 => vec![Frame::Answer(HelloAnswer {
                version: 1,
                spaces: Bounded::default(),
                entries_to_come: u64::MAX,
            })],
            2 => vec![receipt(forger)],
            3 => self.others_run(forger).map(change_body).into_iter().collect(),
            4 => self.others_run(forger).map(blank).into_iter().collect(),
            5 => (0..3).filter_map(|_| self.others_run(forger)).rev().map(run_frame).collect(),
            6 => vec![self.false_address(forger)],
            7 => fork(forger, n, had),
            8 => {
                let mut guest = Guest::new(&mole.ticket, 0);
                let knock = guest.knock(&format!("Guest {n}"), self.now);
                vec![run_frame(SpaceRun { space: forger.space, run: run(&knock) })]
            }
            9 => Vec::new(),
            _ => self.draw_writing(mole, forger, n),
        };
        let mut claims = claims_of(forger);
        if chance(&mut self.rng, 300) {
            // It claims to have nothing, or nothing but what nobody has.
            claims.content = Some(ledger::Frontier::default().digest());
        }
        (vec![claims], frames)
    }

    /// A run of somebody else's content.
    fn others_run(&mut self, forger: &Forger) -> Option<SpaceRun> {
        let logs: Vec<_> = forger.replica.frontier(Journal::Content).iter().collect();
        let (device, tip) = *pick(&mut self.rng, &logs)?;
        let from = range(&mut self.rng, 0, tip.length - 1);
        let run = forger.replica.content_run(&forger.store, *device, from).ok()??;
        (*device != forger.device()).then_some(SpaceRun { space: forger.space, run })
    }

    /// Somebody is said to be reached where somebody else is.
    fn false_address(&mut self, forger: &Forger) -> Frame {
        let most = self.people as u64 - 1;
        let (who, at) = (range(&mut self.rng, 0, most), range(&mut self.rng, 0, most));
        let address = format!("sim/{at}").as_str().try_into().unwrap();
        let told = PeerAt {
            peer: self.nodes[who as usize].peer.clone(),
            addresses: Bounded::one(address),
        };
        Frame::Peers(Peers { space: forger.space, peers: Bounded::one(told) })
    }

    /// Takes the mole off the network: what it gave to some must reach all without it.
    pub(crate) fn end_mischief(&mut self) {
        if let Some(mole) = self.mole.take_if(|mole| mole.forger.is_some()) {
            for (a, b) in self.network.doomed(Some(mole.node)) {
                self.cut(a, b);
            }
            self.nodes[mole.node].speaker = None;
            self.count_taken(&mole);
        }
    }

    /// Counts what the nodes that are on have of what it wrote.
    fn count_taken(&mut self, mole: &Mole) {
        let Some(forger) = &mole.forger else { return };
        let engines = self.nodes.iter().filter_map(|node| node.engine.as_ref());
        let logs: Vec<_> = engines.flat_map(|engine| engine.logs()).collect();
        for (journal, turned) in Journal::ALL.into_iter().zip(mole.turned) {
            let log = (journal.id(forger.space), forger.device());
            let taken = logs.iter().filter(|(journal, device, _)| (*journal, *device) == log);
            let more: u64 = taken.map(|(.., length)| length.saturating_sub(turned)).sum();
            match journal {
                Journal::Charter => self.counters.charter_of_moles += more,
                Journal::Content => self.counters.content_of_moles += more,
            }
        }
    }

    /// One that never turned is a member like any.
    pub(crate) fn mole_vouches(&mut self) {
        if let Some(node) = self.mole.as_ref().map(|mole| mole.node) {
            self.vouch(node);
        }
    }

    /// Says hello to a node and then this, which need be no frames.
    pub(super) fn speak_for(
        &mut self,
        from: usize,
        to: usize,
        claims: Vec<Frontiers>,
        frames: Vec<Vec<u8>>,
        ms: u64,
    ) {
        // In a session of its own; what others are to be told waits until theirs is there.
        self.cut(from, to);
        self.wait(1);
        let peer = self.nodes[to].peer.clone();
        let speaker = self.speaker(from);
        speaker.claims = claims;
        speaker.forgets = true;
        speaker.frames.insert(peer, frames);
        self.call(from, to, Protocol::Sync);
        self.wait(ms);
    }
}

impl World {
    /// Knocks at a node with this, which need be no knock.
    pub(super) fn knock_for(&mut self, from: usize, to: usize, knock: Vec<u8>) {
        self.cut(from, to);
        self.wait(1);
        self.speaker(from).knock = Some(knock);
        self.call(from, to, Protocol::Knock);
        self.wait(300);
    }
}

fn run_frame(run: SpaceRun) -> Frame {
    Frame::Run(Box::new(run))
}

fn own_posts(forger: &mut Forger, n: u64, had: u64) -> Vec<Frame> {
    forger.content(vec![items::post(&format!("Mole's {n}"))]);
    // With one before it, so that a gap is no excuse.
    let runs = forger.runs(Journal::Content, had.saturating_sub(1));
    runs.into_iter().map(run_frame).collect()
}

fn receipt(forger: &Forger) -> Frame {
    let logs = forger.replica.frontier(Journal::Content).iter();
    let mut logs: Vec<_> = logs.map(|(device, _)| (*device, u64::MAX >> 12)).collect();
    logs.push((DeviceId::from_bytes([7; 32]), 1));
    let logs = logs.try_into().unwrap();
    let (space, journal) = (forger.space, Journal::Content);
    Frame::Receipt(Receipt { space, journal, logs, frontier: None })
}

fn change_body(mut came: SpaceRun) -> Frame {
    let mut entries = came.run.entries.to_vec();
    if let Some(body) = &mut entries[0].body {
        let mut bytes = body.to_vec();
        bytes[0] ^= 1;
        *body = bytes.try_into().unwrap();
    }
    came.run.entries = entries.try_into().unwrap();
    run_frame(came)
}

/// A run whose entries have no bodies: the chain still verifies.
pub(crate) fn blank(mut came: SpaceRun) -> Frame {
    let mut entries = came.run.entries.to_vec();
    for entry in &mut entries {
        if let Some(body) = entry.body.take() {
            let (length, hash) = (body.len() as u32, Hash::of(&body));
            entry.forgotten = Some(Forgotten { length, hash });
        }
    }
    came.run.entries = entries.try_into().unwrap();
    run_frame(came)
}

/// One of two entries at one place: the other is kept and built upon.
fn fork(forger: &mut Forger, n: u64, had: [u64; 2]) -> Vec<Frame> {
    let mut twin = forger.twin();
    twin.now = forger.now.plus_ms(n);
    twin.charter(vec![CharterItem::Return(Return {})]);
    forger.charter(vec![CharterItem::Return(Return {}), CharterItem::Return(Return {})]);
    twin.content(vec![items::post(&format!("Mole's other {n}"))]);
    forger.content(vec![items::post(&format!("Mole's one {n}"))]);
    let runs = twin.runs(Journal::Charter, had[0]).into_iter();
    runs.chain(twin.runs(Journal::Content, had[1])).map(run_frame).collect()
}
