//! Putting questions of people to their nodes, and keeping what they said and were answered.

use api::{Answer, Ask, Command, FeedRow, Query, Rows, SpaceRow, What};
use ledger::Journal;

use super::World;
use crate::simulator::checkers::{
    promises::lengths,
    shown::{Said, Seen},
    whole,
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
            answer => self.keep(node, space, command, answer.and_then(Result::ok)),
        }
        is_answered
    }

    /// Keeps what a person said. Without an answer it may have come to something, or to nothing.
    pub(super) fn keep(
        &mut self,
        node: usize,
        space: &str,
        command: Command,
        answer: Option<Answer>,
    ) {
        let collective = self.collectives.iter().find(|one| one.id.as_deref() == Some(space));
        let id = collective.and_then(|one| one.space());
        let engine = self.nodes[node].engine.as_ref();
        let log = id.zip(engine).and_then(|(id, engine)| {
            let own = engine.own_logs();
            own.into_iter().find(|(journal, _)| *journal == Journal::Content.id(id))
        });
        let space = space.to_owned();
        self.said.push(Said { node, space, command, answer, log });
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
        let ask = |query| Ask::new(What::Query(query));
        let Some(engine) = &self.nodes[node].engine else { return };
        let stored = lengths(engine);
        // Both at one moment, and queries are answered at once.
        let spaces = self.put(node, ask(Query::Spaces));
        let feed = self.put(node, ask(Query::Feed { after: None, limit: 0, campaign: None }));
        let mut answer = |id| self.nodes[node].answers.remove(&id).and_then(Result::ok);
        let (spaces, feed) = (answer(spaces), answer(feed));
        let (Some(Answer::Spaces(spaces)), Some(Answer::Feed(feed))) = (spaces, feed) else {
            return;
        };
        for row in &spaces.rows {
            match whole::is_told(row, &feed.rows, &self.said, &stored) {
                Ok(()) => self.counters.looks += 1,
                Err(why) => self.fail(format!("node {node}: {why}")),
            }
        }
    }

    /// All that a node shows of a space.
    pub(super) fn seen(&mut self, node: usize, space: &str) -> Option<Seen> {
        let of = Some(space);
        let Some(Answer::Campaigns(campaigns)) = self.query(node, of, Query::Campaigns) else {
            return None;
        };
        let Some(Answer::Needs(needs)) = self.query(node, of, Query::Needs) else { return None };
        let Some(Answer::Members(members)) = self.query(node, of, Query::Members) else {
            return None;
        };
        let Some(Answer::Invites(invites)) = self.query(node, of, Query::Invites) else {
            return None;
        };
        let feed = self.feed(node, space);
        Some(Seen {
            node,
            space: space.to_owned(),
            feed,
            campaigns: campaigns.rows,
            needs: needs.rows,
            members: members.rows,
            invites: invites.rows,
        })
    }
}
