//! `sync`: meets everyone who is reached.

use api::{Answer, Command, SyncRow};
use clap::Args;

use super::{CommandResult, tell};
use crate::args::Global;

/// Sync with everyone who is reached, and say what came of it
#[derive(Debug, Args)]
pub(crate) struct Sync {
    /// Only with this node: a PeerId, or a member's name
    #[arg(long, value_name = "PEER")]
    with: Option<String>,
}

pub(super) fn run(global: &Global, args: &Sync) -> CommandResult {
    tell(global, Command::Sync { with: args.with.clone() }, |answer| {
        let Answer::Synced(synced) = answer else { return None };
        let row = |row: &SyncRow| {
            let peer = row.peer.as_deref().unwrap_or("nobody");
            let end = peer.len().saturating_sub(6);
            format!(
                "with …{}: sent {} entries ({} bytes), received {} ({} bytes){}",
                &peer[end..],
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
