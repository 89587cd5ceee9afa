//! `join`: knocks with a ticket.

use api::{Answer, Command, Failure};
use clap::Args;

use crate::{asking::tell, global::Global, input::text_or_input};

/// Knock at a space with a ticket
///
/// Other users of this machine can see what stands on a command line: give `-` and paste the
/// ticket.
#[derive(Debug, Args)]
pub(crate) struct Join {
    /// The ticket, or - to read it from standard input
    ticket: String,
    /// What to call you
    #[arg(long, value_name = "NAME")]
    me: String,
}

pub(crate) fn run(global: &Global, args: &Join) -> Result<(), Failure> {
    let ticket = text_or_input(&args.ticket)?;
    let command = Command::Join { ticket: ticket.into(), me: args.me.clone() };
    tell(global, command, |answer| {
        let Answer::Joined(joined) = answer else { return None };
        Some(match joined.state.as_str() {
            "in" => "you are in: groundwork feed".to_owned(),
            _ => format!(
                "your knock has arrived: {} of {} members have vouched for you\n\
                 keep a node running to be let in: groundwork up",
                joined.vouches, joined.needed
            ),
        })
    })
}
