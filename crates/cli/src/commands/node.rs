//! `node`: this machine's node.

use api::{Answer, ErrorCode, Failure, PeerRow, Query, Rows, SettingRow};
use clap::Subcommand;
use node::{Config, Overrides};

use crate::{
    asking::{home, tell},
    global::Global,
    output,
    table::table,
};

#[derive(Debug, Subcommand)]
pub(crate) enum NodeCommand {
    /// Counters: traffic, writes, what waits
    Stats,
    /// Hashes of what counts, to compare two nodes
    Fingerprint,
    /// Each setting with its value and its source
    Config,
    /// Other nodes; needs a running one
    Peers,
}

pub(crate) fn run(global: &Global, command: &NodeCommand) -> Result<(), Failure> {
    match command {
        NodeCommand::Stats => tell(global, Query::Stats, |answer| {
            let Answer::Stats(stats) = answer else { return None };
            let rows = stats.counters.iter().map(|(name, n)| vec![name.clone(), n.to_string()]);
            Some(table(&["counter", "value"], rows))
        }),
        NodeCommand::Fingerprint => tell(global, Query::Fingerprint, |answer| {
            serde_json::to_string_pretty(&answer.to_json()).ok()
        }),
        NodeCommand::Config => {
            let rows = Config::look(&home(global)?, &Overrides::default());
            let text = settings(&rows);
            let answer = Answer::Config(Rows::from(rows));
            output::answer(&answer, global.json, global.quiet, || text);
            Ok(())
        }
        NodeCommand::Peers => {
            if !node::Client::is_running(&home(global)?)? {
                return Err(Failure::of(ErrorCode::NoNode));
            }
            tell(global, Query::Peers, |answer| {
                let Answer::Peers(rows) = answer else { return None };
                Some(peers(&rows.rows))
            })
        }
    }
}

fn settings(rows: &[SettingRow]) -> String {
    let row = |row: &SettingRow| vec![row.name.clone(), row.value.to_string(), row.source.clone()];
    let mut text = table(&["setting", "value", "from"], rows.iter().map(row));
    for problem in rows.iter().filter_map(|row| row.problem.as_ref()) {
        text.push_str(&format!("wrong: {}\n", output::plain_line(problem)));
    }
    text
}

fn peers(rows: &[PeerRow]) -> String {
    let row = |row: &PeerRow| {
        let state = if row.connected { "connected" } else { "not reached" };
        let names = output::plain(&row.names.join(", "));
        vec![names, state.to_owned(), row.spaces.join(", "), row.peer.clone()]
    };
    table(&["whose", "state", "spaces", "peer"], rows.iter().map(row))
}
