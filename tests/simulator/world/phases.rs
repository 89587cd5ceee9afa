//! What happens in a random run: foundings, a phase of faults, a healing.

use std::collections::BTreeSet;

use api::{Answer, Ask, Command, Query};

use super::{Event, Outcome, World};
use crate::simulator::{
    checkers::{
        agreement::{self, View},
        frontiers, linear, outsiders, shown,
    },
    disks::REPAIR_MS_MAX,
    draw::{chance, pick, range},
    hostile::{
        guest::Guest,
        holder::{self, Holder},
    },
    network::Weather,
    people,
};

/// Simulated milliseconds of the phase of faults, for each person of so many: more people do not
/// make it longer.
const FAULTS_MS: u64 = 20_000;
const FAULTS_PEOPLE_MAX: u64 = 12;

/// Simulated milliseconds within which all must agree once healed.
const HEALED_MS: u64 = 15 * 60 * 1000;

/// Posts that are written when nothing else happens, to see what they cost.
const QUIET_POSTS: u64 = 4;

/// Posts that one person writes at once, as an import does: more than a node reads in one go.
const BURST: u64 = 200;

const TICKET_MS: u64 = 2_000;

/// Simulated milliseconds for which a person waits to be let in before they get another ticket.
const PATIENCE_MS: u64 = 120_000;

impl World {
    /// A whole run: what it exercised, or what went wrong.
    pub(crate) fn run(mut self) -> Result<Outcome, String> {
        for node in 0..self.nodes.len() {
            self.start(node);
        }
        self.found_all()?;
        self.faults()?;
        self.heal()?;
        self.verdict()?;
        self.posts_cost_little()?;
        let trace = ledger::Hash::of(&self.trace);
        Ok(Outcome { trace, counters: self.counters })
    }

    fn found_all(&mut self) -> Result<(), String> {
        for n in 0..self.collectives.len() {
            let ticket = self.found_one(n, self.nodes.len() as u32)?;
            let collective = &self.collectives[n];
            let founder = collective.founder;
            let others: Vec<_> =
                collective.people.iter().copied().filter(|one| *one != founder).collect();
            for person in others {
                self.join(person, &ticket, &people::called(person));
                if chance(&mut self.rng, 150) {
                    self.crash(person);
                    self.at(500, Event::Start(person));
                }
            }
            if let (0, Some(stranger)) = (n, self.stranger) {
                self.join(stranger, &ticket, people::STRANGER);
            }
            if let (0, Some(mole)) = (n, self.mole.as_ref().map(|mole| mole.node)) {
                self.join(mole, &ticket, &people::called(mole));
            }
            if let (0, Some(holder)) = (n, self.holder.as_ref().map(|holder| holder.node)) {
                let ticket = self.ticket(n, founder, holder::KNOCKS)?;
                let guests = [0, 1].map(|key| Guest::new(&ticket, 100 + key));
                self.holder = Some(Holder { node: holder, guests: Some(guests) });
            }
            if let Some(mole) = self.mole.as_mut().filter(|_| n == 0) {
                mole.ticket = ticket;
            }
        }
        self.failed()
    }

    /// Founds a collective; a ticket for so many.
    pub(crate) fn found_one(&mut self, n: usize, knocks: u32) -> Result<String, String> {
        let (name, founder) = (self.collectives[n].name, self.collectives[n].founder);
        let me = people::called(founder);
        let found = Command::Found { name: name.into(), me, zone: None };
        let Answer::Founded(founded) = self.must(founder, None, found)? else {
            return Err("a founding gave no space".to_owned());
        };
        self.collectives[n].id = Some(founded.space);
        self.ticket(n, founder, knocks)
    }

    pub(crate) fn ticket(&mut self, n: usize, by: usize, knocks: u32) -> Result<String, String> {
        let space = self.collectives[n].id.clone();
        match self.must(by, space.as_deref(), Command::Invite { days: 7, knocks })? {
            Answer::Invited(invited) => Ok(invited.ticket.as_str().to_owned()),
            other => Err(format!("an invite gave no ticket: {other:?}")),
        }
    }

    /// In bad weather nobody may answer in time; the knock is kept and goes on.
    pub(crate) fn join(&mut self, person: usize, ticket: &str, me: &str) {
        let join = Command::Join { ticket: ticket.to_owned().into(), me: me.to_owned() };
        self.ask(person, Ask::new(join), TICKET_MS);
    }

    fn faults(&mut self) -> Result<(), String> {
        let people = self.people;
        let until = self.now + FAULTS_MS * FAULTS_PEOPLE_MAX.min(people as u64);
        let mut n = 0;
        while self.now < until {
            n += 1;
            let step = range(&mut self.rng, 100, 2_000);
            self.wait(step);
            let node = range(&mut self.rng, 0, people as u64 - 1) as usize;
            match range(&mut self.rng, 0, 99) {
                0..5 => self.power_cut(node),
                5..8 => self.partition(),
                8..11 => self.one_way_cut(node),
                11..18 => self.network.heal(),
                18..20 => self.disk_fails(node),
                20 => self.disk_fills(node),
                21 => self.disk_refuses(node),
                22..25 => self.clock_jumps(node),
                25 | 36 => self.copy_or_restore(node),
                26..28 => self.burst(node, n),
                28..33 => self.mischief(n),
                33..36 => self.trick(n),
                _ => self.somebody_acts(node, n),
            }
            self.failed()?;
            self.outsiders()?;
        }
        Ok(())
    }

