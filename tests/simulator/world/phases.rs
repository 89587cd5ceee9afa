//! What happens in a run: a founding, a phase of faults, a healing.

use std::collections::BTreeSet;

use api::{Answer, Ask, Command, Query, What};

use super::{Event, Outcome, World};
use crate::simulator::{
    checkers::{
        agreement::{self, View},
        outsiders,
    },
    draw::{chance, range},
    network::Weather,
    people,
};

/// Simulated milliseconds of the phase of faults, for each node.
const FAULTS_MS: u64 = 20_000;

/// Simulated milliseconds within which all must agree once healed.
const HEALED_MS: u64 = 15 * 60 * 1000;

const TICKET_MS: u64 = 2_000;

impl World {
    pub(crate) fn run(mut self) -> Result<Outcome, String> {
        for node in 0..self.nodes.len() {
            self.start(node);
        }
        self.found()?;
        self.faults()?;
        self.heal()?;
        let trace = ledger::Hash::of(&self.trace);
        Ok(Outcome { trace, counters: self.counters })
    }

    fn found(&mut self) -> Result<(), String> {
        let found = Command::Found { name: "Elm Street".into(), me: "Person 0".into(), zone: None };
        self.must(0, found)?;
        let invite = Command::Invite { days: 7, knocks: self.nodes.len() as u32 };
        let Answer::Invited(invited) = self.must(0, invite)? else {
            return Err("an invite gave no ticket".to_owned());
        };
        for node in 1..self.nodes.len() {
            let me = format!("Person {node}");
            let join = Command::Join { ticket: invited.ticket.clone(), me };
            // In bad weather nobody may answer in time; the knock is kept and goes on.
            self.ask(node, Ask::new(join), TICKET_MS);
        }
        self.failed()
    }

    fn faults(&mut self) -> Result<(), String> {
        let until = self.now + FAULTS_MS * self.nodes.len() as u64;
        let mut n = 0;
        while self.now < until {
            n += 1;
            let step = range(&mut self.rng, 100, 3_000);
            self.pass(self.now + step);
            match range(&mut self.rng, 0, 99) {
                0..6 => self.power_cut(),
                6..10 => self.partition(),
                10..16 => self.network.heal(),
                _ => self.somebody_acts(n),
            }
            self.failed()?;
        }
        Ok(())
    }

    fn power_cut(&mut self) {
        let node = range(&mut self.rng, 0, self.nodes.len() as u64 - 1) as usize;
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

    /// Somebody looks at their node and does something; then, perhaps, the power goes.
    fn somebody_acts(&mut self, n: u64) {
        let people = self.stranger() as u64;
        let node = range(&mut self.rng, 0, people - 1) as usize;
        self.vouch(node);
        let looks = people::looks().map(|query| self.query(node, query));
        let [_, campaigns, needs, posts] = looks.map(|answer| people::ids(answer.as_ref()));
        let command = people::next(&mut self.rng, n, &campaigns, &needs, &posts);
        self.counters.commands += 1;
        if chance(&mut self.rng, 150) {
            let ask = engine::AskId(u64::MAX - n);
            self.input(node, engine::Input::Ask { ask, what: Ask::new(command) });
            let delay = range(&mut self.rng, 0, 80);
            self.pass(self.now + delay);
            self.crash(node);
            self.at(500, Event::Start(node));
        } else {
            self.ask(node, Ask::new(command), 500);
        }
    }

    /// A member vouches for all who knock but the stranger.
    fn vouch(&mut self, node: usize) {
        let Some(Answer::Todo(todo)) = self.query(node, Query::Todo) else { return };
        let stranger = format!("Person {}", self.stranger());
        for row in todo.rows.iter().filter(|row| row.kind == "knock") {
            if row.text.contains(&stranger) || !row.text.contains("Person") {
                continue;
            }
            self.ask(node, Ask::new(Command::Vouch { who: row.thing.clone() }), 500);
        }
    }

    fn heal(&mut self) -> Result<(), String> {
        self.weather = Weather::fair();
        self.network.heal();
        self.note("heal", 0);
        let until = self.now + HEALED_MS;
        while self.now < until {
            self.pass(self.now + 5_000);
            self.failed()?;
            for node in 0..self.stranger() {
                if self.nodes[node].engine.is_some() {
                    self.vouch(node);
                }
            }
            if agreement::is_reached(&self.views()) {
                return self.verdict();
            }
        }
        Err(format!("healed, and not in agreement: {:#?}", self.views()))
    }

    fn views(&mut self) -> Vec<View> {
        let view = |world: &mut Self, node| {
            let spaces = world.query(node, Query::Spaces);
            let spaces = spaces.map(|spaces| spaces.to_json().to_string()).unwrap_or_default();
            View { spaces, fingerprint: world.fingerprint(node) }
        };
        (0..self.stranger()).map(|node| view(self, node)).collect()
    }

    fn fingerprint(&mut self, node: usize) -> Option<String> {
        let answer = self.query(node, Query::Fingerprint)?;
        Some(answer.to_json().to_string())
    }

    fn verdict(&mut self) -> Result<(), String> {
        self.counters.admitted += self.stranger() as u64 - 1;
        let mut feeds = Vec::new();
        for node in 0..self.stranger() {
            let feed = self.query(node, Query::Feed { after: None, limit: 0, campaign: None });
            let Some(Answer::Feed(feed)) = feed else { return Err("no feed".to_owned()) };
            feeds.push(feed.rows);
            let engine = self.nodes[node].engine.as_ref().unwrap();
            self.nodes[node].promises.check(engine)?;
        }
        agreement::same_feeds(&feeds)?;
        self.failed()
    }

    fn query(&mut self, node: usize, query: Query) -> Option<Answer> {
        self.ask(node, Ask::new(What::Query(query)), 100)?.ok()
    }

    fn must(&mut self, node: usize, command: Command) -> Result<Answer, String> {
        let answer = self.ask(node, Ask::new(command), 10_000);
        answer.ok_or("no answer")?.map_err(|failure| failure.to_string())
    }

    fn failed(&self) -> Result<(), String> {
        let members = &self.nodes[..self.stranger()];
        if let Some(outsider) = &self.nodes[self.stranger()].engine {
            outsiders::read_nothing(outsider)?;
            for member in members.iter().filter_map(|node| node.engine.as_ref()) {
                outsiders::write_nothing(member, &outsider.own_logs())?;
            }
        }
        self.failure.clone().map_or(Ok(()), Err)
    }
}
