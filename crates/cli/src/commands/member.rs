//! `member`: who is in, tickets and vouches.

use api::{Answer, Command, ErrorCode, Failure, InviteRow, Page, Query, Shown, ShownThing};
use clap::Subcommand;

use crate::{
    asking::{self, more, tell, tell_page},
    confirm,
    global::{Global, Paging},
    output,
    table::table,
    wording::members,
};

#[derive(Debug, Subcommand)]
pub(crate) enum MemberCommand {
    /// Members, and who knocks
    List {
        /// Tickets instead
        #[arg(long)]
        invites: bool,
        #[command(flatten)]
        paging: Paging,
    },
    /// Make a ticket for a newcomer
    ///
    /// Hand it over in private. Members still have to vouch for whoever knocks with it.
    Invite {
        /// Days until it ends, at most 30
        #[arg(long, default_value_t = 7)]
        days: u32,
        /// Newcomers that it is for, at most 100
        #[arg(long, default_value_t = 1)]
        knocks: u32,
    },
    /// End a ticket
    Withdraw {
        /// The invite's id
        invite: String,
    },
    /// Vouch for somebody who knocks
    ///
    /// A vouch is a signature that cannot be taken back: in a terminal you are shown whom it is
    /// for, and asked.
    Vouch {
        /// Their name or id
        who: String,
    },
}

pub(crate) fn run(global: &Global, command: &MemberCommand) -> Result<(), Failure> {
    match command {
        MemberCommand::List { invites: false, paging } => {
            tell_page(global, paging.page(), Query::Members, |answer| {
                let Answer::Members(rows) = answer else { return None };
                Some(members(&rows.rows) + &more(rows, "groundwork member list"))
            })
        }
        MemberCommand::List { invites: true, paging } => {
            tell_page(global, paging.page(), Query::Invites, |answer| {
                let Answer::Invites(rows) = answer else { return None };
                Some(invites(&rows.rows) + &more(rows, "groundwork member list --invites"))
            })
        }
        MemberCommand::Invite { days, knocks } => {
            let command = Command::Invite { days: *days, knocks: *knocks };
            tell(global, command, |answer| {
                let Answer::Invited(invited) = answer else { return None };
                if !invited.reachable {
                    eprintln!(
                        "note: this ticket can only be used on this machine, because no node is \
                         up that others reach: groundwork up"
                    );
                }
                Some(format!(
                    "{}\nends {} UTC · undo: groundwork member withdraw {}",
                    invited.ticket.as_str(),
                    output::when(invited.expires),
                    output::short(&invited.invite)
                ))
            })
        }
        MemberCommand::Withdraw { invite } => {
            let command = Command::Withdraw { invite: invite.clone() };
            tell(global, command, |_| Some("the ticket has ended".to_owned()))
        }
        MemberCommand::Vouch { who } => {
            let who = match confirm::is_asked(global) {
                true => confirmed(global, who)?,
                false => who.clone(),
            };
            let command = Command::Vouch { who };
            tell(global, command, |answer| {
                let Answer::Vouched(vouched) = answer else { return None };
                let (name, vouches) = (output::plain_line(&vouched.name), vouched.vouches);
                Some(match (vouched.state.as_str(), vouched.say) {
                    ("in", true) => format!("vouched for {name}, who is in and has a say"),
                    ("in", false) => format!(
                        "vouched for {name}, who is in; {vouches} of {} vouches for a say",
                        vouched.needed
                    ),
                    _ => format!(
                        "vouched for {name}: {vouches} of {} vouches to be in",
                        vouched.needed
                    ),
                })
            })
        }
    }
}

/// Shows for whom a vouch would be, and asks; their id.
fn confirmed(global: &Global, who: &str) -> Result<String, Failure> {
    let asked = asking::answer(global, Page::default(), Query::ToVouch { who: who.to_owned() })?;
    let Answer::Shown(ShownThing { thing: Shown::Member(row), unread }) = asked else {
        return Err(Failure::of(ErrorCode::Internal));
    };
    let (name, space) = (output::who(&row.who), output::plain_line(&row.space_name));
    let since = row.since.map(|since| format!(" since {} UTC by their clock", output::when(since)));
    let since = since.unwrap_or_default();
    let inviter = row.invited_by.as_ref().map(output::who);
    let inviter = inviter.map(|by| format!("; {by} invited them")).unwrap_or_default();
    let state = match row.state.as_str() {
        "knocking" => format!("knocks at {space}{since}{inviter}"),
        _ => format!("is in {space} and has no say yet; knocked{since}{inviter}"),
    };
    if unread > 0 {
        output::note(&format!(
            "{unread} entries are not read yet: others of this name may be among them"
        ));
    }
    confirm::ask(&format!(
        "{name} {state}.\nid: {}, {} of {} vouches so far.\nA vouch is your signature that you \
         know who this is. It cannot be taken back. Vouch?",
        row.who.member, row.vouches, row.needed
    ))?;
    Ok(row.who.member)
}

fn invites(rows: &[InviteRow]) -> String {
    let row = |row: &InviteRow| {
        let knocks = format!("{} of {}", row.knocks, row.knocks_max);
        let (id, by) = (output::short(&row.invite), output::who(&row.by));
        vec![id, by, row.state.clone(), knocks, output::when(row.expires)]
    };
    table(&["id", "by", "state", "knocks", "ends"], rows.iter().map(row))
}
