//! `up`: runs this machine's node.

use api::{Event, Failure, Notice, Ready};
use clap::Args;
use node::{Overrides, UpOptions};

use crate::{asking::home, global::Global, output, wording::THREE_WAYS_IN};

/// Start this machine's node, and say what happens
///
/// Makes a home at the first start. Runs until Ctrl-C.
#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Where to listen, like /ip4/0.0.0.0/tcp/4917; can be given several times
    #[arg(long, value_name = "ADDR")]
    listen: Vec<String>,
    /// How much to log: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL")]
    log: Option<String>,
}

pub(crate) fn run(global: &Global, args: &Up) -> Result<(), Failure> {
    let overrides = Overrides { listen: args.listen.clone(), log: args.log.clone() };
    let home = home(global)?;
    let ready = |ready: &Ready| {
        let answer = api::Answer::Ready(ready.clone());
        output::answer(&answer, global.json, global.quiet, || greeting(ready, home.path()));
    };
    let is_shown = !global.json && !global.quiet;
    let notice = is_shown.then_some(|notice: Notice| output::line(&said(&notice)));
    node::up(&home, &UpOptions { overrides }, ready, notice)
}

fn greeting(ready: &Ready, home: &std::path::Path) -> String {
    let listen: Vec<_> = ready.listen.iter().map(|at| format!("  listening on {at}")).collect();
    let mut text =
        format!("groundwork is up: your home is {}\n{}\n", home.display(), listen.join("\n"));
    text.push_str(match ready.spaces.len() {
        0 => THREE_WAYS_IN,
        _ => "what happens is shown here; Ctrl-C stops the node",
    });
    text
}

/// What happened, in one line.
fn said(notice: &Notice) -> String {
    let space = output::plain_line(notice.space_name.as_deref().unwrap_or_default());
    let named = |name: &Option<String>, peer: &str| match name {
        Some(name) => output::plain_line(name),
        None => output::short_peer(peer),
    };
    match &notice.event {
        Event::Post(row) => {
            let (name, text) = (output::who(&row.author), output::plain_line(&row.text));
            let id = output::short(&row.id);
            match row.state.as_str() {
                "undone" => format!("{space}: {name} took back {id}"),
                _ => format!("{space}: {name} posted {id}: {text}"),
            }
        }
        Event::Changed { thing, what } => format!("{space}: {} {what}", output::short(thing)),
        Event::Knock { name, member } => {
            let (name, id) = (output::plain_line(name), output::short(member));
            format!("{space}: {name} knocks; vouch with: groundwork member vouch {id}")
        }
        Event::In { name, .. } => format!("{space}: {} is in", output::plain_line(name)),
        Event::TicketEnded => format!(
            "{space}: your ticket has ended; ask a member for a new one, then: groundwork join -"
        ),
        Event::Connected { peer, name } => format!("connected with {}", named(name, peer)),
        Event::Disconnected { peer, name } => format!("{} has gone", named(name, peer)),
    }
}