    fn power_cut(&mut self, node: usize) {
        if self.nodes[node].engine.is_some() {
            self.crash(node);
            let off = range(&mut self.rng, 10, 15_000);
            self.at(off, Event::Start(node));
        }
    }

    fn partition(&mut self) {
        let side: BTreeSet<_> =
            (0..self.nodes.len()).filter(|_| chance(&mut self.rng, 500)).collect();
        self.network.partition(&side, self.nodes.len());
        self.counters.partitions += 1;
        for (a, b) in self.network.doomed(None) {
            self.cut(a, b);
        }
    }

    /// Nothing comes from one node to some others; they hear it, and it does not know.
    fn one_way_cut(&mut self, node: usize) {
        for other in 0..self.nodes.len() {
            if other != node && chance(&mut self.rng, 500) {
                let (from, to) =
                    if chance(&mut self.rng, 800) { (node, other) } else { (other, node) };
                self.network.cut_one_way(from, to);
            }
        }
        self.counters.one_way_cuts += 1;
    }

    fn clock_jumps(&mut self, node: usize) {
        let now = self.now;
        self.nodes[node].clock.jump(&mut self.rng, now);
        self.counters.clock_jumps += 1;
    }

    /// The collectives that this node says its person is in, by their ids.
    pub(crate) fn spaces_in(&mut self, node: usize) -> Vec<String> {
        let rows = self.spaces_of(node);
        rows.into_iter().filter(|row| row.state == "in").map(|row| row.space).collect()
    }

    /// Somebody writes many posts at once.
    fn burst(&mut self, node: usize, n: u64) {
        let spaces = self.spaces_in(node);
        let Some(space) = pick(&mut self.rng, &spaces).cloned() else { return };
        self.counters.bursts += 1;
        let mut asks = Vec::new();
        for m in 0..BURST {
            let post = people::post(format!("Post {n}.{m}"), None, None);
            let ask = Ask { space: Some(space.clone()), ..Ask::new(post.clone()) };
            let ask = self.put(node, ask);
            asks.push((ask, post, self.nodes[node].wrote.clone()));
        }
        self.wait(200);
        if chance(&mut self.rng, 500) {
            self.crash(node);
            self.at(500, Event::Start(node));
        }
        for (ask, post, wrote) in asks {
            let answer = self.nodes[node].answers.remove(&ask).and_then(Result::ok);
            self.keep(node, &space, post, &wrote, answer);
        }
    }

    /// Somebody looks at their node and does something; then, perhaps, the power goes.
    fn somebody_acts(&mut self, node: usize, n: u64) {
        self.vouch(node);
        if chance(&mut self.rng, 300) {
            self.look_whether_whole(node);
        }
        let spaces = self.spaces_in(node);
        let Some(space) = pick(&mut self.rng, &spaces).cloned() else { return };
        let looks = people::looks().map(|query| self.query(node, Some(&space), query));
        let view = people::View::of(&space, looks);
        self.claims.extend(view.claims.clone());
        let command = people::next(&mut self.rng, node, n, &view);
        if chance(&mut self.rng, 150) {
            self.counters.commands += 1;
            let ask = Ask { space: Some(space.clone()), ..Ask::new(command.clone()) };
            self.put(node, ask);
            let wrote = self.nodes[node].wrote.clone();
            self.keep(node, &space, command, &wrote, None);
            let delay = range(&mut self.rng, 0, 80);
            self.wait(delay);
            self.crash(node);
            self.at(500, Event::Start(node));
        } else if self.say(node, &space, command, 500) && chance(&mut self.rng, 100) {
            // What was answered is there, however soon the power goes.
            self.power_cut(node);
        }
    }

    /// A member vouches for all who knock but the stranger.
    pub(crate) fn vouch(&mut self, node: usize) {
        let Some(Answer::Todo(todo)) = self.query(node, None, Query::Todo) else { return };
        for row in todo.rows.iter().filter(|row| row.kind == "knock") {
            if row.text.starts_with("Person") {
                let vouch = Command::Vouch { who: row.thing.clone() };
                self.say(node, &row.space, vouch, 500);
            }
        }
    }

    fn heal(&mut self) -> Result<(), String> {
        self.weather = Weather::fair();
        self.network.heal();
        self.disks_hold();
        self.end_mischief();
        self.note("heal", 0);
        let until = self.now + HEALED_MS;
        let mut patience = self.now + PATIENCE_MS;
        while self.now < until {
            self.wait(5_000);
            self.failed()?;
            if self.now > patience {
                patience = self.now + PATIENCE_MS;
                self.tickets_for_those_left_out()?;
            }
            for node in 0..self.people {
                self.vouch(node);
            }
            self.mole_vouches();
            let views = self.views();
            if views.iter().all(|views| agreement::is_reached(views)) {
                return Ok(());
            }
        }
        let views = self.views();
        Err(format!("healed, and not in agreement: {views:#?}\n{}", self.report()))
    }

