//! `sync`: meets everyone who is reached.

use api::{Answer, Command, Failure, SyncRow};
use clap::Args;

use crate::{asking::tell, global::Global, output};

/// Sync with everyone who is reached, and say what came of it
#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// Only with this node: a PeerId, or a member's name
    #[arg(long, value_name = "PEER")]
    with: Option<String>,
}

pub(crate) fn run(global: &Global, args: &Sync) -> Result<(), Failure> {
    tell(global, Command::Sync { with: args.with.clone() }, |answer| {
        let Answer::Synced(synced) = answer else { return None };
        let row = |row: &SyncRow| {
            format!(
                "with {}: sent {} entries ({} bytes), received {} ({} bytes){}",
                output::short_peer(row.peer.as_deref().unwrap_or("nobody")),
                row.sent.entries,
                row.sent.bytes,
                row.received.entries,
                row.received.bytes,
                if row.receipted { ", and it has all of yours on its disk" } else { "" }
            )
        };
        Some(synced.rows.iter().map(row).collect::<Vec<_>>().join("\n"))
    })
}
