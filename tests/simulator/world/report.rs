//! What is said of a world in which something went wrong: a line for each node.

use api::{Answer, Query};

use super::World;

impl World {
    /// One line for each node: its clock, its spaces, its disk, whom it reaches.
    pub(super) fn report(&mut self) -> String {
        let lines: Vec<_> = (0..self.nodes.len()).map(|node| self.report_of(node)).collect();
        lines.join("\n")
    }

    fn report_of(&mut self, node: usize) -> String {
        if self.nodes[node].engine.is_none() {
            return format!("node {node}: off");
        }
        let clock = self.nodes[node].clock.clone().now(self.now) as i64 - self.now as i64;
        let spaces: Vec<_> = self.spaces_of(node).iter().map(space).collect();
        let trouble = match self.query(node, None, Query::Status) {
            Some(Answer::Status(status)) => format!("{:?}", status.trouble),
            _ => "no status".to_owned(),
        };
        let connected = self.network.neighbours(node).collect::<Vec<_>>();
        format!(
            "node {node}: clock {clock:+} ms, {}, trouble {trouble}, connected to {connected:?}",
            spaces.join(", ")
        )
    }
}

fn space(row: &api::SpaceRow) -> String {
    format!(
        "{} {} with {} members, {} entries, {} unread, {} waiting, {} forks",
        row.name, row.state, row.members, row.entries, row.unread, row.waiting, row.forks
    )
}