    /// A ticket can have ended by the clock of whoever was asked; who waits for long, or is told of
    /// that, gets another.
    fn tickets_for_those_left_out(&mut self) -> Result<(), String> {
        for n in 0..self.collectives.len() {
            let Some(id) = self.collectives[n].id.clone() else { continue };
            let people: Vec<_> = self.collectives[n].people.iter().copied().collect();
            for person in people {
                let is_in = self.spaces_in(person).contains(&id);
                if self.nodes[person].engine.is_some() && !is_in {
                    let founder = self.collectives[n].founder;
                    let ticket = self.ticket(n, founder, 2)?;
                    self.join(person, &ticket, &people::called(person));
                }
            }
        }
        Ok(())
    }

    fn views(&mut self) -> Vec<Vec<View>> {
        (0..self.collectives.len()).map(|n| self.views_of(n)).collect()
    }

    fn views_of(&mut self, n: usize) -> Vec<View> {
        let Some(id) = self.collectives[n].id.clone() else { return Vec::new() };
        let people: Vec<_> = self.collectives[n].people.iter().copied().collect();
        let view = |node| {
            let is_in = self.spaces_in(node).contains(&id);
            let print = match self.query(node, Some(&id), Query::Fingerprint) {
                Some(Answer::Fingerprint(print)) => Some(format!("{:?}", print.spaces)),
                _ => None,
            };
            View { is_in, fingerprint: print }
        };
        people.into_iter().map(view).collect()
    }

    fn outsiders(&self) -> Result<(), String> {
        self.holder_is_outside()?;
        let Some(stranger) = self.stranger else { return Ok(()) };
        let Some(outsider) = &self.nodes[stranger].engine else { return Ok(()) };
        outsiders::read_nothing(outsider)?;
        let members = self.nodes[..self.people].iter().filter_map(|node| node.engine.as_ref());
        for member in members {
            outsiders::write_nothing(member, &outsider.own_logs())?;
        }
        Ok(())
    }

    fn verdict(&mut self) -> Result<(), String> {
        for collective in self.collectives.clone() {
            self.counters.admitted += collective.people.len() as u64 - 1;
            self.verdict_of(&collective)?;
        }
        self.outsiders()?;
        let holder = self.holder.as_ref().and_then(|one| self.nodes[one.node].speaker.as_ref());
        self.counters.answered_knocks += holder.map_or(0, |one| one.answers.len() as u64);
        self.failed()
    }

    fn verdict_of(
        &mut self,
        collective: &crate::simulator::collectives::Collective,
    ) -> Result<(), String> {
        let Some(id) = collective.id.clone() else { return Ok(()) };
        let engine = |node: &usize| Some((*node, self.nodes[*node].engine.as_ref()?));
        let members: Vec<_> = collective.people.iter().filter_map(engine).collect();
        frontiers::are_equal(collective, &members)?;
        for (node, engine) in &members {
            let promises = &self.nodes[*node].promises;
            promises.check(engine)?;
        }
        let mut seen = Vec::new();
        for node in &collective.people {
            seen.push(self.seen(*node, &id).ok_or("a node does not answer")?);
        }
        shown::everywhere(&self.said, &seen, self.copied)?;
        let feeds: Vec<_> = seen.into_iter().map(|seen| seen.feed.rows).collect();
        agreement::same_feeds(&feeds)
    }

    /// When nothing else happens, a few posts cost each node what a few posts cost, whatever it
    /// has of earlier ones.
    fn posts_cost_little(&mut self) -> Result<(), String> {
        let collective = self.collectives[0].clone();
        let Some(id) = collective.id.clone() else { return Ok(()) };
        // Who is none of the people may get in only now, and that is no post.
        (self.people..self.nodes.len()).for_each(|node| self.stop(node));
        // A machine whose disk failed last is started again by now, and has read all.
        self.wait(REPAIR_MS_MAX + 10_000);
        let mut before = Vec::new();
        for node in &collective.people {
            let off = format!("node {node} is off at {}", self.now);
            let engine = self.nodes[*node].engine.as_mut().ok_or(off)?;
            before.push((*node, linear::Spent::of(engine)));
        }
        for n in 0..QUIET_POSTS {
            let post = people::post(format!("Quiet post {n}"), None, None);
            self.must(collective.founder, Some(&id), post)?;
        }
        self.wait(5_000);
        for (node, before) in before {
            let off = format!("node {node} went off by {}", self.now);
            let engine = self.nodes[node].engine.as_mut().ok_or(off)?;
            let units = linear::Spent::of(engine).units_since(&before);
            linear::is_bounded(node, QUIET_POSTS, units)?;
        }
        self.failed()
    }
}
