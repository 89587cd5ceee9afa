//! Putting questions of people to their nodes, and keeping what they said and were answered.

use api::{Answer, Ask, Command, FeedRow, Query, Rows, SpaceRow, What};
use ledger::{DeviceId, Journal, JournalId};

use super::World;
use crate::simulator::{
    checkers::{
        promises::{Lengths, lengths},
        shown::{Said, Seen},
        whole,
    },
    people,
};

/// Milliseconds within which a node answers a query.
const QUERY_MS: u64 = 100;

impl World {
    /// A query of one space, or of all.
    pub(crate) fn query(
        &mut self,
        node: usize,
        space: Option<&str>,
        query: Query,
    ) -> Option<Answer> {
        let ask = Ask { space: space.map(str::to_owned), ..Ask::new(What::Query(query)) };
        self.ask(node, ask, QUERY_MS)?.ok()
    }

    /// A command of which it is kept what it said and what the node answered.
    pub(crate) fn say(&mut self, node: usize, space: &str, command: Command, ms: u64) -> bool {
        self.counters.commands += 1;
        let ask = Ask { space: Some(space.to_owned()), ..Ask::new(command.clone()) };
        let answer = self.ask(node, ask, ms);
        let is_answered = matches!(answer, Some(Ok(_)));
        match answer {
            // Refused by a rule: nothing was done.
            Some(Err(failure)) if failure.code.kind() != api::ErrorKind::Disk => {}
            answer => {
                let wrote = self.nodes[node].wrote.clone();
                self.keep(node, space, command, &wrote, answer.and_then(Result::ok));
            }
        }
        is_answered
    }

    /// Keeps what a person said, and where it wrote it. Without an answer it may have come to
    /// something, or to nothing.
    pub(super) fn keep(
        &mut self,
        node: usize,
        space: &str,
        command: Command,
        wrote: &Lengths,
        answer: Option<Answer>,
    ) {
        let collective = self.collectives.iter().find(|one| one.id.as_deref() == Some(space));
        let content = collective.and_then(|one| one.space()).map(|id| Journal::Content.id(id));
        let in_content =
            |((journal, _), _): &(&(JournalId, DeviceId), &u64)| Some(*journal) == content;
        let place = wrote.iter().find(in_content).map(|(log, length)| (*log, length - 1));
        let need = match &command {
            Command::Undo { thing } => self.claims.get(thing).cloned(),
            _ => None,
        };
        self.said.push(Said { node, space: space.to_owned(), command, answer, place, need });
    }

    /// A command that must be answered, in a world where nothing is wrong with this node.
    pub(crate) fn must(
        &mut self,
        node: usize,
        space: Option<&str>,
        command: Command,
    ) -> Result<Answer, String> {
        let ask = Ask { space: space.map(str::to_owned), ..Ask::new(command) };
        let answer = self.ask(node, ask, 10_000);
        answer.ok_or("no answer")?.map_err(|failure| failure.to_string())
    }

    /// The spaces of a node, as it tells of them.
    pub(crate) fn spaces_of(&mut self, node: usize) -> Vec<SpaceRow> {
        match self.query(node, None, Query::Spaces) {
            Some(Answer::Spaces(rows)) => rows.rows,
            _ => Vec::new(),
        }
    }

    /// All posts of a space.
    pub(crate) fn feed(&mut self, node: usize, space: &str) -> Vec<FeedRow> {
        let query = Query::Feed { after: None, limit: 0, campaign: None };
        match self.query(node, Some(space), query) {
            Some(Answer::Feed(Rows { rows, .. })) => rows,
            _ => Vec::new(),
        }
    }

    /// Looks whether a node shows all that it has, or says that it does not.
    pub(super) fn look_whether_whole(&mut self, node: usize) {
        let Some(engine) = &self.nodes[node].engine else { return };
        let stored = lengths(engine);
        // All at one moment, for queries are answered at once.
        let Some(Answer::Spaces(spaces)) = self.at_once(node, None, Query::Spaces) else { return };
        for row in &spaces.rows {
            let Some(seen) = self.seen(node, &row.space) else { continue };
            let waits = self.waits(node, &row.space);
            let me = self.members.entry(row.space.clone()).or_default();
            me.extend(seen.me().map(|me| (node, me)));
            let look = whole::Look { row, seen: &seen, waits, stored: &stored };
            match whole::is_told(&look, &self.said, me, self.copied) {
                Ok(()) => self.counters.looks += 1,
                Err(why) => self.fail(format!("node {node}: {why}")),
            }
        }
    }

    /// Whether a node says that something waits, or comes later, that is not the mole's.
    fn waits(&mut self, node: usize, space: &str) -> bool {
        let why = self.at_once(node, Some(space), Query::Why { thing: None });
        let Some(Answer::Why(why)) = why else { return false };
        // Who turns hostile comes behind the people.
        let by_mole = format!(" by {}", people::called(self.people));
        let rules = ["waits", "newer", "shares", "charter 10"];
        why.waiting
            .iter()
            .any(|row| rules.contains(&row.rule.as_str()) && !row.what.contains(&by_mole))
    }

    /// A query that is answered within the input that puts it.
    fn at_once(&mut self, node: usize, space: Option<&str>, query: Query) -> Option<Answer> {
        let ask = Ask { space: space.map(str::to_owned), ..Ask::new(What::Query(query)) };
        let id = self.put(node, ask);
        self.nodes[node].answers.remove(&id)?.ok()
    }

    /// All that a node shows of a space, at one moment.
    pub(super) fn seen(&mut self, node: usize, space: &str) -> Option<Seen> {
        let of = Some(space);
        let whole_feed = Query::Feed { after: None, limit: 0, campaign: None };
        let Answer::Feed(feed) = self.at_once(node, of, whole_feed)? else { return None };
        let Answer::Campaigns(campaigns) = self.at_once(node, of, Query::Campaigns)? else {
            return None;
        };
        let Answer::Needs(needs) = self.at_once(node, of, Query::Needs)? else { return None };
        let Answer::Members(members) = self.at_once(node, of, Query::Members)? else {
            return None;
        };
        let Answer::Invites(invites) = self.at_once(node, of, Query::Invites)? else {
            return None;
        };
        let space = space.to_owned();
        Some(Seen { node, space, feed, campaigns, needs, members, invites })
    }
}
