//! `node`: this machine's node.

use api::{Answer, Command, ErrorCode, Failure, PeerRow, Query, Rows, SettingRow, Taking};
use clap::Subcommand;
use node::{Config, Overrides};

use crate::{
    asking::{home, more, tell, tell_page},
    global::{Global, Paging},
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
    Peers {
        #[command(flatten)]
        paging: Paging,
    },
    /// Takes all of a member now, where more came than a day's share; needs a running one
    Take {
        /// Their name or a beginning of it, or their id
        member: String,
    },
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
        NodeCommand::Take { member } => {
            must_run(global)?;
            tell(global, Command::Take { who: member.clone() }, |answer| {
                let Answer::Taking(taking) = answer else { return None };
                Some(taking_all(taking))
            })
        }
        NodeCommand::Peers { paging } => {
            must_run(global)?;
            tell_page(global, paging.page(), Query::Peers, |answer| {
                let Answer::Peers(rows) = answer else { return None };
                Some(peers(&rows.rows) + &more(rows, "groundwork node peers"))
            })
        }
    }
}

/// What is asked is nothing without a node that runs.
fn must_run(global: &Global) -> Result<(), Failure> {
    match node::Client::is_running(&home(global)?)? {
        true => Ok(()),
        false => Err(Failure::of(ErrorCode::NoNode)),
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

fn taking_all(taking: &Taking) -> String {
    let (name, left) = (output::plain(&taking.name), taking.left);
    let known = match left {
        0 => "nothing is known to be left".to_owned(),
        1 => "1 entry is left".to_owned(),
        left => format!("{left} entries are left"),
    };
    format!("all by {name} is taken for a day: {known}\n")
}

fn peers(rows: &[PeerRow]) -> String {
    let row = |row: &PeerRow| {
        let state = if row.connected { "connected" } else { "not reached" };
        let names = output::plain(&row.names.join(", "));
        vec![names, state.to_owned(), row.spaces.join(", "), row.peer.clone()]
    };
    table(&["whose", "state", "spaces", "peer"], rows.iter().map(row))
}
